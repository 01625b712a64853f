package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/parleychat/parley/chat"
)

// Snapshot reads all of the store as it was at one moment. It is for programs
// that compare; what it returns is as it is stored, right or wrong. It is used
// by one goroutine, while [Store.Snapshot] runs. A snapshot that is held for
// long keeps SQLite from reusing the space of its write-ahead log.
type Snapshot struct {
	tx      *tx
	dialect dialect
}

// Snapshot calls fn with a snapshot.
func (s *Store) Snapshot(ctx context.Context, fn func(*Snapshot) error) error {
	err := s.readLong(ctx, func(t *tx) error {
		if err := t.prepare(qSnapshotEvents, qSnapshotEvent, qSnapshotEdits); err != nil {
			return err
		}
		return fn(&Snapshot{t, s.dialect})
	})
	if err != nil {
		return fmt.Errorf("snapshot: %w", err)
	}
	return nil
}

// Watermarks are all watermarks.
func (s *Snapshot) Watermarks() ([]Watermark, error) { return s.tx.watermarks() }

// Key is the server's key of this name, nil when there is none.
func (s *Snapshot) Key(name string) (key []byte, err error) {
	err = s.tx.row(`SELECT value FROM server_keys WHERE name = ?`, name).Scan(&key)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return key, err
}

// RoomRow is a row of rooms.
type RoomRow struct {
	Room      chat.Room
	CreateCID string
	State     string
}

// Rooms are the next rooms in order of their ids, at most limit.
func (s *Snapshot) Rooms(after chat.RoomID, limit int) (rooms []RoomRow, err error) {
	err = s.tx.each(func(rows *sql.Rows) (bool, error) {
		var r RoomRow
		err := scanRoom(rows, &r.Room, &r.CreateCID, &r.State)
		rooms = append(rooms, r)
		return true, err
	}, `SELECT `+roomColumns+`, create_cid, state FROM rooms WHERE id > ? ORDER BY id LIMIT ?`, int64(after), limit)
	return rooms, err
}

// EventRow is a row of events. Its Event has no chain.
type EventRow struct {
	chat.Event
	Chain   []byte
	CIDTime sql.NullInt64
}

const snapshotColumns = eventColumns + `, cid_ms`

func scanEventRow(rows interface{ Scan(...any) error }, room chat.RoomID) (*EventRow, error) {
	r := &EventRow{Event: chat.Event{Room: room}}
	ev := &r.Event
	var cid sql.NullString
	var targetSeq, targetUser, firstSeq sql.NullInt64
	err := rows.Scan(
		(*uint64)(&ev.Seq), (*string)(&ev.Kind), &ev.N, (*int64)(&ev.User), &cid, &ev.MAC, &ev.ID, &r.Chain,
		(*string)(&ev.Outcome), (*uint64)(&ev.After), &targetSeq, &targetUser, &firstSeq,
		(*uint64)(&ev.Rev), &ev.Deleted, &ev.At, &ev.Body, &r.CIDTime)
	ev.CID = cid.String
	ev.TargetSeq, ev.TargetUser, ev.FirstSeq = chat.Seq(targetSeq.Int64), chat.UserID(targetUser.Int64), chat.Seq(firstSeq.Int64)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		err = fmt.Errorf("event %d of room %d is not readable: %w", ev.Seq, room, err)
	}
	return r, err
}

const (
	qSnapshotEvents = `SELECT ` + snapshotColumns + ` FROM events WHERE room = ? AND seq > ? ORDER BY seq LIMIT ?`
	qSnapshotEvent  = `SELECT ` + snapshotColumns + ` FROM events WHERE room = ? AND seq = ?`
	qSnapshotEdits  = `SELECT rev, body FROM edits WHERE room = ? AND seq = ? AND rev > ? ORDER BY rev LIMIT ?`
)

// Events are the next events of a room in order of their seq, at most limit
// and about maxBytes, at least one when there is one.
func (s *Snapshot) Events(room chat.RoomID, after chat.Seq, limit, maxBytes int) (events []*EventRow, err error) {
	bytes := 0
	err = s.tx.each(func(rows *sql.Rows) (bool, error) {
		r, err := scanEventRow(rows, room)
		if err != nil {
			return false, err
		}
		events = append(events, r)
		bytes += len(r.Body)
		return bytes < maxBytes, nil
	}, qSnapshotEvents, int64(room), int64(after), limit)
	return events, err
}

// Event is one event, nil when it is not there.
func (s *Snapshot) Event(room chat.RoomID, seq chat.Seq) (*EventRow, error) {
	r, err := scanEventRow(s.tx.row(qSnapshotEvent, int64(room), int64(seq)), room)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return r, err
}

// LastSeq is the highest seq among the events of a room, 0 when there is none.
func (s *Snapshot) LastSeq(room chat.RoomID) (seq chat.Seq, err error) {
	err = s.tx.row(`SELECT COALESCE(MAX(seq), 0) FROM events WHERE room = ?`, int64(room)).Scan((*uint64)(&seq))
	return seq, err
}

// SeqOf is the seq of the event with this cid, 0 when there is none.
func (s *Snapshot) SeqOf(room chat.RoomID, user chat.UserID, cid string) (seq chat.Seq, err error) {
	err = s.tx.row(`SELECT COALESCE(MAX(seq), 0) FROM events WHERE room = ? AND user = ? AND cid = ?`, int64(room), int64(user), cid).Scan((*uint64)(&seq))
	return seq, err
}

// EditRow is a former body of a message.
type EditRow struct {
	Rev  chat.Seq // the edit that replaced it
	Body []byte
}

// Edits are the next former bodies of a message, at most limit.
func (s *Snapshot) Edits(room chat.RoomID, message, after chat.Seq, limit int) (edits []EditRow, err error) {
	err = s.tx.each(func(rows *sql.Rows) (bool, error) {
		var e EditRow
		err := rows.Scan((*uint64)(&e.Rev), &e.Body)
		edits = append(edits, e)
		return true, err
	}, qSnapshotEdits, int64(room), int64(message), int64(after), limit)
	return edits, err
}

// Mentions are who is mentioned in which of the messages first to last.
func (s *Snapshot) Mentions(room chat.RoomID, first, last chat.Seq) (map[chat.Seq][]chat.UserID, error) {
	mentions := make(map[chat.Seq][]chat.UserID)
	err := s.tx.each(func(rows *sql.Rows) (bool, error) {
		var seq chat.Seq
		var user chat.UserID
		err := rows.Scan((*uint64)(&seq), (*int64)(&user))
		mentions[seq] = append(mentions[seq], user)
		return true, err
	}, `SELECT seq, user FROM mentions WHERE room = ? AND seq >= ? AND seq <= ? ORDER BY seq, user`, int64(room), int64(first), int64(last))
	return mentions, err
}

// RoomCounts are how many rows of other tables belong to a room.
type RoomCounts struct{ Edits, Mentions int64 }

// CountsOf counts the rows that belong to a room.
func (s *Snapshot) CountsOf(room chat.RoomID) (c RoomCounts, err error) {
	err = s.tx.row(`SELECT (SELECT COUNT(*) FROM edits WHERE room = ?), (SELECT COUNT(*) FROM mentions WHERE room = ?)`,
		int64(room), int64(room)).Scan(&c.Edits, &c.Mentions)
	return c, err
}

// MemberRow is a row of members.
type MemberRow struct {
	Role chat.Role
	From chat.Seq
	Left chat.Seq // 0: is in
}

// Members are all who are or were in a room.
func (s *Snapshot) Members(room chat.RoomID) (map[chat.UserID]MemberRow, error) {
	members := make(map[chat.UserID]MemberRow)
	err := s.tx.each(func(rows *sql.Rows) (bool, error) {
		var user chat.UserID
		var m MemberRow
		var left sql.NullInt64
		err := rows.Scan((*int64)(&user), (*string)(&m.Role), (*uint64)(&m.From), &left)
		m.Left = chat.Seq(left.Int64)
		members[user] = m
		return true, err
	}, `SELECT user, role, from_seq, left_seq FROM members WHERE room = ?`, int64(room))
	return members, err
}

// Bans are the people who are banned from a room, each with the seq of the ban.
func (s *Snapshot) Bans(room chat.RoomID) (map[chat.UserID]chat.Seq, error) {
	bans := make(map[chat.UserID]chat.Seq)
	err := s.tx.each(func(rows *sql.Rows) (bool, error) {
		var user chat.UserID
		var seq chat.Seq
		err := rows.Scan((*int64)(&user), (*uint64)(&seq))
		bans[user] = seq
		return true, err
	}, `SELECT user, seq FROM bans WHERE room = ?`, int64(room))
	return bans, err
}

// NameRow is a row of room_names.
type NameRow struct {
	Key  string
	User chat.UserID // with CID: the event that claims the name
	CID  string
	// Stored: that event is stored.
	Stored bool
}

// Names are the names that a room has or has reserved.
func (s *Snapshot) Names(room chat.RoomID) (names []NameRow, err error) {
	err = s.tx.each(func(rows *sql.Rows) (bool, error) {
		var n NameRow
		err := rows.Scan(&n.Key, (*int64)(&n.User), &n.CID, &n.Stored)
		names = append(names, n)
		return true, err
	}, `SELECT name_key, user, cid,
		EXISTS (SELECT 1 FROM events WHERE events.room = room_names.room AND events.user = room_names.user AND events.cid = room_names.cid)
		FROM room_names WHERE room = ? ORDER BY name_key`, int64(room))
	return names, err
}

// NameKey is how a room's name is stored in room_names.
func NameKey(name string) string { return boundedKey(chat.RoomNameKey(name)) }

// Tables counts the rows of every table that people or rooms are in.
func (s *Snapshot) Tables() (map[string]int64, error) {
	counts := make(map[string]int64)
	for _, table := range snapshotTables {
		var n int64
		if err := s.tx.row(`SELECT COUNT(*) FROM ` + table).Scan(&n); err != nil {
			return nil, err
		}
		counts[table] = n
	}
	return counts, nil
}

var snapshotTables = strings.Fields(`users sessions refresh_tokens revocations rooms room_names directs members bans
	read_marks events edits mentions watermarks`)
