-- What rooms other than public ones need.

-- +goose Up

-- The one direct room of two people, by their ids.
CREATE TABLE directs (
	low_user  INTEGER NOT NULL,
	high_user INTEGER NOT NULL,
	room      INTEGER NOT NULL REFERENCES rooms (id),
	PRIMARY KEY (low_user, high_user)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX directs_room ON directs (room);

-- Of a room in state new: what its create event says beside the name, so that
-- the creation can be rolled forward.
CREATE TABLE room_drafts (
	room INTEGER NOT NULL PRIMARY KEY REFERENCES rooms (id),
	body BLOB NOT NULL                      -- JSON
) STRICT, WITHOUT ROWID;

-- Links that let people into a room. The token is known by its SHA-256 alone.
CREATE TABLE room_links (
	id         INTEGER PRIMARY KEY AUTOINCREMENT,
	hash       BLOB NOT NULL UNIQUE,
	room       INTEGER NOT NULL REFERENCES rooms (id),
	created_by INTEGER NOT NULL,
	created_at INTEGER NOT NULL,
	expires_at INTEGER NOT NULL,
	uses_left  INTEGER NOT NULL
) STRICT;
CREATE INDEX room_links_of ON room_links (room);
CREATE INDEX room_links_expiry ON room_links (expires_at);

-- Who has used a link: asking again costs no second use.
CREATE TABLE room_link_uses (
	link INTEGER NOT NULL REFERENCES room_links (id) ON DELETE CASCADE,
	user INTEGER NOT NULL,
	PRIMARY KEY (link, user)
) STRICT, WITHOUT ROWID;
