package history

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"
)

// drainPoll is how often a recorder to which nothing has fallen yet looks
// whether others store what it waits for.
const drainPoll = 100 * time.Millisecond

// Drain waits until every partition that this recorder owns is stored up to
// the log's present end. A recorder to which no partition has fallen yet, which
// is how each begins, waits for that or until others have stored as much. Drain
// fails when ctx ends or the recorder stops, also with one of several partitions.
func (r *Recorder) Drain(ctx context.Context) error {
	var errs []error
	for partition := range r.cfg.Log.Partitions() {
		if err := r.drain(ctx, partition); err != nil {
			errs = append(errs, fmt.Errorf("drain recorder: partition %d: %w", partition, err))
		}
	}
	return errors.Join(errs...)
}

func (r *Recorder) drain(ctx context.Context, partition int32) error {
	switch at := r.tenure(partition); {
	case at.stopped != nil:
		return at.stopped
	case at.others():
		return nil
	}
	end, err := r.cfg.Log.End(ctx, partition)
	if err != nil {
		return fmt.Errorf("ask for its end: %w", err)
	}
	r.Hurry(partition, end)
	if err := r.await(ctx, partition, end); err != nil {
		return fmt.Errorf("it is not stored up to its end %d: %w", end, err)
	}
	return nil
}

// await waits until the partition is stored up to end, or is somebody else's.
func (r *Recorder) await(ctx context.Context, partition int32, end int64) error {
	for {
		at := r.tenure(partition)
		switch {
		case at.owned && at.next >= end, at.others():
			return nil
		case at.stopped != nil:
			return at.stopped
		}
		var look <-chan time.Time
		if !at.owned {
			if next, err := r.cfg.Store.SettledWatermark(ctx, r.cfg.Log.Epoch(), partition); err == nil && next >= end {
				return nil
			}
			look = time.After(drainPoll)
		}
		select {
		case <-at.changed:
		case <-look:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// tenure is how a recorder stands with a partition, at one moment.
type tenure struct {
	begun, owned bool
	next         int64
	stopped      error           // why it is not recorded here any more
	changed      <-chan struct{} // closed when this is no longer so
}

func (r *Recorder) tenure(partition int32) tenure {
	r.mu.Lock()
	defer r.mu.Unlock()
	next, owned := r.stored[partition]
	return tenure{begun: r.begun, owned: owned, next: next, stopped: cmp.Or(r.stopped, r.gaveUp[partition]), changed: r.changed}
}

// others reports whether the partition is somebody else's: all that fall to a
// recorder do so at once.
func (t *tenure) others() bool { return t.begun && !t.owned }
