package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// ErrSilent is why something was given up.
var ErrSilent = errSilent

// Listening is cfg with other limits: how soon the server is asked for a sign of
// life and how long it may be silent.
func Listening(cfg Config, patience, silence time.Duration) Config {
	cfg.hearing = hearingTimes{patience, silence}
	return cfg
}

// WaitForEver gives transactions all the time that they want.
func (s *Store) WaitForEver() { s.patience = 0 }

// SQLiteSource names a file for another connection to it.
var SQLiteSource = sqliteSource

// Peek reads one row of tables that have no reader of their own yet.
func (s *Store) Peek(ctx context.Context, dest []any, query string, args ...any) error {
	return s.read(ctx, func(t *tx) error {
		return t.row(query, args...).Scan(dest...)
	})
}

// ExecDerived runs a statement on the recorder's connection.
func (s *Store) ExecDerived(ctx context.Context, text string) error {
	_, err := s.derived.db.ExecContext(ctx, text)
	return err
}

// ExecDurable runs a statement on the connection of everything else.
func (s *Store) ExecDurable(ctx context.Context, text string, args ...any) error {
	_, err := s.durable.db.ExecContext(ctx, text, args...)
	return err
}

// WriteTwice runs a statement for two rows in one transaction, and calls between
// in between, in each run.
func (s *Store) WriteTwice(ctx context.Context, text string, first, second any, between func()) error {
	return s.write(ctx, func(t *tx) error {
		if _, err := t.exec(text, first); err != nil {
			return err
		}
		between()
		_, err := t.exec(text, second)
		return err
	})
}

// HotStatements are all that are run for every message, page, resume, opening
// and list.
func (s *Store) HotStatements() []string {
	statements := slices.Concat(recorderStatements(s.dialect), readerStatements, briefStatements)
	return append(statements, qNewRooms, qRoomByName, qMoveMark, qSetMark, qSetStatus, qForgetSeen, qSeen, qEveryRoom, qLockMember, qDraft, qCountDrafts)
}

// Plan says how SQLite runs a statement, one step a line.
func (s *Store) Plan(ctx context.Context, statement string) (string, error) {
	args := make([]any, strings.Count(statement, "?"))
	for i := range args {
		args[i] = 1
	}
	rows, err := s.readers.db.QueryContext(ctx, "EXPLAIN QUERY PLAN "+statement, args...)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	var plan strings.Builder
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			return "", err
		}
		fmt.Fprintln(&plan, step)
	}
	return plan.String(), rows.Err()
}

// PeekDurable and PeekDerived read one row on a writer's connection.
func (s *Store) PeekDurable(ctx context.Context, dest []any, query string) error {
	return s.durable.db.QueryRowContext(ctx, query).Scan(dest...)
}

func (s *Store) PeekDerived(ctx context.Context, dest []any, query string) error {
	return s.derived.db.QueryRowContext(ctx, query).Scan(dest...)
}
