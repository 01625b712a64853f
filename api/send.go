package api

import (
	"net/http"

	"github.com/parleychat/parley/auth"
	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/fanout"
	"github.com/parleychat/parley/protocol"
)

// send takes a message to the log: 201 when it is durable, 200 when it was sent
// before, 504 unknown when there was no answer in time.
func (a *api) send(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	draft, retry, err := a.draft(w, r, who.User.ID)
	if err != nil {
		return err
	}
	answer := a.cfg.Hub.SubmitWait(r.Context(), fanout.Submission{Draft: draft, Retry: retry})
	if answer.Err != nil {
		return answer.Err
	}
	writeJSON(w, created(answer.Duplicate), protocol.SendAck{
		OK:        true,
		ID:        answer.ID,
		Seq:       uint64(answer.Seq),
		Cursor:    answer.Cursor.String(),
		At:        answer.At,
		Duplicate: answer.Duplicate,
	})
	return nil
}

// draft judges what can be judged without the room.
func (a *api) draft(w http.ResponseWriter, r *http.Request, user chat.UserID) (draft chat.Record, retry bool, err error) {
	room, err := pathRoom(r)
	if err != nil {
		return draft, false, err
	}
	var body protocol.SendRequest
	if err := decode(w, r, &body); err != nil {
		return draft, false, err
	}
	if err := a.countChange(user); err != nil {
		return draft, false, err
	}
	if body.RoomName != "" || body.RoomID != 0 && chat.RoomID(body.RoomID) != room {
		return draft, false, chat.Errorf(chat.Invalid, "The room is the one in the address; leave roomId and roomName out.")
	}
	cid, err := idempotencyKey(r, body.CID)
	if err != nil {
		return draft, false, err
	}
	if cid != "" {
		if err := chat.CheckCID(cid); err != nil {
			return draft, false, err
		}
	}
	if body.MessageText == "" {
		body.MessageText = body.Message
	}
	text, err := chat.NormalizeText(body.MessageText)
	if err != nil {
		return draft, false, err
	}
	return chat.Record{Kind: chat.KindMessage, Room: room, User: user, CID: cid, Text: text}, body.Retry, nil
}
