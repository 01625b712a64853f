package check

import (
	"cmp"
	"slices"
)

// message is everything that was sent under one (room, user, cid): a message, as
// a rule, or a change to one, or whatever else.
type message struct {
	sender
	first   moment // the first attempt
	file    *file
	devices []string
	bound   mark // what stands before it, if one file alone sent it
	alone   bool // only one file sent it
	texts   []text
	answers []answer // ok ones
	told    []answer // ok ones that name a number only
	firsts  []Ref    // ok answers that are no duplicate
	unknown bool
}

// text is what was sent of one text under a cid. There is more than one if
// somebody used a cid twice.
type text struct {
	content
	sent     Ref
	attempts int
	failed   int      // attempts answered failed
	refused  answer   // the first final one, else the last, if any
	final    []answer // all final ones
}

// content is what is asked for under a cid.
type content struct {
	kind   string
	target uint64
	hash   string
}

func contentOf(e *Event) content {
	return content{cmp.Or(e.Kind, KindMessage), e.Target, e.Hash}
}

type answer struct {
	Event
	device    string
	duplicate bool
	at        int64
	code      string
	asked     Ref
	ref       Ref
}

// finalCodes are those after which the same cid can never succeed.
var finalCodes = []string{"invalid", "forbidden", "not_found", "conflict", "cid_conflict", "too_large", "gone"}

func (a *answer) final() bool { return slices.Contains(finalCodes, a.code) }

// outside reports whether a refusal says that the person was not in the room, or
// may not do that there: not when another device asks later.
func (a *answer) outside() bool { return a.code == "forbidden" || a.code == "not_found" }

func (j *Judge) send(f *file, ref Ref, line *Line) {
	d, r := j.device(line.Device), j.room(line.Room)
	j.verdict.Counts.Attempts++
	m := r.message(f, ref, line)
	j.says(r, ref, line)
	if !slices.Contains(m.devices, d.name) {
		m.devices = append(m.devices, d.name)
		r.sent[d.name] = append(r.sent[d.name], m)
	}
	m.alone = m.alone && m.file == f
	asked := contentOf(&line.Event)
	m.text(asked, ref).attempts++
	j.open(f, ref, line, call{device: d, room: r, send: m, content: asked, retry: line.Retry})
}

func (r *room) message(f *file, ref Ref, line *Line) *message {
	key := sender{line.User, line.CID}
	m := r.sends[key]
	if m == nil {
		m = &message{sender: key, first: moment{f.now, ref}, file: f, bound: f.seen[r.id], alone: true}
		r.sends[key] = m
		r.order = append(r.order, m)
	}
	return m
}

func (m *message) text(asked content, sent Ref) *text {
	for i := range m.texts {
		if m.texts[i].content == asked {
			return &m.texts[i]
		}
	}
	m.texts = append(m.texts, text{content: asked, sent: sent})
	return &m.texts[len(m.texts)-1]
}

func (j *Judge) answered(f *file, ref Ref, line *Line) {
	c, ok := j.answer(f, ref, line, Send)
	if !ok {
		return
	}
	counts := &j.verdict.Counts
	switch line.Outcome {
	case OK:
		counts.SendsOK++
		j.usedAt(f, c.device, c.begun, ref, "had accepted what it sent")
		j.accepted(f, ref, line, c)
	case Failed:
		counts.SendsFailed++
		counts.Refusals[line.Code]++
		t := c.send.text(c.content, c.ref)
		t.failed++
		refused := answer{device: c.device.name, code: line.Code, asked: c.ref, ref: ref}
		if !t.refused.final() {
			t.refused = refused
		}
		if refused.final() {
			t.final = append(t.final, refused)
		}
	case Unknown:
		counts.SendsUnknown++
		c.send.unknown = true
	default:
		j.violate("H", []Ref{ref}, "outcome %q", line.Outcome)
	}
}

// accepted takes an answer ok.
func (j *Judge) accepted(f *file, ref Ref, line *Line, c call) {
	m := c.send
	if line.ID == "" { // a change of the room, or it was so already
		m.told = append(m.told, answer{Event: line.Event, asked: c.ref, ref: ref})
		c.device.view(c.room.id).acked.raise(line.Seq, ref)
		f.saw(c.room.id, line.Seq, ref)
		return
	}
	a := answer{device: c.device.name, duplicate: line.Duplicate, at: line.At, asked: c.ref, ref: ref, Event: Event{
		Seq: line.Seq, ID: line.ID, CID: m.cid, User: m.user, Cursor: line.Cursor,
		Hash: c.content.hash, Kind: c.content.kind, Target: c.content.target,
	}}
	if line.Duplicate {
		j.verdict.Counts.Duplicates++
		if c.retry {
			j.verdict.Counts.RetriesDuplicate++
		}
	} else {
		m.firsts = append(m.firsts, ref)
	}
	m.answers = append(m.answers, a)
	f.saw(c.room.id, line.Seq, ref)
	v := c.device.view(c.room.id)
	if v.state == live && !v.out && !v.parts && v.last < line.Seq && line.Via != "rest" {
		j.violate("I9", []Ref{v.shown, ref}, "%s got the answer for number %d of room %d before the event; it has %d", c.device.name, line.Seq, c.room.id, v.last)
	}
	v.acked.raise(line.Seq, ref)
}

// judgeSends judges every message of a room by where it stands in the end.
func (j *Judge) judgeSends(r *room, visible map[sender]*claim) {
	for _, m := range r.order {
		end := visible[m.sender]
		j.judgeAnswers(r, m)
		j.judgeKept(r, m, end)
		j.judgeTold(r, m, end)
		j.judgeFailed(r, m, end)
		if end != nil && m.alone && end.Seq <= m.bound.seq {
			j.violate("I7", []Ref{m.bound.ref, m.first.ref, end.ref}, "number %d of room %d was sent after %d was known", end.Seq, r.id, m.bound.seq)
		}
		switch {
		case m.unknown && end != nil:
			j.verdict.Counts.UnknownVisible++
		case m.unknown:
			j.verdict.Counts.UnknownLost++
		}
	}
}

// judgeKept: what was acknowledged is there, as it was acknowledged.
func (j *Judge) judgeKept(r *room, m *message, end *claim) {
	for i := range m.answers {
		a := &m.answers[i]
		there := r.claims[a.Seq]
		switch {
		case there == nil || there.Seq > r.head || !there.final:
			j.violate("I1", []Ref{a.ref}, "number %d of room %d was acknowledged and is not there; the head is %d", a.Seq, r.id, r.head)
		case there.ID != a.ID || there.CID != a.CID || there.User != a.User || there.Kind != a.Kind || there.Target != a.Target:
			j.violate("I1", []Ref{a.ref, there.ref}, "number %d of room %d was acknowledged as %s and is %s", a.Seq, r.id, describe(&a.Event), describe(&there.Event))
		case j.differs(r, there, a.Hash):
			j.violate("I10", []Ref{a.asked, a.ref, there.ref}, "cid %s in room %d was acknowledged with another text than it has", m.cid, r.id)
		case there.Cursor != a.Cursor:
			j.violate("I4", []Ref{a.ref, there.ref}, "number %d of room %d was acknowledged with the cursor %s and has %s", a.Seq, r.id, a.Cursor, there.Cursor)
		}
	}
}

// judgeTold: where an answer names a number only, that is the one of the event.
// Without an event it was so already.
func (j *Judge) judgeTold(r *room, m *message, end *claim) {
	for _, a := range m.told {
		if end != nil && (a.Seq != end.Seq || a.Cursor != end.Cursor) {
			j.violate("I1", []Ref{a.ref, end.ref}, "cid %s in room %d was acknowledged as number %d %s and is number %d %s", m.cid, r.id, a.Seq, a.Cursor, end.Seq, end.Cursor)
		}
	}
}

// differs reports whether an event is known to have brought another text.
func (j *Judge) differs(r *room, c *claim, hash string) bool {
	brought, known := j.textOf(r, c)
	return known && brought != hash
}

// judgeAnswers: one cid, one answer.
func (j *Judge) judgeAnswers(r *room, m *message) {
	for i := 1; i < len(m.answers); i++ {
		a, b := &m.answers[0], &m.answers[i]
		if a.Seq != b.Seq || a.ID != b.ID || a.Cursor != b.Cursor || a.at != b.at {
			j.violate("I10", []Ref{a.ref, b.ref}, "cid %s in room %d has the answers %d %s %s at %d and %d %s %s at %d", m.cid, r.id, a.Seq, a.ID, a.Cursor, a.at, b.Seq, b.ID, b.Cursor, b.at)
		}
	}
	if len(m.firsts) > 1 {
		j.violate("I10", m.firsts, "cid %s in room %d was answered %d times as new", m.cid, r.id, len(m.firsts))
	}
	if refused := &m.texts[0].refused; len(m.texts) == 1 && refused.code == "cid_conflict" {
		j.violate("I10", []Ref{m.first.ref, refused.ref}, "cid %s in room %d has one text, and was refused as used for another", m.cid, r.id)
	}
}

// judgeFailed: a text whose every attempt has failed, or one of them for good,
// is not there. Who was outside when one device asked may have been let in when
// another one did.
func (j *Judge) judgeFailed(r *room, m *message, end *claim) {
	for i := range m.texts {
		t := &m.texts[i]
		if t.failed == 0 {
			continue
		}
		there := end != nil && end.Kind == t.kind && end.Target == t.target && !j.differs(r, end, t.hash)
		if !there {
			continue
		}
		refused := &t.refused
		if k := slices.IndexFunc(t.final, func(a answer) bool { return !m.letIn(&a) }); k >= 0 {
			refused = &t.final[k]
		} else if t.failed < t.attempts {
			continue
		}
		j.violate("I11", []Ref{t.sent, refused.ref, end.ref}, "cid %s in room %d failed with %s and is number %d", m.cid, r.id, refused.code, end.Seq)
	}
}

// letIn reports whether a person who was refused as being outside was accepted
// anew on another device, which was not answered before this one asked.
func (m *message) letIn(refused *answer) bool {
	return refused.outside() && slices.ContainsFunc(m.answers, func(a answer) bool {
		return !a.duplicate && a.device != refused.device && a.ref.File == refused.asked.File && a.ref.Line > refused.asked.Line
	})
}

// judgeSenderOrder: what one device sent stands as it was sent. A message that
// two devices sent has the order of whoever was first.
func (j *Judge) judgeSenderOrder(r *room, visible map[sender]*claim) {
	for device, sent := range r.sent {
		var before *message
		var last *claim
		for _, m := range sent {
			end := visible[m.sender]
			if end == nil || len(m.devices) > 1 {
				continue
			}
			if last != nil && end.Seq < last.Seq {
				j.violate("I8", []Ref{before.first.ref, m.first.ref, last.ref, end.ref}, "%s sent %d of room %d before %d", device, last.Seq, r.id, end.Seq)
			}
			before, last = m, end
		}
	}
}
