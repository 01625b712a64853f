package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
)

// SchemaVersion looks into a database without changing it: which version of
// the schema it has, 0 when it is empty, and the latest that this program
// knows. It fails with [ErrForeign] when the database is something else.
func SchemaVersion(ctx context.Context, cfg Config) (version, known int64, err error) {
	dir, name, look := "sqlite", cfg.Path, func() (int64, error) { return sqliteSchemaVersion(ctx, cfg.Path) }
	if cfg.URL != "" {
		dir, name, look = "mysql", RedactURL(cfg.URL), func() (int64, error) { return mysqlSchemaVersion(ctx, cfg.URL) }
	}
	if known, err = knownSchema(dir); err != nil {
		return 0, 0, err
	}
	if version, err = look(); err != nil {
		return 0, 0, fmt.Errorf("look into store %s: %w", name, err)
	}
	return version, known, nil
}

// knownSchema is the number of the last migration.
func knownSchema(dir string) (latest int64, err error) {
	files, err := fs.Glob(migrations, "migrations/"+dir+"/*.sql")
	if err != nil {
		return 0, err
	}
	for _, file := range files {
		number, _, _ := strings.Cut(filepath.Base(file), "_")
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("migration %s has no number", file)
		}
		latest = max(latest, n)
	}
	return latest, nil
}

func sqliteSchemaVersion(ctx context.Context, path string) (version int64, err error) {
	path, err = filepath.Abs(path)
	if err != nil {
		return 0, err
	}
	db, err := sql.Open("sqlite", sqliteSource(path, "mode=ro", "_query_only=on"))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	fresh, err := isFresh(ctx, db)
	if err != nil || fresh {
		return 0, err
	}
	var made bool
	if err := db.QueryRowContext(ctx, `SELECT COUNT(*) FROM sqlite_schema WHERE name = '`+versionsTable+`'`).Scan(&made); err != nil || !made {
		return 0, err
	}
	err = db.QueryRowContext(ctx, `SELECT COALESCE(MAX(version_id), 0) FROM `+versionsTable+` WHERE is_applied`).Scan(&version)
	return version, err
}

func mysqlSchemaVersion(ctx context.Context, url string) (version int64, err error) {
	address, err := parseURL(url)
	if err != nil {
		return 0, err
	}
	sessions, err := newMySQLSessions(address, readCommitted, nil)
	if err != nil {
		return 0, err
	}
	db := sql.OpenDB(sessions)
	defer func() { err = errors.Join(err, db.Close()) }()
	tables, err := lookIntoMySQL(ctx, db)
	if err != nil || !tables.versions {
		return 0, err
	}
	err = db.QueryRowContext(ctx, `SELECT COALESCE(MAX(version_id), 0) FROM `+versionsTable+` WHERE is_applied`).Scan(&version)
	return version, err
}
