package check

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// world is a server that keeps every promise, with its clients: it writes
// histories that have to pass.
type world struct {
	rand    *rand.Rand
	lines   []Line
	calls   int64
	cids    int
	rooms   map[int64][]Event          // the order; a void's record is in the log
	from    map[int64]map[int64]uint64 // by room: the members, and their latest join
	banned  map[int64]map[int64]bool   // by room
	log     []loggedRecord
	clients []*client
	dumped  int // records in the history
	stored  int // records in the last snapshot
	snaps   int
	late    int64             // ns beside those of the lines
	words   map[string]string // by the hash of a text: the word in it
	heard   map[string]bool   // words that somebody was seen to know
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
	refused   *pendingSend // because the person was outside
	session   int
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

// The rooms: 1 is public, 2 is private, 3 is a group, whose members read from
// their latest join.
const worldRooms = 3

// worldPartitions are those of the log; a room lies in that of its number.
const worldPartitions = 2

var worldKinds = map[int64]string{1: "public", 2: "private", 3: "group"}

// users is everybody; user 1 is never thrown out.
var users = []int64{1, 2, 3}

func newWorld(seed uint64) *world {
	w := &world{rand: rand.New(rand.NewPCG(seed, 7)), rooms: make(map[int64][]Event), from: make(map[int64]map[int64]uint64),
		banned: make(map[int64]map[int64]bool), words: make(map[string]string), heard: make(map[string]bool)}
	for room := int64(1); room <= worldRooms; room++ {
		ev := w.append(room, Event{ID: fmt.Sprintf("create-%d", room), CID: "c0", User: 1, Kind: KindCreate, RoomKind: worldKinds[room]}, "")
		w.from[room], w.banned[room] = make(map[int64]uint64), make(map[int64]bool)
		for _, user := range users {
			w.from[room][user] = ev.Seq
		}
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
		case n < 36:
			w.send(c, room)
		case n < 64:
			w.deliver(c, room, 1+w.rand.IntN(3))
		case n < 72:
			w.page(c, room)
		case n < 75:
			w.close(c, "slow")
		case n < 78:
			w.leave(c, room)
		case n < 83:
			w.join(c, room)
		case n < 85:
			w.kill()
		case n < 91:
			w.govern(room)
		case n < 97:
			w.change(c, room)
		case n < 98:
			w.rejoin(c, room)
			w.look()
			w.revoke(c)
		default:
			w.send(c, room)
			w.deliver(c, room, 5)
		}
	}
	w.end()
	return w.lines
}

func (w *world) write(line Line) {
	line.T = int64(len(w.lines))*1000 + w.late
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
	w.write(Line{What: Connect, Device: c.name, Event: Event{User: c.user}, Via: "websocket", Session: c.sessionName()})
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
	if !w.readable(c.user, room) {
		call := w.call()
		w.write(Line{What: Join, Device: c.name, Room: room, Call: call})
		w.write(Line{What: Joined, Device: c.name, Room: room, Call: call, Code: "not_found"})
		v.known = false
		return
	}
	if !w.member(c.user, room) { // of a public room
		w.cids++
		w.from[room][c.user] = w.append(room, Event{ID: fmt.Sprintf("id-%d", w.cids), CID: fmt.Sprintf("cid-%d", w.cids), User: c.user, Kind: KindJoin}, "").Seq
	}
	from := w.firstOf(c.user, room)
	call, order := w.call(), w.rooms[room]
	head := uint64(len(order))
	line := Line{What: Join, Device: c.name, Room: room, Call: call}
	switch n := w.rand.IntN(4); {
	case n == 0:
		line.Latest = 2
		w.write(line)
		v.last = from - 1
		if head > from+3 {
			v.last = head - 2
			w.write(Line{What: Gap, Device: c.name, Room: room, From: from, To: v.last})
		}
	case n == 2 && from > 1 && (!v.known || v.last < from):
		// What the device has, or the beginning, is before what they may read.
		line.Since = "0"
		if v.known && v.last > 0 {
			line.Since = order[v.last-1].Cursor
		}
		w.write(line)
		w.write(Line{What: Joined, Device: c.name, Room: room, Call: call, Reset: "membership"})
		v.known = false
		return
	case n == 1 || from > 1 && (!v.known || v.last < from):
		w.write(line)
		v.last = head
	default:
		line.Since = "0"
		if v.known && v.last > 0 && (n > 1 || from > 1) {
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

// rejoin asks again for what is subscribed: until the server gets to it the old
// subscription goes on, and what it gave comes once more.
func (w *world) rejoin(c *client, room int64) {
	v := c.views[room]
	if v == nil || !v.live || !w.readable(c.user, room) || v.last < w.firstOf(c.user, room) {
		return
	}
	order, call, since := w.rooms[room], w.call(), v.last
	w.write(Line{What: Join, Device: c.name, Room: room, Call: call, Since: order[since-1].Cursor})
	w.give(c, room, Live, w.rand.IntN(3))
	v.last = since
	w.give(c, room, Resume, len(order))
	head := order[len(order)-1]
	w.write(Line{What: Joined, Device: c.name, Room: room, Call: call, Event: Event{Seq: head.Seq, Cursor: head.Cursor}})
}

// give gives the next n events.
func (w *world) give(c *client, room int64, phase string, n int) {
	v := c.views[room]
	for range n {
		if v.last == uint64(len(w.rooms[room])) {
			return
		}
		event := w.told(c.user, room, v.last+1, phase == Live)
		w.write(Line{What: Got, Device: c.name, Room: room, Phase: phase, Event: event})
		w.hear(c, &event)
		v.last++
	}
}

func (w *world) deliver(c *client, room int64, n int) {
	if v := c.views[room]; v != nil && v.live {
		w.give(c, room, Live, n)
	}
}

func (w *world) send(c *client, room int64) {
	twin := w.twin(c)
	if p := twin.refused; p != nil && p.room == room && w.member(c.user, room) {
		twin.refused = nil // its person was let in since
		w.accept(c, room, w.attempt(c, room, p.ev, false), w.append(room, p.ev, ""), false)
		return
	}
	w.cids++
	cid := fmt.Sprintf("cid-%d", w.cids)
	ev := Event{CID: cid, User: c.user, Kind: KindMessage, Hash: Hash(cid), ID: fmt.Sprintf("id-%d", w.cids)}
	if !w.member(c.user, room) {
		call := w.attempt(c, room, ev, false)
		w.write(Line{What: Answered, Device: c.name, Room: room, Call: call, Outcome: Failed, Code: "not_found"})
		if twin != c {
			c.refused = &pendingSend{room, ev, false}
		}
		return
	}
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
		if other := w.clients[(int(c.user)-1)*2]; other.connected {
			w.accept(other, room, w.attempt(other, room, ev, false), ev, true)
		}
		w.accept(c, room, call, ev, false)
	default:
		ev = w.append(room, ev, "")
		w.accept(c, room, call, ev, false)
	}
}

// twin is another device of the client's person, or the client if there is none.
func (w *world) twin(c *client) *client {
	for _, other := range w.clients {
		if other != c && other.user == c.user {
			return other
		}
	}
	return c
}

func (w *world) attempt(c *client, room int64, ev Event, retry bool) int64 {
	call := w.call()
	asked := Event{CID: ev.CID, User: ev.User, Hash: ev.Hash, Target: ev.Target}
	if ev.Kind != KindMessage {
		asked.Kind = ev.Kind
	}
	line := Line{What: Send, Device: c.name, Room: room, Call: call, Retry: retry, Event: asked}
	if worldKinds[room] != "public" && asked.Hash == Hash(asked.CID) {
		line.Word = "word-" + asked.CID
		w.words[asked.Hash] = line.Word
	}
	w.write(line)
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
	if !p.kept && !w.member(c.user, p.room) {
		call := w.attempt(c, p.room, p.ev, true)
		w.write(Line{What: Answered, Device: c.name, Room: p.room, Call: call, Outcome: Failed, Code: "not_found"})
		return
	}
	if !p.kept {
		p.ev = w.append(p.room, p.ev, "")
	}
	w.accept(c, p.room, w.attempt(c, p.room, p.ev, true), p.ev, p.kept)
}

func (w *world) page(c *client, room int64) {
	if !w.readable(c.user, room) {
		return
	}
	order, call := w.rooms[room], w.call()
	head, from := uint64(len(order)), w.firstOf(c.user, room)
	place := 1 + w.rand.Uint64N(head)
	q, first, last := Query{Limit: 3}, max(head, 3)-2, head
	switch w.rand.IntN(5) {
	case 0:
		q.Before, first, last = place, max(place, 4)-3, place-1
	case 1:
		q.After, first = place, max(place+1, from)
		last = min(first+2, head)
	case 2:
		middle := max(place, from)
		q.Around, first, last = place, max(middle, 2)-1, min(middle+1, head)
	case 3:
		q.AtLeast = order[place-1].Cursor
	}
	w.write(Line{What: Ask, Device: c.name, Room: room, Call: call, Ask: &q})
	page := &Page{AsOf: head, Events: []Event{}}
	first = max(first, from)
	for seq := first; seq <= last; seq++ {
		page.Events = append(page.Events, w.told(c.user, room, seq, false))
	}
	if len(page.Events) > 0 {
		page.MoreBefore, page.MoreAfter = first > from, last < head
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
	w.write(Line{What: Fault, Fault: "kill", More: doomed, Within: healed})
	for _, c := range w.clients {
		w.close(c, "")
	}
	if doomed {
		w.write(Line{What: Fault, Fault: "kill", Within: healed})
	}
	w.snapshot(max(len(w.log)-w.rand.IntN(4), 1))
}

func (w *world) snapshot(watermark int) {
	for ; w.dumped < len(w.log); w.dumped++ {
		l := &w.log[w.dumped]
		rec := l.rec
		rec.Seq, rec.Cursor = 0, ""
		part := l.room % worldPartitions
		w.write(Line{What: Logged, Room: l.room, Partition: int(part), Offset: w.below(part, w.dumped), Event: rec})
	}
	w.snaps++
	watermark = max(watermark, w.stored)
	from := 0
	if w.snaps%2 == 0 { // of every other one only what is new
		from = w.stored
	}
	w.stored = watermark
	w.write(Line{What: Snapshot, Snapshot: w.snaps, More: from > 0})
	for part := range int64(worldPartitions) {
		if below := w.below(part, watermark); below > 0 {
			w.write(Line{What: UpTo, Snapshot: w.snaps, Partition: int(part), Watermark: below})
		}
	}
	for room := int64(1); room <= worldRooms; room++ {
		for i, l := range w.log[:watermark] {
			if l.room != room || i < from && !w.changedSince(&l, from, watermark) {
				continue
			}
			w.write(Line{What: Stored, Snapshot: w.snaps, Room: room, Event: w.row(&l, watermark), Void: l.void})
		}
	}
	w.formers(watermark)
}

// below counts the records of a partition among the first n.
func (w *world) below(part int64, n int) (count int64) {
	for i := range w.log[:n] {
		if w.log[i].room%worldPartitions == part {
			count++
		}
	}
	return count
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
	here := w.clients[:len(w.clients)-1]
	for _, c := range here {
		for room := int64(1); room <= worldRooms; room++ {
			w.join(c, room)
			for w.readable(c.user, room) && !c.views[room].live {
				w.join(c, room) // it was told to forget the room
			}
		}
	}
	for _, c := range here { // whoever came back to a public room said so
		for room := int64(1); room <= worldRooms; room++ {
			w.deliver(c, room, len(w.rooms[room]))
		}
	}
	w.look()
	w.write(Line{What: Searched, Place: "the log of a server"})
	w.write(Line{What: Used, Place: "goroutines of a server", Used: 100, Allowed: 400})
	for _, reader := range []string{"rest", "socket"} {
		for room := int64(1); room <= worldRooms; room++ {
			for _, ev := range w.rooms[room] {
				line := Line{What: Final, Device: reader, Room: room, Event: w.told(1, room, ev.Seq, false)}
				if ev.Kind == KindCreate {
					line.Members = users
				}
				w.write(line)
			}
		}
	}
	w.snapshot(len(w.log))
}

// readable, member, firstOf: who may read a room now, who is in it, and from
// which number on they may read.
func (w *world) readable(user, room int64) bool {
	return worldKinds[room] == "public" && !w.banned[room][user] || w.member(user, room)
}

func (w *world) member(user, room int64) bool { return w.from[room][user] > 0 }

func (w *world) firstOf(user, room int64) uint64 {
	if worldKinds[room] == "group" {
		return w.from[room][user]
	}
	return 1
}

// govern throws somebody out, bans them, lifts that, or lets them in again. Who
// is no member of a public room comes back by themselves.
func (w *world) govern(room int64) {
	user, kind := users[1+w.rand.IntN(len(users)-1)], worldKinds[room]
	w.cids++
	ev := Event{ID: fmt.Sprintf("id-%d", w.cids), CID: fmt.Sprintf("cid-%d", w.cids), User: 1, Whom: user}
	switch {
	case w.banned[room][user]:
		ev.Kind = KindUnban
		w.changes(room, ev)
		delete(w.banned[room], user)
	case w.member(user, room):
		if ev.Kind = KindKick; kind == "public" || kind == "private" && w.rand.IntN(2) == 0 {
			ev.Kind = KindBan
			w.banned[room][user] = true
		}
		w.throwOut(user, room, w.changes(room, ev).Seq)
	case kind != "public":
		ev.Kind = KindInvite
		w.from[room][user] = w.changes(room, ev).Seq
		w.welcome(user, room)
	}
}

// changes lets user 1 change the room, over REST.
func (w *world) changes(room int64, ev Event) Event {
	call := w.call()
	w.write(Line{What: Send, Device: "p1.warden", Room: room, Call: call, Event: Event{CID: ev.CID, User: ev.User, Kind: ev.Kind}})
	ev = w.append(room, ev, "")
	w.write(Line{What: Answered, Device: "p1.warden", Room: room, Call: call, Outcome: OK, Event: Event{Seq: ev.Seq, Cursor: ev.Cursor}})
	return ev
}

// throwOut lets a number be the last that somebody gets of a room.
func (w *world) throwOut(user, room int64, last uint64) {
	for _, c := range w.clients {
		if v := c.views[room]; c.user == user && v != nil && v.live {
			w.give(c, room, Live, int(last-v.last))
			v.live = false
		}
	}
	delete(w.from[room], user)
}

// welcome lets somebody who was let in again join, while an old message changes.
func (w *world) welcome(user, room int64) {
	for _, c := range w.clients {
		if c.user == user && c.connected {
			w.join(c, room)
		}
	}
	if founder := w.clients[0]; founder.connected {
		w.change(founder, room)
	}
}

// change edits or deletes a message of the client's person.
func (w *world) change(c *client, room int64) {
	if c.unknown != nil || !w.member(c.user, room) {
		return
	}
	var own []uint64
	for _, ev := range w.rooms[room] {
		if ev.Kind == KindMessage && ev.User == c.user && ev.Seq >= w.firstOf(c.user, room) && !w.present(room, ev.Seq, theEnd).Deleted {
			own = append(own, ev.Seq)
		}
	}
	if len(own) == 0 {
		return
	}
	w.cids++
	cid := fmt.Sprintf("cid-%d", w.cids)
	ev := Event{CID: cid, User: c.user, Kind: KindEdit, Hash: Hash(cid), ID: fmt.Sprintf("id-%d", w.cids), Target: own[w.rand.IntN(len(own))]}
	if w.rand.IntN(3) == 0 {
		ev.Kind, ev.Hash = KindDelete, ""
	}
	call := w.attempt(c, room, ev, false)
	ev = w.append(room, ev, "")
	w.accept(c, room, call, ev, false)
}

// present is a message as it is at a position.
func (w *world) present(room int64, seq, asOf uint64) Event {
	message := w.rooms[room][seq-1]
	for _, ev := range w.rooms[room] {
		if ev.Seq <= asOf && ev.Target == seq {
			message.Hash, message.Rev, message.Deleted = ev.Hash, ev.Seq, ev.Kind == KindDelete
		}
	}
	return message
}

// told is an event as a person is told of it: live as it was, else as its
// message is now.
func (w *world) told(user, room int64, seq uint64, live bool) Event {
	ev := w.rooms[room][seq-1]
	switch {
	case ev.Target > 0 && ev.Target < w.firstOf(user, room):
		return Event{Seq: ev.Seq, Kind: KindHidden, Cursor: ev.Cursor}
	case live && ev.Kind == KindEdit:
		ev.Rev = ev.Seq
	case live:
	case ev.Kind == KindMessage:
		return w.present(room, seq, theEnd)
	case ev.Kind == KindEdit:
		now := w.present(room, ev.Target, theEnd)
		ev.Hash, ev.Rev, ev.Deleted = now.Hash, now.Rev, now.Deleted
	}
	return ev
}

// changedSince reports whether a message has changed in this part of the log.
func (w *world) changedSince(message *loggedRecord, from, to int) bool {
	return slices.ContainsFunc(w.log[from:to], func(l loggedRecord) bool {
		return l.room == message.room && l.rec.Target == message.rec.Seq
	})
}

// formers writes down the former texts that the store has: of messages that
// were edited and are not deleted.
func (w *world) formers(watermark int) {
	for _, l := range w.log[:watermark] {
		if row := w.row(&l, watermark); row.Kind == KindMessage && l.void == "" && row.Rev > 0 && !row.Deleted {
			w.write(Line{What: Former, Snapshot: w.snaps, Room: l.room, Event: Event{Seq: row.Seq}})
		}
	}
}

// row is a record as the store has it when it is at the watermark.
func (w *world) row(l *loggedRecord, watermark int) Event {
	row := l.rec
	row.Cursor = ""
	switch {
	case l.void != "":
		row.CID, row.ID, row.Hash, row.Target = "", "", "", 0
	case row.Kind == KindMessage:
		stored := uint64(0)
		for _, other := range w.log[:watermark] {
			if other.room == l.room {
				stored++
			}
		}
		now := w.present(l.room, row.Seq, stored)
		row.Hash, row.Rev, row.Deleted = now.Hash, now.Rev, now.Deleted
	default:
		row.Hash = ""
	}
	return row
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

// healed is how long after a kill who is online may be wrong, and seen how long
// after somebody came or went, in nanoseconds.
const (
	healed = 10e9
	seen   = 5e9
)

func (c *client) sessionName() string { return fmt.Sprintf("%s.s%d", c.name, c.session) }

// revoke ends the session of a client, whose socket closes, and lets all servers
// know it.
func (w *world) revoke(c *client) {
	call, session := w.call(), c.sessionName()
	w.write(Line{What: Revoke, Session: session, Call: call})
	w.close(c, "revoked")
	w.write(Line{What: Revoked, Session: session, Call: call})
	c.session++
	w.late += 6e9
}

// look asks who is online, mostly when nothing has happened for a while.
func (w *world) look() {
	w.late += w.rand.Int64N(20e9)
	call := w.call()
	w.write(Line{What: Look, Place: "a server", Room: 1, Call: call, Members: users, Within: seen})
	w.write(Line{What: Online, Room: 1, Call: call, Members: w.online()})
}

func (w *world) online() (here []int64) {
	for _, c := range w.clients {
		if c.connected && !slices.Contains(here, c.user) {
			here = append(here, c.user)
		}
	}
	return here
}

// hear finds the word in a text that somebody was given.
func (w *world) hear(c *client, event *Event) {
	word := w.words[event.Hash]
	if key := fmt.Sprint(c.user, word); word != "" && !w.heard[key] {
		w.heard[key] = true
		w.write(Line{What: Searched, Place: "a connection", Event: Event{User: c.user}, Word: word})
	}
}
