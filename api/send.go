package api

import (
	"context"
	"net/http"

	"github.com/parleychat/parley/auth"
	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/fanout"
	"github.com/parleychat/parley/protocol"
)

type sendIn struct {
	RoomPath
	Idempotency
	Body protocol.SendRequest
}

// send takes a message to the log: 201 when it is durable, 200 when it was sent
// before, 504 unknown when there was no answer in time.
func (a *api) send(ctx context.Context, who auth.Identity, in *sendIn) (*answer[protocol.SendAck], error) {
	draft, err := a.draft(who.User.ID, in)
	if err != nil {
		return nil, err
	}
	return a.submit(ctx, draft, in.Body.Retry)
}

// submit takes what a call changes to the log, and answers.
func (a *api) submit(ctx context.Context, draft chat.Record, retry bool) (*answer[protocol.SendAck], error) {
	sent := a.cfg.Hub.SubmitWait(ctx, fanout.Submission{Draft: draft, Retry: retry})
	if sent.Err != nil {
		return nil, sent.Err
	}
	return &answer[protocol.SendAck]{
		Status: created(sent.Duplicate),
		Body: protocol.SendAck{
			OK:        true,
			ID:        sent.ID,
			Seq:       uint64(sent.Seq),
			Cursor:    sent.Cursor.String(),
			At:        sent.At,
			Duplicate: sent.Duplicate,
		},
	}, nil
}

// draft judges what can be judged without the room.
func (a *api) draft(user chat.UserID, in *sendIn) (chat.Record, error) {
	room, err := in.room()
	if err != nil {
		return chat.Record{}, err
	}
	if err := a.countChange(user); err != nil {
		return chat.Record{}, err
	}
	body := &in.Body
	if body.RoomName != "" || body.RoomID != 0 && chat.RoomID(body.RoomID) != room {
		return chat.Record{}, chat.Errorf(chat.Invalid, "The room is the one in the address; leave roomId and roomName out.")
	}
	cid, err := in.cid(body.CID)
	if err != nil {
		return chat.Record{}, err
	}
	if cid != "" {
		if err := chat.CheckCID(cid); err != nil {
			return chat.Record{}, err
		}
	}
	if body.MessageText == "" {
		body.MessageText = body.Message
	}
	text, err := chat.NormalizeText(body.MessageText)
	if err != nil {
		return chat.Record{}, err
	}
	return chat.Record{Kind: chat.KindMessage, Room: room, User: user, CID: cid, Text: text}, nil
}

// created is the status of a change that is done: now, or before.
func created(duplicate bool) int {
	if duplicate {
		return http.StatusOK
	}
	return http.StatusCreated
}
