package store

// dialect is what databases say differently. Everything else in this package
// is SQL that SQLite, MySQL and MariaDB understand alike; a connection reports
// as affected the rows that a statement found, changed or not.
type dialect interface {
	// onConflict begins the part of an INSERT that updates the row which has
	// these key columns already.
	onConflict(key string) string
	// inserted names, behind onConflict, the value that was to be inserted.
	inserted(column string) string
	// insertOrRollBack is INSERT for a caller who rolls the transaction back when it
	// fails: the rows before the one that cannot be inserted may be there.
	insertOrRollBack() string
	// eventsAtOnce is how many of the events, at least one, the next INSERT
	// takes.
	eventsAtOnce(items []Applied) int
	// isOutage is [IsOutage] for what the database itself has said.
	isOutage(err error) bool
	// isConflict reports whether a transaction was undone because others were
	// in its way: it may succeed when it is run again.
	isConflict(err error) bool
	// isDuplicate reports whether a row was not inserted because its key is
	// there already. Where another process may have inserted it since it was
	// looked for, looking again finds it.
	isDuplicate(err error) bool
}
