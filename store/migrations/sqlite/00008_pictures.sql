-- Pictures of people, as the server has made them.

-- +goose Up

ALTER TABLE users ADD COLUMN picture TEXT NOT NULL DEFAULT '';        -- id of the one in pictures; empty: none

CREATE TABLE pictures (
	user INTEGER NOT NULL PRIMARY KEY REFERENCES users (id),
	id   TEXT NOT NULL,                     -- of its bytes: people may have the same
	type TEXT NOT NULL,                     -- image/jpeg, image/png
	body BLOB NOT NULL
) STRICT;
CREATE INDEX pictures_ids ON pictures (id);
