package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/parleychat/parley/chat"
)

// The column members of rooms is a number, the table members is people.
const roomColumns = `rooms.id, rooms.kind, rooms.name, rooms.topic, rooms.partition_no, rooms.created_by, rooms.created_at, rooms.updated_at,
	rooms.archived, rooms.head_seq, rooms.head_n, rooms.head_chain, rooms.members`

// scanRoom reads a row of roomColumns and more columns behind them.
func scanRoom(row interface{ Scan(...any) error }, room *chat.Room, more ...any) error {
	dest := append([]any{
		(*int64)(&room.ID), (*string)(&room.Kind), &room.Name, &room.Topic, &room.Partition, (*int64)(&room.CreatedBy),
		&room.CreatedAt, &room.UpdatedAt, &room.Archived, (*uint64)(&room.Head.Seq), &room.Head.N, (*chainColumn)(&room.Head.Chain), &room.Members,
	}, more...)
	return row.Scan(dest...)
}

const qRoom = `SELECT ` + roomColumns + `, state FROM rooms WHERE id = ?`

// room reads a room's row; live: its create event is stored.
func (t *tx) room(id chat.RoomID) (room chat.Room, live bool, err error) {
	var state string
	err = scanRoom(t.row(qRoom, int64(id)), &room, &state)
	if errors.Is(err, sql.ErrNoRows) {
		err = noSuchRoom()
	}
	return room, state == "live", err
}

const qHead = `SELECT head_seq, head_n, head_chain FROM rooms WHERE id = ?`

func (t *tx) head(id chat.RoomID) (head chat.Head, err error) {
	err = t.row(qHead, int64(id)).Scan((*uint64)(&head.Seq), &head.N, (*chainColumn)(&head.Chain))
	if errors.Is(err, sql.ErrNoRows) {
		err = noSuchRoom()
	}
	return head, err
}

// RoomByID finds a room, a new one too, or refuses with [chat.NotFound].
// Whether a person may know of it is for the caller to judge.
func (s *Store) RoomByID(ctx context.Context, id chat.RoomID) (room chat.Room, err error) {
	err = s.read(ctx, func(t *tx) error {
		room, _, err = t.room(id)
		return err
	})
	if err != nil {
		return chat.Room{}, fmt.Errorf("room %d: %w", id, err)
	}
	return room, nil
}

// RoomPartition is the partition of the log in which the room's records lie.
func (s *Store) RoomPartition(ctx context.Context, id chat.RoomID) (int32, error) {
	room, err := s.RoomByID(ctx, id)
	return room.Partition, err
}

// RoomByName finds the live room that has this name key (see
// [chat.RoomNameKey]), or refuses with [chat.NotFound]. Only public rooms have
// one.
func (s *Store) RoomByName(ctx context.Context, key string) (room chat.Room, err error) {
	err = s.read(ctx, func(t *tx) error {
		err := scanRoom(t.row(qRoomByName, boundedKey(key)), &room)
		if errors.Is(err, sql.ErrNoRows) {
			return noSuchRoom()
		}
		return err
	})
	if err != nil {
		return chat.Room{}, fmt.Errorf("room by name: %w", err)
	}
	return room, nil
}

const qRoomByName = `SELECT ` + roomColumns + ` FROM rooms
	WHERE id = (SELECT room FROM room_names WHERE name_key = ?) AND state = 'live'`

// Membership is a person's place in a room, as stored.
type Membership struct {
	Role    chat.Role
	From    chat.Seq // seq of the latest join
	Present bool     // is in; otherwise: was
}

// Membership tells a person's place in a room; found is false when they were
// never in it.
func (s *Store) Membership(ctx context.Context, room chat.RoomID, user chat.UserID) (m Membership, found bool, err error) {
	err = s.read(ctx, func(t *tx) error {
		err := t.row(qMembership, int64(room), int64(user)).Scan((*string)(&m.Role), (*uint64)(&m.From), &m.Present)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		found = err == nil
		return err
	})
	if err != nil {
		return Membership{}, false, fmt.Errorf("membership of user %d in room %d: %w", user, room, err)
	}
	return m, found, nil
}

const qMembership = `SELECT role, from_seq, left_seq IS NULL FROM members WHERE room = ? AND user = ?`

// WasMember reports whether the person is or ever was a member.
func (s *Store) WasMember(ctx context.Context, room chat.RoomID, user chat.UserID) (bool, error) {
	_, found, err := s.Membership(ctx, room, user)
	return found, err
}

// ListedRoom is a room as one person's list shows it.
type ListedRoom struct {
	chat.Room
	Role    chat.Role   // empty: not a member
	Peer    chat.UserID // of a direct room the other person
	Reading *Reading    // nil: not a member
	// Settings are those of the person; of a room that they are not in, the
	// default.
	Settings chat.RoomSettings
	Draft    ListedDraft
	Last     *chat.Event // the last message, if the person is a member and may read it
}

// ListedDraft is what the person has begun to write, as lists have it.
type ListedDraft struct {
	chat.MessageDraft
	Long bool // more than [ListedDraftBytes]: Text is left out
}

// ListedDraftBytes is how long a draft may be that lists have whole, so that a
// list fits what a socket takes at once.
const ListedDraftBytes = 512

// RoomList is a part of a person's list of rooms, in order of their ids.
type RoomList struct {
	Rooms []ListedRoom
	More  bool // there are rooms behind the last one
	// Watermarks of the same snapshot: records from there on are not counted
	// in the rooms' heads.
	Watermarks []Watermark
}

// ListRooms lists what a person can see: live public rooms from which they are
// not banned, and all rooms that they are in. It returns at most limit rooms with an id above after.
func (s *Store) ListRooms(ctx context.Context, user chat.UserID, after chat.RoomID, limit int) (list RoomList, err error) {
	limit = max(limit, 1)
	err = s.read(ctx, func(t *tx) error {
		rooms, err := t.ownRooms(user, after, limit+1)
		if err != nil {
			return err
		}
		public := func(rows *sql.Rows) (bool, error) {
			room := ListedRoom{Settings: chat.DefaultRoomSettings}
			err := scanRoom(rows, &room.Room)
			if rooms[room.ID] == nil {
				rooms[room.ID] = &room
			}
			return true, err
		}
		if err := t.each(public, qPublicRooms, int64(after), int64(user), limit+1); err != nil {
			return err
		}
		list = inOrder(rooms, limit)
		list.Watermarks, err = t.watermarks()
		return err
	})
	if err != nil {
		return RoomList{}, fmt.Errorf("list rooms of user %d: %w", user, err)
	}
	return list, nil
}

// OwnRooms is [Store.ListRooms] of the rooms alone that the person is in.
func (s *Store) OwnRooms(ctx context.Context, user chat.UserID, after chat.RoomID, limit int) (list RoomList, err error) {
	limit = max(limit, 1)
	err = s.read(ctx, func(t *tx) error {
		rooms, err := t.ownRooms(user, after, limit+1)
		if err != nil {
			return err
		}
		list = inOrder(rooms, limit)
		list.Watermarks, err = t.watermarks()
		return err
	})
	if err != nil {
		return RoomList{}, fmt.Errorf("list own rooms of user %d: %w", user, err)
	}
	return list, nil
}

// inOrder makes a list of at most limit rooms.
func inOrder(rooms map[chat.RoomID]*ListedRoom, limit int) (list RoomList) {
	ids := slices.Sorted(maps.Keys(rooms))
	list.More = len(ids) > limit
	for _, id := range ids[:min(limit, len(ids))] {
		list.Rooms = append(list.Rooms, *rooms[id])
	}
	return list
}

// ownRooms reads the next rooms that the person is in, with where they stand in
// them and what was said last.
func (t *tx) ownRooms(user chat.UserID, after chat.RoomID, limit int) (map[chat.RoomID]*ListedRoom, error) {
	rooms := make(map[chat.RoomID]*ListedRoom)
	from := make(map[chat.RoomID]chat.Seq) // of groups, where one reads from the latest join on
	err := t.each(func(rows *sql.Rows) (bool, error) {
		room := &ListedRoom{Reading: new(Reading)}
		var joined chat.Seq
		var low, high sql.NullInt64
		mark, settings, draft := &room.Reading.Mark, &room.Settings, &room.Draft
		err := scanRoom(rows, &room.Room, (*string)(&room.Role), (*uint64)(&joined), &low, &high,
			(*uint64)(&mark.Seq), &mark.N, &mark.Version,
			&settings.Starred, &settings.Muted, (*string)(&settings.Notify), &settings.Place, &settings.Version,
			&draft.Text, &draft.Long, &draft.Version, &draft.At, &room.Reading.Mentions)
		if high.Valid {
			room.Peer = chat.UserID(low.Int64+high.Int64) - user
		}
		if room.Kind == chat.GroupRoom {
			from[room.ID] = joined
		}
		rooms[room.ID] = room
		return true, err
	}, qOwnRooms, ListedDraftBytes, ListedDraftBytes, int64(user), int64(user), int64(after), limit, int64(user), int64(user), int64(user))
	if err != nil {
		return nil, err
	}
	err = t.each(func(rows *sql.Rows) (bool, error) {
		var id chat.RoomID
		last, err := scanEvent(behind{rows, (*int64)(&id)}, 0)
		if err != nil {
			return false, err
		}
		last.Room = id
		if room := rooms[id]; room != nil && last.Kind == chat.KindMessage && last.Seq >= from[id] {
			room.Last = last
		}
		return true, nil
	}, qLastMessages, int64(user), int64(after), limit)
	return rooms, err
}

// behind scans a row of which something else stands first.
type behind struct {
	rows  *sql.Rows
	first any
}

func (b behind) Scan(dest ...any) error { return b.rows.Scan(append([]any{b.first}, dest...)...) }

const (
	qPublicRooms = `SELECT ` + roomColumns + `
	FROM rooms WHERE state = 'live' AND kind = 'public' AND id > ?
	AND NOT EXISTS (SELECT 1 FROM bans WHERE bans.room = rooms.id AND bans.user = ?) ORDER BY id LIMIT ?`
	qOwnRooms = `SELECT ` + roomColumns + `, mine.role, mine.from_seq, directs.low_user, directs.high_user,
	read_marks.seq, read_marks.n, read_marks.version,
	COALESCE(room_settings.starred, 0), COALESCE(room_settings.muted, 0), COALESCE(room_settings.notify, 'all'), COALESCE(room_settings.place, 0), COALESCE(room_settings.version, 0),
	CASE WHEN OCTET_LENGTH(message_drafts.body) <= ? THEN message_drafts.body ELSE '' END, COALESCE(OCTET_LENGTH(message_drafts.body) > ?, 0),
	COALESCE(message_drafts.version, 0), COALESCE(message_drafts.at, 0),
	(SELECT COUNT(*) FROM mentions WHERE mentions.user = ? AND mentions.room = mine.room AND mentions.seq > read_marks.seq)
	FROM (` + mine + `) AS mine JOIN rooms ON rooms.id = mine.room
	JOIN read_marks ON read_marks.user = ? AND read_marks.room = mine.room LEFT JOIN directs ON directs.room = rooms.id
	LEFT JOIN room_settings ON room_settings.user = ? AND room_settings.room = mine.room
	LEFT JOIN message_drafts ON message_drafts.user = ? AND message_drafts.room = mine.room`
	// The event that made the number of messages what it is: a message, unless
	// there is none.
	qLastMessages = `SELECT said.room, ` + saidColumns + `
	FROM (` + mine + `) AS mine JOIN rooms ON rooms.id = mine.room
	JOIN events AS said ON said.room = rooms.id
	AND said.seq = (SELECT seq FROM events WHERE events.room = rooms.id AND events.n = rooms.head_n ORDER BY seq LIMIT 1)`

	mine        = `SELECT room, role, from_seq FROM members WHERE user = ? AND left_seq IS NULL AND room > ? ORDER BY room LIMIT ?`
	saidColumns = `said.seq, said.kind, said.n, said.user, said.cid, said.mac, said.id, said.chain, said.outcome, said.after_seq,
	said.target_seq, said.target_user, said.first_seq, said.rev, said.deleted, said.at, said.body`
)
