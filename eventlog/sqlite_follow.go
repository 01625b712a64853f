package eventlog

import (
	"context"
	"fmt"
)

// Follow delivers from memory what is still there, and from the file what is
// not.
func (l *SQLite) Follow(ctx context.Context, partition int32, from int64, fn func([]Entry) error) error {
	begin, end, err := l.bounds(partition)
	if err != nil {
		return err
	}
	if from < begin || from > end {
		return fmt.Errorf("%w: offset %d, the log has %d to %d", ErrTruncated, from, begin, end)
	}
	return follow(ctx, from, l.look, fn)
}

// look returns entries beginning at next, or else a channel that is closed when
// it is worth looking again.
func (l *SQLite) look(ctx context.Context, next int64) ([]Entry, <-chan struct{}, error) {
	seen, err := l.tail.read(next)
	if err != nil || seen.end == 0 {
		return seen.entries, seen.moved, err
	}
	// The record is committed and no longer in memory.
	entries, err := l.file.read(ctx, next, seen.end)
	if err == nil && len(entries) == 0 {
		err = l.missing(ctx, next)
	}
	if err != nil {
		return nil, nil, l.notRead(next, err)
	}
	return entries, nil, nil
}

// missing explains why there is no record at the offset next.
func (l *SQLite) missing(ctx context.Context, next int64) error {
	trimmed, err := l.file.trimmedAbove(ctx, next)
	switch {
	case err != nil:
		return err
	case trimmed:
		return fmt.Errorf("%w: it was trimmed while being followed", ErrTruncated)
	}
	return fmt.Errorf("%w: the record is missing", ErrCorrupt)
}

// notRead explains why the file could not be read. That it was closed says
// less than why the log was.
func (l *SQLite) notRead(next int64, err error) error {
	if _, _, stopped := l.tail.bounds(); stopped != nil {
		return stopped
	}
	return fmt.Errorf("eventlog: read %s from offset %d: %w", l.path, next, err)
}
