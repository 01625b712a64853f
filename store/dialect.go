package store

import "context"

// dialect is what databases say differently. Everything else in this package
// is SQL that SQLite, MySQL and MariaDB understand alike; a connection reports
// as affected the rows that a statement found, changed or not.
type dialect interface {
	// onConflict begins the part of an INSERT that updates the row which has
	// these key columns already.
	onConflict(key string) string
	// inserted names, behind onConflict, the value that was to be inserted.
	inserted(column string) string
	// lockMigrations keeps other processes from migrating at the same time. It
	// waits for its turn.
	lockMigrations(ctx context.Context) (unlock func() error, err error)
}
