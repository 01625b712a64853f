package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// sqliteApplicationID marks the file as ours, "Psto", at byte 68, where file(1)
// looks too.
const sqliteApplicationID = 0x5073746f

// sqliteBusy is how long, in ms, a statement waits for another process that
// has the file: somebody with a shell, a backup. Inside this process writers
// queue for their turn.
const sqliteBusy = 5000

// sqliteWALPages, of 4 KiB, in the write-ahead log are moved into the file. The
// recorder writes the same pages again and again, the last ones of each room, and
// of the versions in the log only the latest is moved: the more there are, the
// less is moved. The log's index holds 4,062 pages before it grows, so that there
// is room for a batch.
const sqliteWALPages = 3000

// openSQLite opens the file with four pools.
//
// The two writers differ in one pragma. In WAL mode a commit with
// synchronous=NORMAL is written and survives the end of the process, but is
// only forced to the disk by the next checkpoint, or by the next commit with
// FULL: that one forces the whole write-ahead log, so what was committed
// before it is durable with it, and after a power failure the log is read up
// to its first damaged frame. What is lost is thus always an end, never a
// middle.
func openSQLite(ctx context.Context, cfg Config) (_ *Store, err error) {
	path, err := filepath.Abs(cfg.Path)
	if err != nil {
		return nil, err
	}
	if err := claimSQLiteFile(ctx, path); err != nil {
		return nil, err
	}
	s := &Store{dialect: sqliteDialect{}}
	file := &sqliteFile{path: path}
	defer func() {
		if err != nil {
			err = errors.Join(err, file.close())
		}
	}()
	if err := s.openSQLiteWriters(ctx, file, cfg.Logger); err != nil {
		return nil, err
	}
	if err := s.openSQLiteReaders(ctx, file); err != nil {
		return nil, err
	}
	return s, nil
}

// openSQLiteWriters comes first: they turn WAL on and make the tables. What they
// delete they overwrite, so that a deleted message is not in the file.
func (s *Store) openSQLiteWriters(ctx context.Context, file *sqliteFile, logger *slog.Logger) error {
	writer := []string{"_txlock=immediate", "_journal_mode=WAL", "_foreign_keys=on",
		pragma("secure_delete(ON)"), pragma("temp_store(MEMORY)"), pragma("journal_size_limit(67108864)"), pragma(fmt.Sprintf("wal_autocheckpoint(%d)", sqliteWALPages))}
	durable, err := file.open(1, append(writer, "_synchronous=FULL", pragma("cache_size(-4000)"))...)
	if err != nil {
		return err
	}
	err = migrate(ctx, schema{
		db: durable, dialect: goose.DialectSQLite3, dir: "sqlite", logger: logger,
		lock:  func(ctx context.Context) (func() error, error) { return lockSQLite(ctx, file.path) },
		claim: func(ctx context.Context) error { return turnWALOn(ctx, durable) }, // the file is ours
	})
	if err != nil {
		return err
	}
	derived, err := file.open(1, append(writer, "_synchronous=NORMAL", pragma("cache_size(-32000)"))...)
	if err != nil {
		return err
	}
	// SQLite has one writer at a time and lets others poll for their turn; a
	// queue of our own is quicker and fair.
	turns := make(chan struct{}, 1)
	if s.durable, err = newPool(ctx, durable, turns, nil); err != nil {
		return err
	}
	if s.derived, err = newPool(ctx, derived, turns, recorderStatements(s.dialect)); err != nil {
		return err
	}
	// Whoever writes has the file to itself, but for somebody with a shell, who is
	// waited for no longer than sqliteBusy.
	s.durable.prompt, s.derived.prompt = true, true
	s.soon = s.derived
	return nil
}

func (s *Store) openSQLiteReaders(ctx context.Context, file *sqliteFile) error {
	reader := []string{"_query_only=on", pragma("cache_size(-8000)")}
	readers, err := file.open(min(max(4, runtime.GOMAXPROCS(0)), 8), reader...)
	if err != nil {
		return err
	}
	if s.readers, err = newPool(ctx, readers, nil, readerStatements); err != nil {
		return err
	}
	// Nothing that takes long keeps their connections from those who ask briefly.
	brief, err := file.open(min(max(2, runtime.GOMAXPROCS(0)), 8), reader...)
	if err != nil {
		return err
	}
	s.brief, err = newBrief(ctx, brief)
	return err
}

// sqliteFile is a file and who has it open.
type sqliteFile struct {
	path   string
	opened []*sql.DB
}

func (f *sqliteFile) open(connections int, parameters ...string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", sqliteSource(f.path, parameters...))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	f.opened = append(f.opened, db)
	return db, nil
}

func (f *sqliteFile) close() error {
	var errs []error
	for _, db := range f.opened {
		errs = append(errs, db.Close())
	}
	return errors.Join(errs...)
}

func pragma(setting string) string { return "_pragma=" + url.QueryEscape(setting) }

// sqliteSource names the file for the driver, whatever characters are in it.
func sqliteSource(path string, parameters ...string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/…
	}
	parameters = append([]string{fmt.Sprintf("_busy_timeout=%d", sqliteBusy)}, parameters...)
	source := url.URL{Scheme: "file", Path: path, OmitHost: true, RawQuery: strings.Join(parameters, "&")}
	return source.String()
}

// claimSQLiteFile refuses a file that is something else, before anything is
// changed in it, and marks a new or empty one as ours, before anything is in
// it. So a file is never ours without the mark, whenever a process ended.
func claimSQLiteFile(ctx context.Context, path string) (err error) {
	db, err := sql.Open("sqlite", sqliteSource(path, "_txlock=immediate"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	fresh, err := isFresh(ctx, db)
	if err != nil || !fresh {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	// Nobody else writes now. It may have been claimed in the meantime, which
	// is as good.
	if fresh, err = isFresh(ctx, tx); err == nil && fresh {
		_, err = tx.ExecContext(ctx, fmt.Sprintf(`PRAGMA application_id = %d`, sqliteApplicationID))
	}
	if err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// isFresh reports whether there is nothing in the file yet.
func isFresh(ctx context.Context, db interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}) (bool, error) {
	var id, objects int64
	err := db.QueryRowContext(ctx, `SELECT application_id, (SELECT COUNT(*) FROM sqlite_schema)
		FROM pragma_application_id`).Scan(&id, &objects)
	switch {
	case sqliteCode(err) == sqlite3.SQLITE_NOTADB:
		return false, fmt.Errorf("%w: %w", ErrForeign, err)
	case err != nil:
		return false, err
	case id == sqliteApplicationID:
		return false, nil
	case id != 0 || objects != 0:
		return false, fmt.Errorf("%w: it is an SQLite database of another application (id %#x)", ErrForeign, id)
	}
	return true, nil
}

// turnWALOn makes the first connection of db, whose parameters turn WAL on. While
// somebody writes, as every server that starts beside this one may do to claim the
// file, SQLite refuses that at once, so that it is tried as long as a statement
// would wait.
func turnWALOn(ctx context.Context, db *sql.DB) error {
	const pause = 10 * time.Millisecond
	for deadline := time.Now().Add(sqliteBusy * time.Millisecond); ; {
		err := db.PingContext(ctx)
		if sqliteCode(err) != sqlite3.SQLITE_BUSY || time.Now().After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// lockSQLite locks an empty file beside the database: a lock that every
// platform has, that ends with the process, and that does not stand in the way
// of the migrations' own transactions. The file stays, because removing it
// would let two processes lock two files of one name.
func lockSQLite(ctx context.Context, path string) (func() error, error) {
	db, err := sql.Open("sqlite", sqliteSource(path+"-migrate", "_txlock=exclusive"))
	if err != nil {
		return nil, err
	}
	for {
		lock, err := db.BeginTx(ctx, nil)
		if err == nil {
			return func() error { return errors.Join(lock.Rollback(), db.Close()) }, nil
		}
		if sqliteCode(err) != sqlite3.SQLITE_BUSY {
			return nil, errors.Join(err, db.Close())
		}
	}
}

// sqliteDialect is how SQLite says it.
type sqliteDialect struct{}

var _ dialect = sqliteDialect{}

func (sqliteDialect) onConflict(key string) string  { return "ON CONFLICT (" + key + ") DO UPDATE SET" }
func (sqliteDialect) inserted(column string) string { return "excluded." + column }

// insertOrRollBack: to undo a statement alone SQLite copies every page that a
// statement with many rows is about to change.
func (sqliteDialect) insertOrRollBack() string { return "INSERT OR FAIL" }

// eventsAtOnce is one of two numbers, so that two statements are prepared.
func (sqliteDialect) eventsAtOnce(items []Applied) int {
	if len(items) >= sqliteInsertEvents {
		return sqliteInsertEvents
	}
	return 1
}

const sqliteInsertEvents = 32

// There is one writer at a time: nobody comes between.
func (sqliteDialect) isConflict(error) bool  { return false }
func (sqliteDialect) isDuplicate(error) bool { return false }

// sqliteCode is the primary result code in err, SQLITE_OK when there is none.
// See https://www.sqlite.org/rescode.html.
func sqliteCode(err error) int {
	if failure, ok := errors.AsType[*sqlite.Error](err); ok {
		return failure.Code() & 0xff
	}
	return sqlite3.SQLITE_OK
}

// isOutage reports the codes that are about the file and the machine and not
// about what was to be written.
func (sqliteDialect) isOutage(err error) bool {
	switch sqliteCode(err) {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY,
		sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_INTERRUPT,
		sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_PERM, sqlite3.SQLITE_NOLFS:
		return true
	}
	return false
}
