package eventlog_test

import (
	"context"
	"errors"
	"testing"

	"github.com/parleychat/parley/eventlog"
)

// handover is a log that only takes records; the test answers.
type handover struct {
	eventlog.Log
	taken chan func(eventlog.Position, error)
}

func (h handover) Append(_ int32, _ eventlog.Record, done func(eventlog.Position, error)) {
	h.taken <- done
}

func TestAppendWait(t *testing.T) {
	log := handover{taken: make(chan func(eventlog.Position, error), 1)}
	want := eventlog.Position{Epoch: "e", Partition: 3, Offset: 5}
	go func() { (<-log.taken)(want, nil) }()
	got, err := eventlog.AppendWait(t.Context(), log, 3, eventlog.Record{})
	if got != want || err != nil {
		t.Errorf("AppendWait: got %v and %v, want %v", got, err, want)
	}

	go func() { (<-log.taken)(eventlog.Position{}, eventlog.ErrNotAppended) }()
	if _, err := eventlog.AppendWait(t.Context(), log, 3, eventlog.Record{}); err != eventlog.ErrNotAppended {
		t.Errorf("AppendWait: got %v, want %v", err, eventlog.ErrNotAppended)
	}
}

func TestAppendWaitContextEnds(t *testing.T) {
	log := handover{taken: make(chan func(eventlog.Position, error), 1)}
	ctx, cancel := context.WithCancel(t.Context())
	late := make(chan func(eventlog.Position, error))
	go func() {
		done := <-log.taken
		cancel()
		late <- done
	}()
	_, err := eventlog.AppendWait(ctx, log, 0, eventlog.Record{})
	if !errors.Is(err, eventlog.ErrUnknown) || !errors.Is(err, context.Canceled) || errors.Is(err, eventlog.ErrNotAppended) {
		t.Errorf("AppendWait whose ctx ends: got %v, want %v", err, eventlog.ErrUnknown)
	}
	(<-late)(eventlog.Position{}, nil) // the answer finds nobody, and nothing hangs

	_, err = eventlog.AppendWait(ctx, log, 0, eventlog.Record{})
	if !errors.Is(err, eventlog.ErrNotAppended) || !errors.Is(err, context.Canceled) {
		t.Errorf("AppendWait with an ended ctx: got %v, want %v", err, eventlog.ErrNotAppended)
	}
	if len(log.taken) != 0 {
		t.Error("AppendWait with an ended ctx: the record was handed over")
	}
}
