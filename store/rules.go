package store

import (
	"database/sql"
	"fmt"

	"github.com/parleychat/parley/chat"
)

// Broken is a value that contradicts another one.
type Broken struct {
	Table, Column string
	Key           string // of the row, as people would name it
	Stored        string
	Expected      string
}

// rule finds rows that cannot be. Its query yields key, stored value and what
// is expected, as text.
type rule struct {
	table, column string
	query         string
}

// rules hold between rows that no single query of a server reads together.
// Events and what follows from them are compared by package verify.
var rules = []rule{
	{"users", "server_role", `SELECT id, server_role, 'owner, admin or member' FROM users WHERE server_role NOT IN ('owner', 'admin', 'member')`},
	{"reset_links", "user", `SELECT user, user, 'an account' FROM reset_links
		WHERE NOT EXISTS (SELECT 1 FROM users WHERE users.id = reset_links.user)`},
	{"setup_links", "hash", `SELECT 'a setup link', LENGTH(hash), '32 bytes' FROM setup_links WHERE LENGTH(hash) <> 32`},
	{"server_invites", "uses_left", `SELECT id, uses_left, 'none or more' FROM server_invites WHERE uses_left < 0`},
	{"sessions", "user", `SELECT SUBSTR(sid, 1, 6), user, 'an account' FROM sessions
		WHERE NOT EXISTS (SELECT 1 FROM users WHERE users.id = sessions.user)`},
	{"sessions", "expires_at", `SELECT SUBSTR(sid, 1, 6), expires_at, 'later than created_at' FROM sessions WHERE expires_at < created_at`},
	{"refresh_tokens", "sid", `SELECT SUBSTR(sid, 1, 6), SUBSTR(sid, 1, 6), 'a session' FROM refresh_tokens
		WHERE NOT EXISTS (SELECT 1 FROM sessions WHERE sessions.sid = refresh_tokens.sid)`},
	{"sessions", "revoked_at", `SELECT SUBSTR(sessions.sid, 1, 6), 'none', revocations.at FROM revocations
		JOIN sessions ON sessions.sid = revocations.sid WHERE sessions.revoked_at IS NULL`},
	{"revocations", "user", `SELECT revocations.id, revocations.user, sessions.user FROM revocations
		JOIN sessions ON sessions.sid = revocations.sid WHERE sessions.user <> revocations.user`},
	{"counters", "value", `SELECT 'revocations', COALESCE((SELECT value FROM counters WHERE name = 'revocations'), 'no row'), MAX(id) FROM revocations
		HAVING MAX(id) > COALESCE((SELECT value FROM counters WHERE name = 'revocations'), -1)`},
	{"counters", "name", `SELECT 'revocations', 'no row', 'a row' FROM (SELECT 1 AS one) AS lone
		WHERE NOT EXISTS (SELECT 1 FROM counters WHERE name = 'revocations')`},
	{"server_keys", "value", `SELECT name, LENGTH(value), 'at least 32 bytes' FROM server_keys WHERE LENGTH(value) < 32`},
	{"rooms", "created_by", `SELECT id, created_by, 'an account' FROM rooms
		WHERE NOT EXISTS (SELECT 1 FROM users WHERE users.id = rooms.created_by)`},
	{"room_names", "room", `SELECT name_key, room, 'a room' FROM room_names
		WHERE NOT EXISTS (SELECT 1 FROM rooms WHERE rooms.id = room_names.room)`},
	{"directs", "room", `SELECT room, kind, 'direct' FROM directs JOIN rooms ON rooms.id = directs.room WHERE kind <> 'direct'`},
	{"directs", "room", `SELECT id, 'no pair', 'a pair' FROM rooms
		WHERE kind = 'direct' AND NOT EXISTS (SELECT 1 FROM directs WHERE directs.room = rooms.id)`},
	{"directs", "low_user", `SELECT directs.room, low_user, members.user FROM directs JOIN members ON members.room = directs.room
		WHERE members.user NOT IN (low_user, high_user)`},
	{"room_drafts", "room", `SELECT room, state, 'new' FROM room_drafts JOIN rooms ON rooms.id = room_drafts.room WHERE state <> 'new'`},
	{"room_links", "uses_left", `SELECT id, uses_left, 'none or more' FROM room_links WHERE uses_left < 0`},
	{"room_links", "room", `SELECT id, room, 'a room' FROM room_links
		WHERE NOT EXISTS (SELECT 1 FROM rooms WHERE rooms.id = room_links.room)`},
	{"room_link_uses", "link", `SELECT user, link, 'a link' FROM room_link_uses
		WHERE NOT EXISTS (SELECT 1 FROM room_links WHERE room_links.id = room_link_uses.link)`},
	{"members", "room", `SELECT DISTINCT room, room, 'a room' FROM members
		WHERE NOT EXISTS (SELECT 1 FROM rooms WHERE rooms.id = members.room)`},
	{"members", "user", `SELECT DISTINCT room, user, 'an account' FROM members
		WHERE NOT EXISTS (SELECT 1 FROM users WHERE users.id = members.user)`},
	{"message_drafts", "user", `SELECT room, user, 'somebody in the room' FROM message_drafts
		WHERE NOT EXISTS (SELECT 1 FROM members WHERE members.room = message_drafts.room AND members.user = message_drafts.user AND left_seq IS NULL)`},
	{"bans", "room", `SELECT DISTINCT room, room, 'a room' FROM bans
		WHERE NOT EXISTS (SELECT 1 FROM rooms WHERE rooms.id = bans.room)`},
	{"read_marks", "user", `SELECT room, user, 'an account' FROM read_marks
		WHERE NOT EXISTS (SELECT 1 FROM users WHERE users.id = read_marks.user)`},
	{"read_marks", "room", `SELECT user, room, 'a room' FROM read_marks
		WHERE NOT EXISTS (SELECT 1 FROM rooms WHERE rooms.id = read_marks.room)`},
	{"read_marks", "seq", `SELECT read_marks.user, seq, head_seq FROM read_marks
		JOIN rooms ON rooms.id = read_marks.room WHERE seq > head_seq`},
	{"read_marks", "n", `SELECT read_marks.user, n, head_n FROM read_marks
		JOIN rooms ON rooms.id = read_marks.room WHERE n > head_n`},
	{"events", "room", `SELECT DISTINCT room, room, 'a room' FROM events
		WHERE NOT EXISTS (SELECT 1 FROM rooms WHERE rooms.id = events.room)`},
	{"events", "cid", `SELECT room, cid, 'once for each person' FROM events WHERE cid IS NOT NULL
		GROUP BY room, user, cid HAVING COUNT(*) > 1`},
	{"edits", "room", `SELECT DISTINCT room, room, 'a room' FROM edits
		WHERE NOT EXISTS (SELECT 1 FROM rooms WHERE rooms.id = edits.room)`},
	{"mentions", "room", `SELECT DISTINCT room, room, 'a room' FROM mentions
		WHERE NOT EXISTS (SELECT 1 FROM rooms WHERE rooms.id = mentions.room)`},
	{"mentions", "user", `SELECT room, user, 'an account' FROM mentions
		WHERE NOT EXISTS (SELECT 1 FROM users WHERE users.id = mentions.user)`},
}

// Broken calls yield for every value that contradicts another one, and for what
// is wrong with the file itself.
func (s *Snapshot) Broken(yield func(Broken)) error {
	for _, r := range rules {
		err := s.tx.each(func(rows *sql.Rows) (bool, error) {
			b := Broken{Table: r.table, Column: r.column}
			err := rows.Scan(&b.Key, &b.Stored, &b.Expected)
			yield(b)
			return true, err
		}, r.query)
		if err != nil {
			return fmt.Errorf("compare %s.%s: %w", r.table, r.column, err)
		}
	}
	if err := s.brokenUsers(yield); err != nil {
		return err
	}
	if dialect, ok := s.dialect.(selfChecking); ok {
		return dialect.damage(s.tx, yield)
	}
	return nil
}

// brokenUsers compares what is derived by us, not by SQL: from an address, or of
// a deleted account from its id.
func (s *Snapshot) brokenUsers(yield func(Broken)) error {
	return s.tx.each(func(rows *sql.Rows) (bool, error) {
		var id chat.UserID
		var email, key string
		var deleted bool
		if err := rows.Scan((*int64)(&id), &email, &key, &deleted); err != nil {
			return true, err
		}
		want := emailKey(email)
		if deleted {
			want = deletedKey(id)
		}
		if key != want {
			yield(Broken{Table: "users", Column: "email_key", Key: fmt.Sprint(id), Stored: key, Expected: want})
		}
		return true, nil
	}, `SELECT id, email, email_key, deleted_at IS NOT NULL FROM users`)
}

// selfChecking is a dialect whose database can check its own pages and indexes.
type selfChecking interface {
	damage(t *tx, yield func(Broken)) error
}

var _ selfChecking = sqliteDialect{}

func (sqliteDialect) damage(t *tx, yield func(Broken)) error {
	return t.each(func(rows *sql.Rows) (bool, error) {
		var text string
		err := rows.Scan(&text)
		if err == nil && text != "ok" {
			yield(Broken{Table: "the file", Key: "integrity_check", Stored: text, Expected: "ok"})
		}
		return true, err
	}, `PRAGMA integrity_check(100)`)
}
