package eventlog

import (
	"context"
	"errors"
	"fmt"
)

// Follow delivers from memory what is still there, and asks the partition's
// leader for what is not.
func (l *Kafka) Follow(ctx context.Context, partition int32, from int64, fn func([]Entry) error) error {
	if err := l.part(partition); err != nil {
		return err
	}
	if err := l.inside(ctx, partition, from); err != nil {
		return err
	}
	return follow(ctx, from, func(ctx context.Context, next int64) ([]Entry, <-chan struct{}, error) {
		return l.look(ctx, partition, next)
	}, fn)
}

// inside checks that the offset from can be followed. It waits for brokers that
// are away.
func (l *Kafka) inside(ctx context.Context, partition int32, from int64) error {
	begin, err := patiently(ctx, partition, l.Begin)
	if err != nil {
		return err
	}
	end, err := patiently(ctx, partition, l.End)
	if err != nil {
		return err
	}
	if from < begin || from > end {
		return fmt.Errorf("%w: offset %d, partition %d has %d to %d", ErrTruncated, from, partition, begin, end)
	}
	return nil
}

// patiently asks again when a question has taken too long, until ctx ends.
func patiently(ctx context.Context, partition int32, ask func(context.Context, int32) (int64, error)) (int64, error) {
	for {
		offset, err := ask(ctx, partition)
		if err == nil || ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded) {
			return offset, err
		}
	}
}

// look returns entries beginning at next, or else a channel that is closed when
// it is worth looking again.
func (l *Kafka) look(ctx context.Context, partition int32, next int64) ([]Entry, <-chan struct{}, error) {
	t := l.tails[partition]
	seen, err := t.read(next)
	if err != nil || len(seen.entries) > 0 || seen.moved != nil {
		return seen.entries, seen.moved, err
	}
	// The tail has passed it.
	entries, err := l.fetch(ctx, partition, next)
	if err != nil {
		// That the log has ended says more than what came of it here.
		if _, _, stopped := t.bounds(); stopped != nil {
			err = stopped
		}
		return nil, nil, err
	}
	return entries[:followable(entries)], nil, nil
}
