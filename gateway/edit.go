package gateway

import (
	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/protocol"
	"github.com/parleychat/parley/socketio"
)

// editMessage gives a message another text: the same way as a new message,
// answered behind the edit's own frame.
func (c *conn) editMessage(ev *socketio.Event) {
	var req protocol.EditRequest
	if err := decode(ev, &req); err != nil {
		c.refuse(ev, err)
		return
	}
	draft, err := c.draftChange(chat.KindEdit, req.Change)
	if err == nil {
		draft.Text, err = chat.NormalizeText(req.MessageText)
	}
	if err != nil {
		c.refuse(ev, err)
		return
	}
	c.submit(ev, draft, req.Retry)
}

// draftChange judges of a change to a message what can be judged without the
// room.
func (c *conn) draftChange(kind chat.Kind, req protocol.Change) (chat.Record, error) {
	if err := c.limits.Sends.Take(c.gw.now()); err != nil {
		return chat.Record{}, err
	}
	room, err := c.room(req.RoomRef)
	if err != nil {
		return chat.Record{}, err
	}
	draft := chat.Record{Kind: kind, Room: room, User: c.user(), CID: req.CID, TargetSeq: chat.Seq(req.TargetSeq)}
	return draft, draft.CheckChange()
}
