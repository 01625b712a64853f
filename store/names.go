package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/parleychat/parley/chat"
)

// ReserveName decides, before the log hears of it, that the event (user, cid)
// may give a public room the name with this key. When the event is stored, it
// has the name and the room's former ones are free; when it is stored as void,
// the reservation is.
//
// It refuses with [chat.Conflict] a name that another room has or has reserved,
// and with [chat.Busy] one that another event is about to give this room.
func (s *Store) ReserveName(ctx context.Context, room chat.RoomID, user chat.UserID, cid, key string) error {
	key = boundedKey(key)
	err := s.write(ctx, func(t *tx) error {
		var holder chat.RoomID
		var by chat.UserID
		var forCID string
		err := t.row(`SELECT room, user, cid FROM room_names WHERE name_key = ?`, key).Scan((*int64)(&holder), (*int64)(&by), &forCID)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			_, err := t.exec(`INSERT INTO room_names (name_key, room, user, cid) VALUES (?, ?, ?, ?)`, key, int64(room), int64(user), cid)
			return err
		case err != nil:
			return err
		case holder != room:
			return nameTaken()
		case by == user && forCID == cid:
			return nil
		}
		// It is the room's present name, or about to be.
		stored, err := t.exists(`SELECT 1 FROM events WHERE room = ? AND user = ? AND cid = ?`, int64(room), int64(by), forCID)
		if err != nil || stored {
			return err
		}
		return chat.Errorf(chat.Busy, "Somebody is giving the room this name right now. Send the same cid again in a moment.")
	})
	if err != nil {
		return fmt.Errorf("reserve name of room %d: %w", room, err)
	}
	return nil
}

// ReleaseName gives back what [Store.ReserveName] has reserved for an event
// that is certainly never in the log.
func (s *Store) ReleaseName(ctx context.Context, room chat.RoomID, user chat.UserID, cid string) error {
	err := s.write(ctx, func(t *tx) error {
		taken, err := t.exists(`SELECT 1 FROM events WHERE room = ? AND user = ? AND cid = ?`, int64(room), int64(user), cid)
		if err != nil || taken {
			return err
		}
		_, err = t.exec(`DELETE FROM room_names WHERE room = ? AND user = ? AND cid = ?`, int64(room), int64(user), cid)
		return err
	})
	if err != nil {
		return fmt.Errorf("release name of room %d: %w", room, err)
	}
	return nil
}

func nameTaken() *chat.Error {
	return chat.Errorf(chat.Conflict, "A room with this name, or one that looks like it, exists already. Choose another name.")
}
