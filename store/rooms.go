package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/parleychat/parley/chat"
)

const roomColumns = `id, kind, name, topic, partition_no, created_by, created_at, updated_at, archived, head_seq, head_n, head_chain, members`

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
	Role chat.Role   // empty: not a member
	Peer chat.UserID // of a direct room the other person
}

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
	byID := make(map[chat.RoomID]ListedRoom)
	add := func(rows *sql.Rows) (bool, error) {
		var room ListedRoom
		var role sql.NullString
		var low, high sql.NullInt64
		err := scanRoom(rows, &room.Room, &role, &low, &high)
		room.Role = chat.Role(role.String)
		if high.Valid {
			room.Peer = chat.UserID(low.Int64+high.Int64) - user
		}
		byID[room.ID] = room
		return true, err
	}
	err = s.read(ctx, func(t *tx) error {
		if err := t.each(add, qPublicRooms, int64(user), int64(after), int64(user), limit+1); err != nil {
			return err
		}
		if err := t.each(add, qOwnRooms, int64(user), int64(after), limit+1); err != nil {
			return err
		}
		list.Watermarks, err = t.watermarks()
		return err
	})
	if err != nil {
		return RoomList{}, fmt.Errorf("list rooms of user %d: %w", user, err)
	}
	for _, room := range byID {
		list.Rooms = append(list.Rooms, room)
	}
	slices.SortFunc(list.Rooms, func(a, b ListedRoom) int { return cmp.Compare(a.ID, b.ID) })
	if len(list.Rooms) > limit {
		list.Rooms, list.More = list.Rooms[:limit], true
	}
	return list, nil
}

const (
	qPublicRooms = `SELECT ` + roomColumns + `, (SELECT role FROM members WHERE room = rooms.id AND user = ? AND left_seq IS NULL), NULL, NULL
	FROM rooms WHERE state = 'live' AND kind = 'public' AND id > ?
	AND NOT EXISTS (SELECT 1 FROM bans WHERE bans.room = rooms.id AND bans.user = ?) ORDER BY id LIMIT ?`
	// The column members of rooms is a number, the table members is people.
	qOwnRooms = `SELECT ` + roomColumns + `, mine.role, directs.low_user, directs.high_user FROM (
		SELECT room, role FROM members WHERE user = ? AND left_seq IS NULL AND room > ? ORDER BY room LIMIT ?
	) AS mine JOIN rooms ON rooms.id = mine.room LEFT JOIN directs ON directs.room = rooms.id`
)
