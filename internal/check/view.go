package check

import (
	"cmp"
	"strconv"
	"strings"
)

// subscription is what a device may expect of a room.
type subscription int

const (
	away     subscription = iota // nothing
	catching                     // what it missed: joinRoom is under way
	paused                       // nothing, and there is more: joinRoom again
	live                         // everything
)

// view is a room as one device has it.
type view struct {
	device *device
	room   int64
	state  subscription
	left   bool // it is away because it wanted to
	out    bool // its last event took the person out of the room: it may have been the last
	parts  bool // it has asked to be, and was not answered

	// last is the number of its latest event, if known: it was told where
	// its view begins.
	last  uint64
	known bool
	shown Ref // the line of last

	acked mark // the highest number that it was told of, in whatever way

	// Of the joinRoom under way, or the last one.
	asked  Ref
	need   mark // what the head has to reach: without a cursor, what it knew of when it asked
	since  uint64
	latest bool
	events int       // given before the answer
	fresh  bool      // nothing was given yet
	gap    bool      // a gap was told
	old    uint64    // the last event of the subscription that it ends, 0: there was none
	anew   uint64    // the first event that came of it since
	begin  uint64    // the first number that was given or told of before the answer
	part   []formKey // the forms that were told before the answer, which are as of its head
	veiled []veiled  // what may have had to be hidden, likewise

	run    run    // of live events, one after another
	lowest uint64 // the lowest number that it was ever given
}

func (d *device) view(room int64) *view {
	v := d.views[room]
	if v == nil {
		v = &view{device: d, room: room, left: true}
		d.views[room] = v
	}
	return v
}

func (j *Judge) connect(f *file, ref Ref, line *Line) {
	d := j.device(line.Device)
	if d.connected {
		j.violate("H", []Ref{ref, d.connects.ref}, "%s connects while it is connected", d.name)
	}
	d.ended, d.connecting, d.user = false, true, line.User
	d.connects, d.file, d.session, d.via = moment{f.now, ref}, f, line.Session, line.Via
	f.comes(d, 0)
}

func (j *Judge) connected(f *file, ref Ref, line *Line) {
	d := j.device(line.Device)
	if !d.connecting {
		j.violate("H", []Ref{d.closed, ref}, "%s is connected, and did not begin to connect", d.name)
	}
	d.connected, d.connecting = true, false
	f.comes(d, f.now)
	j.usedAt(f, d, d.connects.at, ref, "was let in")
}

// close ends a connection, and with it every subscription.
func (j *Judge) close(f *file, ref Ref, line *Line) {
	d := j.device(line.Device)
	for _, v := range d.views {
		v.state, v.parts = away, false
	}
	d.closed, d.connecting = ref, false
	f.goes(d, ref)
	if !d.connected {
		return // the server was not there
	}
	d.connected = false
	j.verdict.Counts.Closes[line.Code]++
	if line.Code == "" && !f.faultSince(d.connects.at) {
		j.violate("I20", []Ref{d.connects.ref, ref}, "%s was cut without a code, and nothing was done to the server", d.name)
	}
}

func (f *file) faultSince(t int64) bool {
	return f.doomed || len(f.faults) > 0 && f.faults[len(f.faults)-1].at >= t
}

// faultBehind reports whether something was done to the server behind a line.
func (f *file) faultBehind(ref Ref) bool {
	return len(f.faults) > 0 && f.faults[len(f.faults)-1].ref.Line > ref.Line
}

func (j *Judge) fault(f *file, ref Ref, line *Line) {
	f.faults = append(f.faults, moment{f.now, ref})
	f.doomed = line.More
	f.upsets(line)
	if !line.More {
		j.verdict.Counts.Faults[line.Fault]++
	}
}

func (j *Judge) end(_ *file, _ Ref, line *Line) {
	j.device(line.Device).ended = true
}

func (j *Judge) join(f *file, ref Ref, line *Line) {
	d := j.device(line.Device)
	v := d.view(line.Room)
	j.open(f, ref, line, call{device: d, room: j.room(line.Room)})
	v.old, v.anew = 0, 0
	if v.state == live && !v.out {
		v.old = v.last // it goes on until the server gets to this
	}
	v.state, v.left, v.out, v.parts = catching, false, false, false
	v.asked, v.need, v.fresh, v.events, v.gap, v.begin, v.part, v.veiled = ref, mark{}, true, 0, false, 0, v.part[:0], v.veiled[:0]
	v.since, v.latest = 0, line.Latest > 0
	switch {
	case line.Since == "0":
		v.last, v.known = 0, true
	case line.Since != "":
		seq, ok := cursorSeq(line.Since)
		if !ok || v.known && seq != v.last {
			j.violate("H", []Ref{ref, v.shown}, "%s resumes room %d at %q, but has %d", d.name, v.room, line.Since, v.last)
		}
		v.since, v.last, v.known = seq, seq, true
	case v.latest:
		v.last, v.known, v.need, v.lowest = 0, true, v.acked, 0 // begins at the first that they may read, or says gap
	default:
		v.known, v.need, v.lowest = false, v.acked, 0
	}
}

// cursorSeq reads the number of a cursor.
func cursorSeq(cursor string) (uint64, bool) {
	number, _, _ := strings.Cut(cursor, ".")
	seq, err := strconv.ParseUint(number, 10, 64)
	return seq, err == nil
}

func (j *Judge) joined(f *file, ref Ref, line *Line) {
	c, ok := j.answer(f, ref, line, Join)
	if !ok {
		return
	}
	v := c.device.view(line.Room)
	if v.state != catching {
		j.violate("H", []Ref{c.ref, ref}, "%s got an answer of joinRoom that it does not wait for", v.device.name)
		return
	}
	switch {
	case line.Code != "":
		v.state, v.lowest = away, 0
		return
	case line.Reset != "":
		j.verdict.Counts.Resets++
		c.room.resets = append(c.room.resets, falseReset{device: v.device, since: v.since, reason: line.Reset, lines: []Ref{v.shown, c.ref, ref}})
		v.state, v.known = away, false
		return
	}
	j.usedAt(f, c.device, c.begun, ref, "joined what it asked for")
	c.room.heads = append(c.room.heads, headTold{v.device.name, line.Seq, line.Cursor, ref})
	j.toldAsOf(c.room, v, line.Seq, ref)
	if v.since > 0 {
		j.verdict.Counts.Resumes++
		if v.events > 0 {
			j.verdict.Counts.ResumesMissed++
		}
	}
	if line.More {
		v.state = paused
		if v.events == 0 && !v.gap {
			j.violate("I6", []Ref{c.ref, ref}, "%s was told that room %d has more behind %d, and got none of it", v.device.name, v.room, v.last)
		}
		return
	}
	if v.fresh && !v.gap && v.anew > 0 && (v.latest || v.anew == v.since+1) {
		v.last, v.begin = v.old, v.anew // that was what it asked for
	}
	v.state, v.old = live, 0
	f.saw(v.room, line.Seq, ref)
	if v.known && line.Seq != v.last {
		j.violate("I6", []Ref{c.ref, v.shown, ref}, "%s caught up with room %d to %d, but the head is %d", v.device.name, v.room, v.last, line.Seq)
	}
	if line.Seq < v.need.seq {
		j.violate("I9", []Ref{v.need.ref, c.ref, ref}, "%s knew of %d in room %d, and joined at the head %d", v.device.name, v.need.seq, v.room, line.Seq)
	}
	v.last, v.known, v.shown, v.fresh = line.Seq, true, ref, false
	v.acked.raise(line.Seq, ref)
}

// headTold is a head that an answer named.
type headTold struct {
	device string
	seq    uint64
	cursor string
	ref    Ref
}

func (h headTold) judge(j *Judge, r *room) {
	if c := r.claims[h.seq]; h.seq > 0 && (c == nil || c.Cursor != h.cursor && h.cursor != "") {
		j.violate("I4", []Ref{h.ref, r.lineOf(h.seq)}, "%s was told of the head %d %s of room %d, which is not in its order", h.device, h.seq, h.cursor, r.id)
	}
}

// falseReset is a reset to be judged: false if the cursor was good.
type falseReset struct {
	device *device
	since  uint64
	reason string
	lines  []Ref
}

func (x falseReset) judge(j *Judge, r *room) {
	if x.since <= r.head && !(x.reason == "membership" && r.access.beganBehind(x.device.user, x.since)) {
		j.violate("I6", x.lines, "%s resumed room %d at %d, which is in its history, and was told to reset: %s", x.device.name, r.id, x.since, x.reason)
	}
}

func (j *Judge) leave(f *file, ref Ref, line *Line) {
	d := j.device(line.Device)
	d.view(line.Room).parts = true
	j.open(f, ref, line, call{device: d, room: j.room(line.Room)})
}

func (j *Judge) left(f *file, ref Ref, line *Line) {
	c, ok := j.answer(f, ref, line, Leave)
	if !ok {
		return
	}
	v := c.device.view(line.Room)
	v.parts = false
	if line.Code != "" {
		return
	}
	v.state, v.left, v.asked = away, true, ref
}

func (j *Judge) event(f *file, ref Ref, line *Line) {
	d := j.device(line.Device)
	v := d.view(line.Room)
	r := j.room(line.Room)
	j.claim(f, ref, line.Room, d.name, &line.Event)
	j.showed(r, ref, &line.Event, line.Seq, "I5")
	j.heard(f, d, r, &line.Event, ref)
	f.saw(line.Room, line.Seq, ref)
	if line.Phase == Live {
		j.verdict.Counts.Events++
		v.runs(r, line.Seq, ref)
		r.veiled = v.veils(r.veiled, &line.Event, line.Seq, ref)
	} else {
		j.verdict.Counts.Resumed++
		v.tells(&line.Event)
		v.veiled = v.veils(v.veiled, &line.Event, 0, ref)
	}
	if line.Kind == KindHidden {
		j.verdict.Counts.Hidden++
	}
	if v.goesOn(line) {
		v.old, v.anew = line.Seq, cmp.Or(v.anew, line.Seq)
		v.acked.raise(line.Seq, ref)
		return
	}
	if !j.mayGet(v, ref, line) {
		return
	}
	j.follows(v, ref, line.Seq)
	v.last, v.known, v.shown, v.fresh = line.Seq, true, ref, false
	v.events++
	if v.out = d.takenOut(&line.Event); v.out {
		v.lowest = 0
	}
	v.acked.raise(line.Seq, ref)
}

// goesOn reports whether an event is the next one of the subscription that the
// join under way has not ended yet. What the join asks for comes all the same. A
// device that asks anew does not know one from the other, and may call both
// resumed.
func (v *view) goesOn(line *Line) bool {
	return v.device.connected && v.state == catching && v.old > 0 && v.fresh && !v.gap &&
		line.Seq == v.old+1 && (line.Phase == Live || v.since == 0)
}

// takenOut reports whether an event takes the device's person out of the room.
func (d *device) takenOut(event *Event) bool {
	switch event.Kind {
	case KindLeave:
		return event.User == d.user
	case KindKick, KindBan:
		return event.Whom == d.user
	}
	return event.Kind == KindVisibility
}

// mayGet judges whether the device is subscribed at all.
func (j *Judge) mayGet(v *view, ref Ref, line *Line) bool {
	switch {
	case !v.device.connected:
		j.violate("H", []Ref{ref, v.device.closed}, "%s got number %d of room %d while it is not connected", v.device.name, line.Seq, v.room)
	case v.state == away || v.state == paused:
		j.violate("I5", []Ref{v.asked, ref}, "%s got number %d of room %d while it is not subscribed", v.device.name, line.Seq, v.room)
	case line.Phase != Live && line.Phase != Resume || v.old == 0 && (v.state == live) != (line.Phase == Live):
		j.violate("H", []Ref{v.asked, ref}, "%s calls number %d of room %d %s", v.device.name, line.Seq, v.room, line.Phase)
	case !v.known:
		j.violate("I5", []Ref{v.asked, ref}, "%s joined room %d from now on, and got number %d before the answer", v.device.name, v.room, line.Seq)
	default:
		return true
	}
	return false
}

// follows judges whether a number is the next one.
func (j *Judge) follows(v *view, ref Ref, seq uint64) {
	if v.begin == 0 {
		v.begin = seq
	}
	switch {
	case seq == v.last+1:
	case v.latest && v.fresh && !v.gap: // judged with the rights
	case seq <= v.last && !v.fresh:
		j.violate("I3", []Ref{v.shown, ref}, "%s got number %d of room %d after %d", v.device.name, seq, v.room, v.last)
	case v.fresh:
		j.violate("I6", []Ref{v.shown, v.asked, ref}, "%s resumed room %d at %d and got number %d first", v.device.name, v.room, v.last, seq)
	default:
		j.violate("I5", []Ref{v.shown, ref}, "%s got number %d of room %d after %d, and no word about what is between", v.device.name, seq, v.room, v.last)
	}
}

// gap is told before the first event behind it.
func (j *Judge) gap(_ *file, ref Ref, line *Line) {
	v := j.device(line.Device).view(line.Room)
	j.verdict.Counts.Gaps++
	if v.begin == 0 {
		v.begin = line.From
	}
	if v.state != catching || !v.known || !v.fresh || line.From > v.last+1 && !v.latest || line.To < line.From || line.To <= v.last {
		j.violate("I6", []Ref{v.asked, ref}, "%s has room %d up to %d, and was told of a gap from %d to %d", v.device.name, v.room, v.last, line.From, line.To)
	}
	v.last, v.known, v.shown, v.gap = line.To, true, ref, true
}

// reset ends a subscription: the device forgets the room.
func (j *Judge) reset(_ *file, ref Ref, line *Line) {
	v := j.device(line.Device).view(line.Room)
	j.verdict.Counts.Resets++
	v.state, v.known, v.asked = away, false, ref
}

// judgeDevice compares the end of every view with the final order. That what
// stands before is a run of it follows from I3, I4 and I5.
func (j *Judge) judgeDevice(d *device) {
	if d.ended || j.stuck {
		return
	}
	for _, v := range d.views {
		r := j.room(v.room)
		switch {
		case v.left:
		case r.access.excuses(v, r.head):
		case v.state != live:
			j.violate("I20", []Ref{v.asked, d.closed}, "%s did not come back to room %d", d.name, v.room)
		case v.last < r.head:
			j.violate("I1", []Ref{v.shown, r.lineOf(v.last + 1)}, "%s was subscribed to room %d to the end and got nothing after %d; the head is %d", d.name, v.room, v.last, r.head)
		}
	}
}

func (r *room) lineOf(seq uint64) Ref {
	if c := r.claims[seq]; c != nil {
		return c.ref
	}
	return Ref{}
}

// tells notes the form that an event of a resume tells.
func (v *view) tells(event *Event) {
	if v.state != catching {
		return
	}
	switch event.Kind {
	case KindMessage:
		v.part = append(v.part, formKey{event.Seq, event.Rev})
	case KindEdit:
		if event.Rev > 0 {
			v.part = append(v.part, formKey{event.Target, event.Rev})
		}
	}
}

// toldAsOf: what a resume told is as of the head that its answer names.
func (j *Judge) toldAsOf(r *room, v *view, head uint64, ref Ref) {
	for _, key := range v.part {
		if x := r.form(key.seq, key.rev); x != nil && x.ref != (Ref{}) && head >= x.asOf {
			x.asOf, x.shown, x.broken = head, ref, "I6"
		}
	}
	for i := range v.veiled {
		v.veiled[i].asOf = head
	}
	r.veiled = append(r.veiled, v.veiled...)
	v.part, v.veiled = v.part[:0], v.veiled[:0]
	if head > 0 {
		first := cmp.Or(v.begin, head+1)
		r.given = append(r.given, given{device: v.device, whole: v.latest, run: run{first: first, last: head, begin: v.asked, end: ref}})
	}
}
