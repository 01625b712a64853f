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
		title: "List public rooms and those that one is in, with what is unread in these",
	}, a.listRooms)
	personal(a, operation{
		id: "searchRooms", method: http.MethodGet, path: "/api/v1/public-rooms", tag: tag,
		title: "Browse and search public rooms, page by page",
		codes: []chat.Code{chat.Invalid},
	}, a.searchRooms)
	personal(a, operation{
		id: "createRoom", method: http.MethodPost, path: "/api/v1/rooms", tag: tag, status: http.StatusCreated, repeated: true,
		title: "Make a public or private room, or a group",
		codes: []chat.Code{chat.Conflict, chat.CIDConflict, chat.NotFound, chat.Forbidden, chat.Busy, chat.Unknown},
	}, a.createRoom)
	personal(a, operation{
		id: "openDirect", method: http.MethodPost, path: "/api/v1/directs", tag: tag, status: http.StatusCreated, repeated: true,
		title: "Find or make the direct room with another person",
		codes: []chat.Code{chat.NotFound, chat.Forbidden, chat.Busy, chat.Unknown},
	}, a.openDirect)
	personal(a, operation{
		id: "getRoom", method: http.MethodGet, path: "/api/v1/rooms/{room}", tag: tag,
		title: "Describe a room",
	}, a.room)
	personal(a, operation{
		id: "changeRoom", method: http.MethodPatch, path: "/api/v1/rooms/{room}", tag: tag,
		title: "Change a room: its name, topic, kind, or whether it is archived",
		about: "One thing at a time, so that each change has a cid and an answer of its own.",
		codes: []chat.Code{chat.Conflict, chat.CIDConflict, chat.Forbidden, chat.Busy, chat.Unknown},
	}, a.changeRoom)
	personal(a, operation{
		id: "changeSettings", method: http.MethodPatch, path: "/api/v1/rooms/{room}/settings", tag: tag,
		title: "Change how one wants a room to be shown",
		about: "Starred and where among the starred, muted, and of which messages one wants to be told. The person's devices are told; nobody else learns of it.",
		codes: []chat.Code{chat.Forbidden, chat.Busy},
	}, a.changeSettings)
}

// listRooms lists public rooms and those that the person is in.
func (a *api) listRooms(ctx context.Context, who auth.Identity, _ *nothing) (*said[protocol.RoomList], error) {
	if err := a.countRead(who.User.ID); err != nil {
		return nil, err
	}
	list, err := a.cfg.Reading.List(ctx, who.User.ID)
	if err != nil {
		return nil, err
	}
	answer := protocol.RoomList{Rooms: make([]protocol.RoomInfo, 0, len(list))}
	for _, room := range list {
		answer.Rooms = append(answer.Rooms, a.cfg.Room(room))
	}
	return say(answer), nil
}

type searchIn struct {
	Text  string `query:"text" doc:"a part of the name; all public rooms when absent"`
	After number `query:"after" doc:"next of the page before"`
	Limit number `query:"limit" doc:"rooms wanted, 1 to 200, 50 when absent"`
}

// searchRooms is a page of the public rooms.
func (a *api) searchRooms(ctx context.Context, who auth.Identity, in *searchIn) (*said[protocol.RoomPage], error) {
	after, limit, err := pageOf(in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	if err := a.countRead(who.User.ID); err != nil {
		return nil, err
	}
	found, more, err := a.cfg.Rooms.Search(ctx, who.User.ID, in.Text, chat.RoomID(after), limit)
	if err != nil {
		return nil, err
	}
	answer := protocol.RoomPage{Rooms: make([]protocol.RoomInfo, 0, len(found))}
	if more {
		answer.Next = nextAfter(found[len(found)-1].ID)
	}
	for _, room := range found {
		answer.Rooms = append(answer.Rooms, a.cfg.Room(room))
	}
	return say(answer), nil
}

type createRoomIn struct {
	Idempotency
	Body protocol.CreateRoom
}

// createRoom makes a room: 201, or 200 when an earlier attempt with this cid
// made it.
func (a *api) createRoom(ctx context.Context, who auth.Identity, in *createRoomIn) (*answer[protocol.RoomInfo], error) {
	if err := a.countChange(who.User.ID); err != nil {
		return nil, err
	}
	cid, err := in.cid(in.Body.CID)
	if err != nil {
		return nil, err
	}
	draft := rooms.Draft{Kind: chat.RoomKind(in.Body.Kind), Name: in.Body.Name, Topic: in.Body.Topic, CID: cid}
	for _, id := range in.Body.Members {
		draft.Others = append(draft.Others, chat.UserID(id))
	}
	room, duplicate, err := a.cfg.Rooms.Create(ctx, who.User.ID, draft)
	if err != nil {
		return nil, err
	}
	return &answer[protocol.RoomInfo]{Status: created(duplicate), Body: a.cfg.Room(room)}, nil
}

type openDirectIn struct {
	Body protocol.OpenDirectRequest
}

// openDirect finds the direct room with another person (200), or makes it
// (201).
func (a *api) openDirect(ctx context.Context, who auth.Identity, in *openDirectIn) (*answer[protocol.RoomInfo], error) {
	if err := a.countChange(who.User.ID); err != nil {
		return nil, err
	}
	room, duplicate, err := a.cfg.Rooms.OpenDirect(ctx, who.User.ID, chat.UserID(in.Body.UserID))
	if err != nil {
		return nil, err
	}
	return &answer[protocol.RoomInfo]{Status: created(duplicate), Body: a.cfg.Room(room)}, nil
}

type changeRoomIn struct {
	RoomPath
	Idempotency
	Body protocol.ChangeRoom
}

// changeRoom changes one thing of a room.
func (a *api) changeRoom(ctx context.Context, who auth.Identity, in *changeRoomIn) (*said[protocol.Changed], error) {
	cid, err := in.cid(in.Body.CID)
	if err != nil {
		return nil, err
	}
	rec := chat.Record{User: who.User.ID, CID: cid}
	wanted := 0
	if name := in.Body.Name; name != nil {
		rec.Kind, rec.Name = chat.KindRename, *name
		wanted++
	}
	if topic := in.Body.Topic; topic != nil {
		rec.Kind, rec.Topic = chat.KindTopic, *topic
		wanted++
	}
	if kind := in.Body.Kind; kind != nil {
		rec.Kind, rec.RoomKind = chat.KindVisibility, chat.RoomKind(*kind)
		wanted++
	}
	if archived := in.Body.Archived; archived != nil {
		rec.Kind = chat.KindUnarchive
		if *archived {
			rec.Kind = chat.KindArchive
		}
		wanted++
	}
	if wanted != 1 {
		return nil, chat.Errorf(chat.Invalid, "Say one of name, topic, kind and archived: one change at a time.")
	}
	return a.changeOf(ctx, in.RoomPath, rec, in.Body.Retry)
}

// changeOf takes a change to the room of an address.
func (a *api) changeOf(ctx context.Context, in RoomPath, rec chat.Record, retry bool) (*said[protocol.Changed], error) {
	room, err := in.room()
	if err != nil {
		return nil, err
	}
	count := a.countChange
	if rec.Kind == chat.KindJoin || rec.Kind == chat.KindLeave {
		count = a.countMove
	}
	if err := count(rec.User); err != nil {
		return nil, err
	}
	rec.Room = room
	answer, err := a.cfg.Rooms.Change(ctx, rec, retry)
	if err != nil {
		return nil, err
	}
	return say(protocol.Changed{
		OK: true, Seq: uint64(answer.Seq), Cursor: answer.Cursor.String(), Already: answer.Already, Duplicate: answer.Duplicate,
	}), nil
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
	return say(a.cfg.Room(room)), nil
}

type changeSettingsIn struct {
	RoomPath
	Body protocol.ChangeSettingsBody
}

// changeSettings changes how the person wants a room to be shown.
func (a *api) changeSettings(ctx context.Context, who auth.Identity, in *changeSettingsIn) (*said[protocol.RoomSettings], error) {
	room, err := in.room()
	if err != nil {
		return nil, err
	}
	if err := a.countRead(who.User.ID); err != nil {
		return nil, err
	}
	change := chat.RoomSettingsChange{Starred: in.Body.Starred, Muted: in.Body.Muted, Notify: (*chat.NotifyLevel)(in.Body.Notify), Place: in.Body.Place}
	settings, err := a.cfg.Rooms.ChangeSettings(ctx, who.User.ID, room, change, nil)
	if err != nil {
		return nil, err
	}
	return say(protocol.RoomSettings{
		Starred: settings.Starred, Muted: settings.Muted, Notify: string(settings.Notify), Place: settings.Place, Version: settings.Version,
	}), nil
}

func person(p chat.Person) protocol.PersonInfo {
	return protocol.PersonInfo{ID: int64(p.ID), Name: p.Name, Handle: p.Handle, Picture: p.Picture}
}
