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
// program can work side by side.
//
//go:embed migrations
var migrations embed.FS

// migrate brings the schema up to date, one process at a time.
func migrate(ctx context.Context, db *sql.DB, d dialect, name goose.Dialect, dir string, logger *slog.Logger) (err error) {
	files, err := fs.Sub(migrations, "migrations/"+dir)
	if err != nil {
		return err
	}
	unlock, err := d.lockMigrations(ctx)
	if err != nil {
		return fmt.Errorf("lock migrations: %w", err)
	}
	defer func() { err = errors.Join(err, unlock()) }()

	provider, err := goose.NewProvider(name, db, files, goose.WithTableName("schema_versions"), goose.WithLogger(goose.NopLogger()))
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
		logger.InfoContext(ctx, "database schema upgraded", slog.Int64("version", step.Source.Version), slog.Duration("took", step.Duration))
	}
	return nil
}
