package reading

import (
	"context"
	"fmt"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/fanout"
	"github.com/parleychat/parley/rooms"
)

// List is [rooms.Service.List] with marks and counts that hold everything that
// was acknowledged before it was asked for.
func (s *Service) List(ctx context.Context, user chat.UserID) (list []rooms.Room, err error) {
	err = s.inTurn(ctx, user, func() error {
		stored, err := s.settle(ctx, user)
		if err != nil {
			return err
		}
		if list, err = s.cfg.Rooms.List(ctx, user); err != nil || stored {
			return err
		}
		return s.renew(ctx, user, list)
	})
	if err != nil {
		return nil, fmt.Errorf("list rooms with counts: %w", err)
	}
	return list, nil
}

// Page is a part of the rooms that a person is in, by id.
type Page struct {
	Rooms []rooms.Room
	Next  chat.RoomID // after of the next page; 0: this is the last
}

// Own calls tell with the next rooms behind one (0: from the first on) that the
// person is in, at most limit, as List has them, in the person's turn: what
// changes later is told later. tell must not block.
func (s *Service) Own(ctx context.Context, user chat.UserID, after chat.RoomID, limit int, tell func(Page)) error {
	err := s.inTurn(ctx, user, func() error {
		stored, err := s.settle(ctx, user)
		if err != nil {
			return err
		}
		var page Page
		var more bool
		if page.Rooms, more, err = s.cfg.Rooms.Own(ctx, user, after, limit); err != nil {
			return err
		}
		if more {
			page.Next = page.Rooms[len(page.Rooms)-1].ID
		}
		if !stored {
			if err := s.renew(ctx, user, page.Rooms); err != nil {
				return err
			}
		}
		tell(page)
		return nil
	})
	if err != nil {
		return fmt.Errorf("list own rooms with counts: %w", err)
	}
	return nil
}

// settle brings what a list of the person's rooms shows into the store: their
// marks that wait to be written, and what is in the log. stored is false when
// the recorder is too far behind to be waited for.
func (s *Service) settle(ctx context.Context, user chat.UserID) (stored bool, err error) {
	if err := s.write(ctx, s.waiting(user)); err != nil {
		return false, unavailable(err)
	}
	return s.cfg.Hub.AwaitStored(ctx)
}

// renew brings the rooms of a list up to this node's applied position, as far as
// the store is behind it: nobody shall be told of less than they have seen. How
// often they are mentioned in what is not stored is told when it is.
func (s *Service) renew(ctx context.Context, user chat.UserID, list []rooms.Room) error {
	unstored := s.cfg.Hub.Unstored()
	for i := range list {
		room := &list[i]
		if !unstored[room.ID] {
			continue
		}
		err := s.cfg.Hub.View(ctx, room.ID, 1, func(v *fanout.View) error {
			if v.Head.Seq <= room.Head.Seq {
				return nil
			}
			room.Head = v.Head
			if room.Reading == nil {
				return nil
			}
			if own := v.UnstoredMark(user); own.Seq > room.Reading.Mark.Seq {
				renewed := *room.Reading
				renewed.Mark.Seq, renewed.Mark.N = own.Seq, own.N
				room.Reading = &renewed
			}
			from, _ := v.State.ReadableFrom(user)
			if last := v.LastMessage(); last != nil && last.Seq >= from {
				room.Last = last
			}
			return nil
		})
		if err != nil {
			return unavailable(err)
		}
	}
	return nil
}
