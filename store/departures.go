package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/parleychat/parley/chat"
)

// Departure is a deleted account that may be in rooms still. It is written with
// the deletion, and removed when nothing is left to do.
type Departure struct {
	User chat.UserID
	At   int64 // ms UTC, when the account was deleted
}

// Departures lists the deleted accounts that may be in rooms still.
func (s *Store) Departures(ctx context.Context) (departures []Departure, err error) {
	err = s.read(ctx, func(t *tx) error {
		departures = nil
		return t.each(func(rows *sql.Rows) (bool, error) {
			var d Departure
			err := rows.Scan(&d.User, &d.At)
			departures = append(departures, d)
			return true, err
		}, `SELECT user, at FROM departures ORDER BY user`)
	})
	if err != nil {
		return nil, fmt.Errorf("departures: %w", err)
	}
	return departures, nil
}

// Departed takes note that a deleted account has left its rooms.
func (s *Store) Departed(ctx context.Context, user chat.UserID) error {
	err := s.write(ctx, func(t *tx) error {
		_, err := t.exec(`DELETE FROM departures WHERE user = ?`, int64(user))
		return err
	})
	if err != nil {
		return fmt.Errorf("departed user %d: %w", user, err)
	}
	return nil
}

// IsDeleted reports whether somebody's account is deleted.
func IsDeleted(p chat.Person) bool { return p.Handle == deletedKey(p.ID) }
