-- Which servers work on this database. On SQLite it is always one; the table is
-- there so that both databases have the same.

-- +goose Up

CREATE TABLE nodes (
	tag     TEXT NOT NULL PRIMARY KEY,
	id      TEXT NOT NULL,
	address TEXT NOT NULL,
	version TEXT NOT NULL,
	beats   INTEGER NOT NULL
) STRICT;
