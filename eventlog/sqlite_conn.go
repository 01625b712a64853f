package eventlog

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// dataSource names the file for the driver, which takes a bare path apart at
// the first question mark.
func dataSource(path string, parameters ...string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/… on Windows
	}
	source := url.URL{Scheme: "file", Path: path, OmitHost: true, RawQuery: strings.Join(parameters, "&")}
	return source.String()
}

// connection is one connection of the driver, used by one goroutine at a time.
// It is used without database/sql, whose locks and conversions for every
// statement are a good part of what a row costs.
type connection struct{ driver.Conn }

// connect opens the file, or makes an empty one, and changes nothing in it.
func connect(path string, parameters ...string) (connection, error) {
	// A second process must not be there, but someone may look into the file
	// with a shell, or copy it.
	parameters = append(parameters, "_busy_timeout=5000")
	conn, err := new(sqlite.Driver).Open(dataSource(path, parameters...))
	return connection{conn}, err
}

// statement is a prepared statement of a connection.
type statement struct{ driver.Stmt }

func (c connection) prepare(query string) (statement, error) {
	s, err := c.Prepare(query)
	if err != nil {
		return statement{}, fmt.Errorf("prepare %q: %w", query, err)
	}
	return statement{s}, nil
}

// exec runs a statement once, without values and without an answer.
func (c connection) exec(query string) error {
	s, err := c.prepare(query)
	if err != nil {
		return err
	}
	return errors.Join(s.exec(nil), s.Close())
}

// row runs a query once and returns its first row, which has to be there.
func (c connection) row(query string) ([]driver.Value, error) {
	s, err := c.prepare(query)
	if err != nil {
		return nil, err
	}
	values, err := s.row()
	return values, errors.Join(err, s.Close())
}

// exec runs the statement. Not to be interrupted, as everything here: what a
// writer has begun it finishes, and what it does is short.
func (s statement) exec(values []driver.NamedValue) error {
	_, err := s.Stmt.(driver.StmtExecContext).ExecContext(context.Background(), values)
	return err
}

// query runs the statement and returns its rows, to be closed.
func (s statement) query(values []driver.NamedValue) (driver.Rows, error) {
	return s.Stmt.(driver.StmtQueryContext).QueryContext(context.Background(), values)
}

// row runs the query and returns its first row, which has to be there.
func (s statement) row() ([]driver.Value, error) {
	rows, err := s.query(nil)
	if err != nil {
		return nil, err
	}
	values := make([]driver.Value, len(rows.Columns()))
	err = rows.Next(values)
	if err == io.EOF {
		err = errors.New("no row")
	}
	return values, errors.Join(err, rows.Close())
}

// integers are values for a statement.
func integers(numbers ...int64) []driver.NamedValue {
	values := make([]driver.NamedValue, len(numbers))
	for i, n := range numbers {
		values[i] = driver.NamedValue{Ordinal: i + 1, Value: n}
	}
	return values
}

// code is the primary result code of SQLite in err, or SQLITE_OK when there is
// none. See https://www.sqlite.org/rescode.html.
func code(err error) int {
	if failure, ok := errors.AsType[*sqlite.Error](err); ok {
		return failure.Code() & 0xff
	}
	return sqlite3.SQLITE_OK
}

// openError adds what a failure to open means.
func openError(err error) error {
	switch code(err) {
	case sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%w: %w", ErrForeign, err)
	}
	return damage(err)
}

// damage adds that a failure means a damaged file.
func damage(err error) error {
	if code(err) == sqlite3.SQLITE_CORRUPT {
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	return err
}
