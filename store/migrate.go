package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/pressly/goose/v3"
)

// migrations has one directory for each dialect, with the same numbers in all.
// Files that were released are never changed, new ones are appended: expand
// first, migrate, and contract in a later release, so that two versions of the
// program can work side by side. doc.go says how to write one.
//
//go:embed migrations
var migrations embed.FS

// versionsTable is where goose keeps what was run.
const versionsTable = "schema_versions"

// schema is a database whose tables are to be brought up to date.
type schema struct {
	db      *sql.DB
	dialect goose.Dialect
	dir     string // below migrations
	logger  *slog.Logger
	// lock keeps other processes from migrating at the same time. It waits for
	// its turn.
	lock func(context.Context) (unlock func() error, err error)
	// claim, under the lock, refuses a database of somebody else.
	claim func(context.Context) error
}

// migrate brings the schema up to date, one process at a time.
func migrate(ctx context.Context, s schema) (err error) {
	files, err := fs.Sub(migrations, "migrations/"+s.dir)
	if err != nil {
		return err
	}
	unlock, err := s.lock(ctx)
	if err != nil {
		return fmt.Errorf("lock migrations: %w", err)
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if err := s.claim(ctx); err != nil {
		return err
	}

	provider, err := goose.NewProvider(s.dialect, s.db, files, goose.WithTableName(versionsTable), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	current, target, err := provider.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("schema version: %w", err)
	}
	if current > target {
		return fmt.Errorf("%w: it has version %d, this program knows versions up to %d; start the newer Parley that wrote it, or restore a backup from before the upgrade",
			ErrNewerSchema, current, target)
	}
	applied, err := provider.Up(ctx)
	if err != nil {
		return fmt.Errorf("migrate from schema %d to %d: %w", current, target, err)
	}
	for _, step := range applied {
		s.logger.InfoContext(ctx, "database schema upgraded", slog.Int64("version", step.Source.Version), slog.Duration("took", step.Duration))
	}
	return nil
}
