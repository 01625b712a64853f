package rooms

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
)

// RollForward finishes the creations that a former process began: it appends
// the create event of every room that is still "new", with its own cid, so
// that one which is in the log already stays the only one. Call it once, after
// the hub follows the log. What fails is tried again by the next attempt of the
// creator, or at the next start; the other rooms are finished all the same.
func (s *Service) RollForward(ctx context.Context) error {
	reserved, err := s.cfg.Store.NewRooms(ctx)
	if err != nil {
		return fmt.Errorf("roll rooms forward: %w", err)
	}
	var failed []error
	for _, r := range reserved {
		if err := s.announce(ctx, r); err != nil {
			failed = append(failed, fmt.Errorf("roll room %d forward: %w", r.Room.ID, err))
			continue
		}
		s.cfg.Logger.InfoContext(ctx, "a room of a former start was finished", slog.Int64("room", int64(r.Room.ID)))
	}
	return errors.Join(failed...)
}
