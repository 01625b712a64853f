package check

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// world is a server that keeps every promise, with its clients: it writes
// histories that have to pass.
type world struct {
	rand    *rand.Rand
	lines   []Line
	calls   int64
	cids    int
	rooms   map[int64][]Event // the order; a void's record is in voids
	log     []loggedRecord
	clients []*client
	dumped  int // records in the history
	stored  int // records in the last snapshot
	snaps   int
}

type loggedRecord struct {
	room int64
	rec  Event
	void string
}

type client struct {
	name      string
	user      int64
	connected bool
	views     map[int64]*clientView
	unknown   *pendingSend
}

type clientView struct {
	last  uint64
	known bool
	live  bool
}

type pendingSend struct {
	room int64
	ev   Event // as it stands, or would stand
	kept bool
}

const worldRooms = 2

func newWorld(seed uint64) *world {
	w := &world{rand: rand.New(rand.NewPCG(seed, 7)), rooms: make(map[int64][]Event)}
	for room := int64(1); room <= worldRooms; room++ {
		w.append(room, Event{ID: fmt.Sprintf("create-%d", room), CID: "c0", User: 1, Kind: "create"}, "")
	}
	for i := range 5 {
		w.clients = append(w.clients, &client{
			name: fmt.Sprintf("p%d.d%d", i/2+1, i%2), user: int64(i/2 + 1), views: make(map[int64]*clientView),
		})
	}
	return w
}

// history lets things happen and ends as histories end.
func (w *world) history(steps int) []Line {
	for range steps {
		c := w.clients[w.rand.IntN(len(w.clients))]
		if !c.connected {
			w.connect(c)
			continue
		}
		room := 1 + w.rand.Int64N(worldRooms)
		switch n := w.rand.IntN(100); {
		case n < 40:
			w.send(c, room)
		case n < 70:
			w.deliver(c, room, 1+w.rand.IntN(3))
		case n < 80:
			w.page(c, room)
		case n < 84:
			w.close(c, "slow")
		case n < 87:
			w.leave(c, room)
		case n < 92:
			w.join(c, room)
		case n < 94:
			w.kill()
		default:
			w.send(c, room)
			w.deliver(c, room, 5)
		}
	}
	w.end()
	return w.lines
}

func (w *world) write(line Line) {
	line.T = int64(len(w.lines)) * 1000
	w.lines = append(w.lines, line)
}

func (w *world) call() int64 {
	w.calls++
	return w.calls
}

// append numbers an event, or a void record of it.
func (w *world) append(room int64, rec Event, void string) Event {
	rec.Seq = uint64(len(w.rooms[room]) + 1)
	rec.Cursor = fmt.Sprintf("%d.chain%d", rec.Seq, room)
	w.log = append(w.log, loggedRecord{room, rec, void})
	ev := rec
	if void != "" {
		ev = Event{Seq: rec.Seq, Cursor: rec.Cursor, Kind: KindVoid}
	}
	w.rooms[room] = append(w.rooms[room], ev)
	return ev
}

func (w *world) connect(c *client) {
	w.write(Line{What: Connect, Device: c.name, Event: Event{User: c.user}, Via: "websocket"})
	w.write(Line{What: Connected, Device: c.name})
	c.connected = true
	for room := int64(1); room <= worldRooms; room++ {
		w.join(c, room)
	}
	if c.unknown != nil {
		w.retry(c)
	}
}

func (w *world) join(c *client, room int64) {
	v := c.views[room]
	if v == nil {
		v = &clientView{}
		c.views[room] = v
	}
	if v.live {
		return
	}
	call, order := w.call(), w.rooms[room]
	head := uint64(len(order))
	line := Line{What: Join, Device: c.name, Room: room, Call: call}
	switch n := w.rand.IntN(4); {
	case n == 0:
		line.Latest = 2
		w.write(line)
		v.last = 0
		if head > 4 {
			v.last = head - 2
			w.write(Line{What: Gap, Device: c.name, Room: room, From: 1, To: v.last})
		}
	case n == 1:
		w.write(line)
		v.last = head
	default:
		line.Since = "0"
		if v.known && v.last > 0 && n > 1 {
			line.Since = order[v.last-1].Cursor
		} else {
			v.last = 0
		}
		w.write(line)
	}
	if missed := head - v.last; missed > 6 {
		w.give(c, room, Resume, 3)
		w.write(Line{What: Joined, Device: c.name, Room: room, Call: call, Event: Event{Seq: head, Cursor: order[head-1].Cursor}, More: true})
		call = w.call()
		w.write(Line{What: Join, Device: c.name, Room: room, Call: call, Since: order[v.last-1].Cursor})
	}
	w.give(c, room, Resume, int(head-v.last))
	w.write(Line{What: Joined, Device: c.name, Room: room, Call: call, Event: Event{Seq: head, Cursor: order[head-1].Cursor}})
	v.known, v.live = true, true
}

// give gives the next n events.
func (w *world) give(c *client, room int64, phase string, n int) {
	v := c.views[room]
	for range n {
		if v.last == uint64(len(w.rooms[room])) {
			return
		}
		w.write(Line{What: Got, Device: c.name, Room: room, Phase: phase, Event: w.rooms[room][v.last]})
		v.last++
	}
}

func (w *world) deliver(c *client, room int64, n int) {
	if v := c.views[room]; v != nil && v.live {
		w.give(c, room, Live, n)
	}
}

func (w *world) send(c *client, room int64) {
	w.cids++
	cid := fmt.Sprintf("cid-%d", w.cids)
	ev := Event{CID: cid, User: c.user, Kind: KindMessage, Hash: Hash(cid), ID: fmt.Sprintf("id-%d", w.cids)}
	if c.unknown != nil {
		w.retry(c)
		return
	}
	call := w.attempt(c, room, ev, false)
	switch n := w.rand.IntN(20); {
	case n < 2:
		w.write(Line{What: Answered, Device: c.name, Room: room, Call: call, Outcome: Failed, Code: "forbidden"})
	case n < 4:
		w.write(Line{What: Answered, Device: c.name, Room: room, Call: call, Outcome: Failed, Code: "busy"})
		ev = w.append(room, ev, "")
		w.accept(c, room, w.attempt(c, room, ev, true), ev, false)
	case n < 7:
		kept := w.rand.IntN(2) == 0
		if kept {
			ev = w.append(room, ev, "")
		}
		w.write(Line{What: Answered, Device: c.name, Room: room, Call: call, Outcome: Unknown})
		c.unknown = &pendingSend{room, ev, kept}
	case n < 8: // another text under a cid that is there
		ev = w.append(room, ev, "")
		w.accept(c, room, call, ev, false)
		other := ev
		other.Hash = Hash("other " + cid)
		call = w.attempt(c, room, other, false)
		w.append(room, other, "cid_conflict")
		w.write(Line{What: Answered, Device: c.name, Room: room, Call: call, Outcome: Failed, Code: "cid_conflict"})
	case n < 10: // two devices send the same
		ev = w.append(room, ev, "")
		w.append(room, ev, "copy")
		other := w.clients[(int(c.user)-1)*2]
		if other.connected {
			w.accept(other, room, w.attempt(other, room, ev, false), ev, true)
		}
		w.accept(c, room, call, ev, false)
	default:
		ev = w.append(room, ev, "")
		w.accept(c, room, call, ev, false)
	}
}

func (w *world) attempt(c *client, room int64, ev Event, retry bool) int64 {
	call := w.call()
	w.write(Line{What: Send, Device: c.name, Room: room, Call: call, Retry: retry, Event: Event{CID: ev.CID, User: ev.User, Hash: ev.Hash}})
	return call
}

// accept answers ok, behind the event where the device is subscribed.
func (w *world) accept(c *client, room, call int64, ev Event, duplicate bool) {
	if v := c.views[room]; v != nil && v.live && v.last < ev.Seq {
		w.give(c, room, Live, int(ev.Seq-v.last))
	}
	w.write(Line{What: Answered, Device: c.name, Room: room, Call: call, Outcome: OK,
		Event: Event{Seq: ev.Seq, ID: ev.ID, Cursor: ev.Cursor}, At: int64(1000 + ev.Seq), Duplicate: duplicate})
}

func (w *world) retry(c *client) {
	p := c.unknown
	c.unknown = nil
	if !p.kept {
		p.ev = w.append(p.room, p.ev, "")
	}
	w.accept(c, p.room, w.attempt(c, p.room, p.ev, true), p.ev, p.kept)
}

func (w *world) page(c *client, room int64) {
	order, call := w.rooms[room], w.call()
	head := uint64(len(order))
	place := 1 + w.rand.Uint64N(head)
	q, first, last := Query{Limit: 3}, max(head, 3)-2, head
	switch w.rand.IntN(5) {
	case 0:
		q.Before, first, last = place, max(place, 4)-3, place-1
	case 1:
		q.After, first, last = place, place+1, min(place+3, head)
	case 2:
		q.Around, first, last = place, max(place, 2)-1, min(place+1, head)
	case 3:
		q.AtLeast = order[place-1].Cursor
	}
	w.write(Line{What: Ask, Device: c.name, Room: room, Call: call, Ask: &q})
	page := &Page{AsOf: head, Events: []Event{}}
	for seq := first; seq <= last; seq++ {
		page.Events = append(page.Events, order[seq-1])
	}
	if len(page.Events) > 0 {
		page.MoreBefore, page.MoreAfter = first > 1, last < head
	}
	w.write(Line{What: Paged, Device: c.name, Room: room, Call: call, Page: page})
}

func (w *world) leave(c *client, room int64) {
	if v := c.views[room]; v != nil && v.live {
		call := w.call()
		w.write(Line{What: Leave, Device: c.name, Room: room, Call: call})
		w.give(c, room, Live, 1)
		w.write(Line{What: Left, Device: c.name, Room: room, Call: call})
		v.live = false
	}
}

func (w *world) close(c *client, code string) {
	if !c.connected {
		return
	}
	w.write(Line{What: Close, Device: c.name, Code: code})
	c.connected = false
	for _, v := range c.views {
		v.live = false
	}
}

// kill cuts everybody, and looks at the store, which may be behind.
func (w *world) kill() {
	// Half of the servers end by themselves.
	doomed := w.rand.IntN(2) == 0
	w.write(Line{What: Fault, Fault: "kill", More: doomed})
	for _, c := range w.clients {
		w.close(c, "")
	}
	if doomed {
		w.write(Line{What: Fault, Fault: "kill"})
	}
	w.snapshot(max(len(w.log)-w.rand.IntN(4), 1))
}

func (w *world) snapshot(watermark int) {
	for ; w.dumped < len(w.log); w.dumped++ {
		l := &w.log[w.dumped]
		rec := l.rec
		rec.Seq, rec.Cursor = 0, ""
		w.write(Line{What: Logged, Room: l.room, Offset: int64(w.dumped), Event: rec})
	}
	w.snaps++
	watermark = max(watermark, w.stored)
	from := 0
	if w.snaps%2 == 0 { // of every other one only what is new
		from = w.stored
	}
	w.stored = watermark
	w.write(Line{What: Snapshot, Snapshot: w.snaps, Watermark: int64(watermark), More: from > 0})
	for room := int64(1); room <= worldRooms; room++ {
		for _, l := range w.log[from:watermark] {
			if l.room != room {
				continue
			}
			row := l.rec
			row.Cursor = ""
			if l.void != "" {
				row.CID, row.ID, row.Hash = "", "", ""
			}
			w.write(Line{What: Stored, Snapshot: w.snaps, Room: room, Event: row, Void: l.void})
		}
	}
}

// end lets everybody catch up, and dumps everything.
func (w *world) end() {
	for i, c := range w.clients {
		if !c.connected {
			w.connect(c)
		}
		if c.unknown != nil {
			w.retry(c)
		}
		if i == len(w.clients)-1 {
			w.close(c, "client")
			w.write(Line{What: End, Device: c.name})
		}
	}
	for _, c := range w.clients[:len(w.clients)-1] {
		for room := int64(1); room <= worldRooms; room++ {
			w.join(c, room)
			w.deliver(c, room, len(w.rooms[room]))
		}
	}
	for _, reader := range []string{"rest", "socket"} {
		for room := int64(1); room <= worldRooms; room++ {
			for _, ev := range w.rooms[room] {
				w.write(Line{What: Final, Device: reader, Room: room, Event: ev})
			}
		}
	}
	w.snapshot(len(w.log))
}

// judge judges lines as if they were read from a file.
func judge(t testing.TB, lines []Line) *Verdict {
	t.Helper()
	j := New()
	f := j.file("h")
	for i := range lines {
		j.add(f, i+1, &lines[i])
	}
	return j.Verdict()
}
