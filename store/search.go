package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/parleychat/parley/chat"
)

// SearchRooms lists the live public rooms whose names match and from which the
// person is not banned: those with an id above after, in order of their ids, at
// most limit.
func (s *Store) SearchRooms(ctx context.Context, user chat.UserID, search chat.RoomSearch, after chat.RoomID, limit int) (rooms []ListedRoom, err error) {
	err = s.read(ctx, func(t *tx) error {
		rooms = nil
		from := after
		for whole := true; whole && len(rooms) < limit; {
			seen := 0
			err := t.each(func(row *sql.Rows) (bool, error) {
				var room ListedRoom
				var role sql.NullString
				err := scanRoom(row, &room.Room, &role)
				room.Role = chat.Role(role.String)
				if search.Matches(room.Name) {
					rooms = append(rooms, room)
				}
				seen, from = seen+1, room.ID
				return len(rooms) < limit, err
			}, qSearchRooms, int64(user), int64(from), int64(user), likePattern(search.KeyPart()), limit)
			if err != nil {
				return err
			}
			whole = seen == limit
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("search rooms: %w", err)
	}
	return rooms, nil
}

// qSearchRooms finds what may match. It walks the public rooms in order of their ids; names are looked
// up as it goes, so a page costs what lies between its first and last room.
const qSearchRooms = `SELECT ` + roomColumns + `, (SELECT role FROM members WHERE room = rooms.id AND user = ? AND left_seq IS NULL)
	FROM rooms WHERE state = 'live' AND kind = 'public' AND id > ?
	AND NOT EXISTS (SELECT 1 FROM bans WHERE bans.room = rooms.id AND bans.user = ?)
	AND EXISTS (SELECT 1 FROM room_names WHERE room_names.room = rooms.id AND name_key LIKE ? ESCAPE '!')
	ORDER BY id LIMIT ?`

var likeEscapes = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

// likePattern matches what contains part.
func likePattern(part string) string { return "%" + likeEscapes.Replace(part) + "%" }
