package history

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/store"
)

// Bounds of what is committed at once. A batch is committed when it reaches one
// of them; and at once, without the wait, when it holds an event that changes
// who is in which room or how a room is shown, because the call that made it
// answers only when it is stored. Talking is read from memory and pays for fewer,
// larger transactions with up to BatchWait, or HurriedWait when somebody waits
// for what was said ([Recorder.Hurry]). Where everybody who might wait can say so,
// it is AloneWait: in many small rooms a batch changes some pages of each room,
// and the more was said in a room the less each event costs.
const (
	MaxBatchEvents = 1000
	MaxBatchBytes  = 1 << 20 // of records; a larger one goes alone
	BatchWait      = 50 * time.Millisecond
	AloneWait      = 250 * time.Millisecond
	HurriedWait    = 10 * time.Millisecond
)

// batcher collects the records of one partition and stores them. It belongs to
// one goroutine.
type batcher struct {
	recorder  *Recorder
	store     RecorderStore
	epoch     string
	partition int32
	states    *states
	hurry     *hurry
	patience  time.Duration // how long talk waits for more, when nobody waits for it
	logger    *slog.Logger

	next  int64     // the watermark
	end   int64     // behind the last record collected
	begun time.Time // when the first record of the batch came
	items []store.Applied
	bytes int
	// awaited: somebody waits for an event of the batch to be stored.
	awaited bool
}

func newBatcher(r *Recorder, partition int32) *batcher {
	return &batcher{
		recorder: r, store: r.cfg.Store, epoch: r.cfg.Log.Epoch(), partition: partition,
		states: newStates(maxStateBytes), hurry: &r.hurries[partition], patience: r.cfg.patience(),
		logger: r.logger.With(slog.Int("partition", int(partition))),
	}
}

// run collects what arrives and commits it until ctx ends, something stops it,
// or arrived is closed; then it commits what it has.
func (b *batcher) run(ctx context.Context, arrived <-chan []eventlog.Entry) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		var due <-chan time.Time
		if b.end > b.next {
			timer.Reset(time.Until(b.begun.Add(b.wait())))
			due = timer.C
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-b.hurry.more:
		case <-due:
			if err := b.commit(ctx); err != nil {
				return err
			}
		case entries, more := <-arrived:
			if !more {
				return b.commit(ctx)
			}
			waiting := b.end > b.next
			committed, err := b.take(ctx, entries)
			if err != nil {
				return err
			}
			if committed || !waiting {
				b.begun = time.Now()
			}
		}
	}
}

// wait is how long the batch may wait for more.
func (b *batcher) wait() time.Duration {
	if b.hurry.upTo.Load() > b.next {
		return HurriedWait
	}
	return b.patience
}

// take adds records and commits whenever the batch is due. It reports whether
// it has committed. A record that stops the recorder stops it behind everything
// before it.
func (b *batcher) take(ctx context.Context, entries []eventlog.Entry) (committed bool, err error) {
	for i := range entries {
		entry := &entries[i]
		if b.bytes > 0 && b.bytes+entry.Size() > MaxBatchBytes {
			if err := b.commit(ctx); err != nil {
				return committed, err
			}
			committed = true
		}
		if refused := b.add(ctx, entry); refused != nil {
			if ctx.Err() != nil {
				return committed, refused
			}
			return committed, errors.Join(refused, b.commit(ctx))
		}
		if last := i == len(entries)-1; len(b.items) >= MaxBatchEvents || last && b.awaited {
			if err := b.commit(ctx); err != nil {
				return committed, err
			}
			committed = true
		}
	}
	return committed, nil
}

// add applies a record.
func (b *batcher) add(ctx context.Context, entry *eventlog.Entry) error {
	envelope, err := chat.Peek(entry.Headers)
	if envelope.Room == 0 {
		// It has no number in any room: everybody passes it over alike.
		b.logger.ErrorContext(ctx, "a record names no room and is passed over",
			slog.Int64("offset", entry.Offset), slog.Any("error", err))
		b.collect(entry)
		return nil
	}
	rec, err := chat.Decode(entry.Headers, entry.Value)
	if errors.Is(err, chat.ErrUnknownVersion) || errors.Is(err, chat.ErrUnknownKind) {
		return fmt.Errorf("offset %d of partition %d, room %d: %w: %w", entry.Offset, b.partition, envelope.Room, ErrNewerRecord, err)
	}
	state, loadErr := b.state(ctx, envelope.Room)
	if loadErr != nil {
		return fmt.Errorf("offset %d of partition %d: %w", entry.Offset, b.partition, loadErr)
	}
	pos := chat.Position{Epoch: entry.Epoch, Partition: entry.Partition, Offset: entry.Offset}
	item := store.Applied{Record: rec}
	if err == nil {
		item.Event = chat.Apply(state, rec, pos, entry.Value)
		b.awaited = b.awaited || isAwaited(rec.Kind)
	} else {
		b.logger.ErrorContext(ctx, "a record cannot be decoded and is void",
			slog.Int64("room", int64(envelope.Room)), slog.Int64("offset", entry.Offset), slog.Any("error", err))
		item.Event = chat.ApplyUndecodable(state, pos)
	}
	b.items = append(b.items, item)
	b.collect(entry)
	return nil
}

func (b *batcher) collect(entry *eventlog.Entry) {
	b.end = entry.Offset + 1
	b.bytes += entry.Size()
}

// isAwaited reports whether a call that makes such an event answers only when
// it is stored, also when it came to nothing.
func isAwaited(kind chat.Kind) bool {
	switch kind {
	case chat.KindMessage, chat.KindEdit, chat.KindDelete, chat.KindReact, chat.KindUnreact, chat.KindPin, chat.KindUnpin:
		return false
	}
	return true
}

// state is the room's state in step with the batch. It is carried on from
// record to record; when it is not at hand, nothing of the room is in the
// batch (states are given up between batches only), so the stored state is it.
func (b *batcher) state(ctx context.Context, room chat.RoomID) (*chat.State, error) {
	if state := b.states.get(room); state != nil {
		return state, nil
	}
	var opening *chat.Opening
	err := b.insist(ctx, "load a room's state", func() (err error) {
		opening, err = b.store.LoadState(ctx, b.epoch, b.partition, room)
		return err
	})
	switch {
	case err != nil && chat.AsError(err).Code == chat.NotFound:
		return nil, fmt.Errorf("%w: %w", store.ErrUnknownRoom, err)
	case err != nil:
		return nil, err
	case opening.Watermark != b.next:
		return nil, fmt.Errorf("load room %d: the watermark is %d, was %d: %w", room, opening.Watermark, b.next, ErrReplaced)
	}
	b.states.put(room, opening.State)
	return opening.State, nil
}
