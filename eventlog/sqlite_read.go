package eventlog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// fileReaders is how many followers may read the file at the same time.
const fileReaders = 4

// file is the log's file as followers read it: short reads of committed rows,
// beside the writer.
type file struct {
	db     *sql.DB
	epoch  string
	chunk  *sql.Stmt
	first  *sql.Stmt
	places chan struct{} // a token for each one who reads

	// gate is held shared while reading, and by the writer alone while it moves
	// the WAL. No other lock is taken while holding it.
	gate sync.RWMutex
}

func openFile(path, epoch string) (*file, error) {
	db, err := sql.Open("sqlite", dataSource(path, "_query_only=1", "_busy_timeout=5000"))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(fileReaders)
	db.SetMaxIdleConns(fileReaders)
	f := &file{db: db, epoch: epoch, places: make(chan struct{}, fileReaders)}
	var errs [2]error
	f.chunk, errs[0] = db.Prepare(`SELECT pos, at, key, headers, value, sum
		FROM records WHERE pos >= ? AND pos < ? ORDER BY pos LIMIT ?`)
	f.first, errs[1] = db.Prepare(`SELECT first FROM log`)
	if err := errors.Join(errs[:]...); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return f, nil
}

func (f *file) close() error { return f.db.Close() }

// enter waits for a place to read and returns how to leave it. The place comes
// before the gate: whoever waits for one must not hold up the writer.
func (f *file) enter(ctx context.Context) (leave func(), err error) {
	select {
	case f.places <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	f.gate.RLock()
	return func() {
		f.gate.RUnlock()
		<-f.places
	}, nil
}

// read returns consecutive entries from the offset from on, as many as there
// are below end and as a follower may be given at once. It returns none when
// there is no record at from, see trimmedAbove. Damage behind the first entry
// is left to the next read: what lies before it can still be had.
func (f *file) read(ctx context.Context, from, end int64) ([]Entry, error) {
	leave, err := f.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	// Too short to be worth a goroutine that watches ctx.
	rows, err := f.chunk.Query(from, end, followEntries)
	if err != nil {
		return nil, damage(err)
	}
	defer rows.Close()
	var entries []Entry
	bytes := 0
	for bytes < followBytes && rows.Next() {
		entry, err := f.scan(rows)
		if err != nil {
			return unlessSome(entries, err)
		}
		if entry.Offset != from+int64(len(entries)) {
			break
		}
		entries = append(entries, entry)
		bytes += entry.Size()
	}
	return unlessSome(entries, damage(rows.Err()))
}

// unlessSome is the error if there are no entries, and no error if there are.
func unlessSome(entries []Entry, err error) ([]Entry, error) {
	if len(entries) > 0 {
		return entries, nil
	}
	return nil, err
}

// scan reads one row and checks it against its checksum.
func (f *file) scan(rows *sql.Rows) (Entry, error) {
	entry := Entry{Position: Position{Epoch: f.epoch}}
	var at, sum int64
	var headers []byte
	if err := rows.Scan(&entry.Offset, &at, &entry.Key, &headers, &entry.Value, &sum); err != nil {
		return Entry{}, damage(err)
	}
	if got := checksum(entry.Offset, at, entry.Key, headers, entry.Value); int64(got) != sum {
		return Entry{}, fmt.Errorf("%w: record %d has checksum %#08x, %#08x was written", ErrCorrupt, entry.Offset, got, sum)
	}
	var err error
	if entry.Headers, err = decodeHeaders(headers); err != nil {
		return Entry{}, fmt.Errorf("%w: record %d: %w", ErrCorrupt, entry.Offset, err)
	}
	entry.Time = time.UnixMilli(at).UTC()
	return entry, nil
}

// trimmedAbove says whether Trim has removed the record at offset, which was
// there once and which read did not find. The first kept offset only ever
// grows, so it may be read later than the rows: if it is still not above the
// offset, then the record should have been found.
func (f *file) trimmedAbove(ctx context.Context, offset int64) (bool, error) {
	leave, err := f.enter(ctx)
	if err != nil {
		return false, err
	}
	defer leave()
	var first int64
	if err := f.first.QueryRow().Scan(&first); err != nil {
		return false, damage(err)
	}
	return offset < first, nil
}
