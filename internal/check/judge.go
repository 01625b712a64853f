package check

import (
	"maps"
	"slices"
)

// Judge reads histories and gives a verdict. Make one with [New], give it every
// file of a run with [Judge.Read], then ask for the [Judge.Verdict]. It is not
// for concurrent use.
type Judge struct {
	verdict Verdict
	rooms   map[int64]*room
	devices map[string]*device
	log     logDump
	stuck   bool // nobody is served any more: there is no end to compare with

	words     map[string]secretWord
	sightings []sighting
}

// New makes a judge.
func New() *Judge {
	return &Judge{
		verdict: Verdict{
			Broken: make(map[string]int),
			Counts: Counts{Refusals: make(map[string]int), Closes: make(map[string]int), Faults: make(map[string]int)},
		},
		rooms:   make(map[int64]*room),
		devices: make(map[string]*device),
		words:   make(map[string]secretWord),
	}
}

// file is one history: the lines of one clock.
type file struct {
	name   string
	now    int64 // t of the line at hand
	faults []moment
	doomed bool // a fault is due
	calls  map[int64]call
	seen   map[int64]mark // by room: the highest number that anybody was told

	revoked map[string]moment     // by session: when its end was told
	people  map[int64]*attendance // by user
	settled int64                 // when who is online has to be right again
}

// moment is a line and its time.
type moment struct {
	at  int64
	ref Ref
}

// mark is a number of a room and the line that told it.
type mark struct {
	seq uint64
	ref Ref
}

func (m *mark) raise(seq uint64, ref Ref) {
	if seq > m.seq {
		*m = mark{seq, ref}
	}
}

// call is a question without its answer yet.
type call struct {
	what   What
	device *device
	room   *room
	ref    Ref
	begun  int64
	send   *message // of a send
	content
	retry bool
	query Query // of a page
	seen  mark  // of a page: what it has to hold

	session string  // of a revoke
	members []int64 // of a look: who may be shown
	within  int64   // likewise
	place   string  // likewise
}

// device is one program of one person.
type device struct {
	name      string
	user      int64
	connected bool
	ended     bool
	// connecting: it has begun to connect, and nothing came of it yet.
	connecting bool
	connects   moment // the beginning of the connection at hand
	file       *file  // that tells of it
	session    string
	via        string
	closed     Ref
	views      map[int64]*view
}

// room is one room of the run.
type room struct {
	id      int64
	claims  map[uint64]*claim     // by seq: what was said of it
	forms   map[formKey]*form     // what changed messages said
	ids     map[string]sight      // where an id was seen first
	sends   map[sender]*message   // by cid
	order   []*message            // in the order of the first attempts
	sent    map[string][]*message // by device: what it sent, in its order
	resets  []falseReset          // to be judged with the final order
	heads   []headTold            // likewise
	given   []given               // likewise: who was given what
	pages   []pageSeen            // likewise
	veiled  []veiled              // likewise
	final   map[string]*dump      // by reader
	head    uint64                // of the final order
	visible map[sender]*claim     // what was sent and is there in the end
	access  *access               // who may read it, known with the final order; nil: not known
}

// sender names a message: nobody else can use another person's cids.
type sender struct {
	user int64
	cid  string
}

type sight struct {
	seq    uint64
	ref    Ref
	device string
}

// handlers are the meanings of lines.
var handlers map[What]func(*Judge, *file, Ref, *Line)

func init() { // refers to what refers to it
	handlers = map[What]func(*Judge, *file, Ref, *Line){
		Connect: (*Judge).connect, Connected: (*Judge).connected, Close: (*Judge).close, End: (*Judge).end,
		Join: (*Judge).join, Joined: (*Judge).joined, Leave: (*Judge).leave, Left: (*Judge).left,
		Got: (*Judge).event, Gap: (*Judge).gap, Reset: (*Judge).reset,
		Send: (*Judge).send, Answered: (*Judge).answered, Ask: (*Judge).ask, Paged: (*Judge).paged,
		Fault: (*Judge).fault, Stuck: (*Judge).endsStuck, Final: (*Judge).finalEvent,
		Snapshot: (*Judge).snapshot, UpTo: (*Judge).upTo, Logged: (*Judge).logged, Stored: (*Judge).stored, Former: (*Judge).formerText,
		Revoke: (*Judge).revoke, Revoked: (*Judge).revoked, Searched: (*Judge).searched,
		Look: (*Judge).look, Online: (*Judge).online, Used: (*Judge).used,
	}
}

func (j *Judge) file(name string) *file {
	return &file{
		name: name, calls: make(map[int64]call), seen: make(map[int64]mark),
		revoked: make(map[string]moment), people: make(map[int64]*attendance),
	}
}

func (j *Judge) add(f *file, n int, line *Line) {
	ref := Ref{f.name, n}
	j.verdict.Counts.Lines++
	if line.T < f.now {
		j.violate("H", []Ref{ref}, "the clock went back, from %d to %d", f.now, line.T)
	}
	f.now = line.T
	handlers[line.What](j, f, ref, line)
}

func (j *Judge) room(id int64) *room {
	r := j.rooms[id]
	if r == nil {
		r = &room{
			id:     id,
			claims: make(map[uint64]*claim),
			ids:    make(map[string]sight),
			sends:  make(map[sender]*message),
			sent:   make(map[string][]*message),
			final:  make(map[string]*dump),
		}
		j.rooms[id] = r
	}
	return r
}

func (j *Judge) device(name string) *device {
	d := j.devices[name]
	if d == nil {
		d = &device{name: name, views: make(map[int64]*view)}
		j.devices[name] = d
	}
	return d
}

// open remembers a question until its answer.
func (j *Judge) open(f *file, ref Ref, line *Line, c call) {
	if _, taken := f.calls[line.Call]; taken || line.Call == 0 {
		j.violate("H", []Ref{ref, f.calls[line.Call].ref}, "call %d is used twice, or is 0", line.Call)
	}
	c.what, c.ref, c.begun = line.What, ref, f.now
	f.calls[line.Call] = c
}

// answer finds the question of an answer.
func (j *Judge) answer(f *file, ref Ref, line *Line, what What) (call, bool) {
	c, found := f.calls[line.Call]
	if !found || c.what != what {
		j.violate("H", []Ref{ref}, "%s answers call %d, which is no open %s", line.What, line.Call, what)
		return c, false
	}
	delete(f.calls, line.Call)
	return c, true
}

// saw notes that somebody was told of this number: whatever is asked from now
// on stands behind it.
func (f *file) saw(room int64, seq uint64, ref Ref) {
	m := f.seen[room]
	m.raise(seq, ref)
	f.seen[room] = m
}

// Verdict judges what can be judged only at the end, and returns everything.
// The judge is finished then.
func (j *Judge) Verdict() *Verdict {
	for _, name := range slices.Sorted(maps.Keys(j.devices)) {
		for _, v := range j.devices[name].views {
			v.endRun(j.room(v.room))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(j.rooms)) {
		j.judgeRoom(j.rooms[id])
	}
	for _, name := range slices.Sorted(maps.Keys(j.devices)) {
		j.judgeDevice(j.devices[name])
	}
	j.judgeSightings()
	j.judgeSockets()
	j.judgeLog()
	j.verdict.Counts.Rooms = len(j.rooms)
	j.verdict.Counts.Devices = len(j.devices)
	slices.SortStableFunc(j.verdict.Violations, byInvariant)
	return &j.verdict
}

// judgeRoom compares everything that was said of a room with its final order.
func (j *Judge) judgeRoom(r *room) {
	if j.stuck {
		for _, m := range r.order {
			j.judgeAnswers(r, m)
		}
		return
	}
	if !j.judgeFinal(r) {
		return
	}
	j.judgeClaims(r)
	r.visible = j.judgeVisible(r)
	j.judgeSends(r, r.visible)
	j.judgeSenderOrder(r, r.visible)
	j.judgeForms(r)
	r.access = r.accessOf()
	j.judgeRights(r)
	for _, reset := range r.resets {
		reset.judge(j, r)
	}
	for _, head := range r.heads {
		head.judge(j, r)
	}
}
