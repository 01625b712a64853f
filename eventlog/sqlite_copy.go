package eventlog

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// errCopied ends the Follow of a copy that has all it wants.
var errCopied = errors.New("copied")

// CopyTo makes a log in a new file with the records from the beginning up to,
// not including, the offset before: same epoch, same offsets. Others may append
// meanwhile; a trim that overtakes the copy ends it with [ErrTruncated]. The
// file is on the disk when CopyTo returns nil; after an error there is none. A
// file that exists is refused with [fs.ErrExist].
func (l *SQLite) CopyTo(ctx context.Context, path string, before int64) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("eventlog: copy %s to %s: %w", l.path, path, err)
		}
	}()
	begin, end, err := l.bounds(0)
	if err != nil {
		return err
	}
	if before < begin || before > end {
		return fmt.Errorf("%w: offset %d, the log has %d to %d", ErrTruncated, before, begin, end)
	}
	if _, err := os.Lstat(path); err == nil {
		return fs.ErrExist
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			for _, suffix := range []string{"", "-wal", "-shm"} {
				if failure := os.Remove(absolute + suffix); !errors.Is(failure, fs.ErrNotExist) {
					err = errors.Join(err, failure)
				}
			}
		}
	}()
	if err := l.copyRecords(ctx, absolute, begin, before); err != nil {
		return err
	}
	return syncFile(absolute)
}

func (l *SQLite) copyRecords(ctx context.Context, path string, begin, before int64) (err error) {
	conn, err := connect(path)
	if err != nil {
		return err
	}
	state, err := prepareFile(conn)
	if err != nil {
		return errors.Join(err, conn.Close())
	}
	state.first, state.next = begin, begin
	w := newWriter(conn, state, new(sync.RWMutex))
	defer func() { err = errors.Join(err, w.close()) }()
	identity := []string{fmt.Sprintf(`UPDATE log SET epoch = '%s', first = %d`, l.epoch, begin)}
	for _, f := range l.file.epochs.former {
		identity = append(identity, insertFormerEpoch(f))
	}
	// The file is forced to the disk once, at the end.
	if err := errors.Join(conn.exec(`PRAGMA synchronous = OFF`), conn.transact(identity), w.prepare()); err != nil {
		return err
	}
	if before == begin {
		return nil
	}
	err = l.Follow(ctx, 0, begin, func(entries []Entry) error {
		entries = entries[:min(int64(len(entries)), before-w.next)]
		if err := w.copy(entries); err != nil {
			return err
		}
		if w.next == before {
			return errCopied
		}
		return nil
	})
	if errors.Is(err, errCopied) {
		return nil
	}
	return err
}

// copy writes entries of another log, which are the next ones, as they are.
func (w *writer) copy(entries []Entry) error {
	defer w.forget()
	if err := w.begin.exec(nil); err != nil {
		return err
	}
	bytes := 0
	for i := range entries {
		w.headers = w.headers[:0]
		w.bind(0, entries[i].Offset, entries[i].Time.UnixMilli(), &entries[i].Record)
		if err := w.insert.exec(w.values[:recordColumns]); err != nil {
			return errors.Join(err, w.rollback.exec(nil))
		}
		bytes += entries[i].Size() + rowOverhead
	}
	if err := w.commit.exec(nil); err != nil {
		return err
	}
	w.next += int64(len(entries))
	w.written(bytes)
	if err := w.checkpoint(); err != nil {
		return err
	}
	return w.cannotGrow // a copy does not wait for space
}

func syncFile(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}
