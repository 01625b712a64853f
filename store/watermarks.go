package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Watermark says how far a partition of the log is stored.
type Watermark struct {
	Epoch     string
	Partition int32
	Next      int64 // the next offset that is not stored
}

// InitWatermark says that nothing of this partition is stored in this epoch
// and that the first record to come is at next. A watermark that is there
// already stays as it is.
func (s *Store) InitWatermark(ctx context.Context, epoch string, partition int32, next int64) error {
	err := s.write(ctx, func(t *tx) error {
		there, err := t.exists(qWatermark, epoch, partition)
		if err != nil || there {
			return err
		}
		_, err = t.exec(`INSERT INTO watermarks (epoch, partition_no, next) VALUES (?, ?, ?)`, epoch, partition, next)
		return err
	})
	if err != nil {
		return fmt.Errorf("init watermark of partition %d: %w", partition, err)
	}
	return nil
}

const qWatermark = `SELECT next FROM watermarks WHERE epoch = ? AND partition_no = ?`

// Watermark is the next offset of the partition that the store does not hold.
// It fails with [ErrNoWatermark] when there is none.
func (s *Store) Watermark(ctx context.Context, epoch string, partition int32) (next int64, err error) {
	err = s.read(ctx, func(t *tx) error {
		next, err = t.watermark(epoch, partition)
		return err
	})
	return next, err
}

// StoredUpTo is [Store.Watermark] of every partition that has one in the epoch.
func (s *Store) StoredUpTo(ctx context.Context, epoch string) (map[int32]int64, error) {
	next := make(map[int32]int64)
	err := s.read(ctx, func(t *tx) error {
		clear(next)
		return t.each(func(rows *sql.Rows) (bool, error) {
			var partition int32
			var offset int64
			err := rows.Scan(&partition, &offset)
			next[partition] = offset
			return true, err
		}, `SELECT partition_no, next FROM watermarks WHERE epoch = ?`, epoch)
	})
	if err != nil {
		return nil, fmt.Errorf("watermarks of epoch %s: %w", epoch, err)
	}
	return next, nil
}

// ForcedWatermark is [Store.Watermark] for somebody who will throw away what the
// log has below it: it is durable when this returns. A recorder's commits need
// not be, see [Store.Commit]. After a power failure the store would ask for
// records that are nowhere any more.
func (s *Store) ForcedWatermark(ctx context.Context, epoch string, partition int32) (next int64, err error) {
	err = s.write(ctx, func(t *tx) error {
		// A transaction that changes nothing forces nothing to the disk; one
		// that changes something forces everything committed before it.
		for _, step := range []string{qStepAhead, qStepBack} {
			if _, err := t.exec(step, epoch, partition); err != nil {
				return err
			}
		}
		next, err = t.watermark(epoch, partition)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("force what is stored to the disk: %w", err)
	}
	return next, nil
}

const (
	qStepAhead = `UPDATE watermarks SET next = next + 1 WHERE epoch = ? AND partition_no = ?`
	qStepBack  = `UPDATE watermarks SET next = next - 1 WHERE epoch = ? AND partition_no = ?`
)

// SettledWatermark is [Store.Watermark] after every transaction has ended that
// may move it: also one whose process was killed, or whose connection was lost,
// behind its COMMIT, which a server may carry out when everybody else believes
// that it came to nothing. For a recorder, before it decides what is next.
func (s *Store) SettledWatermark(ctx context.Context, epoch string, partition int32) (next int64, err error) {
	err = s.record(ctx, func(t *tx) error {
		// The row's lock is what such a transaction holds to its end.
		if _, err := t.exec(`UPDATE watermarks SET next = next WHERE epoch = ? AND partition_no = ?`, epoch, partition); err != nil {
			return err
		}
		next, err = t.watermark(epoch, partition)
		return err
	})
	return next, err
}

func (t *tx) watermark(epoch string, partition int32) (next int64, err error) {
	err = t.row(qWatermark, epoch, partition).Scan(&next)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNoWatermark
	}
	if err != nil {
		return 0, fmt.Errorf("watermark of partition %d in epoch %s: %w", partition, epoch, err)
	}
	return next, nil
}

// Watermarks returns all watermarks, of former epochs too, in order of epoch
// and partition. A log of another epoch than these, or one that ends before
// its watermark, is not the one that this store belongs to.
func (s *Store) Watermarks(ctx context.Context) (watermarks []Watermark, err error) {
	err = s.read(ctx, func(t *tx) error {
		watermarks, err = t.watermarks()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("watermarks: %w", err)
	}
	return watermarks, nil
}

const qWatermarks = `SELECT epoch, partition_no, next FROM watermarks ORDER BY epoch, partition_no`

func (t *tx) watermarks() (watermarks []Watermark, err error) {
	err = t.each(func(rows *sql.Rows) (bool, error) {
		var w Watermark
		err := rows.Scan(&w.Epoch, &w.Partition, &w.Next)
		watermarks = append(watermarks, w)
		return true, err
	}, qWatermarks)
	return watermarks, err
}
