package api

import (
	"context"
	"net/http"
	"time"

	"github.com/parleychat/parley/auth"
	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/protocol"
	"github.com/parleychat/parley/rooms"
)

func (a *api) routeRoomLinks() {
	const tag = "Links"
	personal(a, operation{
		id: "addLink", method: http.MethodPost, path: "/api/v1/rooms/{room}/links", tag: tag, status: http.StatusCreated,
		title: "Make a link that lets people into a room, for its admins and owners",
		about: "It works in the name of whoever made it, as long as they may invite. The token is shown once.",
		codes: []chat.Code{chat.Forbidden},
	}, a.addLink)
	personal(a, operation{
		id: "listLinks", method: http.MethodGet, path: "/api/v1/rooms/{room}/links", tag: tag,
		title: "List the links into a room, for its admins and owners",
		codes: []chat.Code{chat.Forbidden},
	}, a.listLinks)
	personal(a, operation{
		id: "removeLink", method: http.MethodDelete, path: "/api/v1/rooms/{room}/links/{link}", tag: tag,
		title: "End a link, for the room's admins and owners",
		codes: []chat.Code{chat.Forbidden},
	}, a.removeLink)
	personal(a, operation{
		id: "lookLink", method: http.MethodPost, path: "/api/v1/links/look", tag: tag,
		title: "See where a link leads",
		codes: []chat.Code{chat.NotFound},
	}, a.lookLink)
	personal(a, operation{
		id: "joinByLink", method: http.MethodPost, path: "/api/v1/links/join", tag: tag,
		title: "Become a member of the room that a link leads to",
		codes: []chat.Code{chat.NotFound, chat.Busy, chat.Unknown},
	}, a.joinByLink)
}

type addLinkIn struct {
	RoomPath
	Body protocol.NewLink
}

func (a *api) addLink(ctx context.Context, who auth.Identity, in *addLinkIn) (*said[protocol.LinkInfo], error) {
	room, err := in.room()
	if err != nil {
		return nil, err
	}
	if err := a.countChange(who.User.ID); err != nil {
		return nil, err
	}
	// Beyond any bound seconds would not fit a duration.
	lasts := time.Duration(min(max(in.Body.Lasts, -1), 1<<32)) * time.Second
	link, token, err := a.cfg.Rooms.AddLink(ctx, who.User.ID, room, lasts, in.Body.Uses)
	if err != nil {
		return nil, err
	}
	info := roomLinkInfo(link)
	info.Token = token
	return say(info), nil
}

func (a *api) listLinks(ctx context.Context, who auth.Identity, in *RoomPath) (*said[protocol.LinkList], error) {
	room, err := in.room()
	if err != nil {
		return nil, err
	}
	if err := a.countRead(who.User.ID); err != nil {
		return nil, err
	}
	links, err := a.cfg.Rooms.Links(ctx, who.User.ID, room)
	if err != nil {
		return nil, err
	}
	answer := protocol.LinkList{Links: make([]protocol.LinkInfo, 0, len(links))}
	for _, link := range links {
		answer.Links = append(answer.Links, roomLinkInfo(link))
	}
	return say(answer), nil
}

type removeLinkIn struct {
	RoomPath
	Link number `path:"link" doc:"the link's id"`
}

func (a *api) removeLink(ctx context.Context, who auth.Identity, in *removeLinkIn) (*nothing, error) {
	room, err := in.room()
	if err != nil {
		return nil, err
	}
	id, ok := in.Link.positive()
	if !ok {
		return nil, chat.Errorf(chat.NotFound, "There is no such link.")
	}
	if err := a.countChange(who.User.ID); err != nil {
		return nil, err
	}
	return &nothing{}, a.cfg.Rooms.RemoveLink(ctx, who.User.ID, room, id)
}

type linkIn struct {
	Body protocol.LinkToken
}

func (a *api) lookLink(ctx context.Context, who auth.Identity, in *linkIn) (*said[protocol.LinkedRoom], error) {
	if err := a.countRead(who.User.ID); err != nil {
		return nil, err
	}
	room, err := a.cfg.Rooms.LinkedRoom(ctx, who.User.ID, in.Body.Token)
	if err != nil {
		return nil, err
	}
	return say(protocol.LinkedRoom{RoomID: int64(room.ID), Name: room.Name, Kind: string(room.Kind)}), nil
}

func (a *api) joinByLink(ctx context.Context, who auth.Identity, in *linkIn) (*said[protocol.RoomInfo], error) {
	if err := a.countMove(who.User.ID); err != nil {
		return nil, err
	}
	room, err := a.cfg.Rooms.JoinByLink(ctx, who.User.ID, in.Body.Token)
	if err != nil {
		return nil, err
	}
	return say(a.cfg.Room(room)), nil
}

func roomLinkInfo(link rooms.Link) protocol.LinkInfo {
	return protocol.LinkInfo{ID: link.ID, CreatedBy: int64(link.CreatedBy), ExpiresAt: link.ExpiresAt, UsesLeft: link.UsesLeft}
}
