package store

import (
	"context"
	"fmt"
)

// Restored says what a restored store stands beside.
type Restored struct {
	Former string // epoch of the log at the time of the copy
	Epoch  string // of the log from now on
	Next   []int64
	At     int64 // ms UTC, now
}

// idGap is left out of the ids of people and rooms at a restore. What was made
// after the copy is lost, but its ids are out: in the outbox of a device, in
// somebody's notes. Given again, they would lead what was meant for a lost room
// into another.
const idGap = 1_000_000

// BeginAnew makes a store that was restored from a copy fit to go on. It stands
// at the offsets r.Next in the new epoch of its log; it must stand there in the
// former one, otherwise the copy of the log is not the one that belongs to it.
// All sessions are ended, and so are the links by which people get in: which of
// them were revoked or used since the copy was made is not known any more. Ids
// that were given since are not given again.
func (s *Store) BeginAnew(ctx context.Context, r Restored) error {
	dialect, isFile := s.dialect.(copyable)
	if !isFile {
		return ErrNotCopied
	}
	err := s.write(ctx, func(t *tx) error {
		for partition, next := range r.Next {
			at, err := t.watermark(r.Former, int32(partition))
			if err != nil {
				return err
			}
			if at != next {
				return fmt.Errorf("the store has recorded partition %d up to offset %d, the log ends at %d", partition, at, next)
			}
			if _, err := t.exec(`INSERT INTO watermarks (epoch, partition_no, next) VALUES (?, ?, ?)`, r.Epoch, partition, next); err != nil {
				return err
			}
		}
		if err := t.endSecrets(r.At); err != nil {
			return err
		}
		return dialect.skipIDs(t, idGap)
	})
	if err != nil {
		return fmt.Errorf("begin anew: %w", err)
	}
	return nil
}

// endSecrets ends whatever lets somebody in.
func (t *tx) endSecrets(at int64) error {
	for _, statement := range []string{
		`UPDATE sessions SET revoked_at = ? WHERE revoked_at IS NULL`,
		`UPDATE refresh_tokens SET used_at = ? WHERE used_at IS NULL`,
	} {
		if _, err := t.exec(statement, at); err != nil {
			return err
		}
	}
	for _, table := range []string{"setup_links", "reset_links", "server_invites", "room_link_uses", "room_links"} {
		if _, err := t.exec(`DELETE FROM ` + table); err != nil {
			return err
		}
	}
	return nil
}

// skipIDs: SQLite has no row of a table here before its first one.
func (sqliteDialect) skipIDs(t *tx, gap int64) error {
	for _, table := range []string{"users", "rooms"} {
		moved, err := t.exec(`UPDATE sqlite_sequence SET seq = seq + ? WHERE name = ?`, gap, table)
		if err == nil && moved == 0 {
			_, err = t.exec(`INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)`, table, gap)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
