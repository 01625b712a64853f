-- Deleted accounts that may be in rooms still, those that were deleted before
-- this table was there as well.

-- +goose Up

CREATE TABLE departures (
	user INTEGER NOT NULL PRIMARY KEY REFERENCES users (id),
	at   INTEGER NOT NULL                   -- ms UTC
) STRICT;
INSERT INTO departures (user, at) SELECT id, deleted_at FROM users WHERE deleted_at IS NOT NULL;
