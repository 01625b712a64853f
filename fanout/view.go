package fanout

import (
	"context"
	"fmt"
	"time"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/internal/planted"
)

// View is an open room at this node's applied position. It is only valid
// during the call that it is given to, and nobody may change what it shows.
type View struct {
	State *chat.State
	Head  chat.Head
	room  *room
}

// View opens the room, waits until the event atLeast has been applied here
// (0: until everything that is durable now has been), and calls fn under the
// partition's lock: fn must be short and must not do I/O. When it takes longer
// than [chat.ReadWait] to get there, the error is unavailable.
func (h *Hub) View(ctx context.Context, id chat.RoomID, atLeast chat.Seq, fn func(*View) error) error {
	return h.withRoom(ctx, id, func(r *room) error {
		var err error
		if planted.StaleRead {
			return fn(r.view())
		}
		if atLeast == 0 {
			err = r.part.reachEnd(ctx)
		} else {
			err = r.part.await(ctx, "room", func() bool { return r.state.Head.Seq >= atLeast })
		}
		if err != nil {
			return err
		}
		return fn(r.view())
	})
}

// Permit is View for somebody's right: what fn refuses at this node's applied
// position it judges once more when everything that is in the log now has been
// applied, for another node may have given the right and said so. What fn lets
// pass waits for nothing.
func (h *Hub) Permit(ctx context.Context, id chat.RoomID, fn func(*View) error) error {
	return h.withRoom(ctx, id, func(r *room) error {
		if err := r.part.await(ctx, "room", func() bool { return r.state.Head.Seq > 0 }); err != nil {
			return err
		}
		refusal := fn(r.view())
		if refusal == nil || planted.StaleRead {
			return refusal
		}
		if err := r.part.reachEnd(ctx); err != nil {
			return err
		}
		return fn(r.view())
	})
}

func (r *room) view() *View { return &View{State: r.state, Head: r.state.Head, room: r} }

// Events returns the events above after that are in memory, oldest first and at
// most limit of them. reaches is false when older ones are missing in between.
// The events may be kept; they are immutable.
func (v *View) Events(after chat.Seq, limit int) (events []*chat.Event, reaches bool) {
	if after >= v.Head.Seq {
		return nil, true
	}
	return v.room.ring.after(after, limit)
}

// Event returns one event, a message in its present form; nil when it is not in
// memory.
func (v *View) Event(seq chat.Seq) *chat.Event { return v.room.ring.at(seq) }

// Changes returns the edits and deletions of a message above an event, as far
// as they are in memory, oldest first. The message need not be in memory.
func (v *View) Changes(message, above chat.Seq) []*chat.Event {
	var changes []*chat.Event
	for _, seq := range v.room.ring.changes[message] {
		if seq > above {
			changes = append(changes, v.room.ring.at(seq))
		}
	}
	return changes
}

// LastMessage is the room's last message, nil when there is none or it is not in
// memory.
func (v *View) LastMessage() *chat.Event {
	for seq, looked := v.Head.Seq, 0; seq > 0 && looked < lookBack; seq, looked = seq-1, looked+1 {
		ev := v.room.ring.at(seq)
		if ev == nil {
			return nil
		}
		if ev.Kind == chat.KindMessage && !ev.Void() {
			return ev
		}
	}
	return nil
}

// lookBack is how many events are looked through for one of a kind.
const lookBack = 1024

// UnstoredMark is how far the person's read mark is moved by what they wrote, or
// came in with, and the store does not hold yet: its last such event, the zero
// mark when there is none. While the recorder is away only the last events are
// looked at.
func (v *View) UnstoredMark(user chat.UserID) chat.ReadMark {
	ring := &v.room.ring
	for seq, looked := v.Head.Seq, 0; seq > ring.stored && looked < lookBack; seq, looked = seq-1, looked+1 {
		if ev := ring.at(seq); ev != nil && ev.Marks(user) {
			return chat.ReadMark{Seq: ev.Seq, N: ev.N}
		}
	}
	return chat.ReadMark{}
}

// reachEnd waits until everything that is in the log now has been applied
// here. A log that does not say within [chat.ReadWait] where it ends cannot be
// asked. The caller holds p.mu, which is released meanwhile.
func (p *partition) reachEnd(ctx context.Context) error {
	p.mu.Unlock()
	asking, cancel := context.WithTimeout(ctx, chat.ReadWait)
	end, err := p.hub.log.End(asking, p.no)
	cancel()
	p.mu.Lock()
	if ended := ctx.Err(); ended != nil {
		return ended
	}
	if err != nil {
		refusal := chat.Errorf(chat.Unavailable, "The log cannot be asked right now. Try again in a moment.")
		refusal.RetryAfter = time.Second
		return fmt.Errorf("ask for the log's end: %w (%w)", refusal, err)
	}
	return p.await(ctx, "log", func() bool { return p.applied >= end })
}

// storedPoll is how often the store is asked while somebody waits for it. It is
// longer than a commit takes, of which a recorder of this process tells anyway.
const storedPoll = 50 * time.Millisecond

// WaitStored waits until the store holds the room's event seq, so that lists
// read from it show what it did.
func (h *Hub) WaitStored(ctx context.Context, id chat.RoomID, seq chat.Seq) error {
	return h.withRoom(ctx, id, func(r *room) error {
		return r.part.waitFor(ctx, func() bool { return r.ring.stored >= seq })
	})
}

// NotReadable is the refusal for somebody who may not read a room: of a room
// that is not public nothing is said, not even that it exists.
func NotReadable(s *chat.State, user chat.UserID) *chat.Error {
	if _, banned := s.Bans[user]; banned && s.Kind == chat.PublicRoom {
		return chat.Errorf(chat.Forbidden, "You were banned from this room.")
	}
	return noRoom()
}

// noRoom is the one answer about a room that does not exist and about one that
// the person may not know of.
func noRoom() *chat.Error {
	return chat.Errorf(chat.NotFound, "There is no such room, or you are not in it.")
}

// AwaitStored waits until the store holds everything that is in the log now, so
// that lists read from it show it. A recorder that is away is not waited for
// longer than [chat.ReadWait]; then stored is false.
func (h *Hub) AwaitStored(ctx context.Context) (stored bool, err error) {
	wait, cancel := context.WithTimeout(ctx, chat.ReadWait)
	defer cancel()
	for _, p := range h.parts {
		if err := p.awaitStored(wait); wait.Err() != nil {
			return false, ctx.Err()
		} else if err != nil {
			return false, err
		}
	}
	return true, nil
}

func (p *partition) awaitStored(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.awaitStart(ctx); err != nil {
		return err
	}
	if err := p.reachEnd(ctx); err != nil {
		return err
	}
	end := p.applied
	return p.waitFor(ctx, func() bool { return p.watermark >= end })
}

// waitFor waits until done reports true of what is stored, as long as ctx lasts.
// All that is waited for is applied here. The caller holds p.mu, which is released
// meanwhile.
func (p *partition) waitFor(ctx context.Context, done func() bool) error {
	if done() {
		return nil
	}
	if p.hub.awaited != nil {
		p.hub.awaited(p.no, p.applied)
	}
	ask := time.NewTicker(storedPoll)
	defer ask.Stop()
	for !done() {
		changed := p.changes()
		p.mu.Unlock()
		var err error
		select {
		case <-changed:
		case <-ask.C:
			p.learnWatermark(ctx)
		case <-ctx.Done():
			err = ctx.Err()
		}
		p.mu.Lock()
		if err != nil {
			return err
		}
	}
	return nil
}
