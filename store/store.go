package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
)

// Config says where the store is.
type Config struct {
	// Path of the SQLite file. It is made when it does not exist; its
	// directory has to.
	Path string
	// Logger is told of migrations; slog.Default when nil.
	Logger *slog.Logger
}

// Store is an open database. Its methods may be called from any goroutine.
//
// Methods that write wait for each other. They end early when ctx does, but
// only while they wait: a transaction that has begun is finished, so that its
// outcome is known.
type Store struct {
	dialect dialect
	durable *pool // committed for good when the call returns
	derived *pool // the recorder's; on SQLite a lost end is derived again
	readers *pool

	// writing is held (by sending) from before a transaction that writes
	// begins until it has ended. SQLite has one writer at a time and lets
	// others poll for their turn; a queue of our own is quicker and fair.
	writing chan struct{}
}

// Open opens the database and brings its schema up to date. Several processes
// may do so at once. It fails with [ErrNewerSchema] or [ErrForeign] rather than
// touch what it does not know.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	s, err := openSQLite(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w", cfg.Path, err)
	}
	return s, nil
}

// Close waits for transactions under way and closes the database.
func (s *Store) Close() error {
	s.writing <- struct{}{}
	defer func() { <-s.writing }()
	return errors.Join(s.readers.close(), s.derived.close(), s.durable.close())
}

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	var one int
	return s.read(ctx, func(t *tx) error {
		return t.row(`SELECT 1`).Scan(&one)
	})
}
