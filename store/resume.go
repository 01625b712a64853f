package store

import (
	"context"
	"fmt"

	"github.com/parleychat/parley/chat"
)

// Range reads the events after, not including, one seq up to and including
// another, and the room's head in the same snapshot; to = 0 means the head. It
// ends early at maxEvents, or when the bodies would be more than maxBytes, but
// not before the first event. It refuses an unknown room with [chat.NotFound].
func (s *Store) Range(ctx context.Context, room chat.RoomID, after, to chat.Seq, maxEvents, maxBytes int) (events []*chat.Event, head chat.Head, err error) {
	b := budget{max(maxEvents, 1), maxBytes}
	if s.brief != nil {
		events, head, err = s.brief.between(ctx, room, after, to, b)
		s.count(ctx, err)
	} else {
		err = s.read(ctx, func(t *tx) error {
			events, head, err = t.between(room, after, to, b)
			return err
		})
	}
	if err != nil {
		return nil, chat.Head{}, fmt.Errorf("events after %d of room %d: %w", after, room, err)
	}
	return events, head, nil
}

func (t *tx) between(room chat.RoomID, after, to chat.Seq, b budget) (events []*chat.Event, head chat.Head, err error) {
	if head, err = t.head(room); err != nil {
		return nil, head, err
	}
	if to == 0 || to > head.Seq {
		to = head.Seq
	}
	events, err = t.forwards(room, after+1, to, b)
	return events, head, err
}
