-- Owners for whom the first room of the server is being made: the same as
-- SQLite's of this number.

-- +goose Up

CREATE TABLE first_rooms (
	owner BIGINT NOT NULL PRIMARY KEY,
	CONSTRAINT first_rooms_owner FOREIGN KEY (owner) REFERENCES users (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
