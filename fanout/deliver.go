package fanout

import (
	"context"

	"github.com/parleychat/parley/chat"
)

// about is what a frame needs that not everybody in the room may get: the event
// is about a message, and who reads from a later event on gets another frame.
type about struct {
	message chat.Seq
	hidden  []byte
}

// deliver encodes the event once for each shape that somebody is subscribed
// in, and posts it to the shards.
func (r *room) deliver(ev *chat.Event) {
	hub := r.part.hub
	var frames [shapes][]byte
	wanted := false
	author := hub.people.get(ev.User)
	for shape, n := range r.subscribers {
		if n > 0 {
			frames[shape] = hub.cfg.Encode(Shape(shape), ev, r.state.Name, author)
			wanted = true
		}
	}
	if !wanted {
		return
	}
	about := r.about(ev)
	r.broadcast(job{seq: ev.Seq, frames: frames, about: about})
}

// broadcast posts a job to the shards that have subscribers of the room. The
// others need not wake up: of two people who talk to each other both sockets are
// often on one. The caller holds the partition's lock.
func (r *room) broadcast(j job) {
	for i, s := range r.part.hub.shards {
		if r.sockets[i] > 0 {
			j.audience = &r.audiences[i]
			s.post(j)
		}
	}
}

// about is nil unless the event is about a message that somebody who is
// subscribed may not read.
func (r *room) about(ev *chat.Event) *about {
	if r.latecomers == 0 || ev.Void() || ev.TargetSeq == 0 {
		return nil
	}
	return &about{
		message: ev.TargetSeq,
		hidden:  r.part.hub.cfg.Encode(Modern, ev.Hidden(), r.state.Name, chat.Person{}),
	}
}

// frameFor is what a subscriber gets of an event, nil for nothing.
func (a *audience) frameFor(c *Client, shape Shape, j *job) []byte {
	frame := j.frames[shape]
	if j.about != nil && frame != nil && a.from[c] > j.about.message {
		return j.about.hidden
	}
	return frame
}

// unsubscribed counts a client's subscription down. Shards call it from their
// goroutines, holding no lock.
func (h *Hub) unsubscribed(id chat.RoomID, c *Client, late bool) {
	p, err := h.partitionOf(context.Background(), id)
	if err != nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if r := p.rooms[id]; r != nil {
		r.subscribers[c.Shape()]--
		r.sockets[c.shard.index]--
		if late {
			r.latecomers--
		}
		r.lastUse = h.now()
	}
}
