package rooms

import (
	"context"
	"fmt"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/fanout"
)

const (
	// maxListed bounds one person's list: twice what a person can be in.
	maxListed = 2 * chat.MaxRoomsPerPerson
	listPart  = 500
)

// List is every public room, and every room that the person is in, by id, at
// most 10,000. It is what the store holds: a call that changes lists has
// returned only when that is stored. Heads may be a moment old.
func (s *Service) List(ctx context.Context, user chat.UserID) ([]Room, error) {
	rooms := []Room{}
	var last chat.RoomID
	for len(rooms) < maxListed {
		part, err := s.cfg.Store.ListRooms(ctx, user, last, listPart)
		if err != nil {
			return nil, unavailable(fmt.Errorf("list rooms: %w", err))
		}
		for _, room := range part.Rooms {
			rooms = append(rooms, Room{Room: room.Room, Role: room.Role})
			last = room.ID
		}
		if !part.More {
			break
		}
	}
	return rooms, nil
}

// ByID finds a room that the person may read, judged at this node's applied
// position. Everything else is [chat.NotFound], or [chat.Forbidden] for who was
// banned from a public room.
func (s *Service) ByID(ctx context.Context, user chat.UserID, id chat.RoomID) (Room, error) {
	stored, err := s.cfg.Store.RoomByID(ctx, id)
	if err != nil {
		return Room{}, hide(unavailable(fmt.Errorf("room %d: %w", id, err)))
	}
	room := Room{Room: stored}
	err = s.cfg.Hub.View(ctx, id, 0, func(v *fanout.View) error {
		if _, readable := v.State.ReadableFrom(user); !readable {
			return fanout.NotReadable(v.State, user)
		}
		room.Kind, room.Name, room.Topic, room.Archived = v.State.Kind, v.State.Name, v.State.Topic, v.State.Archived
		room.Head, room.Members = v.Head, len(v.State.Members)
		room.Role = v.State.Members[user].Role
		return nil
	})
	if err != nil {
		return Room{}, hide(fmt.Errorf("room %d: %w", id, err))
	}
	return room, nil
}

// Resolve finds the room that a name means. Names that look alike mean the
// same room. Of a room that is not public only members learn anything.
func (s *Service) Resolve(ctx context.Context, user chat.UserID, name string) (chat.RoomID, error) {
	name, err := chat.NormalizeRoomName(name)
	if err != nil {
		return 0, noSuchRoom()
	}
	room, err := s.cfg.Store.RoomByName(ctx, chat.RoomNameKey(name))
	if err != nil {
		return 0, hide(unavailable(fmt.Errorf("room by name: %w", err)))
	}
	if room.Kind != chat.PublicRoom {
		if _, err := s.ByID(ctx, user, room.ID); err != nil {
			return 0, err
		}
	}
	return room.ID, nil
}
