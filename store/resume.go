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
