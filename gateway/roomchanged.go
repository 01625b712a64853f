package gateway

import (
	"context"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/fanout"
	"github.com/parleychat/parley/protocol"
	"github.com/parleychat/parley/reading"
)

// Recorded hears of every record of the log, under the hub's lock: it only
// marks.
func (g *Gateway) Recorded(e *chat.Envelope) { g.lists.recorded(e) }

// tellChanges tells, once a second, who sees a room in their list that something
// happened there. It does nothing while the last telling is under way: what
// happens meanwhile is told next.
func (g *Gateway) tellChanges() {
	if !g.telling.CompareAndSwap(false, true) {
		return
	}
	changed := g.lists.take()
	if changed == nil || !g.background(func() {
		defer g.telling.Store(false)
		ctx, cancel := context.WithTimeout(context.Background(), noticeTimeout)
		defer cancel()
		for room, change := range changed {
			g.tellChange(ctx, room, change)
		}
	}) {
		g.telling.Store(false)
	}
}

// tellChange tells of one room: everybody how far it has come, and people whose
// own counts may have changed these too.
func (g *Gateway) tellChange(ctx context.Context, room chat.RoomID, change *roomChange) {
	listeners, counts := g.lists.audience(room, change)
	var notice protocol.RoomChanged
	var last *chat.Event
	firsts := make(map[chat.UserID]chat.Seq) // of the members: the first event that they may read
	err := g.cfg.Hub.View(ctx, room, 1, func(v *fanout.View) error {
		notice = protocol.RoomChanged{RoomID: int64(room), Head: headOf(v.Head)}
		last = v.LastMessage()
		for _, users := range [][]chat.UserID{listeners, counts} {
			for _, user := range users {
				from, readable := v.State.ReadableFrom(user)
				if _, member := v.State.Members[user]; member && readable {
					firsts[user] = from
				}
			}
		}
		return nil
	})
	if err != nil {
		if chat.AsError(err).Code != chat.NotFound {
			g.lists.recordedAgain(room, change) // told when the room can be opened
		}
		return
	}
	if last != nil {
		notice.Last = g.lastMessage(last)
	}
	frames := newChangeFrames(notice)
	for _, user := range listeners {
		from, member := firsts[user]
		if !member {
			g.lists.hide(user, room)
			continue
		}
		frame := frames.reading(from)
		for _, c := range g.lists.socketsOf(user) {
			c.client.Post(func() {
				if !c.client.Subscribed(room) {
					c.socket.Queue(frame)
				}
			})
		}
	}
	for _, user := range counts {
		from, member := firsts[user]
		if !member {
			g.lists.hide(user, room)
			continue
		}
		if err := g.tellCounts(ctx, user, frames.notice(from)); err != nil {
			// The database is away, or behind.
			g.lists.again(user, room)
		}
	}
}

// changeFrames is a notice as those get it who may read its last message, and
// those who may not.
type changeFrames struct {
	full, bare           protocol.RoomChanged
	fullFrame, bareFrame []byte
}

func newChangeFrames(notice protocol.RoomChanged) *changeFrames {
	f := &changeFrames{full: notice, bare: notice}
	f.bare.Last = nil
	f.fullFrame = eventFrame(protocol.RoomChange, f.full)
	f.bareFrame = eventFrame(protocol.RoomChange, f.bare)
	return f
}

// notice is the notice for somebody who may read from an event on.
func (f *changeFrames) notice(from chat.Seq) protocol.RoomChanged {
	if f.full.Last != nil && chat.Seq(f.full.Last.Seq) < from {
		return f.bare
	}
	return f.full
}

func (f *changeFrames) reading(from chat.Seq) []byte {
	if f.full.Last != nil && chat.Seq(f.full.Last.Seq) < from {
		return f.bareFrame
	}
	return f.fullFrame
}

// tellCounts tells one person of a change with their own counts, on all of their
// sockets that have synced.
func (g *Gateway) tellCounts(ctx context.Context, user chat.UserID, notice protocol.RoomChanged) error {
	return g.cfg.Reading.Stand(ctx, user, chat.RoomID(notice.RoomID), func(s reading.Standing) {
		mark := readMark(s.Mark)
		notice.Head, notice.Read, notice.Unread, notice.Mentions = headOf(s.Head), &mark, s.Unread(), s.Mentions
		g.lists.show(user, s.Room, s.Mentions)
		frame := eventFrame(protocol.RoomChange, notice)
		for _, c := range g.lists.socketsOf(user) {
			c.queue(frame)
		}
	})
}
