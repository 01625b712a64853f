package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/parleychat/parley/eventlog"
)

// Retention is how long something is kept. Its text is a number and a unit (d,
// h, m, s), or "forever", which is the zero value.
type Retention time.Duration

const (
	Forever          Retention = 0
	DefaultRetention           = Retention(30 * day)

	day = 24 * time.Hour
	// maxRetentionDays fits a Duration.
	maxRetentionDays = 100_000
)

// String implements [fmt.Stringer].
func (r Retention) String() string {
	d := time.Duration(r)
	switch {
	case r == Forever:
		return "forever"
	case d%day == 0:
		return strconv.FormatInt(int64(d/day), 10) + "d"
	default:
		return d.String()
	}
}

// MarshalText implements [encoding.TextMarshaler].
func (r Retention) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (r *Retention) UnmarshalText(text []byte) error {
	s := strings.TrimSpace(string(text))
	if s == "forever" {
		*r = Forever
		return nil
	}
	var d time.Duration
	if days, found := strings.CutSuffix(s, "d"); found {
		n, err := strconv.ParseUint(days, 10, 32)
		if err != nil || n > maxRetentionDays {
			return errRetention
		}
		d = time.Duration(n) * day
	} else {
		var err error
		if d, err = time.ParseDuration(s); err != nil {
			return errRetention
		}
	}
	if d <= 0 {
		return errRetention
	}
	*r = Retention(d)
	return nil
}

var errRetention = errors.New("write a time such as 30d or 12h, or forever")

// trimEvery is how often the log is trimmed, and askEvery how often the trimmer
// looks whether a partition has fallen to this server meanwhile. At a start none
// has yet.
const (
	trimEvery = time.Hour
	askEvery  = time.Second
)

// watermarks tells how far the log is stored, so that it stays stored when the
// power fails.
type watermarks interface {
	ForcedWatermark(ctx context.Context, epoch string, partition int32) (int64, error)
}

// trimmer forgets records of the log that are older than the retention and
// stored.
type trimmer struct {
	log    eventlog.Log
	store  watermarks
	keep   Retention
	now    func() time.Time
	logger *slog.Logger
	// ours reports whether a partition is recorded here: of several nodes one
	// trims it. nil: all are.
	ours func(partition int32) bool
	// pause is held shared by whoever needs the log as long as it is.
	pause sync.RWMutex
}

// run trims each partition as soon as it is recorded here and now and then from
// there on, until ctx ends. It returns nil. What fails is tried again the next
// time: the log is only longer meanwhile.
func (t *trimmer) run(ctx context.Context) error {
	if t.keep == Forever {
		return nil
	}
	tick := time.NewTicker(askEvery)
	defer tick.Stop()
	due := make([]time.Time, t.log.Partitions()) // of each when it is to be trimmed next
	for {
		for partition := range t.log.Partitions() {
			if t.ours != nil && !t.ours(partition) {
				due[partition] = time.Time{}
				continue
			}
			if time.Now().Before(due[partition]) {
				continue
			}
			due[partition] = time.Now().Add(trimEvery)
			if err := t.trim(ctx, partition); err != nil && ctx.Err() == nil {
				t.logger.WarnContext(ctx, "log not trimmed", slog.Int("partition", int(partition)), slog.Any("error", err))
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// trim forgets the records from the beginning up to the first that is younger
// than the retention, or not stored.
func (t *trimmer) trim(ctx context.Context, partition int32) error {
	if !t.pause.TryLock() {
		return nil // a backup is under way; there is time until the next occasion
	}
	defer t.pause.Unlock()
	stored, err := t.store.ForcedWatermark(ctx, t.log.Epoch(), partition)
	if err != nil {
		return fmt.Errorf("how far is partition %d stored: %w", partition, err)
	}
	before, err := t.firstKept(ctx, partition, stored)
	if err != nil {
		return err
	}
	return t.log.Trim(ctx, partition, before)
}

// errFound ends a Follow that has seen enough.
var errFound = errors.New("found")

// firstKept reads on from the log's beginning. It reads each record that is to
// be forgotten, once.
func (t *trimmer) firstKept(ctx context.Context, partition int32, stored int64) (int64, error) {
	first, err := t.log.Begin(ctx, partition)
	if err != nil || first >= stored {
		return first, err
	}
	oldest := t.now().Add(-time.Duration(t.keep))
	err = t.log.Follow(ctx, partition, first, func(entries []eventlog.Entry) error {
		for _, entry := range entries {
			if entry.Offset >= stored || !entry.Time.Before(oldest) {
				return errFound
			}
			first = entry.Offset + 1
		}
		if first >= stored {
			return errFound
		}
		return nil
	})
	if !errors.Is(err, errFound) {
		return 0, fmt.Errorf("read partition %d from offset %d: %w", partition, first, err)
	}
	return first, nil
}
