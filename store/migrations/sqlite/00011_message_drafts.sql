-- What people have begun to write in their rooms, for their devices.

-- +goose Up

CREATE TABLE message_drafts (
	user    INTEGER NOT NULL,
	room    INTEGER NOT NULL,
	body    TEXT NOT NULL,      -- '': none any more; the row says since when
	version INTEGER NOT NULL,   -- rises with every change
	at      INTEGER NOT NULL,   -- ms UTC, when the change was asked for
	PRIMARY KEY (user, room)
) STRICT;
