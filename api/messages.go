package api

import (
	"context"
	"net/http"

	"github.com/parleychat/parley/auth"
	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/history"
	"github.com/parleychat/parley/protocol"
)

func (a *api) routeMessages() {
	const tag = "Messages"
	personal(a, operation{
		id: "getMessages", method: http.MethodGet, path: "/api/v1/rooms/{room}/messages", tag: tag,
		title: "Read a page of a room's history",
		about: "The latest messages, or those before, after or around an event. Events between them are in the page too.",
		codes: []chat.Code{chat.Invalid, chat.Forbidden},
	}, a.messages)
	personal(a, operation{
		id: "sendMessage", method: http.MethodPost, path: "/api/v1/rooms/{room}/messages", tag: tag, status: http.StatusCreated, repeated: true,
		title: "Send a message",
		about: "Answered when the message is durable. Without an answer, or with a code that is not final, send the same cid again with retry.",
		codes: []chat.Code{chat.Forbidden, chat.CIDConflict, chat.Busy, chat.Unknown},
	}, a.send)
	personal(a, operation{
		id: "editMessage", method: http.MethodPatch, path: "/api/v1/rooms/{room}/messages/{seq}", tag: tag, status: http.StatusCreated, repeated: true,
		title: "Give one's own message another text",
		about: "The edit is an event of its own, answered when it is durable, as a message is.",
		codes: []chat.Code{chat.Forbidden, chat.CIDConflict, chat.Gone, chat.Busy, chat.Unknown},
	}, a.edit)
	personal(a, operation{
		id: "deleteMessage", method: http.MethodDelete, path: "/api/v1/rooms/{room}/messages/{seq}", tag: tag, status: http.StatusCreated, repeated: true,
		title: "Erase what a message says",
		about: "One's own, or as an admin of the room anybody's, for ever. The deletion is an event of its own, answered when it is durable, as a message is.",
		codes: []chat.Code{chat.Invalid, chat.Forbidden, chat.CIDConflict, chat.Gone, chat.Busy, chat.Unknown},
	}, a.erase)
}

// pageIn says which page: of the places at most one.
type pageIn struct {
	RoomPath
	Before  number `query:"before" doc:"messages before this seq, the nearest ones"`
	After   number `query:"after" doc:"messages after this seq, the nearest ones"`
	Around  number `query:"around" doc:"half of the page on each side of this seq, that message included"`
	Limit   number `query:"limit" doc:"messages wanted, 1 to 200, 50 when absent"`
	AtLeast string `query:"atLeast" doc:"cursor that the answer must include"`
}

// messages answers one page of a room's history: the latest, or before, after
// or around a seq.
func (a *api) messages(ctx context.Context, who auth.Identity, in *pageIn) (*said[protocol.PageAck], error) {
	room, err := in.room()
	if err != nil {
		return nil, err
	}
	query, err := in.query()
	if err != nil {
		return nil, err
	}
	if err := a.countRead(who.User.ID); err != nil {
		return nil, err
	}
	page, err := a.cfg.Reader.Page(ctx, who.User.ID, room, query)
	if err != nil {
		return nil, err
	}
	answer, err := a.cfg.Page(ctx, page)
	if err != nil {
		return nil, err
	}
	return say(answer), nil
}

// query reads which page is wanted; its limit is clamped to 1–200.
func (in *pageIn) query() (query history.PageQuery, err error) {
	places := 0
	for _, place := range []struct {
		name  string
		value number
		into  *chat.Seq
	}{{"before", in.Before, &query.Before}, {"after", in.After, &query.After}, {"around", in.Around, &query.Around}} {
		if !place.value.given() {
			continue
		}
		places++
		seq, ok := place.value.positive()
		if !ok {
			return query, chat.Errorf(chat.Invalid, "%s is the number of an event, 1 or more.", place.name)
		}
		*place.into = chat.Seq(seq)
	}
	if places > 1 {
		return query, chat.Errorf(chat.Invalid, "Give one of before, after and around.")
	}
	if query.Limit, err = in.Limit.pageSize(); err != nil {
		return query, err
	}
	if in.AtLeast != "" {
		if query.AtLeast, err = chat.ParseCursor(in.AtLeast); err != nil {
			return query, err
		}
	}
	return query, nil
}
