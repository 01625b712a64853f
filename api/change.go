package api

import (
	"context"

	"github.com/parleychat/parley/auth"
	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/protocol"
)

// MessagePath is the message of an address.
type MessagePath struct {
	RoomPath
	Seq number `path:"seq" doc:"the message's seq in the room"`
}

type editIn struct {
	MessagePath
	Idempotency
	Body protocol.EditMessageBody
}

// edit gives a message another text, answering as send does.
func (a *api) edit(ctx context.Context, who auth.Identity, in *editIn) (*answer[protocol.SendAck], error) {
	draft, err := a.draftChange(who.User.ID, chat.KindEdit, in.MessagePath, in.Idempotency, in.Body.CID)
	if err != nil {
		return nil, err
	}
	if draft.Text, err = chat.NormalizeText(in.Body.MessageText); err != nil {
		return nil, err
	}
	return a.submit(ctx, draft, in.Body.Retry)
}

// eraseIn has no body: proxies may drop that of a DELETE.
type eraseIn struct {
	MessagePath
	Idempotency
	CID   string `query:"cid" doc:"client's id of this deletion, not that of the message"`
	Retry bool   `query:"retry" doc:"a first copy may have been sent before"`
}

// erase deletes what a message says, answering as send does.
func (a *api) erase(ctx context.Context, who auth.Identity, in *eraseIn) (*answer[protocol.SendAck], error) {
	draft, err := a.draftChange(who.User.ID, chat.KindDelete, in.MessagePath, in.Idempotency, in.CID)
	if err != nil {
		return nil, err
	}
	return a.submit(ctx, draft, in.Retry)
}

// draftChange judges of a change to a message what can be judged without the
// room.
func (a *api) draftChange(user chat.UserID, kind chat.Kind, path MessagePath, key Idempotency, cid string) (draft chat.Record, err error) {
	room, err := path.room()
	if err != nil {
		return draft, err
	}
	seq, ok := path.Seq.positive()
	if !ok {
		return draft, chat.Errorf(chat.NotFound, "There is no such message.")
	}
	if err := a.countChange(user); err != nil {
		return draft, err
	}
	if cid, err = key.cid(cid); err != nil {
		return draft, err
	}
	draft = chat.Record{Kind: kind, Room: room, User: user, CID: cid, TargetSeq: chat.Seq(seq)}
	return draft, draft.CheckChange()
}
