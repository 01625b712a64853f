package check

func (j *Judge) ask(f *file, ref Ref, line *Line) {
	d, r := j.device(line.Device), j.room(line.Room)
	if line.Ask == nil {
		j.violate("H", []Ref{ref}, "ask without ask")
		return
	}
	c := call{device: d, room: r, query: *line.Ask, seen: f.seen[r.id]}
	if c.query.AtLeast != "" {
		// Such an answer waits for the cursor, not for the log's end. What the
		// device was told besides it holds as long as the server stays the
		// same: one that was started anew comes to where it was bit by bit. (An
		// answer may be read long after the server that gave it was killed.)
		c.seen = mark{}
		if acked := d.view(r.id).acked; acked.ref.Line > d.connects.ref.Line && !f.faultBehind(acked.ref) {
			c.seen = acked
		}
		if seq, ok := cursorSeq(c.query.AtLeast); ok {
			c.seen.raise(seq, ref)
		}
	}
	j.open(f, ref, line, c)
}

// paged judges a page. What it shows is compared with what others saw by
// [Judge.claim]; where it begins and ends follows from what was asked.
func (j *Judge) paged(f *file, ref Ref, line *Line) {
	c, ok := j.answer(f, ref, line, Ask)
	if !ok || line.Code != "" {
		return
	}
	if line.Page == nil {
		j.violate("H", []Ref{ref}, "page without page")
		return
	}
	j.verdict.Counts.Pages++
	j.usedAt(f, c.device, c.begun, ref, "was shown what it asked for")
	page, lines := line.Page, []Ref{c.ref, ref}
	if page.AsOf < c.seen.seq {
		j.violate("I9", []Ref{c.seen.ref, c.ref, ref}, "%s read room %d as of %d, after %d was known", c.device.name, c.room.id, page.AsOf, c.seen.seq)
	}
	for i := range page.Events {
		event := &page.Events[i]
		j.claim(f, ref, c.room.id, c.device.name, event)
		j.showed(c.room, ref, event, page.AsOf, "I9")
		c.room.veiled = c.device.view(c.room.id).veils(c.room.veiled, event, page.AsOf, ref)
		if event.Rev > page.AsOf {
			j.violate("I9", lines, "%s read number %d of room %d in its revision %d as of %d", c.device.name, event.Seq, c.room.id, event.Rev, page.AsOf)
		}
		if i > 0 && event.Seq != page.Events[i-1].Seq+1 {
			j.violate("I9", lines, "%s read a page of room %d with %d behind %d", c.device.name, c.room.id, event.Seq, page.Events[i-1].Seq)
		}
	}
	c.room.pages = append(c.room.pages, pageSeen{
		device: c.device, query: c.query, empty: len(page.Events) == 0, asOf: page.AsOf, ends: endsOf(page),
		moreBefore: page.MoreBefore, moreAfter: page.MoreAfter, asked: c.ref, ref: ref,
	})
	c.device.view(c.room.id).acked.raise(page.AsOf, ref)
	f.saw(c.room.id, page.AsOf, ref)
}

// pageSeen is a page to be judged when it is known who could read what.
type pageSeen struct {
	device                *device
	query                 Query
	empty                 bool
	asOf                  uint64
	ends                  [2]uint64 // first and last number
	moreBefore, moreAfter bool
	asked, ref            Ref
}

func endsOf(page *Page) [2]uint64 {
	if n := len(page.Events); n > 0 {
		return [2]uint64{page.Events[0].Seq, page.Events[n-1].Seq}
	}
	return [2]uint64{page.AsOf + 1, page.AsOf}
}

// judgePlace: a page has no hole on the side where it was asked to begin, and
// says what lies beyond. from is the first number that the person could read.
func (j *Judge) judgePlace(r *room, p *pageSeen, from uint64) {
	first, last := p.ends[0], p.ends[1]
	lines := []Ref{p.asked, p.ref}
	q := &p.query
	whole := true
	switch {
	case q.Before > 0 && p.empty:
		whole = q.Before <= from
	case q.Before > 0:
		whole = last == min(q.Before-1, p.asOf)
	case q.After > 0 && p.empty:
		whole = q.After >= p.asOf
	case q.After > 0:
		whole = first == max(q.After+1, from)
	case q.Around > 0:
		middle := min(max(q.Around, from), p.asOf)
		whole = !p.empty && first <= middle && last >= middle
	default:
		whole = last == p.asOf
	}
	if !whole {
		j.violate("I9", lines, "%s asked room %d for %+v and got %d to %d as of %d", p.device.name, r.id, *q, first, last, p.asOf)
	}
	if !p.empty && (p.moreBefore != (first > from) || p.moreAfter != (last < p.asOf)) {
		j.violate("I9", lines, "%s got %d to %d of room %d as of %d, with more before: %t, more after: %t", p.device.name, first, last, r.id, p.asOf, p.moreBefore, p.moreAfter)
	}
	if last > p.asOf {
		j.violate("I9", lines, "%s read number %d of room %d as of %d", p.device.name, last, r.id, p.asOf)
	}
}
