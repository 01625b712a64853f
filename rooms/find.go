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
	var peers []chat.UserID
	var last chat.RoomID
	for len(rooms) < maxListed {
		part, err := s.cfg.Store.ListRooms(ctx, user, last, listPart)
		if err != nil {
			return nil, unavailable(fmt.Errorf("list rooms: %w", err))
		}
		for _, room := range part.Rooms {
			rooms = append(rooms, Room{Room: room.Room, Role: room.Role, Peer: room.Peer})
			last = room.ID
			if room.Peer != 0 {
				peers = append(peers, room.Peer)
			}
		}
		if !part.More {
			break
		}
	}
	if err := s.know(ctx, peers); err != nil {
		return nil, err
	}
	return rooms, nil
}

// know makes the hub know how people are called.
func (s *Service) know(ctx context.Context, ids []chat.UserID) error {
	var strangers []chat.UserID
	for _, id := range ids {
		if s.cfg.Hub.Person(id).Name == "" {
			strangers = append(strangers, id)
		}
	}
	if len(strangers) == 0 {
		return nil
	}
	people, err := s.cfg.Store.People(ctx, strangers)
	if err != nil {
		return unavailable(fmt.Errorf("look people up: %w", err))
	}
	s.cfg.Hub.KnowPeople(people...)
	return nil
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
		room.Peer = Peer(v.State, user)
		return nil
	})
	if err != nil {
		return Room{}, hide(fmt.Errorf("room %d: %w", id, err))
	}
	if room.Peer != 0 {
		return room, s.know(ctx, []chat.UserID{room.Peer})
	}
	return room, nil
}

// Peer is the other person of a direct room, 0 of any other room.
func Peer(s *chat.State, user chat.UserID) chat.UserID {
	if s.Kind == chat.DirectRoom {
		for other := range s.Members {
			if other != user {
				return other
			}
		}
	}
	return 0
}

// Search is a page of the public rooms whose names contain text, however it is
// written (all of them when it is empty), by id.
func (s *Service) Search(ctx context.Context, user chat.UserID, text string, after chat.RoomID, limit int) (rooms []Room, more bool, err error) {
	if len(text) > maxSearchBytes {
		return nil, false, chat.Errorf(chat.Invalid, "What is searched for has more than %d bytes.", maxSearchBytes)
	}
	found, err := s.cfg.Store.SearchRooms(ctx, user, chat.RoomNameKey(text), after, limit+1)
	if err != nil {
		return nil, false, unavailable(fmt.Errorf("search rooms: %w", err))
	}
	more = len(found) > limit
	rooms = []Room{}
	for _, room := range found[:min(limit, len(found))] {
		rooms = append(rooms, Room{Room: room.Room, Role: room.Role})
	}
	return rooms, more, nil
}

// maxSearchBytes bounds what is looked for in names.
const maxSearchBytes = 4 * chat.MaxRoomNameChars

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
