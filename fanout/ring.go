package fanout

import "github.com/parleychat/parley/chat"

// ring holds the last events of an open room, one after another without a
// hole: all that are not stored yet and at least the last [chat.RingEvents].
// Events in it are immutable; a changed message gets a new value in its place.
type ring struct {
	events []*chat.Event
	bytes  int
}

// eventOverhead is what an event takes in memory besides its body, roughly.
const eventOverhead = 320

func (g *ring) push(ev *chat.Event) {
	g.events = append(g.events, ev)
	g.bytes += eventOverhead + len(ev.Body)
}

// after returns the events above seq, oldest first, in a slice of the
// caller's own. reaches is false when the ring does not go down to seq+1.
func (g *ring) after(seq chat.Seq) (events []*chat.Event, reaches bool) {
	if len(g.events) == 0 {
		return nil, false
	}
	first := g.events[0].Seq
	if seq+1 < first {
		return append([]*chat.Event(nil), g.events...), false
	}
	skip := min(uint64(seq+1-first), uint64(len(g.events)))
	return append([]*chat.Event(nil), g.events[skip:]...), true
}

// at returns the event with this seq, nil when the ring does not hold it.
func (g *ring) at(seq chat.Seq) *chat.Event {
	if i, ok := g.index(seq); ok {
		return g.events[i]
	}
	return nil
}

// replace puts a message's new form in its place.
func (g *ring) replace(ev *chat.Event) {
	if i, ok := g.index(ev.Seq); ok {
		g.bytes += len(ev.Body) - len(g.events[i].Body)
		g.events[i] = ev
	}
}

func (g *ring) index(seq chat.Seq) (int, bool) {
	if len(g.events) == 0 || seq < g.events[0].Seq || seq > g.events[len(g.events)-1].Seq {
		return 0, false
	}
	return int(seq - g.events[0].Seq), true
}

// trim drops the oldest events that are stored, down to keep of them.
func (g *ring) trim(stored chat.Seq, keep int) {
	drop := 0
	for drop < len(g.events)-keep && g.events[drop].Seq <= stored {
		g.bytes -= eventOverhead + len(g.events[drop].Body)
		drop++
	}
	if drop > 0 {
		g.events = append(make([]*chat.Event, 0, len(g.events)-drop+keep/2), g.events[drop:]...)
	}
}
