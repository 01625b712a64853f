package rooms

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/store"
)

// unfinishedFor is how long a room has to have been seen without a create event
// until somebody else than its creator's server finishes it. The creator has
// been answered by then.
const unfinishedFor = chat.AckTimeout + 5*time.Second

// RollForward finishes the creations that a former process began: it appends
// the create event of every room that is still "new", with its own cid, so
// that one which is in the log already stays the only one. Call it once, after
// the hub follows the log. What fails is tried again by the next attempt of the
// creator, or by FinishLeft; the other rooms are finished all the same.
func (s *Service) RollForward(ctx context.Context) error {
	reserved, err := s.cfg.Store.NewRooms(ctx)
	if err != nil {
		return fmt.Errorf("roll rooms forward: %w", err)
	}
	return s.finish(ctx, reserved)
}

// FinishLeft finishes rooms that somebody has reserved and then left: a server
// that was killed, or one whose append came to nothing. These are the rooms
// that were seen "new" by an earlier call, at least 15 s before; clocks of
// several machines play no part. If their creator's server lives and is only
// slow, both append, and Apply lets one count. It is to be called now and then,
// by one goroutine.
func (s *Service) FinishLeft(ctx context.Context) error {
	reserved, err := s.cfg.Store.NewRooms(ctx)
	if err != nil {
		return fmt.Errorf("look for unfinished rooms: %w", err)
	}
	now := s.cfg.Now()
	unfinished := make(map[chat.RoomID]time.Time, len(reserved))
	var left []store.Reservation
	for _, r := range reserved {
		since, seen := s.unfinished[r.Room.ID]
		if !seen {
			since = now
		}
		unfinished[r.Room.ID] = since
		if now.Sub(since) >= unfinishedFor {
			left = append(left, r)
		}
	}
	s.unfinished = unfinished
	return s.finish(ctx, left)
}

// finish announces rooms that were reserved.
func (s *Service) finish(ctx context.Context, reserved []store.Reservation) error {
	var failed []error
	for _, r := range reserved {
		if err := s.announce(ctx, r); err != nil {
			failed = append(failed, fmt.Errorf("finish room %d: %w", r.Room.ID, err))
			continue
		}
		s.cfg.Logger.InfoContext(ctx, "a room that was begun and left is finished", slog.Int64("room", int64(r.Room.ID)))
	}
	return errors.Join(failed...)
}
