package gateway

import (
	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/protocol"
	"github.com/parleychat/parley/rooms"
	"github.com/parleychat/parley/socketio"
)

// setDraft changes what the person has begun to write in a room, and tells their
// other sockets.
func (c *conn) setDraft(ev *socketio.Event) {
	var req protocol.SetDraftRequest
	// Of the moment at which it came: a device that then sends the message is
	// later, however long this takes.
	now := c.gw.now()
	err := decode(ev, &req)
	if err == nil {
		err = c.limits.Drafts.Take(now)
	}
	var change chat.DraftChange
	if err == nil {
		change, err = chat.NewDraftChange(req.Text, req.Basis, now)
	}
	var room chat.RoomID
	if err == nil {
		room, err = c.room(req.RoomRef)
	}
	if err != nil {
		c.refuse(ev, err)
		return
	}
	c.task(ev, func() error {
		draft, err := c.gw.cfg.Rooms.SetDraft(c.ctx, c.user(), room, change, c.client)
		if err != nil {
			return err
		}
		c.acknowledge(ev, protocol.DraftAck{OK: true, DraftOfRoom: draftOf(room, draft)})
		return nil
	})
}

// MessageDraftInfo is what a person has begun to write as clients get it, on
// sockets and over REST alike.
func MessageDraftInfo(d chat.MessageDraft) protocol.MessageDraft {
	return protocol.MessageDraft{Text: d.Text, Version: d.Version, At: d.At}
}

func draftOf(room chat.RoomID, d chat.MessageDraft) protocol.DraftOfRoom {
	return protocol.DraftOfRoom{RoomID: int64(room), Draft: MessageDraftInfo(d)}
}

// DraftChanged tells a person's other sockets what they have begun to write in a
// room.
func (g *Gateway) DraftChanged(change rooms.DraftChange) {
	draft := draftOf(change.Room, change.Draft)
	g.tellPerson(change.User, eventFrame(protocol.DraftChanged, draft), change.From)
	g.hint(hint{Draft: &draftHint{User: change.User, Draft: draft}})
}
