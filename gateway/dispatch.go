package gateway

import (
	"encoding/json"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/protocol"
	"github.com/parleychat/parley/socketio"
)

// maxEventBytes is how large a client event may be.
const maxEventBytes = 128 << 10

// dispatch runs on the connection's reading goroutine: the next event of this
// socket is read when it returns.
func (c *conn) dispatch(ev *socketio.Event) {
	switch ev.Name {
	case protocol.Authenticate:
		c.authenticate(ev)
	case protocol.JoinRoom:
		c.joinRoom(ev)
	case protocol.LeaveRoom:
		c.leaveRoom(ev)
	case protocol.SendMessage:
		c.sendMessage(ev)
	case protocol.EditMessage:
		c.editMessage(ev)
	case protocol.DeleteMessage:
		c.deleteMessage(ev)
	case protocol.GetMessages:
		c.getMessages(ev)
	case protocol.GetRecentMessages:
		c.getRecentMessages(ev)
	case protocol.GetOnlineUsers:
		c.getOnlineUsers(ev)
	case protocol.OpenDirect:
		c.openDirect(ev)
	case protocol.Sync:
		c.sync(ev)
	case protocol.Typing:
		c.typing(ev)
	case protocol.MarkRead:
		c.markRead(ev)
	case protocol.MarkUnread:
		c.markUnread(ev)
	case protocol.ChangeSettings:
		c.changeSettings(ev)
	case protocol.SetDraft:
		c.setDraft(ev)
	case protocol.SearchPeople:
		c.searchPeople(ev)
	case protocol.SetStatus:
		c.setStatus(ev)
	default:
		c.refuse(ev, chat.Errorf(chat.Invalid, "There is no event of this name."))
	}
}

// decode reads an event's only argument.
func decode(ev *socketio.Event, into any) error {
	var payload json.RawMessage
	if len(ev.Args) > 0 {
		payload = ev.Args[0]
	}
	switch {
	case len(payload) > maxEventBytes:
		return chat.Errorf(chat.TooLarge, "An event may be %d KiB at most.", maxEventBytes>>10)
	case len(ev.Attachments) > 0:
		return chat.Errorf(chat.Invalid, "This event takes no binary data.")
	case len(payload) == 0 || payload[0] != '{':
		return chat.Errorf(chat.Invalid, "%s takes one object as its argument.", ev.Name)
	}
	return chat.DecodeStrict(payload, into)
}

// room finds which room an event speaks of: by its id, or by the name that
// joinRoom resolved, or by the name of a public room.
func (c *conn) room(ref protocol.RoomRef) (chat.RoomID, error) {
	if ref.RoomID != 0 {
		return chat.RoomID(ref.RoomID), nil
	}
	if ref.RoomName == "" {
		return 0, chat.Errorf(chat.Invalid, "Say which room: roomId or roomName.")
	}
	c.mu.Lock()
	id, joined := c.names[ref.RoomName]
	c.mu.Unlock()
	if joined {
		return id, nil
	}
	return c.gw.cfg.Rooms.Resolve(c.ctx, c.user(), ref.RoomName)
}

// readRequest decodes a request to read, takes it from the person's bucket and
// finds the room that ref, a part of it, names. It refuses by itself.
func (c *conn) readRequest(ev *socketio.Event, req any, ref *protocol.RoomRef) (room chat.RoomID, ok bool) {
	err := decode(ev, req)
	if err == nil {
		err = c.limits.Reads.Take(c.gw.now())
	}
	if err == nil {
		room, err = c.room(*ref)
	}
	if err != nil {
		c.refuse(ev, err)
		return 0, false
	}
	return room, true
}
