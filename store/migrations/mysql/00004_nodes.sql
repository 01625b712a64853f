-- Which servers work on this database: the same as SQLite's of this number.

-- +goose Up

CREATE TABLE nodes (
	tag     VARBINARY(64) NOT NULL PRIMARY KEY,
	id      VARBINARY(64) NOT NULL,
	address VARBINARY(512) NOT NULL,
	version VARBINARY(64) NOT NULL,
	beats   BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
