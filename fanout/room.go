package fanout

import (
	"time"

	"github.com/parleychat/parley/chat"
)

// room is a room that is open on this node. It is guarded by its partition's
// mutex, except the audiences, which belong to their shards' goroutines.
type room struct {
	id    chat.RoomID
	part  *partition
	state *chat.State
	from  int64 // records below this offset were applied before the room was opened
	ring  ring
	table table

	pending pendingSends

	audiences   []audience  // by shard
	sockets     []int       // how many are subscribed, by shard: never fewer than the audience has
	subscribers [shapes]int // how many they are, by shape
	latecomers  int         // how many of them may not read from the beginning
	uses        int         // calls under way that hold the room
	lastUse     time.Time
}

func newRoom(p *partition, o *chat.Opening, answersSince int64) *room {
	r := &room{
		id: o.State.Room, part: p, state: o.State, from: o.Watermark,
		ring:      ring{stored: o.State.Head.Seq, weight: &p.rings},
		table:     newTable(o.State.Room, answersSince, o.State.Head.Seq, o.Answers),
		pending:   newPendingSends(),
		audiences: make([]audience, len(p.hub.shards)),
		sockets:   make([]int, len(p.hub.shards)),
		lastUse:   p.hub.now(),
	}
	for _, ev := range o.Recent {
		r.ring.push(ev)
	}
	for i := range r.audiences {
		r.audiences[i].room = r.id
	}
	return r
}

// storedUpTo takes note that the store holds every record below the offset.
func (r *room) storedUpTo(offset int64) {
	for r.ring.stored < r.state.Head.Seq {
		next := r.ring.at(r.ring.stored + 1)
		if next == nil || next.Pos.Offset >= offset {
			return
		}
		r.markStored(next.Seq)
	}
}

func (r *room) markStored(seq chat.Seq) {
	r.part.hub.memory.unstored.Add(-int64(r.ring.markStored(seq)))
}

// idle reports whether nobody needs the room to be open.
func (r *room) idle(now time.Time) bool {
	for _, n := range r.subscribers {
		if n > 0 {
			return false
		}
	}
	return r.uses == 0 && r.pending.empty() && r.ring.stored == r.state.Head.Seq &&
		now.Sub(r.lastUse) >= chat.RoomIdle
}
