-- What people have begun to write in their rooms, for their devices: the same as
-- SQLite's of this number.

-- +goose Up

CREATE TABLE message_drafts (
	user    BIGINT NOT NULL,
	room    BIGINT NOT NULL,
	body    MEDIUMBLOB NOT NULL,
	version BIGINT NOT NULL,
	at      BIGINT NOT NULL,
	PRIMARY KEY (user, room)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
