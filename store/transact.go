package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// pool is a set of connections of one purpose, with the statements that it
// runs often.
type pool struct {
	db *sql.DB
	// prepared by text. It is filled before the pool is used: preparing needs
	// a connection, and a transaction may hold the only one.
	prepared map[string]*sql.Stmt
}

func newPool(ctx context.Context, db *sql.DB, statements []string) (*pool, error) {
	p := &pool{db: db, prepared: make(map[string]*sql.Stmt, len(statements))}
	for _, text := range statements {
		stmt, err := db.PrepareContext(ctx, text)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("prepare %q: %w", text, err), p.close())
		}
		p.prepared[text] = stmt
	}
	return p, nil
}

func (p *pool) close() error { return p.db.Close() }

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
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if more, err := scan(rows); err != nil || !more {
			return err
		}
	}
	return rows.Err()
}

// write runs fn in a transaction that is durable when write returns nil.
func (s *Store) write(ctx context.Context, fn func(*tx) error) error {
	return s.transact(ctx, s.durable, fn)
}

// record is write for what can be derived from the log again.
func (s *Store) record(ctx context.Context, fn func(*tx) error) error {
	return s.transact(ctx, s.derived, fn)
}

func (s *Store) transact(ctx context.Context, p *pool, fn func(*tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case s.writing <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-s.writing }()
	return p.transact(context.WithoutCancel(ctx), nil, fn)
}

// read runs fn on one snapshot of the database.
func (s *Store) read(ctx context.Context, fn func(*tx) error) error {
	return s.readers.transact(ctx, &sql.TxOptions{ReadOnly: true}, fn)
}

func (p *pool) transact(ctx context.Context, opts *sql.TxOptions, fn func(*tx) error) (err error) {
	begun, err := p.db.BeginTx(ctx, opts)
	if err != nil {
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
		if ended := ctx.Err(); ended != nil && !errors.Is(err, ended) {
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
