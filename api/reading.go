package api

import (
	"context"
	"net/http"

	"github.com/parleychat/parley/auth"
	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/protocol"
	"github.com/parleychat/parley/reading"
)

func (a *api) routeReading() {
	const tag = "Reading"
	personal(a, operation{
		id: "listOwnRooms", method: http.MethodGet, path: "/api/v1/me/rooms", tag: tag,
		title: "List the rooms that one is in, with what is unread, page by page",
		about: "It holds everything that was acknowledged before it was asked for. On sockets: sync.",
		codes: []chat.Code{chat.Invalid},
	}, a.ownRooms)
	personal(a, operation{
		id: "markRead", method: http.MethodPut, path: "/api/v1/rooms/{room}/read", tag: tag,
		title: "Say that one has read up to an event",
		about: "Forward only. The person's devices are told.",
		codes: []chat.Code{chat.Forbidden},
	}, a.markRead)
	personal(a, operation{
		id: "markUnread", method: http.MethodPut, path: "/api/v1/rooms/{room}/unread", tag: tag,
		title: "Let a room be unread again from an event on",
		about: "What is before it counts as read. The person's devices are told.",
		codes: []chat.Code{chat.Forbidden},
	}, a.markUnread)
}

type ownRoomsIn struct {
	After number `query:"after" doc:"next of the page before"`
	Limit number `query:"limit" doc:"rooms wanted, 1 to 200, 50 when absent"`
}

// ownRooms is a page of the rooms that the person is in.
func (a *api) ownRooms(ctx context.Context, who auth.Identity, in *ownRoomsIn) (*said[protocol.OwnRoomPage], error) {
	after, limit, err := pageOf(in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	if err := a.countRead(who.User.ID); err != nil {
		return nil, err
	}
	answer := protocol.OwnRoomPage{Rooms: []protocol.RoomInfo{}}
	err = a.cfg.Reading.Own(ctx, who.User.ID, chat.RoomID(after), limit, func(page reading.Page) {
		for _, room := range page.Rooms {
			answer.Rooms = append(answer.Rooms, a.cfg.Room(room))
		}
		if page.Next != 0 {
			answer.Next = nextAfter(page.Next)
		}
	})
	if err != nil {
		return nil, err
	}
	return say(answer), nil
}

type markReadIn struct {
	RoomPath
	Body protocol.MarkReadBody
}

// markRead moves the person's read mark forward.
func (a *api) markRead(ctx context.Context, who auth.Identity, in *markReadIn) (*said[protocol.Standing], error) {
	seq := uint64(0) // the present end
	if in.Body.Seq != nil {
		if seq = *in.Body.Seq; seq == 0 {
			return nil, chat.Errorf(chat.Invalid, "seq is the number of an event, 1 or more; leave it out for the room's present end.")
		}
	}
	return a.mark(ctx, who, in.RoomPath, seq, a.cfg.Reading.MarkRead)
}

type markUnreadIn struct {
	RoomPath
	Body protocol.MarkUnreadBody
}

// markUnread puts the person's read mark before an event.
func (a *api) markUnread(ctx context.Context, who auth.Identity, in *markUnreadIn) (*said[protocol.Standing], error) {
	return a.mark(ctx, who, in.RoomPath, in.Body.Seq, a.cfg.Reading.MarkUnread)
}

func (a *api) mark(ctx context.Context, who auth.Identity, in RoomPath, seq uint64,
	move func(context.Context, reading.Reader, chat.RoomID, chat.Seq) (reading.Standing, error),
) (*said[protocol.Standing], error) {
	room, err := in.room()
	if err != nil {
		return nil, err
	}
	if err := a.countRead(who.User.ID); err != nil {
		return nil, err
	}
	standing, err := move(ctx, reading.Reader{User: who.User.ID}, room, chat.Seq(seq))
	if err != nil {
		return nil, err
	}
	return say(a.cfg.Standing(standing)), nil
}
