package check

// claim notes what a line says of a number of a room, and compares it with what
// was said of it before.
func (j *Judge) claim(f *file, ref Ref, roomID int64, who string, event *Event) *claim {
	r := j.room(roomID)
	c := r.claims[event.Seq]
	if c == nil {
		c = &claim{Event: *event, ref: ref, file: f, at: f.now, device: who}
		r.claims[event.Seq] = c
	} else if c.Event != *event {
		j.violate("I4", []Ref{c.ref, ref}, "number %d of room %d is %s and %s", event.Seq, roomID, describe(&c.Event), describe(event))
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

func describe(e *Event) string {
	if e.Kind == KindVoid {
		return "void " + e.Cursor
	}
	return e.Kind + " " + e.ID + " (cid " + e.CID + ", text " + e.Hash + ", cursor " + e.Cursor + ")"
}
