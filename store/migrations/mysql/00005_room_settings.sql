-- How people want their rooms to be shown to them: the same as SQLite's of this
-- number.

-- +goose Up

CREATE TABLE room_settings (
	user    BIGINT NOT NULL,
	room    BIGINT NOT NULL,
	starred BIGINT NOT NULL DEFAULT 0,
	muted   BIGINT NOT NULL DEFAULT 0,
	notify  VARBINARY(16) NOT NULL DEFAULT 'all',
	version BIGINT NOT NULL,
	PRIMARY KEY (user, room)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
