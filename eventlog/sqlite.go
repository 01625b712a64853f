package eventlog

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
)

// The embedded log is one SQLite file in WAL mode, version 2 of its format:
//
//	PRAGMA application_id = 0x506c6f67 ("Plog"), user_version = 2
//
//	log      one row
//	  epoch    text, 26 random characters made with the file
//	  first    the first offset that is kept; what lies below was trimmed
//	records  one row per record, without a hole from log.first on
//	  pos      the offset
//	  at       when it was taken, milliseconds UTC since 1970
//	  key, value
//	           as appended, NULL when empty
//	  headers  as in encoding.go, NULL when there are none
//	  sum      CRC-32C over all of it, as in encoding.go
//	former_epochs
//	         one row per restore, see RenewSQLite (version 2)
//	  until    the records below it, down to the row before, …
//	  epoch    … were written in this epoch, not in log.epoch
//
// The next offset is the one behind the last row, or log.first when there is
// none. Trim moves first in the transaction that deletes the rows, so the next
// offset never goes back.
//
// How it may change: [schema] has one step for each version; a file of an older
// version is brought up when it is opened, one of a newer version is refused.

// SQLiteOptions are the bounds of an embedded log. Zero values take the
// defaults.
type SQLiteOptions struct {
	// QueueBytes bounds what waits to be committed; above it an append is
	// answered [ErrBusy]. Default 32 MiB.
	QueueBytes int
	// TailBytes bounds what is kept in memory for followers; one that lags
	// further behind reads the file. Default 16 MiB.
	TailBytes int
}

const (
	defaultQueueBytes = 32 << 20
	defaultTailBytes  = 16 << 20
)

// SQLite is the embedded log: one file, one partition, one process. What it
// answered is durable also after power loss, on a disk that honours fsync.
//
// A single goroutine writes. While it commits, everything that is appended
// waits and becomes the next transaction, so the cost of reaching the disk is
// shared by all who wait for it.
//
// No space left is [ErrNotAppended] with [ErrFull], and each later append tries
// again. Any other failure of writing is final: see [SQLite.Fatal].
type SQLite struct {
	path  string
	epoch string

	queue  *queue         // Append and Trim fill it, the writer empties it
	tail   *tail          // the writer moves it, followers read it
	file   *file          // followers read what the tail no longer has
	groups groups         // who owns the partition
	writer *writer        // owned by the writer's goroutine until writing is done
	done   sync.WaitGroup // the writer's goroutine

	fatal chan error // holds the failure once the writer has given up

	closing  sync.Once
	closeErr error // written within closing
}

var _ Log = (*SQLite)(nil)

// OpenSQLite opens the log in the file path, and makes it when there is none.
// Another process that has it open is not noticed here, only by its first
// append; keep a lock beside the file. Errors are [ErrForeign] when the file is
// something else, [ErrNewer], [ErrCorrupt], or those of the file system.
func OpenSQLite(path string, options SQLiteOptions) (*SQLite, error) {
	if options.QueueBytes <= 0 {
		options.QueueBytes = defaultQueueBytes
	}
	if options.TailBytes <= 0 {
		options.TailBytes = defaultTailBytes
	}
	l, err := openSQLite(path, options)
	if err != nil {
		return nil, fmt.Errorf("eventlog: open %s: %w", path, openError(err))
	}
	l.done.Go(l.write)
	return l, nil
}

func openSQLite(path string, options SQLiteOptions) (*SQLite, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	conn, err := connect(absolute)
	if err != nil {
		return nil, err
	}
	state, err := prepareFile(conn)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	file := newFile(absolute, epochs{state.epoch, state.former})
	writer := newWriter(conn, state, &file.gate)
	if err := writer.prepare(); err != nil {
		return nil, errors.Join(err, writer.close())
	}
	if err := writer.checkpoint(); err != nil {
		return nil, errors.Join(err, writer.close())
	}
	return &SQLite{
		path:   path,
		epoch:  state.epoch,
		queue:  newQueue(options.QueueBytes),
		tail:   newTail(state.first, state.next, options.TailBytes),
		file:   file,
		writer: writer,
		fatal:  make(chan error, 1),
	}, nil
}

// Epoch is the random id made with the file.
func (l *SQLite) Epoch() string { return l.epoch }

// Partitions is 1.
func (l *SQLite) Partitions() int32 { return 1 }

// Append queues the record for the next transaction. It never waits: when
// [SQLiteOptions.QueueBytes] are waiting already the answer is [ErrBusy].
func (l *SQLite) Append(partition int32, rec Record, done func(Position, error)) {
	size := rec.Size()
	switch {
	case partition != 0:
		l.queue.refusals.add(done, notAppended(noPartition(partition)))
	case size > MaxRecord:
		l.queue.refusals.add(done, notAppended(fmt.Errorf("%w: it has %d bytes", ErrTooLarge, size)))
	default:
		l.queue.add(request{rec, size, done})
	}
}

// Begin is the first offset that is kept.
func (l *SQLite) Begin(_ context.Context, partition int32) (int64, error) {
	begin, _, err := l.bounds(partition)
	return begin, err
}

// End is the next offset. It costs no I/O.
func (l *SQLite) End(_ context.Context, partition int32) (int64, error) {
	_, end, err := l.bounds(partition)
	return end, err
}

func (l *SQLite) bounds(partition int32) (begin, end int64, err error) {
	if partition != 0 {
		return 0, 0, noPartition(partition)
	}
	begin, end, err = l.tail.bounds()
	if err != nil {
		return 0, 0, err
	}
	return begin, end, nil
}

// Own runs run for partition 0; a second call with the same group waits until
// the first has given it up.
func (l *SQLite) Own(ctx context.Context, group string, run func(context.Context, int32) error) error {
	return l.groups.own(ctx, group, func(ctx context.Context) error { return run(ctx, 0) })
}

// Fatal delivers, once, an [ErrFailed] that says why the log cannot go on: a
// commit whose outcome is unknown, a disk or a file that fails, another process
// that writes to it. By then everything handed over is answered, later appends
// are refused, and followers end with the same error after what they can have.
// The log still has to be closed. What is in the file then is what counts, so
// the way on is to open it again, best in a new process.
func (l *SQLite) Fatal() <-chan error { return l.fatal }

// Close commits and answers what was handed over, ends the followers and closes
// the file.
func (l *SQLite) Close() error {
	l.closing.Do(func() {
		l.queue.close(ErrClosed)
		l.done.Wait()
		l.queue.refusals.wait()
		l.tail.stop(ErrClosed)
		// The writer's connection is the last one to close: it moves the WAL
		// into the file and removes it.
		if err := errors.Join(l.file.close(), l.writer.close()); err != nil {
			l.closeErr = fmt.Errorf("eventlog: close %s: %w", l.path, err)
		}
	})
	return l.closeErr
}

func noPartition(partition int32) error {
	return fmt.Errorf("%w: %d", ErrNoPartition, partition)
}
