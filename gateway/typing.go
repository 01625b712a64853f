package gateway

import (
	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/fanout"
	"github.com/parleychat/parley/protocol"
	"github.com/parleychat/parley/socketio"
)

// typing tells the sockets that have the room open that the person writes. It
// runs on the reading goroutine, so that beginning and stopping keep their
// order.
func (c *conn) typing(ev *socketio.Event) {
	var req protocol.TypingRequest
	room, ok := c.readRequest(ev, &req, &req.RoomRef)
	if !ok {
		return
	}
	if err := c.tellTyping(room, req.Stopped); err != nil {
		c.refuse(ev, err)
		return
	}
	c.acknowledge(ev, protocol.OK{OK: true})
}

func (c *conn) tellTyping(room chat.RoomID, stopped bool) error {
	err := c.gw.cfg.Hub.View(c.ctx, room, 1, func(v *fanout.View) error { return mayWrite(v.State, c.user()) })
	if err != nil {
		return err
	}
	if !stopped {
		err = c.limits.Typing.Begin(room, c.gw.now())
	} else if !c.limits.Typing.Stop(room) {
		return nil // nobody was told that the person writes
	}
	if err != nil {
		return err
	}
	notice := protocol.TypingNotice{RoomID: int64(room), UserID: int64(c.user()), UserName: c.gw.cfg.Hub.Person(c.user()).Name, Stopped: stopped}
	c.gw.showTyping(notice)
	c.gw.hint(hint{Typing: &notice})
	return nil
}

// showTyping tells the sockets of this node.
func (g *Gateway) showTyping(notice protocol.TypingNotice) {
	g.cfg.Hub.BroadcastOthers(chat.RoomID(notice.RoomID), chat.UserID(notice.UserID), eventFrame(protocol.SomebodyTypes, notice))
}

// mayWrite refuses whoever could not send a message to the room.
func mayWrite(s *chat.State, user chat.UserID) error {
	if _, readable := s.ReadableFrom(user); !readable {
		return fanout.NotReadable(s, user)
	}
	if _, member := s.Members[user]; !member {
		return chat.Errorf(chat.Forbidden, "Join the room first.")
	}
	if s.Archived {
		return chat.Errorf(chat.Forbidden, "The room is archived.")
	}
	return nil
}
