// Package store keeps in SQL what Parley must find again: accounts, sessions,
// rooms and their unique names, and everything that is derived from the log.
//
// It has one implementation, [Store], on portable SQL; what databases say
// differently is in a small dialect: SQLite in sqlite.go, MariaDB and MySQL in
// the files that begin with mysql. Every method keeps the same promise on
// either, and one suite of tests runs over both.
//
// Two sorts of writing meet here. What the log does not know (accounts,
// sessions, reservations of names, keys) is durable when the call returns.
// What is derived from the log is written by [Store.Commit] alone, together
// with the watermark that says how far; its end may be lost with the power and
// is then derived again.
//
// Refusals meant for people are [*chat.Error]. Of all other errors [IsOutage]
// tells whether trying again can help.
//
// # A method more
//
// Write SQL that both databases understand: no RETURNING, no ON CONFLICT (the
// dialect has onConflict), no name that MySQL reserves. A function given to
// write may be run again from its beginning, so it sets what it returns and
// never adds to it. Several processes write to MySQL, at READ COMMITTED: what
// two may do at once is decided by a unique key (the loser is run again and
// finds the winner's row) or by an UPDATE that comes first and takes the row's
// lock, never by a SELECT before an INSERT or UPDATE alone. Add the method to
// the suite in store_test.go, and a statement that runs often to
// statements.go, whose plans are tested.
//
// # A migration more
//
// Add a file with the next number to migrations/sqlite and to migrations/mysql;
// files that were released stay as they are. The two make the same columns. In
// MySQL, VARBINARY for what is compared or unique and VARCHAR for what is only
// shown, BIGINT for numbers and times, ENGINE and COLLATE as in the first file.
//
// MySQL keeps no transaction around a change of its schema. A process that ends
// in the middle of a migration leaves its first part, and the next one runs the
// file from its beginning: a statement that finds its work done (the table or
// column is there, the row has that key) counts as done. So one statement does
// one thing, and one that changes rows (UPDATE) must come to the same when it
// is run twice.
package store
