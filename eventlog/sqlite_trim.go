package eventlog

import (
	"context"
	"errors"
	"fmt"

	"github.com/parleychat/parley/internal/failpoint"
)

// trimRows are deleted in one transaction, so that appends never wait long for
// a trim.
const trimRows = 512

// Trim deletes the records below before, in many small transactions between
// those of appends. The file does not shrink; the space is used again.
func (l *SQLite) Trim(ctx context.Context, partition int32, before int64) error {
	if partition != 0 {
		return noPartition(partition)
	}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		answer := make(chan trimAnswer, 1)
		if err := l.queue.addTrim(trim{before, answer}); err != nil {
			return err
		}
		select {
		case a := <-answer:
			if a.err != nil || a.finished {
				return a.err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// trim runs one transaction of a trim, on the writer's goroutine.
func (l *SQLite) trim(t *trim) {
	w := l.writer
	finished, err := w.trim(t.before)
	if err == nil {
		l.tail.trimmed(w.first)
		err = w.checkpoint()
	}
	if err != nil && !passes(err) && !errors.Is(err, ErrTruncated) {
		l.fail(fmt.Errorf("trim: %w", err))
	}
	t.answer <- trimAnswer{finished, err}
}

// trim deletes up to trimRows records below before, and says whether that was
// all.
func (w *writer) trim(before int64) (finished bool, err error) {
	switch {
	case w.broken != nil:
		return false, w.broken
	case before > w.next:
		return false, fmt.Errorf("%w: trim before %d, the end is %d", ErrTruncated, before, w.next)
	case before <= w.first:
		return true, nil
	}
	first := min(before, w.first+trimRows)
	if err := w.makeRoom(); err != nil {
		return false, err
	}
	if err := w.begin.exec(nil); err != nil {
		return false, passing(err)
	}
	// Not one step further after an error: SQLite may have rolled back by
	// itself, and a next statement would be a transaction of its own.
	if err = w.deleteBelow.exec(integers(first)); err == nil {
		err = w.setFirst.exec(integers(first))
	}
	if err == nil {
		failpoint.Pass(failpoint.LogTrimming)
		err = w.commit.exec(nil)
	}
	if err != nil {
		w.rollback.exec(nil)
		return false, passing(err)
	}
	failpoint.Pass(failpoint.LogTrimmed)
	w.written(int(first-w.first) * pageBytes / 2)
	w.first = first
	return first == before, nil
}
