package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"database/sql/driver"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// lockMySQL takes a lock that the server keeps for as long as a connection
// lives. Such locks are the whole server's, so it is named after the database.
func lockMySQL(ctx context.Context, sessions driver.Connector, database string) (unlock func() error, err error) {
	db := sql.OpenDB(sessions)
	defer func() {
		if err != nil {
			err = errors.Join(err, db.Close())
		}
	}()
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(database))
	name := "parley-" + hex.EncodeToString(sum[:16]) // of at most 64 characters
	for got := false; !got; {
		// In seconds. Each time is short, so that ctx can end the waiting
		// without cutting a connection.
		if err := conn.QueryRowContext(ctx, `SELECT COALESCE(GET_LOCK(?, 5), 0)`, name).Scan(&got); err != nil {
			return nil, err
		}
	}
	stop := keepAlive(conn)
	return func() error {
		stop()
		var held bool
		err := conn.QueryRowContext(context.WithoutCancel(ctx), `SELECT COALESCE(RELEASE_LOCK(?), 0)`, name).Scan(&held)
		if err == nil && !held {
			err = errors.New("the lock on migrations was lost on the way")
		}
		return errors.Join(err, conn.Close(), db.Close())
	}, nil
}

// keepAlive asks something now and then, so that the server does not take the
// connection for idle while migrations run on another.
func keepAlive(conn *sql.Conn) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var asking sync.WaitGroup
	asking.Go(func() {
		tick := time.NewTicker(mysqlIdle / 4)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				// A lost connection shows when the lock is given back.
				_ = conn.PingContext(ctx)
			}
		}
	})
	return func() { cancel(); asking.Wait() }
}

// mysqlMark is a table that says whose database this is.
const mysqlMark = "parley_store"

// mysqlTables is what is in a database.
type mysqlTables struct{ any, mark, versions bool }

// lookIntoMySQL refuses a database that is used for something else.
func lookIntoMySQL(ctx context.Context, db *sql.DB) (tables mysqlTables, err error) {
	err = db.QueryRowContext(ctx, `SELECT COUNT(*) > 0, COALESCE(SUM(table_name = ?), 0) > 0, COALESCE(SUM(table_name = ?), 0) > 0
		FROM information_schema.tables WHERE table_schema = DATABASE()`, mysqlMark, versionsTable).Scan(&tables.any, &tables.mark, &tables.versions)
	if err == nil && tables.any && !tables.mark {
		err = fmt.Errorf("%w: it has tables of another application; make a database for Parley alone", ErrForeign)
	}
	return tables, err
}

// claimMySQLDatabase marks an empty database as ours before anything is in it,
// so that it is never ours without the mark, whenever a process ended.
func claimMySQLDatabase(ctx context.Context, db *sql.DB) error {
	tables, err := lookIntoMySQL(ctx, db)
	if err != nil {
		return err
	}
	if !tables.any {
		_, err = db.ExecContext(ctx, `CREATE TABLE `+mysqlMark+` (
			made_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP PRIMARY KEY
		) ENGINE = InnoDB COMMENT = 'This database belongs to Parley.'`)
		return err
	}
	if !tables.versions {
		return nil
	}
	// The migrations' own table is made in two steps. Between them it has no
	// row, and they would not go on.
	var rows int
	if err := db.QueryRowContext(ctx, `SELECT COUNT(*) FROM `+versionsTable).Scan(&rows); err != nil || rows > 0 {
		return err
	}
	_, err = db.ExecContext(ctx, `DROP TABLE `+versionsTable)
	return err
}

// repeating makes connections for migrations, on which a statement that finds
// its work done is done. MySQL commits each change of the schema by itself, so
// a process that ends in the middle of a migration leaves the first part of it
// behind; the next one runs it from its beginning.
type repeating struct{ driver.Connector }

// mysqlDone are the errors that say so.
var mysqlDone = []uint16{
	1050,             // CREATE TABLE: there is one
	1060, 1061, 1826, // ADD COLUMN, KEY, CONSTRAINT: there is one
	1051, 1091, // DROP TABLE, COLUMN, KEY: there is none
	mysqlErrDuplicate, // INSERT with a key: there is one
}

// Connect implements [driver.Connector].
func (r repeating) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := r.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return repeatingConn{conn.(mysqlConn)}, nil
}

// mysqlConn is what the driver's connections can do.
type mysqlConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.NamedValueChecker
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

type repeatingConn struct{ mysqlConn }

// ExecContext implements [driver.ExecerContext].
func (c repeatingConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	result, err := c.mysqlConn.ExecContext(ctx, query, args)
	if slices.Contains(mysqlDone, mysqlNumber(err)) {
		return driver.ResultNoRows, nil
	}
	return result, err
}
