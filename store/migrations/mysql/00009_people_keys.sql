-- What people are found by: the same as SQLite's of this number.

-- +goose Up

ALTER TABLE users ADD COLUMN found_as VARBINARY(512) NOT NULL DEFAULT '';

CREATE TABLE people_keys (
	find_key VARBINARY(128) NOT NULL,
	user     BIGINT NOT NULL,
	PRIMARY KEY (find_key, user),
	KEY people_keys_of (user, find_key),
	CONSTRAINT people_keys_user FOREIGN KEY (user) REFERENCES users (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
