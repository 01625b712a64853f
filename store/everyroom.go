package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/parleychat/parley/chat"
)

// EveryRoom lists the live rooms of the server whose ids are above after, in
// order of their ids, at most limit, whoever is in them: for its operator.
func (s *Store) EveryRoom(ctx context.Context, after chat.RoomID, limit int) (rooms []chat.Room, err error) {
	err = s.read(ctx, func(t *tx) error {
		rooms = nil
		return t.each(func(rows *sql.Rows) (bool, error) {
			var room chat.Room
			err := scanRoom(rows, &room)
			rooms = append(rooms, room)
			return true, err
		}, qEveryRoom, int64(after), limit)
	})
	if err != nil {
		return nil, fmt.Errorf("list every room: %w", err)
	}
	return rooms, nil
}

// Not "= 'live'": that would go by the index on states and sort.
const qEveryRoom = `SELECT ` + roomColumns + ` FROM rooms WHERE id > ? AND state <> 'new' ORDER BY id LIMIT ?`
