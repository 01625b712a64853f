package history

import (
	"context"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/fanout"
	"github.com/parleychat/parley/internal/planted"
	"github.com/parleychat/parley/store"
)

// ReaderStore is what a reader needs of the database; *[store.Store] is one.
// Each method reads one snapshot and says at which head of the room it is. What
// a later call reads is never older.
type ReaderStore interface {
	// Page reads a run of neighbouring events around a place in the history.
	Page(ctx context.Context, room chat.RoomID, q store.PageQuery) (store.Page, error)
	// Range reads the events above after, up to and including to (0: the
	// head), fewer when they pass maxEvents or maxBytes of bodies, but at
	// least one if there is one.
	Range(ctx context.Context, room chat.RoomID, after, to chat.Seq, maxEvents, maxBytes int) ([]*chat.Event, chat.Head, error)
}

var _ ReaderStore = (*store.Store)(nil)

const (
	// readTimeout bounds one reading of the store, whoever still waits for it.
	// Far below [chat.RoomIdle], so that what is read is never older than the
	// room's opening here.
	readTimeout = 5 * time.Second
	// maxRounds is how often an answer is begun anew because the room moved on
	// faster than it could be read.
	maxRounds = 8
	// memoryReach is how many events on each side of the place that is asked for
	// are taken from memory: enough for any page.
	memoryReach = store.MaxPageEvents + 1
	// maxAbove is how many events are laid behind what was read of the store. A
	// room seldom moves on by more during one reading.
	maxAbove = 4 * memoryReach
)

// Reader answers with the history of rooms. Its methods may be called from any
// goroutine. They fail with a [chat.Error]: not_found for a room that the
// person may not read, as for one that does not exist; forbidden in a public
// room that the person was banned from; unavailable, with RetryAfter, when it
// cannot be read now. Any other error is that of ctx, or internal.
//
// The events that it returns are as they are at the position of the answer:
// messages in their present form, an edit with what its message says now (see
// [Reader.Page]), and an event about a message that the person may not read as
// a bare one of the kind [chat.KindHidden]. They are shared and must not be
// changed.
type Reader struct {
	hub   *fanout.Hub
	store ReaderStore
	reads singleflight.Group // many who ask for the same at once read it once

	fromMemory, fromStore atomic.Int64 // answers
}

// Stats are how many answers a reader has given from the memory of the hub
// alone, and how many for which the store was read.
type Stats struct{ FromMemory, FromStore int64 }

// Stats counts from the beginning.
func (r *Reader) Stats() Stats { return Stats{r.fromMemory.Load(), r.fromStore.Load()} }

// NewReader makes a reader over a hub that runs.
func NewReader(hub *fanout.Hub, store ReaderStore) *Reader {
	return &Reader{hub: hub, store: store}
}

// reading is one person's wish to read one room.
type reading struct {
	reader *Reader
	user   chat.UserID
	room   chat.RoomID
	place  chat.Seq // what is asked for lies at this event, 0: at the head
	cursor chat.Seq // an event whose chain is asked for, 0: none
}

// sight is a room at this node's applied position, as one person may see it,
// with as much of what is in memory as an answer can need: not all, for while
// the recorder is away there may be hundreds of thousands of events, and they
// are taken under a lock.
type sight struct {
	head  chat.Head
	name  string
	from  chat.Seq   // the first event that may be read
	chain chat.Chain // of the event cursor
	known bool       // chain is known

	ring []*chat.Event // the events around the place that is asked for, without a hole: as many as are in memory

	// Of what was read of the store: its neighbours above the head that it was
	// read at, and the changes above that of each message in it. reaches is
	// whether memory goes down to that head.
	above   []*chat.Event
	changes map[chat.Seq][]*chat.Event
	reaches bool
	singles map[chat.Seq]bool // the same of messages that were read alone

	// targets are the messages that edits in all of this are about, in their
	// present form, or the last change of such a message, as far as memory has
	// them.
	targets map[chat.Seq]*chat.Event
}

// look waits for the event atLeast (0: for the log's present end), judges the
// person's right to read there, and takes what the hub has in memory.
func (g *reading) look(ctx context.Context, atLeast chat.Seq, m *material) (*sight, error) {
	var s *sight
	err := g.reader.hub.View(ctx, g.room, atLeast, func(v *fanout.View) error {
		from, readable := v.State.ReadableFrom(g.user)
		if !readable {
			return fanout.NotReadable(v.State, g.user)
		}
		s = &sight{head: v.Head, name: v.State.Name, from: from}
		if g.cursor == v.Head.Seq {
			s.chain, s.known = v.Head.Chain, true
		} else if entry, found := v.State.Window.At(g.cursor); found {
			s.chain, s.known = entry.Chain, true
		}
		low, high := g.span(from, v.Head.Seq)
		s.ring, _ = v.Events(low, int(high-low))
		s.takeAbove(v, m, high)
		s.takeTargets(v, s.ring, s.above)
		if m.rows != nil {
			s.takeTargets(v, m.rows.events)
		}
		return nil
	})
	if err == nil {
		return s, nil
	}
	if chat.AsError(err).Code == chat.NotFound {
		// The same words for a room that does not exist and for one that the
		// person may not read.
		err = fanout.NotReadable(chat.NewState(g.room), g.user)
	}
	return nil, err
}

// span is what is taken of memory: the events above low, up to and including
// high.
func (g *reading) span(from, head chat.Seq) (low, high chat.Seq) {
	place, high := head, head
	if g.place > 0 {
		place = min(max(g.place, from), head)
		high = min(head, place+memoryReach)
	}
	return place - min(place, memoryReach), high
}

// takeAbove takes what lies above what was read of the store.
func (s *sight) takeAbove(v *fanout.View, m *material, high chat.Seq) {
	s.changes = make(map[chat.Seq][]*chat.Event)
	if m.rows != nil {
		high = max(high, m.rows.head)
		s.above, s.reaches = v.Events(m.rows.head, int(high-m.rows.head))
		if high-m.rows.head > maxAbove {
			// The room has moved on so far that memory alone is enough.
			s.above, s.reaches = nil, false
		}
		for _, ev := range m.rows.events {
			s.takeChanges(v, ev.Seq, m.rows.head)
		}
	}
	s.singles = make(map[chat.Seq]bool, len(m.messages))
	for seq, message := range m.messages {
		_, s.singles[seq] = v.Events(message.head, 0)
		s.takeChanges(v, seq, message.head)
	}
}

func (s *sight) takeChanges(v *fanout.View, message, above chat.Seq) {
	if changes := v.Changes(message, above); changes != nil {
		s.changes[message] = changes
	}
}

// takeTargets takes what memory has of the messages that edits are about.
func (s *sight) takeTargets(v *fanout.View, lists ...[]*chat.Event) {
	if s.targets == nil {
		s.targets = make(map[chat.Seq]*chat.Event)
	}
	for _, events := range lists {
		for _, ev := range events {
			if ev.Kind != chat.KindEdit || ev.Void() {
				continue
			}
			if message := v.Event(ev.TargetSeq); message != nil {
				s.targets[ev.TargetSeq] = message
			} else if changes := v.Changes(ev.TargetSeq, 0); changes != nil {
				s.targets[ev.TargetSeq] = changes[len(changes)-1]
			}
		}
	}
}

// material is what was read of the store for one answer.
type material struct {
	rows     *rows
	messages map[chat.Seq]*rows // single messages that edits are about
}

// rows are neighbouring events as they were when the room's head was head.
type rows struct {
	events []*chat.Event
	head   chat.Seq
}

// compose makes an answer at one position of the room. build says false when
// memory is not enough; then read reads the store, and build is called again at
// a later position with what was read brought to it.
func (g *reading) compose(ctx context.Context, atLeast chat.Seq,
	build func(*answer) (ok bool, err error),
	read func(context.Context, *sight) (*rows, error),
) error {
	m := material{messages: make(map[chat.Seq]*rows)}
	defer func() {
		if m.rows != nil || len(m.messages) > 0 {
			g.reader.fromStore.Add(1)
		} else {
			g.reader.fromMemory.Add(1)
		}
	}()
	for range maxRounds {
		s, err := g.look(ctx, atLeast, &m)
		if err != nil {
			return err
		}
		a, err := newAnswer(s, &m)
		if err != nil {
			return err
		}
		ok, err := build(a)
		if err != nil || ok && len(a.missing) == 0 {
			return err
		}
		atLeast = s.head.Seq
		if !ok {
			if m.rows, err = read(ctx, s); err != nil {
				return err
			}
			if !planted.AheadOfApplied {
				atLeast = max(atLeast, m.rows.head)
			}
			continue
		}
		for seq := range a.missing {
			if m.messages[seq], err = g.readMessage(ctx, seq); err != nil {
				return err
			}
			if !planted.AheadOfApplied {
				atLeast = max(atLeast, m.messages[seq].head)
			}
		}
	}
	refusal := chat.Errorf(chat.Unavailable, "The room moves on faster than its history can be read. Try again in a moment.")
	refusal.RetryAfter = time.Second
	return refusal
}
