package check

func (j *Judge) ask(f *file, ref Ref, line *Line) {
	d, r := j.device(line.Device), j.room(line.Room)
	if line.Ask == nil {
		j.violate("H", []Ref{ref}, "ask without ask")
		return
	}
	c := call{device: d, room: r, query: *line.Ask, seen: f.seen[r.id]}
	if c.query.AtLeast != "" {
		// Such an answer waits for the cursor, not for the log's end.
		c.seen = d.view(r.id).acked
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
	page, lines := line.Page, []Ref{c.ref, ref}
	if page.AsOf < c.seen.seq {
		j.violate("I9", []Ref{c.seen.ref, c.ref, ref}, "%s read room %d as of %d, after %d was known", c.device.name, c.room.id, page.AsOf, c.seen.seq)
	}
	for i := range page.Events {
		event := &page.Events[i]
		j.claim(f, ref, c.room.id, c.device.name, event)
		if i > 0 && event.Seq != page.Events[i-1].Seq+1 {
			j.violate("I9", lines, "%s read a page of room %d with %d behind %d", c.device.name, c.room.id, event.Seq, page.Events[i-1].Seq)
		}
	}
	j.judgePlace(c, page, lines)
	c.device.view(c.room.id).acked.raise(page.AsOf, ref)
	f.saw(c.room.id, page.AsOf, ref)
}

// judgePlace: a page has no hole on the side where it was asked to begin.
func (j *Judge) judgePlace(c call, page *Page, lines []Ref) {
	first, last := page.AsOf+1, page.AsOf
	if n := len(page.Events); n > 0 {
		first, last = page.Events[0].Seq, page.Events[n-1].Seq
	}
	empty := len(page.Events) == 0
	q := &c.query
	whole := true
	switch {
	case q.Before > 0 && empty:
		whole = q.Before == 1
	case q.Before > 0:
		whole = last == min(q.Before-1, page.AsOf)
	case q.After > 0 && empty:
		whole = q.After >= page.AsOf
	case q.After > 0:
		whole = first == q.After+1
	case q.Around > 0:
		whole = !empty && first <= min(q.Around, page.AsOf) && last >= min(q.Around, page.AsOf)
	default:
		whole = last == page.AsOf
	}
	if !whole {
		j.violate("I9", lines, "%s asked room %d for %+v and got %d to %d as of %d", c.device.name, c.room.id, *q, first, last, page.AsOf)
	}
	if !empty && (page.MoreBefore != (first > 1) || page.MoreAfter != (last < page.AsOf)) {
		j.violate("I9", lines, "%s got %d to %d of room %d as of %d, with more before: %t, more after: %t", c.device.name, first, last, c.room.id, page.AsOf, page.MoreBefore, page.MoreAfter)
	}
	if last > page.AsOf {
		j.violate("I9", lines, "%s read number %d of room %d as of %d", c.device.name, last, c.room.id, page.AsOf)
	}
}
