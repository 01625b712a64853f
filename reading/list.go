package reading

import (
	"context"
	"fmt"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/rooms"
)

// List is [rooms.Service.List] with marks and counts that hold everything that
// was acknowledged before it was asked for.
func (s *Service) List(ctx context.Context, user chat.UserID) (list []rooms.Room, err error) {
	err = s.inTurn(ctx, user, func() error {
		if err := s.settle(ctx, user); err != nil {
			return err
		}
		list, err = s.cfg.Rooms.List(ctx, user)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list rooms with counts: %w", err)
	}
	return list, nil
}

// settle brings what a list of the person's rooms shows into the store: their
// marks that wait to be written, and what is in the log.
func (s *Service) settle(ctx context.Context, user chat.UserID) error {
	if err := s.write(ctx, s.waiting(user)); err != nil {
		return unavailable(err)
	}
	return s.cfg.Hub.AwaitStored(ctx)
}
