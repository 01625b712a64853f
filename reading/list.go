package reading

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/fanout"
	"github.com/parleychat/parley/rooms"
	"github.com/parleychat/parley/store"
)

// listTime bounds a list, with the waiting for the person's turn: whoever has the
// turn may be waiting for a database that hangs.
const listTime = 8 * time.Second

// List is [rooms.Service.List] with marks and counts that hold everything that
// was acknowledged before it was asked for.
func (s *Service) List(ctx context.Context, user chat.UserID) (list []rooms.Room, err error) {
	ctx, cancel := context.WithTimeout(ctx, listTime)
	defer cancel()
	err = s.inTurn(ctx, user, func() error {
		list, err = s.settled(ctx, user, func() (part, error) {
			list, err := s.cfg.Rooms.List(ctx, user)
			return part{rooms: list}, err
		})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list rooms with counts: %w", unavailable(err))
	}
	return list, nil
}

// Page is a part of the rooms that a person is in, by id.
type Page struct {
	Rooms []rooms.Room
	Next  chat.RoomID // after of the next page; 0: this is the last
}

// Own calls tell with the next rooms behind one (0: from the first on) that the
// person is in, at most limit as the store has them, in the person's turn: what
// changes later is told later. tell must not block.
func (s *Service) Own(ctx context.Context, user chat.UserID, after chat.RoomID, limit int, tell func(Page)) error {
	ctx, cancel := context.WithTimeout(ctx, listTime)
	defer cancel()
	err := s.inTurn(ctx, user, func() error {
		var page Page
		list, err := s.settled(ctx, user, func() (part, error) {
			list, more, err := s.cfg.Rooms.Own(ctx, user, after, limit)
			if more {
				page.Next = list[len(list)-1].ID
			}
			return part{list, after, page.Next}, err
		})
		if err != nil {
			return err
		}
		page.Rooms = slices.DeleteFunc(list, func(room rooms.Room) bool { return room.Role == "" })
		tell(page)
		return nil
	})
	if err != nil {
		return fmt.Errorf("list own rooms with counts: %w", unavailable(err))
	}
	return nil
}

// part is what was read of a list: all rooms of it above after and up to last.
type part struct {
	rooms       []rooms.Room
	after, last chat.RoomID // last 0: there are none behind
}

func (p *part) reaches(id chat.RoomID) bool { return id > p.after && (p.last == 0 || id <= p.last) }

// settled reads a part of a list when what it shows has come into the store: the
// person's marks that wait to be written, and what is in the log. When the
// recorder is too far behind to be waited for, the part is brought up to this
// node's applied position instead: nobody shall be told of less than they have
// seen.
func (s *Service) settled(ctx context.Context, user chat.UserID, read func() (part, error)) ([]rooms.Room, error) {
	if err := s.write(ctx, s.waiting(user)); err != nil {
		return nil, err
	}
	unstored := s.cfg.Hub.Unstored()
	defer unstored.Release()
	stored, err := s.cfg.Hub.AwaitStored(ctx)
	if err != nil {
		return nil, err
	}
	list, err := read()
	if err != nil || stored {
		return list.rooms, err
	}
	if err := s.renew(ctx, user, &list, unstored.Rooms(user)); err != nil {
		return nil, err
	}
	return list.rooms, nil
}

// renew brings a part of a list up to this node's applied position. unstored are
// the rooms of which the store may lack something; true, if that takes the
// person in or out.
func (s *Service) renew(ctx context.Context, user chat.UserID, list *part, unstored map[chat.RoomID]bool) error {
	renewed := make([]rooms.Room, 0, len(list.rooms))
	for _, room := range list.rooms {
		_, behind := unstored[room.ID]
		delete(unstored, room.ID)
		readable := true
		if behind {
			var err error
			if readable, err = s.renewRoom(ctx, user, &room); err != nil {
				return err
			}
		}
		if readable {
			renewed = append(renewed, room)
		}
	}
	for id, concerned := range unstored {
		if !concerned || !list.reaches(id) {
			continue
		}
		room, in, err := s.entered(ctx, user, id)
		if err != nil {
			return err
		}
		if in {
			renewed = append(renewed, room)
		}
	}
	slices.SortFunc(renewed, func(a, b rooms.Room) int { return cmp.Compare(a.ID, b.ID) })
	list.rooms = renewed
	return nil
}

// entered is a room of which the store may not know that the person is in.
func (s *Service) entered(ctx context.Context, user chat.UserID, id chat.RoomID) (room rooms.Room, in bool, err error) {
	if room, err = s.cfg.Rooms.Applied(ctx, user, id); err == nil {
		in, err = s.renewRoom(ctx, user, &room)
	}
	if refusal, refused := errors.AsType[*chat.Error](err); refused && (refusal.Code == chat.NotFound || refusal.Code == chat.Forbidden) {
		return room, false, nil
	}
	return room, in && room.Role != "", err
}

// renewRoom brings a room up to this node's applied position, if that is above
// the store's. How often the person is mentioned in what is not stored is told
// when it is. It reports whether they may read the room.
func (s *Service) renewRoom(ctx context.Context, user chat.UserID, room *rooms.Room) (readable bool, err error) {
	readable = true
	var own chat.ReadMark
	err = s.cfg.Hub.View(ctx, room.ID, 1, func(v *fanout.View) error {
		if v.Head.Seq < room.Head.Seq {
			return nil
		}
		var from chat.Seq
		from, readable = v.State.ReadableFrom(user)
		room.Head, room.Members, room.Role = v.Head, len(v.State.Members), v.State.Members[user].Role
		room.Name, room.Topic, room.Archived = v.State.Name, v.State.Topic, v.State.Archived
		own = v.UnstoredMark(user)
		if last := v.LastMessage(); last != nil && last.Seq >= from {
			room.Last = last
		}
		return nil
	})
	if err != nil || !readable {
		return false, err
	}
	if room.Role == "" {
		room.Reading, room.Last, room.Settings, room.Draft = nil, nil, chat.DefaultRoomSettings, store.ListedDraft{}
		return true, nil
	}
	var reading store.Reading
	if room.Reading != nil {
		reading = *room.Reading
	} else if reading, _, _, err = s.cfg.Store.Reading(ctx, user, room.ID, own.Seq); err != nil {
		return false, fmt.Errorf("where user %d stands in room %d: %w", user, room.ID, err)
	}
	if own.Seq > reading.Mark.Seq {
		reading.Mark.Seq, reading.Mark.N = own.Seq, own.N
	}
	room.Reading = &reading
	return true, nil
}
