package gateway

import (
	"context"
	"time"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/fanout"
	"github.com/parleychat/parley/protocol"
)

// noticeTimeout bounds the reading that a notice needs.
const noticeTimeout = 5 * time.Second

// Touched hears of membership events, under the hub's lock: it only marks, and
// leaves the telling to goroutines of their own.
func (g *Gateway) Touched(t fanout.Touch) {
	g.marks.add(t.Room, t.Targets...)
	g.background(func() { g.tellMembership(t) })
}

// tellMembership tells people, on all of their sockets, of rooms that they are
// in or can see from now on, or no longer. A new public room is told to
// everybody.
func (g *Gateway) tellMembership(t fanout.Touch) {
	ctx, cancel := context.WithTimeout(context.Background(), noticeTimeout)
	defer cancel()
	err := g.cfg.Hub.View(ctx, t.Room, 1, func(v *fanout.View) error {
		if t.Kind == chat.KindCreate && v.State.Kind == chat.PublicRoom {
			g.cfg.Hub.EachClient(func(c *fanout.Client) { g.tellRoom(v, c) })
			return nil
		}
		for _, user := range t.Targets {
			for _, c := range g.cfg.Hub.Clients(user) {
				g.tellRoom(v, c)
			}
		}
		return nil
	})
	if err != nil {
		g.logger.WarnContext(ctx, "a change of members was not announced", "room", t.Room, "error", err)
	}
}

// tellRoom tells one socket where its person stands with a room.
func (g *Gateway) tellRoom(v *fanout.View, c *fanout.Client) {
	if c.Shape() == fanout.Turbo {
		return
	}
	frame := eventFrame(protocol.RoomRemoved, protocol.RoomRemovedNotice{RoomID: int64(v.State.Room)})
	if _, readable := v.State.ReadableFrom(c.User()); readable {
		frame = eventFrame(protocol.RoomAdded, g.roomInfo(v, c.User()))
	}
	c.Post(func() { c.Conn().Queue(frame) })
}

// roomInfo describes an open room to one person.
func (g *Gateway) roomInfo(v *fanout.View, user chat.UserID) protocol.RoomInfo {
	return protocol.RoomInfo{
		ID:       int64(v.State.Room),
		Name:     v.State.Name,
		Kind:     string(v.State.Kind),
		Topic:    v.State.Topic,
		Archived: v.State.Archived,
		Members:  len(v.State.Members),
		Role:     string(v.State.Members[user].Role),
		Head:     headOf(v.Head),
		Peer:     peerInfo(g.cfg.Hub, v.State, user),
	}
}

func headOf(h chat.Head) protocol.Head {
	return protocol.Head{Seq: uint64(h.Seq), N: h.N, Cursor: h.Cursor().String()}
}
