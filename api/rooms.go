package api

import (
	"context"
	"net/http"

	"github.com/parleychat/parley/auth"
	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/protocol"
	"github.com/parleychat/parley/rooms"
)

func (a *api) routeRooms() {
	const tag = "Rooms"
	personal(a, operation{
		id: "listRooms", method: http.MethodGet, path: "/api/v1/rooms", tag: tag,
		title: "List public rooms and those that one is in",
	}, a.listRooms)
	personal(a, operation{
		id: "createRoom", method: http.MethodPost, path: "/api/v1/rooms", tag: tag, status: http.StatusCreated, repeated: true,
		title: "Make a public room",
		codes: []chat.Code{chat.Conflict, chat.CIDConflict, chat.Busy, chat.Unknown},
	}, a.createRoom)
	personal(a, operation{
		id: "getRoom", method: http.MethodGet, path: "/api/v1/rooms/{room}", tag: tag,
		title: "Describe a room",
	}, a.room)
}

// listRooms lists public rooms and those that the person is in.
func (a *api) listRooms(ctx context.Context, who auth.Identity, _ *nothing) (*said[protocol.RoomList], error) {
	if err := a.countRead(who.User.ID); err != nil {
		return nil, err
	}
	list, err := a.cfg.Rooms.List(ctx, who.User.ID)
	if err != nil {
		return nil, err
	}
	answer := protocol.RoomList{Rooms: make([]protocol.RoomInfo, 0, len(list))}
	for _, room := range list {
		answer.Rooms = append(answer.Rooms, roomInfo(room))
	}
	return say(answer), nil
}

type createRoomIn struct {
	Idempotency
	Body protocol.CreateRoom
}

// createRoom makes a public room: 201, or 200 when an earlier attempt with this
// cid made it.
func (a *api) createRoom(ctx context.Context, who auth.Identity, in *createRoomIn) (*answer[protocol.RoomInfo], error) {
	if err := a.countChange(who.User.ID); err != nil {
		return nil, err
	}
	cid, err := in.cid(in.Body.CID)
	if err != nil {
		return nil, err
	}
	room, duplicate, err := a.cfg.Rooms.Create(ctx, who.User.ID, in.Body.Name, cid)
	if err != nil {
		return nil, err
	}
	return &answer[protocol.RoomInfo]{Status: created(duplicate), Body: roomInfo(room)}, nil
}

// room describes one room.
func (a *api) room(ctx context.Context, who auth.Identity, in *RoomPath) (*said[protocol.RoomInfo], error) {
	id, err := in.room()
	if err != nil {
		return nil, err
	}
	if err := a.countRead(who.User.ID); err != nil {
		return nil, err
	}
	room, err := a.cfg.Rooms.ByID(ctx, who.User.ID, id)
	if err != nil {
		return nil, err
	}
	return say(roomInfo(room)), nil
}

func roomInfo(room rooms.Room) protocol.RoomInfo {
	return protocol.RoomInfo{
		ID:        int64(room.ID),
		Name:      room.Name,
		Kind:      string(room.Kind),
		Topic:     room.Topic,
		Archived:  room.Archived,
		Members:   room.Members,
		Role:      string(room.Role),
		Head:      protocol.Head{Seq: uint64(room.Head.Seq), N: room.Head.N, Cursor: room.Head.Cursor().String()},
		CreatedAt: room.CreatedAt,
	}
}
