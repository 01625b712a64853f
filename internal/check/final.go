package check

import (
	"cmp"
	"maps"
	"slices"
)

// dump is one reader's whole room.
type dump struct {
	last uint64
	ref  Ref
}

// finalEvent is part of a dump. It decides: whoever saw something else is
// wrong, though the violation names both.
func (j *Judge) finalEvent(f *file, ref Ref, line *Line) {
	r := j.room(line.Room)
	reader := "reader " + line.Device
	c := j.claim(f, ref, line.Room, reader, &line.Event)
	if !c.final && line.Kind != KindHidden {
		c.Event, c.members, c.final = line.identity(), line.Members, true
	}
	j.showed(r, ref, &line.Event, theEnd, "I9")
	d := r.final[reader]
	if d == nil {
		d = &dump{}
		r.final[reader] = d
	}
	if line.Seq != d.last+1 {
		j.violate("I5", []Ref{d.ref, ref}, "%s has number %d of room %d behind %d", reader, line.Seq, r.id, d.last)
	}
	d.last, d.ref = line.Seq, ref
	r.head = max(r.head, line.Seq)
}

// judgeFinal: there is a dump, and all of them reach the same head.
func (j *Judge) judgeFinal(r *room) bool {
	if len(r.final) == 0 {
		j.violate("H", nil, "room %d has no final dump", r.id)
		return false
	}
	for _, reader := range slices.Sorted(maps.Keys(r.final)) {
		if d := r.final[reader]; d.last != r.head {
			j.violate("I5", []Ref{d.ref, r.lineOf(r.head)}, "%s has room %d up to %d; the head is %d", reader, r.id, d.last, r.head)
		}
	}
	return true
}

// judgeClaims: what anybody was given is in the final order.
func (j *Judge) judgeClaims(r *room) {
	for _, seq := range slices.Sorted(maps.Keys(r.claims)) {
		c := r.claims[seq]
		if !c.final {
			j.violate("I5", []Ref{c.ref}, "%s got number %d of room %d (%s), which is not there in the end; the head is %d", c.device, seq, r.id, describe(&c.Event), r.head)
		}
	}
}

// judgeVisible: every message and every change was sent before, and is there
// once. It returns where the messages, the changes and whatever else was sent
// are.
func (j *Judge) judgeVisible(r *room) map[sender]*claim {
	visible := make(map[sender]*claim, len(r.sends))
	for seq := uint64(1); seq <= r.head; seq++ {
		c := r.claims[seq]
		if c == nil {
			continue // the dump has a hole, and it was said
		}
		j.verdict.Counts.Final++
		if c.Kind == KindVoid {
			j.verdict.Counts.FinalVoids++
		}
		key := sender{c.User, c.CID}
		if !isSaying(c.Kind) && r.sends[key] == nil {
			continue
		}
		if first := visible[key]; first != nil {
			j.violate("I10", []Ref{first.ref, c.ref}, "cid %s of user %d in room %d is number %d and number %d", c.CID, c.User, r.id, first.Seq, seq)
			continue
		}
		visible[key] = c
		j.judgeSent(r, c)
	}
	return visible
}

// judgeSent: it was sent, with that text, before anybody saw it.
func (j *Judge) judgeSent(r *room, c *claim) {
	m := r.sends[sender{c.User, c.CID}]
	if m == nil {
		j.violate("I2", []Ref{c.ref}, "number %d of room %d (%s of user %d) was never sent there by them", c.Seq, r.id, describe(&c.Event), c.User)
		return
	}
	hash, known := j.textOf(r, c)
	sent := slices.IndexFunc(m.texts, func(t text) bool {
		return (t.hash == hash || !known) && t.kind == c.Kind && t.target == c.Target
	})
	switch {
	case sent < 0:
		t := &m.texts[0]
		j.violate("I2", []Ref{m.first.ref, c.ref}, "number %d of room %d is %s of %d with text %s, and %s of %d with %s was sent", c.Seq, r.id, c.Kind, c.Target, cmp.Or(hash, "none"), t.kind, t.target, cmp.Or(t.hash, "none"))
	case c.file == m.file && c.at < m.first.at:
		j.violate("I2", []Ref{c.ref, m.first.ref}, "number %d of room %d was seen before it was sent", c.Seq, r.id)
	}
}

// isSaying reports whether events of this kind say something, so that nobody
// else can have made them but a device of the history.
func isSaying(kind string) bool { return kind == KindMessage || kind == KindEdit || kind == KindDelete }
