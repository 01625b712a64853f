package check

import "fmt"

// claim is what the first to see a number said of it, and what its message said
// before it was changed.
type claim struct {
	Event    // [Event.identity]
	original form
	members  []int64 // of create
	ref      Ref
	file     *file
	at       int64
	device   string
	final    bool // a final dump says the same
}

// identity is the event without the form in which it was seen.
func (e Event) identity() Event {
	e.Hash, e.Rev, e.Deleted = "", 0, false
	return e
}

// claim notes what a line says of a number of a room, and compares it with what
// was said of it before. The form that it shows is [Judge.showed].
func (j *Judge) claim(f *file, ref Ref, roomID int64, who string, event *Event) *claim {
	r := j.room(roomID)
	c := r.claims[event.Seq]
	identity := event.identity()
	switch {
	case c == nil:
		c = &claim{Event: identity, ref: ref, file: f, at: f.now, device: who}
		r.claims[event.Seq] = c
	case c.Event == identity:
	case identity.Kind == KindHidden && c.Cursor == identity.Cursor:
	case c.Kind == KindHidden && c.Cursor == identity.Cursor:
		c.Event, c.ref, c.file, c.at, c.device = identity, ref, f, f.now, who
	default:
		j.violate("I4", []Ref{c.ref, ref}, "number %d of room %d is %s and %s", event.Seq, roomID, describe(&c.Event), describe(&identity))
	}
	if event.ID == "" {
		return c
	}
	first, known := r.ids[event.ID]
	switch {
	case !known:
		r.ids[event.ID] = sight{event.Seq, ref, who}
	case first.seq == event.Seq:
	case first.device == who:
		j.violate("I3", []Ref{first.ref, ref}, "%s was shown %s as number %d and as number %d", who, event.ID, first.seq, event.Seq)
	default:
		j.violate("I4", []Ref{first.ref, ref}, "%s is number %d for %s and number %d for %s", event.ID, first.seq, first.device, event.Seq, who)
	}
	return c
}

// describe names an event in a violation.
func describe(e *Event) string {
	switch {
	case e.Kind == KindVoid || e.Kind == KindHidden:
		return e.Kind + " " + e.Cursor
	case e.Target > 0:
		return fmt.Sprintf("%s %s of number %d (cid %s, text %s, cursor %s)", e.Kind, e.ID, e.Target, e.CID, e.Hash, e.Cursor)
	}
	return fmt.Sprintf("%s %s (cid %s, text %s, cursor %s)", e.Kind, e.ID, e.CID, e.Hash, e.Cursor)
}
