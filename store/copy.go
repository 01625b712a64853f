package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrNotCopied means that the database is on a server of its own, whose tools
// copy it.
var ErrNotCopied = errors.New("store: this database is copied by the tools of its server")

// copyable is a dialect whose database is a file.
type copyable interface {
	copyTo(ctx context.Context, s *Store, path string) error
	// skipIDs leaves out as many of the ids that people and rooms get.
	skipIDs(t *tx, gap int64) error
}

var _ copyable = sqliteDialect{}

// CopyTo writes all of the database, as it is at one moment, to a new file:
// what is in the copy is what one transaction would read. Others may write
// meanwhile. The copy is on the disk when CopyTo returns nil; after an error,
// also that of ctx, there is none. A file that exists is refused with
// [fs.ErrExist], a database that is no file with [ErrNotCopied].
func (s *Store) CopyTo(ctx context.Context, path string) error {
	dialect, isFile := s.dialect.(copyable)
	if !isFile {
		return ErrNotCopied
	}
	if err := dialect.copyTo(ctx, s, path); err != nil {
		return fmt.Errorf("copy store to %s: %w", path, err)
	}
	return nil
}

// copyTo uses a connection of its own: the statement must stand outside of a
// transaction, and may take long.
func (sqliteDialect) copyTo(ctx context.Context, s *Store, path string) (err error) {
	path, err = filepath.Abs(path)
	if err != nil {
		return err
	}
	if _, err := os.Lstat(path); err == nil {
		return fs.ErrExist
	}
	var source string
	if err := s.read(ctx, func(t *tx) error {
		return t.row(`SELECT file FROM pragma_database_list WHERE name = 'main'`).Scan(&source)
	}); err != nil {
		return err
	}
	db, err := sql.Open("sqlite", sqliteSource(source))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.ExecContext(ctx, `VACUUM INTO ?`, path); err != nil {
		if ended := ctx.Err(); ended != nil {
			err = ended
		}
		for _, suffix := range []string{"", "-journal"} {
			if failure := os.Remove(path + suffix); !errors.Is(failure, fs.ErrNotExist) {
				err = errors.Join(err, failure)
			}
		}
		return err
	}
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

// Contents counts what a store holds.
type Contents struct {
	Users, Rooms, Events int64
}

// CopyContents reads of a copy that [Store.CopyTo] has made, without changing
// it, what it holds and how far the log is stored in it.
func CopyContents(ctx context.Context, path string) (contents Contents, marks []Watermark, err error) {
	path, err = filepath.Abs(path)
	if err != nil {
		return Contents{}, nil, err
	}
	db, err := sql.Open("sqlite", sqliteSource(path, "immutable=1", "_query_only=on"))
	if err != nil {
		return Contents{}, nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	pool, err := newPool(ctx, db, nil, nil)
	if err != nil {
		return Contents{}, nil, err
	}
	err = pool.transact(ctx, &sql.TxOptions{ReadOnly: true}, func(t *tx) error {
		if contents, err = t.contents(); err == nil {
			marks, err = t.watermarks()
		}
		return err
	})
	if err != nil {
		err = fmt.Errorf("read the copy %s: %w", path, err)
	}
	return contents, marks, err
}

func (t *tx) contents() (c Contents, err error) {
	err = t.row(`SELECT (SELECT COUNT(*) FROM users), (SELECT COUNT(*) FROM rooms), (SELECT COUNT(*) FROM events)`).Scan(&c.Users, &c.Rooms, &c.Events)
	return c, err
}
