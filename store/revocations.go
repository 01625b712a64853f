package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/parleychat/parley/chat"
)

// Revocation says that a session has ended before its time. Ids rise, and
// become visible in that order: whoever has seen one has seen all before it.
type Revocation struct {
	ID   int64
	SID  string
	User chat.UserID
	At   int64 // ms UTC
}

// revocationsAtOnce bounds one answer of RevocationsSince.
const revocationsAtOnce = 1000

// RevocationsSince returns the revocations after this id, in order, at most
// 1,000: ask again with the last id until none comes.
func (s *Store) RevocationsSince(ctx context.Context, id int64) (revocations []Revocation, err error) {
	err = s.read(ctx, func(t *tx) error {
		return t.each(func(rows *sql.Rows) (bool, error) {
			var r Revocation
			err := rows.Scan(&r.ID, &r.SID, &r.User, &r.At)
			revocations = append(revocations, r)
			return true, err
		}, qRevocationsSince, id, revocationsAtOnce)
	})
	if err != nil {
		return nil, fmt.Errorf("revocations since %d: %w", id, err)
	}
	return revocations, nil
}

const qRevocationsSince = `SELECT id, sid, user, at FROM revocations WHERE id > ? ORDER BY id LIMIT ?`

// LastRevocation is the id of the latest revocation, 0 when there was none.
func (s *Store) LastRevocation(ctx context.Context) (id int64, err error) {
	err = s.read(ctx, func(t *tx) error {
		return t.row(`SELECT value FROM counters WHERE name = 'revocations'`).Scan(&id)
	})
	if err != nil {
		return 0, fmt.Errorf("last revocation: %w", err)
	}
	return id, nil
}

// revoke ends a session, once. The counter's row is locked from here to the
// commit, which is what makes ids visible in order on a database with many
// writers.
func (t *tx) revoke(session Session, at int64) error {
	ended, err := t.exec(`UPDATE sessions SET revoked_at = ? WHERE sid = ? AND revoked_at IS NULL`, at, session.SID)
	if err != nil || ended == 0 {
		return err
	}
	if _, err := t.exec(`UPDATE counters SET value = value + 1 WHERE name = 'revocations'`); err != nil {
		return err
	}
	_, err = t.exec(`INSERT INTO revocations (id, sid, user, at)
		SELECT value, ?, ?, ? FROM counters WHERE name = 'revocations'`, session.SID, int64(session.User), at)
	return err
}
