package gateway

import (
	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/fanout"
	"github.com/parleychat/parley/protocol"
	"github.com/parleychat/parley/rooms"
	"github.com/parleychat/parley/socketio"
)

// openDirect finds or makes the direct room with another person. The room is
// not joined by it: both people hear of a new one by roomAdded, and join it as
// any other.
func (c *conn) openDirect(ev *socketio.Event) {
	var req protocol.OpenDirectRequest
	err := decode(ev, &req)
	if err == nil {
		err = c.limits.Sends.Take(c.gw.now())
	}
	if err != nil {
		c.refuse(ev, err)
		return
	}
	c.task(ev, func() error {
		room, duplicate, err := c.gw.cfg.Rooms.OpenDirect(c.ctx, c.user(), chat.UserID(req.UserID))
		if err != nil {
			return err
		}
		info, err := c.roomInfo(room.ID, 0)
		if err != nil {
			return err
		}
		c.acknowledge(ev, protocol.OpenDirectAck{OK: true, Room: info, Duplicate: duplicate})
		return nil
	})
}

// peerInfo is the other person of a direct room, nil in any other room.
func peerInfo(hub *fanout.Hub, s *chat.State, user chat.UserID) *protocol.PersonInfo {
	other := rooms.Peer(s, user)
	if other == 0 {
		return nil
	}
	person := hub.Person(other)
	info := personInfo(person)
	return &info
}
