package history

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/parleychat/parley/internal/failpoint"
	"github.com/parleychat/parley/store"
)

// How long a recorder waits before it asks a database again that is away.
const (
	firstPause = 20 * time.Millisecond
	maxPause   = 2 * time.Second
)

// commit stores what was collected. An error stops the recorder.
func (b *batcher) commit(ctx context.Context) error {
	if b.end == b.next {
		return nil
	}
	err := b.save(ctx, store.Batch{
		Epoch: b.epoch, Partition: b.partition, From: b.next, Next: b.end, Items: b.items,
	})
	if err != nil {
		return err
	}
	b.states.weigh(len(b.items))
	b.states.shrink()
	clear(b.items)
	b.items, b.bytes, b.awaited = b.items[:0], 0, false
	return nil
}

// save stores a batch. If its data cannot be stored, it stores the halves, so
// that everything before the one event that is to blame gets in.
func (b *batcher) save(ctx context.Context, batch store.Batch) error {
	err := b.persist(ctx, batch)
	switch {
	case err == nil:
		failpoint.Pass(failpoint.RecorderDone)
		b.next = batch.Next
		b.recorder.progress(b.partition, b.next)
		if b.recorder.cfg.Stored != nil {
			b.recorder.cfg.Stored(b.partition, b.next)
		}
		return nil
	case ctx.Err() != nil || errors.Is(err, ErrReplaced):
		return err
	case len(batch.Items) == 0:
		return fmt.Errorf("move the watermark of partition %d to %d: %w", b.partition, batch.Next, err)
	case len(batch.Items) == 1:
		ev := batch.Items[0].Event
		return fmt.Errorf("store %s %d of room %d, offset %d of partition %d: %w", ev.Kind, ev.Seq, ev.Room, ev.Pos.Offset, b.partition, err)
	}
	first, second := halves(batch)
	if err := b.save(ctx, first); err != nil {
		return err
	}
	return b.save(ctx, second)
}

// halves cuts a batch of two items or more. Records that have no item go with
// the one behind them.
func halves(batch store.Batch) (first, second store.Batch) {
	first, second = batch, batch
	middle := len(batch.Items) / 2
	first.Items, second.Items = batch.Items[:middle], batch.Items[middle:]
	first.Next = first.Items[middle-1].Event.Pos.Offset + 1
	second.From = first.Next
	return first, second
}

// persist commits a batch, again and again while the database is away. An
// outage may have hidden that the transaction was committed, so the watermark
// is read before the next attempt. The error is [ErrReplaced], that of ctx, or
// says that this data cannot be stored.
func (b *batcher) persist(ctx context.Context, batch store.Batch) error {
	pause := newPause(b.logger, "commit")
	for {
		failpoint.Pass(failpoint.RecorderBegins)
		err := b.store.Commit(ctx, batch)
		switch {
		case errors.Is(err, store.ErrFenced):
			return fmt.Errorf("%w: %w", ErrReplaced, err)
		case err == nil || !store.IsOutage(err):
			pause.over(ctx)
			return err
		}
		if err := pause.after(ctx, err); err != nil {
			return err
		}
		at, err := b.watermark(ctx)
		switch {
		case err != nil:
			return err
		case at == batch.Next:
			pause.over(ctx)
			return nil
		case at != batch.From:
			return fmt.Errorf("the watermark is %d, neither %d nor %d: %w", at, batch.From, batch.Next, ErrReplaced)
		}
	}
}

// watermark reads where the store stands, when it stands still: a commit that
// was given up may yet be carried out, and to find that later would look like
// another recorder.
func (b *batcher) watermark(ctx context.Context) (next int64, err error) {
	err = b.insist(ctx, "read the watermark", func() error {
		next, err = b.store.SettledWatermark(ctx, b.epoch, b.partition)
		return err
	})
	return next, err
}

// insist calls fn until the database answers, be it with an error that is no
// outage.
func (b *batcher) insist(ctx context.Context, what string, fn func() error) error {
	pause := newPause(b.logger, what)
	for {
		err := fn()
		if !store.IsOutage(err) {
			pause.over(ctx)
			return err
		}
		if err := pause.after(ctx, err); err != nil {
			return err
		}
	}
}

// pause is the time between two attempts, longer each time.
type pause struct {
	logger *slog.Logger
	what   string
	next   time.Duration
	since  time.Time // when the outage began
}

func newPause(logger *slog.Logger, what string) *pause {
	return &pause{logger: logger, what: what, next: firstPause}
}

// after waits. Its error is that of ctx.
func (p *pause) after(ctx context.Context, outage error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if p.since.IsZero() {
		p.since = time.Now()
	}
	p.logger.WarnContext(ctx, "the recorder waits for the database",
		slog.String("to", p.what), slog.Duration("pause", p.next), slog.Any("error", outage))
	timer := time.NewTimer(p.next)
	defer timer.Stop()
	p.next = min(2*p.next, maxPause)
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// over tells that the database is back, if it was away.
func (p *pause) over(ctx context.Context) {
	if !p.since.IsZero() {
		p.logger.InfoContext(ctx, "the recorder goes on", slog.Duration("waited", time.Since(p.since)))
	}
}
