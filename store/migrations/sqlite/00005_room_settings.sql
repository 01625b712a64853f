-- How people want their rooms to be shown to them. No row: as nobody has said.

-- +goose Up

CREATE TABLE room_settings (
	user    INTEGER NOT NULL,
	room    INTEGER NOT NULL,
	starred INTEGER NOT NULL DEFAULT 0,
	muted   INTEGER NOT NULL DEFAULT 0,
	notify  TEXT NOT NULL DEFAULT 'all',    -- all, mentions, none
	version INTEGER NOT NULL,               -- rises with every change
	PRIMARY KEY (user, room)
) STRICT, WITHOUT ROWID;
