package gateway

import (
	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/protocol"
	"github.com/parleychat/parley/reading"
	"github.com/parleychat/parley/socketio"
)

// markUnread puts the person's read mark before an event, and tells their other
// sockets.
func (c *conn) markUnread(ev *socketio.Event) {
	var req protocol.MarkUnreadRequest
	room, ok := c.readRequest(ev, &req, &req.RoomRef)
	if !ok {
		return
	}
	c.task(ev, func() error {
		standing, err := c.gw.cfg.Reading.MarkUnread(c.ctx, reading.Reader{User: c.user(), From: c.client}, room, chat.Seq(req.Seq))
		if err != nil {
			return err
		}
		c.acknowledge(ev, protocol.MarkAck{OK: true, Standing: StandingInfo(standing)})
		return nil
	})
}
