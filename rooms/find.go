package rooms

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/fanout"
	"github.com/parleychat/parley/store"
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
			rooms = append(rooms, listed(room))
			last = room.ID
		}
		if !part.More {
			break
		}
	}
	return rooms, s.knowShown(ctx, rooms)
}

// Own is the next rooms behind one that the person is in, by id, at most limit,
// as the store holds them; more says that there are others behind them.
func (s *Service) Own(ctx context.Context, user chat.UserID, after chat.RoomID, limit int) (rooms []Room, more bool, err error) {
	part, err := s.cfg.Store.OwnRooms(ctx, user, after, limit)
	if err != nil {
		return nil, false, unavailable(fmt.Errorf("list own rooms: %w", err))
	}
	for _, room := range part.Rooms {
		rooms = append(rooms, listed(room))
	}
	return rooms, part.More, s.knowShown(ctx, rooms)
}

func listed(room store.ListedRoom) Room {
	return Room{Room: room.Room, Role: room.Role, Peer: room.Peer, Reading: room.Reading, Settings: room.Settings, Draft: room.Draft, Last: room.Last}
}

// knowShown makes the hub know how the people are called whom a list shows.
func (s *Service) knowShown(ctx context.Context, rooms []Room) error {
	shown := make(map[chat.UserID]bool)
	for _, room := range rooms {
		shown[room.Peer] = true
		if room.Last != nil {
			shown[room.Last.User] = true
		}
	}
	delete(shown, 0)
	return s.know(ctx, slices.Collect(maps.Keys(shown)))
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
	return s.asOf(ctx, user, id, 0)
}

// Applied is [Service.ByID] as of what this node has applied; what the log has
// above that is not waited for.
func (s *Service) Applied(ctx context.Context, user chat.UserID, id chat.RoomID) (Room, error) {
	return s.asOf(ctx, user, id, 1)
}

// asOf finds a room as of the event atLeast or later, as [fanout.Hub.View] has
// it.
func (s *Service) asOf(ctx context.Context, user chat.UserID, id chat.RoomID, atLeast chat.Seq) (Room, error) {
	stored, err := s.cfg.Store.RoomByID(ctx, id)
	if err != nil {
		return Room{}, hide(unavailable(fmt.Errorf("room %d: %w", id, err)))
	}
	room := Room{Room: stored}
	err = s.cfg.Hub.View(ctx, id, atLeast, func(v *fanout.View) error {
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
	found, err := s.cfg.Store.SearchRooms(ctx, user, chat.SearchForRooms(text), after, limit+1)
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
