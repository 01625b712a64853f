package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/pressly/goose/v3"
)

// How many connections a node has to a MySQL server: together well below the
// 151 that a server takes by default, so that several nodes find room.
const (
	mysqlReaders = 8
	mysqlDurable = 4
	mysqlDerived = 4
)

// openMySQL connects to a database on MariaDB or MySQL with three pools.
//
// Several nodes write. What SQLite gets from its one writer comes from rows
// here: writers run at READ COMMITTED, so that each statement sees what others
// have committed, and wait for each other where they first update the same row
// (the watermark of a batch, the counter of revocations, a token's first use).
// What only a unique key can decide is tried again by the loser, who then finds
// what the winner made; see [Store.transact]. Readers run at REPEATABLE READ:
// all that a transaction reads is of the moment of its first statement.
func openMySQL(ctx context.Context, cfg Config) (_ *Store, err error) {
	address, err := parseURL(cfg.URL)
	if err != nil {
		return nil, err
	}
	migrating, err := newMySQLSessions(address, readCommitted, nil)
	if err != nil {
		return nil, err
	}
	if err := migrateMySQL(ctx, migrating, address.DBName, cfg.Logger); err != nil {
		return nil, err
	}
	s := &Store{dialect: mysqlDialect{}, patience: mysqlPatience}
	s.hearing = newHearing(cfg.hearing, func(ctx context.Context) error { return s.durable.db.PingContext(ctx) })
	for _, p := range []struct {
		pool        **pool
		isolation   string
		connections int
		turns       chan struct{}
	}{
		{&s.durable, readCommitted, mysqlDurable, make(chan struct{}, mysqlDurable)},
		{&s.derived, readCommitted, mysqlDerived, make(chan struct{}, mysqlDerived)},
		{&s.readers, repeatableRead, mysqlReaders, nil},
	} {
		sessions, err := newMySQLSessions(address, p.isolation, s.hearing)
		if err != nil {
			return nil, errors.Join(err, s.Close())
		}
		// The driver puts values into the text itself: one message to the
		// server and back for each statement, and nothing is prepared there.
		*p.pool = &pool{db: openMySQLPool(sessions, p.connections), turns: p.turns}
	}
	s.soon = s.durable
	return s, nil
}

// How long a connection may stay idle, less than [mysqlIdle] grants, and how
// long it may live at all: a server that a name has led to before is left.
const (
	mysqlMaxIdle = 30 * time.Second
	mysqlMaxLife = 10 * time.Minute
)

func openMySQLPool(sessions driver.Connector, connections int) *sql.DB {
	db := sql.OpenDB(sessions)
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	db.SetConnMaxIdleTime(mysqlMaxIdle)
	db.SetConnMaxLifetime(mysqlMaxLife)
	return db
}

func migrateMySQL(ctx context.Context, sessions driver.Connector, name string, logger *slog.Logger) (err error) {
	db := openMySQLPool(repeating{sessions}, 1)
	defer func() { err = errors.Join(err, db.Close()) }()
	return migrate(ctx, schema{
		db: db, dialect: goose.DialectMySQL, dir: "mysql", logger: logger,
		lock:  func(ctx context.Context) (func() error, error) { return lockMySQL(ctx, sessions, name) },
		claim: func(ctx context.Context) error { return claimMySQLDatabase(ctx, db) },
	})
}

// mysqlDialect is how MariaDB and MySQL say it.
type mysqlDialect struct{}

var _ dialect = mysqlDialect{}

func (mysqlDialect) onConflict(string) string      { return "ON DUPLICATE KEY UPDATE" }
func (mysqlDialect) inserted(column string) string { return "VALUES(" + column + ")" }

// Bounds of one INSERT of events. A body may be written twice as long as it is
// (a backslash before every character), and a row takes some 500 bytes beside
// it: what is sent stays below [mysqlMinPacket].
const (
	mysqlInsertEvents = 1000
	mysqlInsertBytes  = 1 << 20 // of bodies
)

func (mysqlDialect) insertOrRollBack() string { return "INSERT" }

func (mysqlDialect) eventsAtOnce(items []Applied) int {
	bytes := 0
	for i := range items[:min(len(items), mysqlInsertEvents)] {
		if bytes += len(items[i].Event.Body); bytes > mysqlInsertBytes && i > 0 {
			return i
		}
	}
	return min(len(items), mysqlInsertEvents)
}

// Numbers of errors, see https://mariadb.com/kb/en/mariadb-error-codes/ and
// MySQL's error reference, which agree on these.
var (
	mysqlConflicts = []uint16{
		1205, // lock wait timeout exceeded
		1213, // deadlock, also of a commit that a cluster refuses
		1020, // record has changed since it was read
	}
	mysqlOutages = []uint16{
		// The server turns us away.
		1040, 1203, 1226, // too many connections, of all, of a user, by quota
		1129, 1130, 1045, 1044, 1049, 1698, // host blocked, not allowed, wrong password, no rights, no such database
		3118, 4151, // account locked, on MySQL, on MariaDB
		1142, 1143, 1227, // a right was taken away
		// It stops, or cuts the connection.
		1053, 1077, 1079, 1080, 1152, 1184, 1317, 1927, 3032, 4031,
		1158, 1159, 1160, 1161, // network
		1047,             // a cluster's node without a quorum
		1290, 1792, 1836, // read-only
		// It is full, or its files cannot be written.
		3, 1021, 1026, 1030, 1114, 1180, 1181,
		1037, 1038, 1041, 1135, // out of memory
		1206, 1637, // too many locks, too many transactions
		1223, 1412, 1615, // locked for a backup, a table has just been changed, prepare again
		1969, 3024, // a time limit
	}
)

// mysqlErrDuplicate is a duplicate entry for a unique key.
const mysqlErrDuplicate = 1062

// mysqlNumber is the server's number of the error, 0 when it is none of the
// server's.
func mysqlNumber(err error) uint16 {
	if failure, ok := errors.AsType[*mysql.MySQLError](err); ok {
		return failure.Number
	}
	return 0
}

func (mysqlDialect) isConflict(err error) bool {
	return slices.Contains(mysqlConflicts, mysqlNumber(err))
}

func (mysqlDialect) isDuplicate(err error) bool { return mysqlNumber(err) == mysqlErrDuplicate }

func (d mysqlDialect) isOutage(err error) bool {
	for _, outage := range []error{mysql.ErrInvalidConn, mysql.ErrMalformPkt, mysql.ErrPktSync, mysql.ErrPktSyncMul, mysql.ErrBusyBuffer} {
		if errors.Is(err, outage) {
			return true
		}
	}
	return d.isConflict(err) || slices.Contains(mysqlOutages, mysqlNumber(err))
}
