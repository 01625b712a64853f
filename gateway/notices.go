package gateway

import (
	"context"
	"sync"
	"time"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/fanout"
	"github.com/parleychat/parley/protocol"
)

// noticeTimeout bounds the reading that a notice needs.
const noticeTimeout = 5 * time.Second

// news is something about a room that has to be told to a person's sockets, or
// to everybody's.
type news struct {
	room chat.RoomID
	user chat.UserID // 0: everybody
}

// untold is the news that could not be told yet: the room could not be opened,
// or the person's turn did not come.
type untold struct {
	mu   sync.Mutex
	news map[news]struct{}
}

// add reports whether there was nothing else.
func (u *untold) add(n news) (first bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.news == nil {
		u.news = make(map[news]struct{})
	}
	u.news[n] = struct{}{}
	return len(u.news) == 1
}

// take returns all of it, and begins anew.
func (u *untold) take() map[news]struct{} {
	u.mu.Lock()
	defer u.mu.Unlock()
	taken := u.news
	u.news = nil
	return taken
}

// Touched hears of membership events, under the hub's lock: it only marks, and
// leaves the telling to goroutines of their own. A new public room is told to
// everybody.
func (g *Gateway) Touched(t fanout.Touch) {
	g.marks.add(t.Room, t.Targets...)
	if t.Kind == chat.KindCreate {
		g.background(func() { g.tellSoon(news{room: t.Room}) })
	}
	for _, user := range t.Targets {
		if len(g.cfg.Hub.Clients(user)) > 0 {
			g.background(func() { g.tellSoon(news{t.Room, user}) })
		}
	}
}

func (g *Gateway) tellSoon(n news) {
	ctx, cancel := context.WithTimeout(context.Background(), noticeTimeout)
	defer cancel()
	g.tellNews(ctx, n)
}

// tellUntold tries once more to tell what could not be told. It does nothing
// while the last trying is under way.
func (g *Gateway) tellUntold() {
	if !g.tellingUntold.CompareAndSwap(false, true) {
		return
	}
	left := g.untold.take()
	if len(left) == 0 || !g.background(func() {
		defer g.tellingUntold.Store(false)
		ctx, cancel := context.WithTimeout(context.Background(), noticeTimeout)
		defer cancel()
		for n := range left {
			g.tellNews(ctx, n)
		}
	}) {
		g.tellingUntold.Store(false)
	}
}

// tellNews tells it, or keeps it until it can be told.
func (g *Gateway) tellNews(ctx context.Context, n news) {
	var err error
	if n.user == 0 {
		err = g.tellNewRoom(ctx, n.room)
	} else {
		err = g.tellMembership(ctx, n.room, n.user)
	}
	if err != nil && g.untold.add(n) {
		g.logger.WarnContext(ctx, "changes of members are told later", "room", n.room, "error", err)
	}
}

// tellMembership tells a person, on all of their sockets, of a room that they
// are in from now on, or no longer. It is done in their turn: a list that was
// read before it goes out before it, and one that goes out after it was read
// after it.
func (g *Gateway) tellMembership(ctx context.Context, room chat.RoomID, user chat.UserID) error {
	return g.cfg.Reading.InTurn(ctx, user, func() error {
		return g.cfg.Hub.View(ctx, room, 1, func(v *fanout.View) error {
			for _, c := range g.cfg.Hub.Clients(user) {
				g.tellRoom(v, c)
			}
			return nil
		})
	})
}

// tellNewRoom tells everybody of a public room who is not in it, and so does not
// have it in the list of their rooms.
func (g *Gateway) tellNewRoom(ctx context.Context, room chat.RoomID) error {
	return g.cfg.Hub.View(ctx, room, 1, func(v *fanout.View) error {
		if v.State.Kind != chat.PublicRoom {
			return nil
		}
		g.cfg.Hub.EachClient(func(c *fanout.Client) {
			if _, member := v.State.Members[c.User()]; !member {
				g.tellRoom(v, c)
			}
		})
		return nil
	})
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
