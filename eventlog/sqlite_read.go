package eventlog

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// fileReaders is how many followers may read the file at the same time.
const fileReaders = 4

// file is the log's file as followers read it: short reads of committed rows,
// beside the writer.
type file struct {
	path   string
	epochs epochs

	// readers are the connections. Who takes one reads alone with it and puts
	// it back; it is opened by whoever takes it first.
	readers chan *fileReader
	closed  chan struct{}

	// gate is held shared while reading, and by the writer alone while it moves
	// the WAL. No other lock is taken while holding it.
	gate sync.RWMutex
}

// fileReader is a connection that only reads; the zero value is not open yet.
type fileReader struct {
	connection
	chunk statement
	first statement
}

func newFile(path string, epochs epochs) *file {
	f := &file{path: path, epochs: epochs, readers: make(chan *fileReader, fileReaders), closed: make(chan struct{})}
	for range fileReaders {
		f.readers <- &fileReader{}
	}
	return f
}

// close waits for those who read and closes their connections.
func (f *file) close() error {
	close(f.closed)
	var errs []error
	for range fileReaders {
		errs = append(errs, (<-f.readers).close())
	}
	return errors.Join(errs...)
}

func (r *fileReader) open(path string) error {
	if r.Conn != nil {
		return nil
	}
	conn, err := connect(path, "_query_only=1")
	if err != nil {
		return err
	}
	chunk, err := conn.prepare(`SELECT pos, at, key, headers, value, sum
		FROM records WHERE pos >= ? AND pos < ? ORDER BY pos LIMIT ?`)
	if err != nil {
		return errors.Join(err, conn.Close())
	}
	first, err := conn.prepare(`SELECT first FROM log`)
	if err != nil {
		return errors.Join(err, chunk.Close(), conn.Close())
	}
	*r = fileReader{conn, chunk, first}
	return nil
}

func (r *fileReader) close() error {
	if r.Conn == nil {
		return nil
	}
	return errors.Join(r.chunk.Close(), r.first.Close(), r.Conn.Close())
}

// use calls fn with a reader. The reader comes before the gate: whoever waits
// for one must not hold up the writer.
func (f *file) use(ctx context.Context, fn func(*fileReader) error) error {
	select {
	case r := <-f.readers:
		defer func() { f.readers <- r }()
		f.gate.RLock()
		defer f.gate.RUnlock()
		if err := r.open(f.path); err != nil {
			return damage(err)
		}
		return damage(fn(r))
	case <-f.closed:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

// read returns consecutive entries from the offset from on, as many as there
// are below end and as a follower may be given at once. It returns none when
// there is no record at from, see trimmedAbove. Damage behind the first entry
// is left to the next read: what lies before it can still be had.
func (f *file) read(ctx context.Context, from, end int64) ([]Entry, error) {
	var entries []Entry
	err := f.use(ctx, func(r *fileReader) error {
		rows, err := r.chunk.query(integers(from, end, followEntries))
		if err != nil {
			return err
		}
		entries, err = f.scan(rows, from)
		return errors.Join(err, rows.Close())
	})
	if len(entries) > 0 {
		return entries, nil
	}
	return nil, err
}

// scan reads the rows that have the offsets from, from + 1 …, up to the bounds
// for followers.
func (f *file) scan(rows driver.Rows, from int64) (entries []Entry, err error) {
	values := make([]driver.Value, recordColumns)
	for bytes := 0; bytes < followBytes; {
		if err := rows.Next(values); err == io.EOF {
			return entries, nil
		} else if err != nil {
			return entries, err
		}
		entry, err := f.entry(values)
		if err != nil {
			return entries, err
		}
		if entry.Offset != from+int64(len(entries)) {
			return entries, nil
		}
		entries = append(entries, entry)
		bytes += entry.Size()
	}
	return entries, nil
}

// entry makes an entry of a row and checks it against its checksum. The driver
// gives each value memory of its own, which becomes the entry's.
func (f *file) entry(row []driver.Value) (Entry, error) {
	offset, hasOffset := row[0].(int64)
	at, hasTime := row[1].(int64)
	sum, hasSum := row[5].(int64)
	if !hasOffset || !hasTime || !hasSum {
		return Entry{}, fmt.Errorf("%w: a row has no offset, time or checksum", ErrCorrupt)
	}
	key, _ := row[2].([]byte)
	headers, _ := row[3].([]byte)
	value, _ := row[4].([]byte)
	if got := checksum(offset, at, key, headers, value); int64(got) != sum {
		return Entry{}, fmt.Errorf("%w: record %d has checksum %#08x, %#08x was written", ErrCorrupt, offset, got, sum)
	}
	decoded, err := decodeHeaders(headers)
	if err != nil {
		return Entry{}, fmt.Errorf("%w: record %d: %w", ErrCorrupt, offset, err)
	}
	return Entry{
		Position: Position{Epoch: f.epochs.of(offset), Offset: offset},
		Record:   Record{Key: key, Headers: decoded, Value: value},
		Time:     time.UnixMilli(at).UTC(),
	}, nil
}

// trimmedAbove says whether Trim has removed the record at offset, which was
// there once and which read did not find. The first kept offset only ever
// grows, so it may be read later than the rows: if it is still not above the
// offset, then the record should have been found.
func (f *file) trimmedAbove(ctx context.Context, offset int64) (trimmed bool, err error) {
	err = f.use(ctx, func(r *fileReader) error {
		row, err := r.first.row()
		if err != nil {
			return err
		}
		first, ok := row[0].(int64)
		if !ok {
			return fmt.Errorf("%w: it does not say its first offset", ErrCorrupt)
		}
		trimmed = offset < first
		return nil
	})
	return trimmed, err
}
