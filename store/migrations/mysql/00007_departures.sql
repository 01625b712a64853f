-- Deleted accounts that may be in rooms still: the same as SQLite's of this
-- number.

-- +goose Up

CREATE TABLE departures (
	user BIGINT NOT NULL PRIMARY KEY,
	at   BIGINT NOT NULL,
	CONSTRAINT departures_user FOREIGN KEY (user) REFERENCES users (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

INSERT INTO departures (user, at) SELECT id, deleted_at FROM users WHERE deleted_at IS NOT NULL;
