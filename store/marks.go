package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/parleychat/parley/chat"
)

// Reading is where a member stands in a room, as stored.
type Reading struct {
	Mark     chat.ReadMark
	Mentions int // messages behind the mark that name the person
}

// Reading tells where a person stands who has read up to the event at, or up to
// their stored mark if that is further: Mark is the stored one, Mentions are
// those behind the further of the two. n is the number of messages up to at,
// 0 when that is not stored. found is false when the person has no mark, because
// they were never a member as far as the store knows.
func (s *Store) Reading(ctx context.Context, user chat.UserID, room chat.RoomID, at chat.Seq) (r Reading, n uint64, found bool, err error) {
	err = s.read(ctx, func(t *tx) error {
		r, n, found = Reading{}, 0, false
		if r.Mark, err = t.readMark(user, room); errors.Is(err, sql.ErrNoRows) {
			return nil
		} else if err != nil {
			return err
		}
		found = true
		if err := t.row(qMessagesUpTo, int64(room), int64(at)).Scan(&n); err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		return t.row(qMentionsAbove, int64(user), int64(room), int64(max(at, r.Mark.Seq))).Scan(&r.Mentions)
	})
	if err != nil {
		return Reading{}, 0, false, fmt.Errorf("reading of user %d in room %d: %w", user, room, err)
	}
	return r, n, found, nil
}

const (
	qReadMark      = `SELECT seq, n, version FROM read_marks WHERE user = ? AND room = ?`
	qMentionsAbove = `SELECT COUNT(*) FROM mentions WHERE user = ? AND room = ? AND seq > ?`
)

func (t *tx) readMark(user chat.UserID, room chat.RoomID) (mark chat.ReadMark, err error) {
	err = t.row(qReadMark, int64(user), int64(room)).Scan((*uint64)(&mark.Seq), &mark.N, &mark.Version)
	return mark, err
}

// OwnMark is the read mark of one person in one room.
type OwnMark struct {
	User chat.UserID
	Room chat.RoomID
	chat.ReadMark
}

// MoveMarks moves read marks forward, all or none. A stored mark of another
// version, or one that is further, stays: it is the later one.
func (s *Store) MoveMarks(ctx context.Context, marks []OwnMark) error {
	err := s.write(ctx, func(t *tx) error {
		for _, m := range marks {
			if _, err := t.exec(qMoveMark, int64(m.N), int64(m.Seq), int64(m.User), int64(m.Room), int64(m.Version), int64(m.Seq)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("move %d read marks: %w", len(marks), err)
	}
	return nil
}

const qMoveMark = `UPDATE read_marks SET n = ?, seq = ? WHERE user = ? AND room = ? AND version = ? AND seq < ?`

// SetMark puts a person's read mark anywhere, as a new version: up to and
// including the event seq, which must be stored, or before the room's first
// event (0). It refuses with [chat.NotFound] when there is no such event, or no
// mark.
func (s *Store) SetMark(ctx context.Context, user chat.UserID, room chat.RoomID, seq chat.Seq) (r Reading, err error) {
	err = s.write(ctx, func(t *tx) error {
		r = Reading{}
		n := uint64(0)
		if seq > 0 {
			err := t.row(qMessagesUpTo, int64(room), int64(seq)).Scan(&n)
			if errors.Is(err, sql.ErrNoRows) {
				return chat.Errorf(chat.NotFound, "There is no such event.")
			}
			if err != nil {
				return err
			}
		}
		set, err := t.exec(qSetMark, int64(seq), int64(n), int64(user), int64(room))
		if err != nil {
			return err
		}
		if set == 0 {
			return chat.Errorf(chat.NotFound, "There is no read mark in this room.")
		}
		if r.Mark, err = t.readMark(user, room); err != nil {
			return err
		}
		return t.row(qMentionsAbove, int64(user), int64(room), int64(seq)).Scan(&r.Mentions)
	})
	if err != nil {
		return Reading{}, fmt.Errorf("set read mark of user %d in room %d: %w", user, room, err)
	}
	return r, nil
}

const qSetMark = `UPDATE read_marks SET seq = ?, n = ?, version = version + 1 WHERE user = ? AND room = ?`
