package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/parleychat/parley/chat"
)

// oweFirstRoom notes, with the making of the first owner, that a server without
// any room is to get its first one.
func (t *tx) oweFirstRoom(owner chat.UserID) error {
	used, err := t.exists(`SELECT 1 FROM rooms LIMIT 1`)
	if err != nil || used {
		return err
	}
	_, err = t.exec(`INSERT INTO first_rooms (owner) VALUES (?)`, int64(owner))
	return err
}

// FirstRooms lists the owners for whom the first room is still to be made, or to
// be finished: nobody, or one.
func (s *Store) FirstRooms(ctx context.Context) (owners []chat.UserID, err error) {
	err = s.read(ctx, func(t *tx) error {
		owners = nil
		return t.each(func(rows *sql.Rows) (bool, error) {
			var owner chat.UserID
			err := rows.Scan(&owner)
			owners = append(owners, owner)
			return true, err
		}, `SELECT owner FROM first_rooms ORDER BY owner`)
	})
	if err != nil {
		return nil, fmt.Errorf("first rooms: %w", err)
	}
	return owners, nil
}

// FirstRoomMade takes note that nothing is left to do about the first room.
func (s *Store) FirstRoomMade(ctx context.Context, owner chat.UserID) error {
	err := s.write(ctx, func(t *tx) error {
		_, err := t.exec(`DELETE FROM first_rooms WHERE owner = ?`, int64(owner))
		return err
	})
	if err != nil {
		return fmt.Errorf("first room of user %d: %w", owner, err)
	}
	return nil
}
