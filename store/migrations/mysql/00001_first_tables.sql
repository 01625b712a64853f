-- Tables of the store, the same as SQLite's of this number; what they mean is
-- said there. What differs:
--
-- VARBINARY holds what the program compares or what must be unique: two values
-- are the same only if their bytes are. A collation would fold letters or
-- ignore blanks at the end. VARCHAR holds what is only shown.
--
-- Lengths are those of docs/architecture.md's limits, with room where a limit
-- may rise: a value that does not fit is refused, never cut. A body is a record
-- of at most 64 KiB, one byte more than a BLOB takes.
--
-- The database keeps no transaction around a change of its schema. See
-- migrate.go for how one that was cut off is finished.

-- +goose Up

CREATE TABLE users (
	id            BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
	email         VARCHAR(255) NOT NULL,
	email_key     VARBINARY(1020) NOT NULL,
	name          VARCHAR(255) NOT NULL,
	handle        VARBINARY(64) NOT NULL,
	password_hash VARBINARY(255) NOT NULL,
	created_at    BIGINT NOT NULL,
	disabled_at   BIGINT,
	UNIQUE KEY users_email (email_key),
	UNIQUE KEY users_handle (handle)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE sessions (
	sid        VARBINARY(64) NOT NULL PRIMARY KEY,
	user       BIGINT NOT NULL,
	user_agent VARCHAR(255) NOT NULL,
	created_at BIGINT NOT NULL,
	used_at    BIGINT NOT NULL,
	expires_at BIGINT NOT NULL,
	revoked_at BIGINT,
	KEY sessions_of (user),
	KEY sessions_expiry (expires_at),
	CONSTRAINT sessions_user FOREIGN KEY (user) REFERENCES users (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE refresh_tokens (
	hash    VARBINARY(64) NOT NULL PRIMARY KEY,
	sid     VARBINARY(64) NOT NULL,
	used_at BIGINT,
	KEY refresh_tokens_of (sid),
	CONSTRAINT refresh_tokens_sid FOREIGN KEY (sid) REFERENCES sessions (sid) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE revocations (
	id   BIGINT NOT NULL PRIMARY KEY,
	sid  VARBINARY(64) NOT NULL,
	user BIGINT NOT NULL,
	at   BIGINT NOT NULL,
	KEY revocations_at (at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE counters (
	name  VARBINARY(64) NOT NULL PRIMARY KEY,
	value BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
INSERT INTO counters (name, value) VALUES ('revocations', 0);

CREATE TABLE server_keys (
	name  VARBINARY(64) NOT NULL PRIMARY KEY,
	value VARBINARY(1024) NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE rooms (
	id           BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
	kind         VARBINARY(16) NOT NULL,
	state        VARBINARY(16) NOT NULL,
	name         VARCHAR(255) NOT NULL,
	topic        VARCHAR(1000) NOT NULL,
	partition_no INT NOT NULL,
	created_by   BIGINT NOT NULL,
	create_cid   VARBINARY(64) NOT NULL,
	head_seq     BIGINT NOT NULL,
	head_n       BIGINT NOT NULL,
	head_chain   BINARY(16) NOT NULL,
	members      BIGINT NOT NULL,
	archived     BOOLEAN NOT NULL,
	created_at   BIGINT NOT NULL,
	updated_at   BIGINT NOT NULL,
	UNIQUE KEY rooms_created (created_by, create_cid),
	KEY rooms_listed (state, kind, id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE room_names (
	name_key VARBINARY(255) NOT NULL PRIMARY KEY,
	room     BIGINT NOT NULL,
	user     BIGINT NOT NULL,
	cid      VARBINARY(64) NOT NULL,
	KEY room_names_of (room),
	CONSTRAINT room_names_room FOREIGN KEY (room) REFERENCES rooms (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE watermarks (
	epoch        VARBINARY(64) NOT NULL,
	partition_no INT NOT NULL,
	next         BIGINT NOT NULL,
	PRIMARY KEY (epoch, partition_no)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE members (
	room     BIGINT NOT NULL,
	user     BIGINT NOT NULL,
	role     VARBINARY(16) NOT NULL,
	from_seq BIGINT NOT NULL,
	left_seq BIGINT,
	PRIMARY KEY (room, user),
	KEY members_rooms (user, left_seq, room)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE bans (
	room BIGINT NOT NULL,
	user BIGINT NOT NULL,
	seq  BIGINT NOT NULL,
	PRIMARY KEY (room, user)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE read_marks (
	user    BIGINT NOT NULL,
	room    BIGINT NOT NULL,
	seq     BIGINT NOT NULL,
	n       BIGINT NOT NULL,
	version BIGINT NOT NULL,
	PRIMARY KEY (user, room)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE events (
	room        BIGINT NOT NULL,
	seq         BIGINT NOT NULL,
	kind        VARBINARY(16) NOT NULL,
	n           BIGINT NOT NULL,
	user        BIGINT NOT NULL,
	cid         VARBINARY(64),
	cid_ms      BIGINT,
	mac         VARBINARY(64) NOT NULL,
	id          VARBINARY(64) NOT NULL,
	chain       BINARY(16) NOT NULL,
	outcome     VARBINARY(32) NOT NULL,
	after_seq   BIGINT NOT NULL,
	target_seq  BIGINT,
	target_user BIGINT,
	first_seq   BIGINT,
	rev         BIGINT NOT NULL,
	deleted     BOOLEAN NOT NULL,
	at          BIGINT NOT NULL,
	body        MEDIUMBLOB,
	PRIMARY KEY (room, seq),
	UNIQUE KEY events_cid (room, user, cid),
	KEY events_n (room, n),
	KEY events_cid_ms (room, cid_ms),
	KEY events_target (room, target_seq)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE edits (
	room BIGINT NOT NULL,
	seq  BIGINT NOT NULL,
	rev  BIGINT NOT NULL,
	body MEDIUMBLOB NOT NULL,
	PRIMARY KEY (room, seq, rev)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE mentions (
	user BIGINT NOT NULL,
	room BIGINT NOT NULL,
	seq  BIGINT NOT NULL,
	PRIMARY KEY (user, room, seq),
	KEY mentions_in (room, seq)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
