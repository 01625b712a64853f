-- What people are on the server, and the links by which they get in: the same
-- as SQLite's of this number.

-- +goose Up

ALTER TABLE users ADD COLUMN server_role VARBINARY(16) NOT NULL DEFAULT 'member';
ALTER TABLE users ADD COLUMN deleted_at BIGINT;
CREATE INDEX users_roles ON users (server_role, id);

INSERT INTO counters (name, value) VALUES ('people', 0);

CREATE TABLE setup_links (
	hash       VARBINARY(64) NOT NULL PRIMARY KEY,
	created_at BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE reset_links (
	hash       VARBINARY(64) NOT NULL PRIMARY KEY,
	user       BIGINT NOT NULL,
	created_by BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL,
	KEY reset_links_of (user),
	KEY reset_links_expiry (expires_at),
	CONSTRAINT reset_links_user FOREIGN KEY (user) REFERENCES users (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE server_invites (
	id         BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
	hash       VARBINARY(64) NOT NULL,
	created_by BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL,
	uses_left  BIGINT NOT NULL,
	UNIQUE KEY server_invites_hash (hash),
	KEY server_invites_expiry (expires_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
