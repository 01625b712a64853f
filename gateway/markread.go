package gateway

import (
	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/protocol"
	"github.com/parleychat/parley/reading"
	"github.com/parleychat/parley/socketio"
)

// markRead moves the person's read mark forward, and tells their other sockets.
func (c *conn) markRead(ev *socketio.Event) {
	var req protocol.MarkReadRequest
	room, ok := c.readRequest(ev, &req, &req.RoomRef)
	if !ok {
		return
	}
	c.task(ev, func() error {
		seq, err := givenSeq("seq", req.Seq)
		if err != nil {
			return err
		}
		standing, err := c.gw.cfg.Reading.MarkRead(c.ctx, reading.Reader{User: c.user(), From: c.client}, room, seq)
		if err != nil {
			return err
		}
		c.acknowledge(ev, protocol.MarkAck{OK: true, Standing: StandingInfo(standing)})
		return nil
	})
}

// StandingInfo is where a person stands as clients get it, on sockets and over
// REST alike.
func StandingInfo(s reading.Standing) protocol.Standing {
	return protocol.Standing{
		RoomID: int64(s.Room), Read: readMark(s.Mark), Head: headOf(s.Head),
		Unread: s.Unread(), Mentions: s.Mentions,
	}
}

func readMark(m chat.ReadMark) protocol.ReadMark {
	return protocol.ReadMark{Seq: uint64(m.Seq), N: m.N, Version: m.Version}
}

// ReadChanged tells a person's other sockets that they have read, or want to
// read again. It is called in the person's turn.
func (g *Gateway) ReadChanged(change reading.Change) {
	g.lists.told(change.User, change.Room, change.Mentions)
	standing := StandingInfo(change.Standing)
	g.tellPerson(change.User, eventFrame(protocol.ReadChanged, standing), change.From)
	g.hint(hint{Read: &readHint{User: change.User, Standing: standing}})
}
