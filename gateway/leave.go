package gateway

import (
	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/fanout"
	"github.com/parleychat/parley/protocol"
	"github.com/parleychat/parley/socketio"
)

// leaveRoom unsubscribes the socket and, with forever, ends the membership: the
// answer then comes when the leave is durable.
func (c *conn) leaveRoom(ev *socketio.Event) {
	var req protocol.LeaveRequest
	if err := decode(ev, &req); err != nil {
		c.refuse(ev, err)
		return
	}
	if err := c.limits.Joins.Take(c.gw.now()); err != nil {
		c.refuse(ev, err)
		return
	}
	room, err := c.room(req.RoomRef)
	if err != nil {
		c.refuse(ev, err)
		return
	}
	if !req.Forever {
		c.gw.cfg.Hub.Unsubscribe(c.client, room)
		c.acknowledge(ev, protocol.OK{OK: true})
		return
	}
	if req.CID != "" {
		if err := chat.CheckCID(req.CID); err != nil {
			c.refuse(ev, err)
			return
		}
	}
	c.gw.cfg.Hub.Submit(c.ctx, fanout.Submission{
		Draft: chat.Record{Kind: chat.KindLeave, Room: room, User: c.user(), CID: req.CID},
		From:  c.client,
		Done: func(answer chat.Answer) {
			if answer.Err != nil {
				c.refuse(ev, answer.Err)
				return
			}
			c.gw.cfg.Hub.Unsubscribe(c.client, room)
			c.acknowledge(ev, protocol.OK{OK: true})
		},
	})
}
