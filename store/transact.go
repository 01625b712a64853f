package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// pool is a set of connections of one purpose, with the statements that it
// runs often.
type pool struct {
	db *sql.DB
	// prepared by text. It is filled before the pool is used: preparing needs
	// a connection, and a transaction may hold the only one.
	prepared map[string]*sql.Stmt
	// turns is held (by sending) from before a transaction that writes begins
	// until it has ended; nil where nobody has to wait. Pools may share it.
	turns chan struct{}
	// prompt: a transaction that has begun is never cut short, because nothing in
	// it waits for anybody. What may be cut short has a goroutine of the driver
	// beside every statement, which costs more than most statements do.
	prompt bool
}

func newPool(ctx context.Context, db *sql.DB, turns chan struct{}, statements []string) (*pool, error) {
	p := &pool{db: db, prepared: make(map[string]*sql.Stmt, len(statements)), turns: turns}
	for _, text := range statements {
		stmt, err := db.PrepareContext(ctx, text)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("prepare %q: %w", text, err), p.close())
		}
		p.prepared[text] = stmt
	}
	return p, nil
}

// close waits for the transactions that write, and closes the connections.
func (p *pool) close() error {
	for range cap(p.turns) {
		p.turns <- struct{}{}
	}
	defer func() {
		for range cap(p.turns) {
			<-p.turns
		}
	}()
	return p.db.Close()
}

// tx is a transaction under way. It is used by one goroutine.
type tx struct {
	ctx  context.Context
	tx   *sql.Tx
	pool *pool
	own  map[string]*sql.Stmt // prepared statements bound to this transaction
}

// statement returns the prepared statement with this text, nil when there is
// none: then the text is run as it is.
func (t *tx) statement(text string) *sql.Stmt {
	if stmt := t.own[text]; stmt != nil {
		return stmt
	}
	prepared := t.pool.prepared[text]
	if prepared == nil {
		return nil
	}
	stmt := t.tx.StmtContext(t.ctx, prepared)
	if t.own == nil {
		t.own = make(map[string]*sql.Stmt)
	}
	t.own[text] = stmt
	return stmt
}

// prepare prepares statements for this transaction alone.
func (t *tx) prepare(texts ...string) error {
	if t.own == nil {
		t.own = make(map[string]*sql.Stmt)
	}
	for _, text := range texts {
		stmt, err := t.tx.PrepareContext(t.ctx, text)
		if err != nil {
			return fmt.Errorf("prepare %q: %w", text, err)
		}
		t.own[text] = stmt
	}
	return nil
}

// exec runs a statement and returns how many rows it found to change.
func (t *tx) exec(text string, args ...any) (int64, error) {
	result, err := t.run(text, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// insert runs an INSERT of one row and returns the id that the row was given.
func (t *tx) insert(text string, args ...any) (int64, error) {
	result, err := t.run(text, args...)
	if err != nil {
		return 0, err
	}
	return result.LastInsertId()
}

func (t *tx) run(text string, args ...any) (sql.Result, error) {
	if stmt := t.statement(text); stmt != nil {
		return stmt.ExecContext(t.ctx, args...)
	}
	return t.tx.ExecContext(t.ctx, text, args...)
}

func (t *tx) row(text string, args ...any) *sql.Row {
	if stmt := t.statement(text); stmt != nil {
		return stmt.QueryRowContext(t.ctx, args...)
	}
	return t.tx.QueryRowContext(t.ctx, text, args...)
}

// each runs a query and calls scan for every row, until scan says that it has
// enough.
func (t *tx) each(scan func(*sql.Rows) (more bool, err error), text string, args ...any) (err error) {
	var rows *sql.Rows
	if stmt := t.statement(text); stmt != nil {
		rows, err = stmt.QueryContext(t.ctx, args...)
	} else {
		rows, err = t.tx.QueryContext(t.ctx, text, args...)
	}
	if err != nil {
		return err
	}
	return scanAll(rows, scan)
}

func scanAll(rows *sql.Rows, scan func(*sql.Rows) (more bool, err error)) (err error) {
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if more, err := scan(rows); err != nil || !more {
			return err
		}
	}
	return rows.Err()
}

// write runs fn in a transaction that is durable when write returns nil.
//
// Where several processes write, fn may be run again from its beginning, with
// nothing of the former run left, because a row that it did not find and then
// inserted came to be in between: the next run finds it.
func (s *Store) write(ctx context.Context, fn func(*tx) error) error {
	return s.writeTo(ctx, s.durable, fn)
}

// writeSoon is write for what may be lost with the power: on SQLite it outlives
// the process, but is not forced to the disk.
func (s *Store) writeSoon(ctx context.Context, fn func(*tx) error) error {
	return s.writeTo(ctx, s.soon, fn)
}

func (s *Store) writeTo(ctx context.Context, p *pool, fn func(*tx) error) error {
	asking, cancel := s.patient(ctx)
	defer cancel()
	err := s.transact(asking, p, s.hearing, fn, func(err error) bool {
		return s.dialect.isConflict(err) || s.dialect.isDuplicate(err)
	})
	s.count(ctx, err)
	return err
}

// record is write for what can be derived from the log again. A duplicate is an
// error of the data here: whoever moved the watermark is alone. Nobody waits for
// it, and it is not given up because the server hangs.
func (s *Store) record(ctx context.Context, fn func(*tx) error) error {
	err := s.transact(ctx, s.derived, nil, fn, s.dialect.isConflict)
	s.count(ctx, err)
	return err
}

// How often a transaction that others have undone is run again, within which
// time, and how long the first pause before it is at most; each is up to twice
// as long as the one before.
const (
	conflictRuns  = 8
	conflictTime  = 15 * time.Second
	conflictPause = 2 * time.Millisecond
)

// transact waits for a turn and runs fn in a transaction, again as long as
// others have undone it, and until the server is found silent.
func (s *Store) transact(ctx context.Context, p *pool, heard *hearing, fn func(*tx) error, undone func(error) bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	listening, ended := heard.until(context.WithoutCancel(ctx))
	defer ended()
	select {
	case p.turns <- struct{}{}:
	case <-listening.Done():
		return context.Cause(listening)
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-p.turns }()
	work, cancel := finishing(ctx)
	defer cancel()
	work, giveUp := context.WithCancelCause(work)
	defer context.AfterFunc(listening, func() { giveUp(context.Cause(listening)) })()
	begun, pause := time.Now(), conflictPause
	for run := 1; ; run++ {
		err := p.transact(work, nil, fn)
		if err == nil || !undone(err) || work.Err() != nil {
			return err
		}
		if run == conflictRuns || time.Since(begun) > conflictTime {
			return err
		}
		// Two that met twice shall not meet a third time.
		time.Sleep(rand.N(pause))
		pause *= 2
	}
}

// finishTime is how long a transaction under way is waited for when its caller
// has gone: a server that does not answer must not hold up the end of this one.
const finishTime = 10 * time.Second

// finishing is ctx that ends finishTime later.
func finishing(ctx context.Context) (context.Context, context.CancelFunc) {
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		late := time.AfterFunc(finishTime, cancel)
		context.AfterFunc(work, func() { late.Stop() })
	})
	return work, func() { stop(); cancel() }
}

// patient is ctx with the end that the store's patience sets.
func (s *Store) patient(ctx context.Context) (context.Context, context.CancelFunc) {
	if s.patience == 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, s.patience)
}

// read runs fn on one snapshot of the database.
func (s *Store) read(ctx context.Context, fn func(*tx) error) error {
	asking, cancel := s.patient(ctx)
	defer cancel()
	asking, ended := s.hearing.until(asking)
	defer ended()
	err := s.readLong(asking, fn)
	s.count(ctx, err)
	return err
}

// readLong is read for what may take as long as it takes.
func (s *Store) readLong(ctx context.Context, fn func(*tx) error) error {
	return s.readers.transact(ctx, &sql.TxOptions{ReadOnly: true}, fn)
}

func (p *pool) transact(ctx context.Context, opts *sql.TxOptions, fn func(*tx) error) (err error) {
	if p.prompt {
		ctx = context.WithoutCancel(ctx)
	}
	begun, err := p.db.BeginTx(ctx, opts)
	if err != nil {
		if cause := context.Cause(ctx); cause != nil && !errors.Is(err, cause) {
			err = fmt.Errorf("%w: %w", cause, err)
		}
		return fmt.Errorf("begin: %w", err)
	}
	committed := false
	defer func() {
		if !committed {
			// Of a context that ended, database/sql may have rolled back
			// already.
			if failure := begun.Rollback(); failure != nil && !errors.Is(failure, sql.ErrTxDone) {
				err = errors.Join(err, fmt.Errorf("roll back: %w", failure))
			}
		}
	}()
	if err := fn(&tx{ctx: ctx, tx: begun, pool: p}); err != nil {
		// Once ctx has ended, a statement may fail in ways that do not say so.
		if ended := context.Cause(ctx); ended != nil && !errors.Is(err, ended) {
			err = fmt.Errorf("%w: %w", ended, err)
		}
		return err
	}
	committed = true
	if err := begun.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}
