package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Key returns the server's key of this name. The first call makes it; of
// several first calls at once all return what one of them made.
func (s *Store) Key(ctx context.Context, name string, create func() []byte) (key []byte, err error) {
	err = s.write(ctx, func(t *tx) error {
		err := t.row(`SELECT value FROM server_keys WHERE name = ?`, name).Scan(&key)
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		key = create()
		_, err = t.exec(`INSERT INTO server_keys (name, value) VALUES (?, ?)`, name, key)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("server key %s: %w", name, err)
	}
	return key, nil
}
