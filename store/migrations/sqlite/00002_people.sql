-- What people are on the server, and the links by which they get in.

-- +goose Up

ALTER TABLE users ADD COLUMN server_role TEXT NOT NULL DEFAULT 'member'; -- owner, admin, member
-- Of a deleted account only the id stays; address and handle are those of
-- nobody (see deletedKey in people.go), the password fits nothing.
ALTER TABLE users ADD COLUMN deleted_at INTEGER;
CREATE INDEX users_roles ON users (server_role, id);

-- Whoever changes who may do what takes this row first and holds it to the
-- commit: of two admins who remove each other, one is too late.
INSERT INTO counters (name, value) VALUES ('people', 0);

-- Tokens of links are known by their SHA-256 alone.

-- Links that make the first owner. All of them end when there is one.
CREATE TABLE setup_links (
	hash       BLOB NOT NULL PRIMARY KEY,
	created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE reset_links (
	hash       BLOB NOT NULL PRIMARY KEY,
	user       INTEGER NOT NULL REFERENCES users (id),
	created_by INTEGER NOT NULL,            -- 0: on the server's own machine
	created_at INTEGER NOT NULL,
	expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX reset_links_of ON reset_links (user);
CREATE INDEX reset_links_expiry ON reset_links (expires_at);

CREATE TABLE server_invites (
	id         INTEGER PRIMARY KEY AUTOINCREMENT,
	hash       BLOB NOT NULL UNIQUE,
	created_by INTEGER NOT NULL,
	created_at INTEGER NOT NULL,
	expires_at INTEGER NOT NULL,
	uses_left  INTEGER NOT NULL
) STRICT;
CREATE INDEX server_invites_expiry ON server_invites (expires_at);
