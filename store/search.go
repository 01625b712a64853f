package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/parleychat/parley/chat"
)

// SearchRooms lists the live public rooms whose name key contains part (all of
// them when it is empty) and from which the person is not banned: those with an
// id above after, in order of their ids, at most limit.
func (s *Store) SearchRooms(ctx context.Context, user chat.UserID, part string, after chat.RoomID, limit int) (rooms []ListedRoom, err error) {
	err = s.read(ctx, func(t *tx) error {
		rooms = nil
		return t.each(func(row *sql.Rows) (bool, error) {
			var room ListedRoom
			var role sql.NullString
			err := scanRoom(row, &room.Room, &role)
			room.Role = chat.Role(role.String)
			rooms = append(rooms, room)
			return true, err
		}, qSearchRooms, int64(user), int64(after), int64(user), likePattern(part), limit)
	})
	if err != nil {
		return nil, fmt.Errorf("search rooms: %w", err)
	}
	return rooms, nil
}

// qSearchRooms walks the public rooms in order of their ids; names are looked
// up as it goes, so a page costs what lies between its first and last room.
const qSearchRooms = `SELECT ` + roomColumns + `, (SELECT role FROM members WHERE room = rooms.id AND user = ? AND left_seq IS NULL)
	FROM rooms WHERE state = 'live' AND kind = 'public' AND id > ?
	AND NOT EXISTS (SELECT 1 FROM bans WHERE bans.room = rooms.id AND bans.user = ?)
	AND EXISTS (SELECT 1 FROM room_names WHERE room_names.room = rooms.id AND name_key LIKE ? ESCAPE '!')
	ORDER BY id LIMIT ?`

var likeEscapes = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

// likePattern matches what contains part.
func likePattern(part string) string { return "%" + likeEscapes.Replace(part) + "%" }
