-- Tables of the store. Times are ms UTC, ids are never reused, people's ids
-- and rooms' ids are plain numbers in tables that are derived from the log:
-- there the log decides, and a foreign key would only cost.

-- +goose Up

-- People and how they sign in.

CREATE TABLE users (
	id            INTEGER PRIMARY KEY AUTOINCREMENT,
	email         TEXT NOT NULL,            -- as given, at most 254 bytes
	email_key     TEXT NOT NULL UNIQUE,     -- lower case, NFC
	name          TEXT NOT NULL,            -- display name
	handle        TEXT NOT NULL UNIQUE,     -- without the @
	password_hash TEXT NOT NULL,
	created_at    INTEGER NOT NULL,
	disabled_at   INTEGER
) STRICT;

CREATE TABLE sessions (
	sid        TEXT NOT NULL PRIMARY KEY,
	user       INTEGER NOT NULL REFERENCES users (id),
	user_agent TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	used_at    INTEGER NOT NULL,
	expires_at INTEGER NOT NULL,
	revoked_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_of ON sessions (user);
CREATE INDEX sessions_expiry ON sessions (expires_at);

-- Every refresh token of a session, used ones too: whoever shows a used one
-- again has a copy of it, and the session ends.
CREATE TABLE refresh_tokens (
	hash    BLOB NOT NULL PRIMARY KEY,
	sid     TEXT NOT NULL REFERENCES sessions (sid) ON DELETE CASCADE,
	used_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX refresh_tokens_of ON refresh_tokens (sid);

-- id comes from counters, under a lock held to the commit, so that ids become
-- visible in increasing order and a reader of "id > last" misses none.
CREATE TABLE revocations (
	id   INTEGER PRIMARY KEY,
	sid  TEXT NOT NULL,
	user INTEGER NOT NULL,
	at   INTEGER NOT NULL
) STRICT;
CREATE INDEX revocations_at ON revocations (at);

CREATE TABLE counters (
	name  TEXT NOT NULL PRIMARY KEY,
	value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO counters (name, value) VALUES ('revocations', 0);

CREATE TABLE server_keys (
	name  TEXT NOT NULL PRIMARY KEY,
	value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Rooms. What is unique is decided here first and announced by the log after.

CREATE TABLE rooms (
	id           INTEGER PRIMARY KEY AUTOINCREMENT,
	kind         TEXT NOT NULL,             -- public, private, direct, group
	state        TEXT NOT NULL,             -- new: reserved; live: its create event is stored
	name         TEXT NOT NULL,
	topic        TEXT NOT NULL,
	partition_no INTEGER NOT NULL,
	created_by   INTEGER NOT NULL,
	create_cid   TEXT NOT NULL,
	head_seq     INTEGER NOT NULL,
	head_n       INTEGER NOT NULL,
	head_chain   BLOB NOT NULL,
	members      INTEGER NOT NULL,          -- how many are in
	archived     INTEGER NOT NULL,
	created_at   INTEGER NOT NULL,
	updated_at   INTEGER NOT NULL,          -- of the last event
	UNIQUE (created_by, create_cid)
) STRICT;
CREATE INDEX rooms_listed ON rooms (state, kind, id);

-- The event (user, cid) claims the name, or claimed it.
CREATE TABLE room_names (
	name_key TEXT NOT NULL PRIMARY KEY,
	room     INTEGER NOT NULL REFERENCES rooms (id),
	user     INTEGER NOT NULL,
	cid      TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX room_names_of ON room_names (room);

-- Derived from the log, each batch in one transaction with the watermark.

CREATE TABLE watermarks (
	epoch        TEXT NOT NULL,
	partition_no INTEGER NOT NULL,
	next         INTEGER NOT NULL,          -- next offset that is not stored
	PRIMARY KEY (epoch, partition_no)
) STRICT, WITHOUT ROWID;

-- The row stays when the person leaves: who was ever a member is known.
CREATE TABLE members (
	room     INTEGER NOT NULL,
	user     INTEGER NOT NULL,
	role     TEXT NOT NULL,
	from_seq INTEGER NOT NULL,              -- of the latest join
	left_seq INTEGER,                       -- NULL: is in
	PRIMARY KEY (room, user)
) STRICT, WITHOUT ROWID;
CREATE INDEX members_rooms ON members (user, left_seq, room);

CREATE TABLE bans (
	room INTEGER NOT NULL,
	user INTEGER NOT NULL,
	seq  INTEGER NOT NULL,
	PRIMARY KEY (room, user)
) STRICT, WITHOUT ROWID;

-- How far a person has read. READS is a reserved word in MySQL.
CREATE TABLE read_marks (
	user    INTEGER NOT NULL,
	room    INTEGER NOT NULL,
	seq     INTEGER NOT NULL,
	n       INTEGER NOT NULL,
	version INTEGER NOT NULL,               -- rises when the person goes back
	PRIMARY KEY (user, room)
) STRICT, WITHOUT ROWID;

-- Clustered by room: a page is a run of neighbouring rows.
CREATE TABLE events (
	room        INTEGER NOT NULL,
	seq         INTEGER NOT NULL,
	kind        TEXT NOT NULL,              -- as recorded, also of a void one
	n           INTEGER NOT NULL,           -- messages up to and including this event
	user        INTEGER NOT NULL,
	cid         TEXT,                       -- NULL of the voids copy, cid_conflict, stale, undecodable
	cid_ms      INTEGER,                    -- time of a UUIDv7
	mac         TEXT NOT NULL,
	id          TEXT NOT NULL,
	chain       BLOB NOT NULL,
	outcome     TEXT NOT NULL,              -- empty: it had its effect; otherwise it is void
	after_seq   INTEGER NOT NULL,
	target_seq  INTEGER,
	target_user INTEGER,
	first_seq   INTEGER,                    -- of a void copy: what it copies
	rev         INTEGER NOT NULL,           -- of a message: seq of its last change
	deleted     INTEGER NOT NULL,
	at          INTEGER NOT NULL,
	body        BLOB,                       -- JSON in its current form; NULL of voids
	PRIMARY KEY (room, seq)
) STRICT, WITHOUT ROWID;
-- An assertion: Apply has made sure of it.
CREATE UNIQUE INDEX events_cid ON events (room, user, cid) WHERE cid IS NOT NULL;
CREATE INDEX events_n ON events (room, n);
CREATE INDEX events_cid_ms ON events (room, cid_ms) WHERE cid_ms IS NOT NULL;
CREATE INDEX events_target ON events (room, target_seq) WHERE target_seq IS NOT NULL;

-- Former bodies of messages that were edited, erased when they are deleted.
CREATE TABLE edits (
	room INTEGER NOT NULL,
	seq  INTEGER NOT NULL,                  -- the message
	rev  INTEGER NOT NULL,                  -- the edit that replaced this body
	body BLOB NOT NULL,
	PRIMARY KEY (room, seq, rev)
) STRICT, WITHOUT ROWID;

CREATE TABLE mentions (
	user INTEGER NOT NULL,
	room INTEGER NOT NULL,
	seq  INTEGER NOT NULL,                  -- the message
	PRIMARY KEY (user, room, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX mentions_in ON mentions (room, seq);
