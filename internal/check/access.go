package check

import (
	"slices"
	"sort"
)

// access is who may read a room and when, worked out from the final order.
type access struct {
	kinds  []kindFrom        // the room's kinds, in order
	people map[int64][]place // by user: where they stood, in order
}

type kindFrom struct {
	seq  uint64
	kind string
}

// place is where a person stands from a number on.
type place struct {
	seq    uint64
	member bool
	from   uint64 // of a member: the latest join
	banned bool
}

// accessOf follows the memberships. It is nil if the history does not tell of
// them.
func (r *room) accessOf() *access {
	if first := r.claims[1]; first == nil || first.RoomKind == "" || first.members == nil {
		return nil
	}
	a := &access{people: make(map[int64][]place)}
	for seq := uint64(1); seq <= r.head; seq++ {
		if c := r.claims[seq]; c != nil {
			a.take(c)
		}
	}
	return a
}

func (a *access) take(c *claim) {
	switch c.Kind {
	case KindCreate:
		a.kinds = append(a.kinds, kindFrom{c.Seq, c.RoomKind})
		for _, user := range c.members {
			a.put(user, place{seq: c.Seq, member: true, from: c.Seq})
		}
	case KindVisibility:
		a.kinds = append(a.kinds, kindFrom{c.Seq, c.RoomKind})
	case KindJoin:
		a.put(c.User, place{seq: c.Seq, member: true, from: c.Seq})
	case KindInvite:
		a.put(c.Whom, place{seq: c.Seq, member: true, from: c.Seq})
	case KindLeave:
		a.put(c.User, place{seq: c.Seq})
	case KindKick, KindUnban:
		a.put(c.Whom, place{seq: c.Seq})
	case KindBan:
		a.put(c.Whom, place{seq: c.Seq, banned: true})
	}
}

func (a *access) put(user int64, p place) { a.people[user] = append(a.people[user], p) }

// readable reports whether a person may read at a position, and from which
// number on.
func (a *access) readable(user int64, seq uint64) (from uint64, ok bool) {
	kinds := sort.Search(len(a.kinds), func(i int) bool { return a.kinds[i].seq > seq })
	if kinds == 0 {
		return 0, false
	}
	kind := a.kinds[kinds-1].kind
	switch p := a.at(user, seq); {
	case p.banned:
		return 0, false
	case kind == "public":
		return 1, true
	case !p.member:
		return 0, false
	case kind == "group":
		return p.from, true
	}
	return 1, true
}

// at is where a person stands at a position.
func (a *access) at(user int64, seq uint64) place {
	of := a.people[user]
	if i := sort.Search(len(of), func(i int) bool { return of[i].seq > seq }); i > 0 {
		return of[i-1]
	}
	return place{}
}

// beganBehind reports whether a person became a member behind a number, of a
// room in which that is the first that they may read.
func (a *access) beganBehind(user int64, seq uint64) bool {
	return a != nil && slices.ContainsFunc(a.people[user], func(p place) bool {
		from, ok := a.readable(user, p.seq)
		return ok && from > seq
	})
}

// lost reports whether a number took the right to read from a person, or they
// did not have it.
func (a *access) lost(user int64, seq uint64) bool {
	_, ok := a.readable(user, seq)
	return !ok
}

// excuses reports whether a view ends where it does because the person lost the
// right to read: with the event that took it, or at a door that is closed in the
// end.
func (a *access) excuses(v *view, head uint64) bool {
	if a == nil || v.device.user == 0 {
		return false
	}
	return v.state != live && a.lost(v.device.user, head) ||
		v.state == live && v.last > 0 && a.lost(v.device.user, v.last)
}

// turns are the numbers from first to last at which a person's right may have
// changed, first among them.
func (a *access) turns(user int64, first, last uint64) []uint64 {
	turns := []uint64{first}
	for _, k := range a.kinds {
		turns = append(turns, k.seq)
	}
	for _, p := range a.people[user] {
		turns = append(turns, p.seq)
	}
	turns = slices.DeleteFunc(turns, func(seq uint64) bool { return seq < first || seq > last })
	slices.Sort(turns)
	return slices.Compact(turns)
}

// run is a number of live events that follow each other.
type run struct {
	first, last uint64
	begin, end  Ref
}

// runs takes a live event.
func (v *view) runs(r *room, seq uint64, ref Ref) {
	if v.run.last+1 != seq {
		v.endRun(r)
		v.run.first, v.run.begin = seq, ref
	}
	v.run.last, v.run.end = seq, ref
}

func (v *view) endRun(r *room) {
	if v.run.last > 0 {
		r.given = append(r.given, given{device: v.device, run: v.run, live: true})
	}
	v.run = run{}
}

// given is what a device was given at once: live events, each at its own
// position, or a part of a resume, from first on as of last.
type given struct {
	device *device
	run
	live  bool
	whole bool // it has to begin with the first that the person could read
}

// veiled is an event about a message, of which it depends on the person whether
// they may be told more than that it was: what they were told, and the message.
type veiled struct {
	device *device
	seq    uint64
	asOf   uint64 // the position at which their right counts
	hidden bool
	target uint64 // if it was not hidden
	ref    Ref
}

// veils adds an event about a message that may have to be hidden, and is or is
// not. Whoever was given the message, or one before it, could read it.
func (v *view) veils(all []veiled, event *Event, asOf uint64, ref Ref) []veiled {
	if v.lowest == 0 || event.Seq < v.lowest {
		v.lowest = event.Seq
	}
	if hidden := event.Kind == KindHidden; hidden || event.Target > 0 && event.Target < v.lowest {
		all = append(all, veiled{v.device, event.Seq, asOf, hidden, event.Target, ref})
	}
	return all
}

// judgeRights: whoever was given something could read it there, and no more was
// hidden from them than had to be.
func (j *Judge) judgeRights(r *room) {
	if r.access != nil {
		j.verdict.Counts.Governed++
	}
	for i := range r.given {
		if g := &r.given[i]; g.live {
			j.judgeLive(r, g)
		} else if from, ok := j.mayRead(r, g.device, g.last, g.first, g.end); ok && g.whole && g.first != from {
			j.violate("I6", []Ref{g.end}, "%s joined room %d and was given %d first, and no word about %d", g.device.name, r.id, g.first, from)
		}
	}
	for i := range r.pages {
		p := &r.pages[i]
		if from, ok := j.mayRead(r, p.device, p.asOf, p.ends[0], p.ref); ok {
			j.judgePlace(r, p, from)
		}
	}
	if r.access == nil {
		return
	}
	for _, v := range r.veiled {
		j.judgeVeil(r, v)
	}
	j.judgeAuthors(r)
}

// judgeAuthors: whoever said or changed something was in the room.
func (j *Judge) judgeAuthors(r *room) {
	for seq := uint64(1); seq <= r.head; seq++ {
		c := r.claims[seq]
		if c == nil || !isSaying(c.Kind) {
			continue
		}
		if p := r.access.at(c.User, seq); !p.member {
			j.violate("I12", []Ref{c.ref}, "number %d of room %d is %s, and user %d was not in the room", seq, r.id, describe(&c.Event), c.User)
		}
	}
}

// mayRead judges an answer from first on as of a position, and returns the first
// number that the person could read there.
func (j *Judge) mayRead(r *room, d *device, asOf, first uint64, ref Ref) (from uint64, ok bool) {
	if r.access == nil || d.user == 0 {
		return 1, true
	}
	from, ok = r.access.readable(d.user, asOf)
	switch {
	case !ok:
		j.violate("I12", []Ref{ref}, "%s was answered with room %d as of %d, where user %d could not read it", d.name, r.id, asOf, d.user)
	case first < from:
		j.violate("I12", []Ref{ref}, "%s was given room %d from %d on, and user %d could read it from %d on", d.name, r.id, first, d.user, from)
	}
	return from, ok
}

func (j *Judge) judgeVeil(r *room, v veiled) {
	c := r.claims[v.seq]
	from, ok := r.access.readable(v.device.user, v.asOf)
	if v.device.user == 0 || !ok {
		return // said elsewhere
	}
	switch {
	case v.hidden && (c.Target == 0 || c.Target >= from):
		j.violate("I12", []Ref{v.ref, c.ref}, "number %d of room %d is %s, which user %d could read, and was hidden from %s", v.seq, r.id, describe(&c.Event), v.device.user, v.device.name)
	case !v.hidden && v.target < from:
		j.violate("I12", []Ref{v.ref, c.ref}, "number %d of room %d is about number %d, which user %d could not read, and was not hidden from %s", v.seq, r.id, v.target, v.device.user, v.device.name)
	}
}

// judgeLive: each event of a run came to somebody who could read there, or is
// the one that took the right away.
func (j *Judge) judgeLive(r *room, g *given) {
	if r.access == nil || g.device.user == 0 {
		return
	}
	turns := r.access.turns(g.device.user, g.first, g.last)
	for i, seq := range turns {
		if !r.access.lost(g.device.user, seq) {
			continue
		}
		if !r.access.lost(g.device.user, seq-1) {
			seq++ // the last that they may see
		}
		end := g.last + 1
		if i+1 < len(turns) {
			end = turns[i+1]
		}
		if seq < end {
			j.violate("I12", []Ref{g.begin, g.end}, "%s got number %d of room %d, where user %d could not read it", g.device.name, seq, r.id, g.device.user)
			return
		}
	}
}
