-- How people want to be shown: the same as SQLite's of this number.

-- +goose Up

ALTER TABLE users
	ADD COLUMN status VARBINARY(16) NOT NULL DEFAULT '',
	ADD COLUMN status_rev BIGINT NOT NULL DEFAULT 0,
	ADD COLUMN hides_seen BOOLEAN NOT NULL DEFAULT FALSE,
	ADD COLUMN seen_at BIGINT;
