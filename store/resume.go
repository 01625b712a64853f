package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/parleychat/parley/chat"
)

// Range reads the events after, not including, one seq up to and including
// another, and the room's head in the same snapshot; to = 0 means the head. It
// ends early at maxEvents, or when the bodies would be more than maxBytes, but
// not before the first event. It refuses an unknown room with [chat.NotFound].
func (s *Store) Range(ctx context.Context, room chat.RoomID, after, to chat.Seq, maxEvents, maxBytes int) (events []*chat.Event, head chat.Head, err error) {
	err = s.read(ctx, func(t *tx) error {
		if head, err = t.head(room); err != nil {
			return err
		}
		if to == 0 || to > head.Seq {
			to = head.Seq
		}
		events, err = t.forwards(room, after+1, to, budget{max(maxEvents, 1), maxBytes})
		return err
	})
	if err != nil {
		return nil, chat.Head{}, fmt.Errorf("events after %d of room %d: %w", after, room, err)
	}
	return events, head, nil
}

// LatestFrom finds where the last messages of a room begin: the seq of the
// messages-th last message, of a later one when there are more than maxEvents
// events or maxBytes bytes of bodies from it on, or 1 when all is within. If
// not even the last message with what follows it is within, it is the first
// event that is. The head is of the same snapshot; of a room without events
// both are 0. It refuses an unknown room with [chat.NotFound].
func (s *Store) LatestFrom(ctx context.Context, room chat.RoomID, messages, maxEvents, maxBytes int) (from chat.Seq, head chat.Head, err error) {
	err = s.read(ctx, func(t *tx) error {
		if head, err = t.head(room); err != nil {
			return err
		}
		from, err = t.latestFrom(room, head, max(messages, 1), budget{max(maxEvents, 1), maxBytes})
		return err
	})
	if err != nil {
		return 0, chat.Head{}, fmt.Errorf("latest %d messages of room %d: %w", messages, room, err)
	}
	return from, head, nil
}

func (t *tx) latestFrom(room chat.RoomID, head chat.Head, messages int, b budget) (chat.Seq, error) {
	wanted := uint64(1) // number of the first message
	if head.N > uint64(messages) {
		wanted = head.N - uint64(messages) + 1
	}
	var lowest, message chat.Seq // that fit the budget
	events, bytes, full := 0, 0, false
	err := t.each(func(rows *sql.Rows) (bool, error) {
		var seq chat.Seq
		var n uint64
		var size int
		var isMessage bool
		if err := rows.Scan((*uint64)(&seq), &n, &size, &isMessage); err != nil {
			return false, err
		}
		events++
		bytes += size
		if full = events > b.events || events > 1 && bytes > b.bytes; full {
			return false, nil
		}
		lowest = seq
		if isMessage {
			message = seq
		}
		return !isMessage || n > wanted || wanted == 1, nil
	}, qSizes, int64(room), int64(head.Seq), b.events+1)
	if err != nil {
		return 0, err
	}
	if message == 0 || !full && wanted == 1 {
		return lowest, nil
	}
	return message, nil
}

// qSizes goes down from the head. A void has no body.
const qSizes = `SELECT seq, n, COALESCE(LENGTH(body), 0), kind = 'message' AND outcome = '' FROM events
	WHERE room = ? AND seq <= ? ORDER BY seq DESC LIMIT ?`
