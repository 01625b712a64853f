package server

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/parleychat/parley/admin"
	"github.com/parleychat/parley/chat"
)

// RoomRequest says which room: by id, or a public one by its name.
type RoomRequest struct {
	Room string `json:"room"`
	Name string `json:"name,omitempty"` // for "room-rename"
}

// RoomLine is one line of the answers about rooms. What was said in a room is
// in none.
type RoomLine struct {
	ID        int64  `json:"id"`
	Kind      string `json:"kind"`
	Name      string `json:"name,omitempty"`
	Topic     string `json:"topic,omitempty"`
	Archived  bool   `json:"archived,omitempty"`
	Members   int    `json:"members"`
	Messages  uint64 `json:"messages"` // deleted ones too
	Events    uint64 `json:"events"`
	CreatedBy int64  `json:"createdBy"`
	CreatedAt int64  `json:"createdAt"` // ms UTC
	// Already and InTheNameOf tell of a change: whether the room was like that
	// before, and which of its owners it was done for.
	Already     bool   `json:"already,omitempty"`
	InTheNameOf string `json:"inTheNameOf,omitempty"` // a handle
}

// MemberLine is a member of a room.
type MemberLine struct {
	ID     int64  `json:"id"`
	Handle string `json:"handle"`
	Name   string `json:"name"`
	Role   string `json:"role"`
	From   uint64 `json:"from"` // seq of the latest join
}

func roomLine(r chat.Room) RoomLine {
	return RoomLine{
		ID: int64(r.ID), Kind: string(r.Kind), Name: r.Name, Topic: r.Topic, Archived: r.Archived, Members: r.Members,
		Messages: r.Head.N, Events: uint64(r.Head.Seq), CreatedBy: int64(r.CreatedBy), CreatedAt: r.CreatedAt,
	}
}

// roomCommands are what an operator can do about rooms: see which there are and
// who is in them, and close or rename one that nobody else looks after.
func (d *desk) roomCommands() admin.Commands {
	return admin.Commands{
		"room-list":      admin.Typed(d.listRooms),
		"room-show":      admin.Typed(d.showRoom),
		"room-members":   admin.Typed(d.listMembers),
		"room-archive":   admin.Typed(d.changeRoom(chat.KindArchive)),
		"room-unarchive": admin.Typed(d.changeRoom(chat.KindUnarchive)),
		"room-rename":    admin.Typed(d.changeRoom(chat.KindRename)),
	}
}

const (
	roomsAtOnce   = 500
	membersAtOnce = 500
)

// listRooms tells all rooms, by id.
func (d *desk) listRooms(ctx context.Context, _ struct{}, answer *admin.Answer) error {
	for after := chat.RoomID(0); ; {
		rooms, err := d.store.EveryRoom(ctx, after, roomsAtOnce)
		if err != nil {
			return err
		}
		for _, room := range rooms {
			if err := answer.Tell(roomLine(room)); err != nil {
				return err
			}
		}
		if len(rooms) < roomsAtOnce {
			return nil
		}
		after = rooms[len(rooms)-1].ID
	}
}

// findRoom finds which room an operator means.
func (d *desk) findRoom(ctx context.Context, which string) (chat.Room, error) {
	if id, err := strconv.ParseInt(which, 10, 64); err == nil {
		room, err := d.store.RoomByID(ctx, chat.RoomID(id))
		return room, plain(err)
	}
	name, err := chat.NormalizeRoomName(which)
	if err != nil {
		return chat.Room{}, fmt.Errorf("%q is no id and no name of a room", which)
	}
	room, err := d.store.RoomByName(ctx, chat.RoomNameKey(name))
	return room, plain(err)
}

// showRoom tells one room.
func (d *desk) showRoom(ctx context.Context, request RoomRequest, answer *admin.Answer) error {
	room, err := d.findRoom(ctx, request.Room)
	if err != nil {
		return err
	}
	return answer.Tell(roomLine(room))
}

// listMembers tells who is in a room, by id.
func (d *desk) listMembers(ctx context.Context, request RoomRequest, answer *admin.Answer) error {
	room, err := d.findRoom(ctx, request.Room)
	if err != nil {
		return err
	}
	return d.eachMember(ctx, room.ID, func(m MemberLine) error { return answer.Tell(m) })
}

func (d *desk) eachMember(ctx context.Context, room chat.RoomID, tell func(MemberLine) error) error {
	for after := chat.UserID(0); ; {
		members, err := d.store.ListMembers(ctx, room, after, membersAtOnce)
		if err != nil {
			return err
		}
		for _, m := range members {
			if err := tell(MemberLine{ID: int64(m.ID), Handle: m.Handle, Name: m.Name, Role: string(m.Role), From: uint64(m.From)}); err != nil {
				return err
			}
		}
		if len(members) < membersAtOnce {
			return nil
		}
		after = members[len(members)-1].ID
	}
}

var (
	errNoServer   = errors.New("a room changes by an event that its members see, so a server has to run: start it, and ask again")
	errOwnerFound = errors.New("found")
)

// changeRoom makes a command of a change. Events have an author who may do what
// they say, and an operator is nobody in a room: it is done in the name of the
// owner who was there first, and the answer says so.
func (d *desk) changeRoom(kind chat.Kind) func(context.Context, RoomRequest, *admin.Answer) error {
	return func(ctx context.Context, request RoomRequest, answer *admin.Answer) error {
		if d.server == nil {
			return errNoServer
		}
		room, err := d.findRoom(ctx, request.Room)
		if err != nil {
			return err
		}
		owner, err := d.ownerOf(ctx, room)
		if err != nil {
			return err
		}
		changed, err := d.server.rooms.Change(ctx, chat.Record{Kind: kind, Room: room.ID, User: chat.UserID(owner.ID), Name: request.Name}, false)
		if err != nil {
			return plain(err)
		}
		if room, err = d.store.RoomByID(ctx, room.ID); err != nil {
			return err
		}
		line := roomLine(room)
		line.Already, line.InTheNameOf = changed.Already, owner.Handle
		return answer.Tell(line)
	}
}

// ownerOf is the owner of a room who was there first.
func (d *desk) ownerOf(ctx context.Context, room chat.Room) (owner MemberLine, err error) {
	err = d.eachMember(ctx, room.ID, func(m MemberLine) error {
		if m.Role == string(chat.RoleOwner) {
			owner = m
			return errOwnerFound
		}
		return nil
	})
	switch {
	case errors.Is(err, errOwnerFound):
		return owner, nil
	case err != nil:
		return owner, err
	}
	return owner, fmt.Errorf("room %d is a %s room, which has no owner: its members alone can change it", room.ID, room.Kind)
}
