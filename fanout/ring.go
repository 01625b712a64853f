package fanout

import (
	"sync/atomic"

	"github.com/parleychat/parley/chat"
)

// ring holds the last events of an open room, one after another without a
// hole: all that are not stored yet and, unless memory is short, at least the
// last [chat.RingEvents]. Messages in it are in their present form. Events are
// immutable; what changes gets a new value in its place.
type ring struct {
	events []*chat.Event
	stored chat.Seq // the store holds the room's events up to here
	weight *ringWeight

	// changes are, of each message, the edits and deletions in the ring, oldest
	// first. The message itself may be in the ring or not.
	changes map[chat.Seq][]chat.Seq
}

// ringWeight is what the rings of one partition take in memory, in bytes. It is
// guarded by the partition's mutex, but for total.
type ringWeight struct {
	total  *atomic.Int64 // of all rings of the hub
	stored int           // of the events that are stored too, and could be dropped
}

// eventOverhead is what an event takes in memory besides its body, roughly.
const eventOverhead = 320

func sizeOf(ev *chat.Event) int { return eventOverhead + len(ev.Body) }

// weigh takes note of so many more bytes at an event, or fewer.
func (g *ring) weigh(seq chat.Seq, bytes int) {
	g.weight.total.Add(int64(bytes))
	if seq <= g.stored {
		g.weight.stored += bytes
	}
}

func (g *ring) push(ev *chat.Event) {
	g.events = append(g.events, ev)
	g.weigh(ev.Seq, sizeOf(ev))
	if ev.IsChange() {
		if g.changes == nil {
			g.changes = make(map[chat.Seq][]chat.Seq)
		}
		g.changes[ev.TargetSeq] = append(g.changes[ev.TargetSeq], ev.Seq)
	}
}

// after returns the events above seq, oldest first and at most limit of them,
// in a slice of the caller's own. reaches is false when the ring does not go
// down to seq+1; then they are the first that it has.
func (g *ring) after(seq chat.Seq, limit int) (events []*chat.Event, reaches bool) {
	if len(g.events) == 0 {
		return nil, false
	}
	skip, first := chat.Seq(0), g.events[0].Seq
	if reaches = seq+1 >= first; reaches {
		skip = min(seq+1-first, chat.Seq(len(g.events)))
	}
	rest := g.events[skip:]
	return append([]*chat.Event(nil), rest[:min(len(rest), limit)]...), reaches
}

// at returns the event with this seq, nil when the ring does not hold it.
func (g *ring) at(seq chat.Seq) *chat.Event {
	if i, ok := g.index(seq); ok {
		return g.events[i]
	}
	return nil
}

// replace puts an event's new form in its place.
func (g *ring) replace(ev *chat.Event) {
	if i, ok := g.index(ev.Seq); ok {
		g.weigh(ev.Seq, sizeOf(ev)-sizeOf(g.events[i]))
		g.events[i] = ev
	}
}

// change puts the new form of an edited or deleted message in its place. With a
// deletion, what edits of the message had brought is gone from them too.
func (g *ring) change(ev *chat.Event) error {
	message := g.at(ev.TargetSeq)
	var err error
	switch {
	case !ev.IsChange():
		return nil
	case ev.Kind == chat.KindEdit:
		if message == nil {
			return nil
		}
		message, err = message.Edited(ev)
	default:
		if err = g.untell(ev.TargetSeq); err != nil || message == nil {
			return err
		}
		message, err = message.Erased(ev)
	}
	if err != nil {
		return err
	}
	g.replace(message)
	return nil
}

// untell takes the text out of the edits of a message.
func (g *ring) untell(message chat.Seq) error {
	for _, seq := range g.changes[message] {
		edit := g.at(seq)
		if edit.Kind != chat.KindEdit {
			continue
		}
		untold, err := edit.Untold()
		if err != nil {
			return err
		}
		g.replace(untold)
	}
	return nil
}

func (g *ring) index(seq chat.Seq) (int, bool) {
	if len(g.events) == 0 || seq < g.events[0].Seq || seq > g.events[len(g.events)-1].Seq {
		return 0, false
	}
	return int(seq - g.events[0].Seq), true
}

// markStored takes note that the store holds the events up to seq, and returns
// how many of them were news.
func (g *ring) markStored(seq chat.Seq) (news int) {
	for g.stored < seq {
		g.stored++
		news++
		if ev := g.at(g.stored); ev != nil {
			g.weight.stored += sizeOf(ev)
		}
	}
	return news
}

// trim drops the oldest events that are stored, as long as there are more than
// keep events.
func (g *ring) trim(keep int) {
	drop := 0
	for drop < len(g.events)-keep && g.events[drop].Seq <= g.stored {
		ev := g.events[drop]
		g.weigh(ev.Seq, -sizeOf(ev))
		g.forgetChange(ev)
		drop++
	}
	if drop > 0 {
		g.events = append(make([]*chat.Event, 0, len(g.events)-drop+keep/2), g.events[drop:]...)
	}
}

// forgetChange takes the ring's oldest event out of the changes.
func (g *ring) forgetChange(ev *chat.Event) {
	if !ev.IsChange() {
		return
	}
	if rest := g.changes[ev.TargetSeq][1:]; len(rest) > 0 {
		g.changes[ev.TargetSeq] = rest
	} else {
		delete(g.changes, ev.TargetSeq)
	}
}
