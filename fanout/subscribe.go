package fanout

import (
	"context"

	"github.com/parleychat/parley/chat"
)

// Subscription is a socket's place in a room while it catches up.
type Subscription struct {
	client   *Client
	audience *audience
}

// Subscribe gives a client the room's events from the returned head on. They
// are held back until [Subscription.Live], so that what came before can be sent
// first. A subscription of the same client to the same room is ended by it.
func (h *Hub) Subscribe(ctx context.Context, c *Client, id chat.RoomID) (*Subscription, chat.Head, error) {
	var sub *Subscription
	var head chat.Head
	err := h.withRoom(ctx, id, func(r *room) error {
		from, readable := r.state.ReadableFrom(c.user)
		if !readable {
			return NotReadable(r.state, c.user)
		}
		a := &r.audiences[c.shard.index]
		last := r.state.Head.Seq
		r.subscribers[c.Shape()]++
		r.sockets[c.shard.index]++
		if from > 1 {
			r.latecomers++
		}
		c.shard.post(job{run: func(*shard) {
			a.remove(c)
			if c.detached {
				h.unsubscribed(r.id, c, from > 1)
				return
			}
			a.add(c, from, last)
		}})
		sub, head = &Subscription{c, a}, r.state.Head
		return nil
	})
	return sub, head, err
}

// Live sends what was held back since Subscribe, behind everything that was
// posted to the client before, and everything else as it comes.
func (s *Subscription) Live() { s.client.Live(nil, s) }

// Live queues a frame, if there is one, and begins the subscriptions, with
// nothing in between: a client that was told that it is subscribed gets the
// answer of what it sends then behind the event. Were the frame posted before,
// the event could still be held back when the answer comes.
func (c *Client) Live(frame []byte, subs ...*Subscription) {
	c.shard.post(job{to: c, run: func(sh *shard) {
		if frame != nil {
			sh.queue(c, frame)
		}
		for _, sub := range subs {
			sub.audience.live(sh, c)
		}
	}})
}

// Cancel ends the subscription.
func (s *Subscription) Cancel() {
	s.client.shard.post(job{run: func(*shard) { s.audience.remove(s.client) }})
}

// Unsubscribe ends the client's subscription of the room, if there is one.
func (h *Hub) Unsubscribe(c *Client, id chat.RoomID) {
	c.shard.post(job{run: func(*shard) {
		for _, place := range c.seats {
			if place.audience.room == id {
				place.audience.remove(c)
				return
			}
		}
	}})
}

// BroadcastView sends something that is no event, and may be lost, to the
// sockets of this node that are subscribed to the room and not catching up.
// frame is called once for each shape that somebody wants, with the room at the
// applied position, under the partition's lock; nil sends nothing.
func (h *Hub) BroadcastView(id chat.RoomID, frame func(*View, Shape) []byte) {
	p, err := h.partitionOf(context.Background(), id)
	if err != nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.rooms[id]
	if r == nil {
		return
	}
	var frames [shapes][]byte
	wanted := false
	for shape, n := range r.subscribers {
		if n > 0 {
			frames[shape] = frame(r.view(), Shape(shape))
			wanted = true
		}
	}
	if !wanted {
		return
	}
	r.broadcast(job{frames: frames})
}

// BroadcastOthers sends a frame that is no event, and may be lost, to the
// sockets of this node that are subscribed to the room and not catching up, in
// the modern shape, but for those of one person.
func (h *Hub) BroadcastOthers(id chat.RoomID, but chat.UserID, frame []byte) {
	if _, known := h.places.find(id); !known && len(h.parts) > 1 {
		return // nobody has it open here; the store is not asked for this
	}
	p, err := h.partitionOf(context.Background(), id)
	if err != nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.rooms[id]
	if r == nil || r.subscribers[Modern] == 0 {
		return
	}
	r.broadcast(job{frames: [shapes][]byte{Modern: frame}, but: but})
}

// OpenRoomsOf lists the rooms that are open on this node and have the person as
// a member.
func (h *Hub) OpenRoomsOf(user chat.UserID) []chat.RoomID {
	var ids []chat.RoomID
	for _, p := range h.parts {
		p.mu.Lock()
		for id, r := range p.rooms {
			if _, member := r.state.Members[user]; member {
				ids = append(ids, id)
			}
		}
		p.mu.Unlock()
	}
	return ids
}

// dropSubscribers ends the subscriptions of the people whom gone picks, behind
// the frames that were posted before.
func (r *room) dropSubscribers(gone func(chat.UserID) bool) {
	for i, s := range r.part.hub.shards {
		a := &r.audiences[i]
		s.post(job{run: func(*shard) { a.drop(gone) }})
	}
}
