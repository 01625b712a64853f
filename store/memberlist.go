package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/parleychat/parley/chat"
)

// ListedMember is a present member of a room, with what is shown of the person.
type ListedMember struct {
	chat.Person
	Role chat.Role
	From chat.Seq // seq of the latest join
	Seen int64    // ms UTC, when last online; 0: not known, or nobody's business
}

// ListMembers lists the present members of a room whose ids are above after, in
// order of their ids, at most limit.
func (s *Store) ListMembers(ctx context.Context, room chat.RoomID, after chat.UserID, limit int) (members []ListedMember, err error) {
	err = s.read(ctx, func(t *tx) error {
		members = nil
		return t.each(func(rows *sql.Rows) (bool, error) {
			var m ListedMember
			err := rows.Scan((*int64)(&m.ID), &m.Name, &m.Handle, &m.Picture, (*string)(&m.Role), (*uint64)(&m.From), &m.Seen)
			members = append(members, m)
			return true, err
		}, qListMembers, int64(room), int64(after), limit)
	})
	if err != nil {
		return nil, fmt.Errorf("members of room %d: %w", room, err)
	}
	return members, nil
}

const qListMembers = `SELECT members.user, users.name, users.handle, users.picture, members.role, members.from_seq, COALESCE(users.seen_at, 0)
	FROM members JOIN users ON users.id = members.user
	WHERE members.room = ? AND members.user > ? AND members.left_seq IS NULL ORDER BY members.user LIMIT ?`

// ListBans lists who is banned from a room, in order of their ids, from above
// after on, at most limit.
func (s *Store) ListBans(ctx context.Context, room chat.RoomID, after chat.UserID, limit int) (banned []chat.Person, err error) {
	err = s.read(ctx, func(t *tx) error {
		banned = nil
		return t.each(func(rows *sql.Rows) (bool, error) {
			var p chat.Person
			err := rows.Scan((*int64)(&p.ID), &p.Name, &p.Handle, &p.Picture)
			banned = append(banned, p)
			return true, err
		}, qListBans, int64(room), int64(after), limit)
	})
	if err != nil {
		return nil, fmt.Errorf("bans of room %d: %w", room, err)
	}
	return banned, nil
}

const qListBans = `SELECT bans.user, users.name, users.handle, users.picture FROM bans JOIN users ON users.id = bans.user
	WHERE bans.room = ? AND bans.user > ? ORDER BY bans.user LIMIT ?`

// CountRooms is how many rooms a person is in.
func (s *Store) CountRooms(ctx context.Context, user chat.UserID) (n int, err error) {
	err = s.read(ctx, func(t *tx) error {
		return t.row(qCountRooms, int64(user)).Scan(&n)
	})
	if err != nil {
		return 0, fmt.Errorf("count rooms of user %d: %w", user, err)
	}
	return n, nil
}

const qCountRooms = `SELECT COUNT(*) FROM members WHERE user = ? AND left_seq IS NULL`
