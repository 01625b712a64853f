package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"
)

// Config says where the store is.
type Config struct {
	// URL of a database on MariaDB or MySQL, mysql://user:password@host:port/name.
	// The database has to exist; it is Parley's alone. Empty: SQLite.
	URL string
	// Path of the SQLite file. It is made when it does not exist; its
	// directory has to.
	Path string
	// Logger is told of migrations; slog.Default when nil.
	Logger *slog.Logger

	hearing hearingTimes
}

// Store is an open database. Its methods may be called from any goroutine.
//
// Methods that write wait for their turn and end early when ctx does, but only
// while they wait: a transaction that has begun is finished, so that its
// outcome is known. If ctx has ended and a database server does not answer for
// some seconds more, or if it answers nobody, they give up, and the outcome is
// not known.
type Store struct {
	name    string
	dialect dialect
	durable *pool // committed for good when the call returns
	derived *pool // the recorder's; on SQLite a lost end is derived again
	soon    *pool // one of the two: what may be lost with the power
	readers *pool
	brief   *brief // for pages and ranges; nil: they are read like everything else
	// patience is how long a transaction may take that somebody waits for; 0: as
	// long as they wait.
	patience time.Duration
	hearing  *hearing     // of the server; nil: there is none
	failures atomic.Int64 // transactions that failed because of an outage
}

// Failures is how many transactions have failed because the database could not
// be used, but not those whose caller went away.
func (s *Store) Failures() int64 { return s.failures.Load() }

// count counts a failure.
func (s *Store) count(ctx context.Context, err error) {
	if err != nil && ctx.Err() == nil && IsOutage(err) {
		s.failures.Add(1)
	}
}

// Open opens the database and brings its schema up to date. Several processes
// may do so at once. It fails with [ErrNewerSchema] or [ErrForeign] rather than
// touch what it does not know, and with [ErrUnfit] when a server has to be set
// up otherwise. No error and no log has the password.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	open, name := openSQLite, cfg.Path
	if cfg.URL != "" {
		open, name = openMySQL, RedactURL(cfg.URL)
	}
	s, err := open(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w", name, err)
	}
	s.name = name
	return s, nil
}

// Name is where the store is, for people: the file's path, or the address
// without its password.
func (s *Store) Name() string { return s.name }

// Close waits for transactions under way and closes the database.
func (s *Store) Close() error {
	var errs []error
	if s.brief != nil {
		errs = append(errs, s.brief.close())
	}
	for _, p := range []*pool{s.readers, s.derived, s.durable} {
		if p != nil {
			errs = append(errs, p.close())
		}
	}
	return errors.Join(errs...)
}

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	var one int
	return s.read(ctx, func(t *tx) error {
		return t.row(`SELECT 1`).Scan(&one)
	})
}
