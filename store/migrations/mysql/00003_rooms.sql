-- What rooms other than public ones need: the same as SQLite's of this number.

-- +goose Up

CREATE TABLE directs (
	low_user  BIGINT NOT NULL,
	high_user BIGINT NOT NULL,
	room      BIGINT NOT NULL,
	PRIMARY KEY (low_user, high_user),
	UNIQUE KEY directs_of_room (room),
	CONSTRAINT directs_room FOREIGN KEY (room) REFERENCES rooms (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE room_drafts (
	room BIGINT NOT NULL PRIMARY KEY,
	body BLOB NOT NULL,
	CONSTRAINT room_drafts_room FOREIGN KEY (room) REFERENCES rooms (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE room_links (
	id         BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
	hash       VARBINARY(64) NOT NULL,
	room       BIGINT NOT NULL,
	created_by BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL,
	uses_left  BIGINT NOT NULL,
	UNIQUE KEY room_links_hash (hash),
	KEY room_links_of (room),
	KEY room_links_expiry (expires_at),
	CONSTRAINT room_links_room FOREIGN KEY (room) REFERENCES rooms (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE room_link_uses (
	link BIGINT NOT NULL,
	user BIGINT NOT NULL,
	PRIMARY KEY (link, user),
	CONSTRAINT room_link_uses_link FOREIGN KEY (link) REFERENCES room_links (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
