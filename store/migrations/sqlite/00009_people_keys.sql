-- What people are found by (chat.FindKeys). The keys are made by the program;
-- those of accounts that were there before, at its next start.

-- +goose Up

ALTER TABLE users ADD COLUMN found_as TEXT NOT NULL DEFAULT '';       -- what their keys were made of; empty: they have none

CREATE TABLE people_keys (
	find_key TEXT NOT NULL,
	user     INTEGER NOT NULL REFERENCES users (id),
	PRIMARY KEY (find_key, user)
) STRICT, WITHOUT ROWID;
CREATE INDEX people_keys_of ON people_keys (user, find_key);
