package history_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/fanout"
	"github.com/parleychat/parley/history"
)

// seldom are what a run of the equivalence test must have met to prove
// anything.
var seldom = []chat.Outcome{
	chat.VoidCopy, chat.VoidCIDConflict, chat.VoidStale, chat.VoidForbidden, chat.VoidGone, chat.VoidAlready, chat.VoidUndecodable,
	unknownRecord, hiddenEvent,
}

// What else is counted.
const (
	unknownRecord = chat.Outcome("a record of a newer version")
	hiddenEvent   = chat.Outcome("an event that was hidden")
	refusedResume = chat.Outcome("a resume from before a membership")
)

// TestEverybodyAgrees: whatever is appended to the log, in whatever order, by
// gateways of several nodes, as copies of what was appended hours ago, or broken:
// every node, whenever it opened the room and however far the store is behind,
// the recorder, the store's rows, and the devices of people all come to the same
// events, the same answers and the same messages.
//
// PARLEY_EQUIVALENCE=5m makes it run so long; -rapid.checks says how many logs
// each round tries.
func TestEverybodyAgrees(t *testing.T) {
	met := make(map[chat.Outcome]int)
	cs := &clusters{t: t, dir: t.TempDir()}
	defer cs.spoil()
	until := time.Now()
	if given := os.Getenv("PARLEY_EQUIVALENCE"); given != "" {
		long, err := time.ParseDuration(given)
		if err != nil {
			t.Fatal(err)
		}
		until = until.Add(long)
	}
	unmet := func() []chat.Outcome {
		return slices.DeleteFunc(slices.Clone(seldom), func(outcome chat.Outcome) bool { return met[outcome] > 0 })
	}
	// What comes a dozen times in a round may once not come at all.
	for round := 0; round == 0 || time.Now().Before(until) || round < 5 && len(unmet()) > 0; round++ {
		rapid.Check(t, func(t *rapid.T) {
			tr := newTrial(t, cs.get(), met)
			for range rapid.IntRange(5, 25).Draw(t, "steps") {
				tr.step(t)
			}
			tr.conclude(t)
			if rapid.IntRange(0, 9).Draw(t, "newer version") == 0 {
				tr.meetNewerVersion(t)
				cs.spoil()
			}
		})
		if t.Failed() {
			return
		}
	}
	for _, outcome := range unmet() {
		t.Errorf("the run never met %q", outcome)
	}
	t.Logf("met %v in %d clusters", met, cs.made)
}

// key is what names a durable client event in its room.
type key struct {
	user chat.UserID
	cid  string
}

// trial is one room of a cluster and what has to be true of it: the log, read
// and applied from the beginning by the test itself.
type trial struct {
	c   *cluster
	met map[chat.Outcome]int
	id  chat.RoomID

	read    int // of the tape
	state   *chat.State
	raw     []eventlog.Entry // the room's records
	records []*chat.Record   // decoded; nil when that cannot be done
	events  []*chat.Event    // as they came
	rights  []map[chat.UserID]chat.Seq

	byCID   map[key]*chat.Event
	deleted map[chat.Seq]chat.Seq // message → its deletion
	sends   []*pending
	devices []*device
}

// lost is what somebody knows of a send whose node went away.
var lost = chat.Answer{Err: chat.Errorf(chat.Unknown, "the node went away")}

// pending is something that was sent through a node.
type pending struct {
	draft  chat.Record
	hub    *fanout.Hub
	answer chan chat.Answer
}

// refused reports whether the sender was told that it came to nothing. Nobody
// sends that again.
func (p *pending) refused() bool {
	select {
	case answer := <-p.answer:
		p.answer <- answer
		return answer.Err != nil && answer.Err.Code.Final()
	default:
		return false
	}
}

func newTrial(t *rapid.T, c *cluster, met map[chat.Outcome]int) *trial {
	kind := rapid.SampledFrom([]chat.RoomKind{chat.PublicRoom, chat.PrivateRoom, chat.GroupRoom, chat.GroupRoom}).Draw(t, "kind")
	for _, n := range c.nodes { // as a failed trial may have left them
		n.release()
	}
	id, cid := c.reserve(t, kind)
	tr := &trial{
		c: c, met: met, id: id, state: chat.NewState(id),
		byCID: make(map[key]*chat.Event), deleted: make(map[chat.Seq]chat.Seq),
	}
	tr.append(t, chat.Record{
		Kind: chat.KindCreate, User: c.world.ann, CID: cid, Name: fmt.Sprintf("room %d", c.world.rooms), RoomKind: kind,
		Members: []chat.Member{{User: c.world.ann, Role: chat.RoleOwner}, {User: c.world.bo, Role: chat.RoleMember}},
	})
	// Somebody comes late, so that there is something that they may not read.
	for i, user := range []chat.UserID{c.world.ann, c.world.bo, c.world.ann} {
		tr.append(t, chat.Record{Kind: chat.KindMessage, User: user, CID: c.newCID(true), Text: "early", After: chat.Seq(i + 1)})
	}
	tr.append(t, chat.Record{Kind: chat.KindInvite, User: c.world.ann, TargetUser: c.world.cy, CID: c.newCID(true), After: 4})
	tr.catchUp(t)
	for _, user := range tr.people() {
		tr.devices = append(tr.devices, &device{trial: tr, user: user})
	}
	return tr
}

func (tr *trial) people() []chat.UserID {
	return []chat.UserID{tr.c.world.ann, tr.c.world.bo, tr.c.world.cy}
}

// catchUp waits until all is quiet and applies what was appended meanwhile.
func (tr *trial) catchUp(t *rapid.T) {
	t.Helper()
	tr.c.quiesce(t)
	entries := tr.c.tape.from(tr.read)
	tr.read += len(entries)
	for i := range entries {
		if envelope, _ := chat.Peek(entries[i].Headers); envelope.Room == tr.id {
			tr.apply(&entries[i], envelope)
		}
	}
}

func (tr *trial) apply(entry *eventlog.Entry, envelope chat.Envelope) {
	pos := chat.Position{Epoch: entry.Epoch, Partition: entry.Partition, Offset: entry.Offset}
	rec, err := chat.Decode(entry.Headers, entry.Value)
	var ev *chat.Event
	switch {
	case err == nil:
		ev = chat.Apply(tr.state, rec, pos, entry.Value)
		tr.met[ev.Outcome]++
	case errors.Is(err, chat.ErrUnknownVersion), errors.Is(err, chat.ErrUnknownKind):
		ev = chat.ApplyUnknown(tr.state, envelope, pos, entry.Value)
		tr.met[unknownRecord]++
	default:
		ev = chat.ApplyUndecodable(tr.state, pos)
		tr.met[ev.Outcome]++
	}
	tr.raw = append(tr.raw, *entry)
	tr.records = append(tr.records, rec)
	tr.events = append(tr.events, ev)
	if ev.CID != "" {
		tr.byCID[key{ev.User, ev.CID}] = ev
	}
	if isEffective(ev, chat.KindDelete) {
		tr.deleted[ev.TargetSeq] = ev.Seq
	}
	readable := make(map[chat.UserID]chat.Seq)
	for _, user := range tr.people() {
		if from, ok := tr.state.ReadableFrom(user); ok {
			readable[user] = from
		}
	}
	tr.rights = append(tr.rights, readable)
}

func (tr *trial) head() chat.Seq { return tr.state.Head.Seq }

// present is the room's events as they are at a position: messages in their
// present form, edits as they are stored.
func (tr *trial) present(t *rapid.T, asOf chat.Seq) []*chat.Event {
	t.Helper()
	events := slices.Clone(tr.events[:asOf])
	for i, ev := range events {
		var err error
		if isEffective(ev, chat.KindEdit) {
			events[i], err = ev.Untold()
			message := &events[ev.TargetSeq-1]
			if err == nil {
				*message, err = (*message).Edited(ev)
			}
		} else if isEffective(ev, chat.KindDelete) {
			message := &events[ev.TargetSeq-1]
			*message, err = (*message).Erased(ev)
		}
		if err != nil {
			t.Fatalf("event %d: %v", ev.Seq, err)
		}
	}
	return events
}

// step does one thing at random.
func (tr *trial) step(t *rapid.T) {
	switch rapid.SampledFrom(steps).Draw(t, "step") {
	case "send":
		for range rapid.IntRange(1, 4).Draw(t, "sends") {
			tr.send(t)
		}
	case "write":
		for range rapid.IntRange(1, 4).Draw(t, "records") {
			tr.write(t)
		}
	case "garbage":
		tr.garbage(t)
	case "hold":
		n := tr.node(t)
		if !n.held {
			n.hold(tr.c.end(t))
		}
	case "release":
		tr.node(t).release()
	case "restart":
		n := tr.node(t)
		for _, d := range tr.devices {
			d.leave(n)
		}
		n.stop()
		for _, sent := range tr.sends {
			if sent.hub == n.hub && len(sent.answer) == 0 {
				sent.answer <- lost
			}
		}
		n.start()
	case "time":
		tr.c.clock.advance(rapid.SampledFrom([]time.Duration{time.Second, chat.RoomIdle, chat.TableSpan, 3 * time.Hour}).Draw(t, "time"))
		for _, n := range tr.c.nodes {
			n.tick(t)
		}
	case "store":
		end := tr.c.end(t)
		stored := tr.c.stored()
		tr.c.store(t, stored+int64(rapid.IntRange(0, int(end-stored)).Draw(t, "stored")))
		tr.checkStore(t)
	case "look":
		tr.look(t, tr.node(t))
	case "connect":
		d := tr.device(t)
		d.connect(t, tr.following(t))
	case "page":
		tr.device(t).page(t, tr.following(t))
	case "return":
		tr.putOutAndBack(t)
	case "early":
		if tr.deleted[3] == 0 {
			tr.append(t, chat.Record{
				Kind: chat.KindReact, User: tr.c.world.ann, CID: tr.c.newCID(true), Emoji: "+1",
				TargetSeq: 3, TargetUser: tr.c.world.bo, After: tr.head(),
			})
		}
	case "flood":
		tr.flood(t)
	}
	tr.catchUp(t)
	for _, d := range tr.devices {
		d.check(t)
	}
}

var steps = slices.Concat(
	slices.Repeat([]string{"send"}, 8), slices.Repeat([]string{"write"}, 10), slices.Repeat([]string{"store"}, 3),
	slices.Repeat([]string{"connect"}, 6), slices.Repeat([]string{"look", "hold", "release", "page", "time", "return", "early"}, 2),
	[]string{"garbage", "restart", "flood"},
)

func (tr *trial) node(t *rapid.T) *node {
	return tr.c.nodes[rapid.IntRange(0, len(tr.c.nodes)-1).Draw(t, "node")]
}

func (tr *trial) device(t *rapid.T) *device {
	return tr.devices[rapid.IntRange(0, len(tr.devices)-1).Draw(t, "device")]
}

// following is a node that follows the log's end.
func (tr *trial) following(t *rapid.T) *node {
	n := tr.node(t)
	if n.held {
		n.release()
		tr.catchUp(t)
	}
	return n
}

func (c *cluster) stored() int64 {
	c.world.mu.Lock()
	defer c.world.mu.Unlock()
	return c.world.stored
}

// draft draws something that a person may want to do, in a room that ends at
// the event head as they see it.
func (tr *trial) draft(t *rapid.T, head chat.Seq) chat.Record {
	people := tr.people()
	kind := rapid.SampledFrom(drawn).Draw(t, "kind")
	user := rapid.SampledFrom(people).Draw(t, "user")
	switch kind {
	case chat.KindMessage, chat.KindEdit, chat.KindDelete, chat.KindReact, chat.KindUnreact, chat.KindJoin:
	case chat.KindLeave:
		if user == tr.c.world.ann {
			user = tr.c.world.cy // or the rooms would soon be empty
		}
	default:
		if rapid.IntRange(0, 3).Draw(t, "owner") > 0 {
			user = tr.c.world.ann
		}
	}
	rec := chat.Record{
		Kind: kind, User: user,
		Text: fmt.Sprintf("text %d", rapid.IntRange(0, 999).Draw(t, "text")), Emoji: "+1",
		Name: "renamed", Topic: rapid.SampledFrom([]string{"", "topic"}).Draw(t, "topic"),
		Role:     rapid.SampledFrom([]chat.Role{chat.RoleOwner, chat.RoleAdmin, chat.RoleMember}).Draw(t, "role"),
		RoomKind: rapid.SampledFrom([]chat.RoomKind{chat.PublicRoom, chat.PrivateRoom}).Draw(t, "visibility"),
	}
	if rec.Kind.ChangesMessage() {
		rec.TargetSeq = tr.message(t, user, head)
	} else {
		rec.TargetUser = rapid.SampledFrom(people).Draw(t, "other")
	}
	return only(rec)
}

var drawn = slices.Concat(
	slices.Repeat([]chat.Kind{chat.KindMessage}, 16), slices.Repeat([]chat.Kind{chat.KindEdit}, 10),
	slices.Repeat([]chat.Kind{chat.KindDelete, chat.KindInvite}, 4),
	slices.Repeat([]chat.Kind{chat.KindReact, chat.KindJoin, chat.KindUnban, chat.KindUnarchive}, 2),
	chat.Kinds[4:],
)

// only is the record with nothing but what its kind has.
func only(rec chat.Record) chat.Record {
	bare := chat.Record{Kind: rec.Kind, User: rec.User, Room: rec.Room, CID: rec.CID}
	switch rec.Kind {
	case chat.KindMessage:
		bare.Text = rec.Text
	case chat.KindEdit:
		bare.Text, bare.TargetSeq = rec.Text, rec.TargetSeq
	case chat.KindDelete, chat.KindPin, chat.KindUnpin:
		bare.TargetSeq = rec.TargetSeq
	case chat.KindReact, chat.KindUnreact:
		bare.TargetSeq, bare.Emoji = rec.TargetSeq, rec.Emoji
	case chat.KindInvite, chat.KindKick, chat.KindBan, chat.KindUnban:
		bare.TargetUser = rec.TargetUser
	case chat.KindRole:
		bare.TargetUser, bare.Role = rec.TargetUser, rec.Role
	case chat.KindRename:
		bare.Name = rec.Name
	case chat.KindTopic:
		bare.Topic = rec.Topic
	case chat.KindVisibility:
		bare.RoomKind = rec.RoomKind
	case chat.KindCreate:
		bare.Name, bare.RoomKind, bare.Members = rec.Name, rec.RoomKind, rec.Members
	}
	return bare
}

// message draws what a change is about: mostly one's own message, deleted or
// not, now and then anything.
func (tr *trial) message(t *rapid.T, user chat.UserID, head chat.Seq) chat.Seq {
	var own []chat.Seq
	for _, ev := range tr.events[:head] {
		if isEffective(ev, chat.KindMessage) && ev.User == user {
			own = append(own, ev.Seq)
		}
	}
	if len(own) == 0 || rapid.IntRange(0, 5).Draw(t, "any") == 0 {
		return chat.Seq(rapid.IntRange(1, int(head)).Draw(t, "target"))
	}
	return rapid.SampledFrom(own).Draw(t, "target")
}

// send sends something through a node: something new, or, as devices do that
// have no answer, what was sent before, with the same cid, to any node.
func (tr *trial) send(t *rapid.T) {
	n := tr.node(t)
	var draft chat.Record
	retry := false
	open := slices.DeleteFunc(slices.Clone(tr.sends), (*pending).refused)
	if again := rapid.IntRange(0, 3).Draw(t, "again") == 0; again && len(open) > 0 {
		draft = open[rapid.IntRange(0, len(open)-1).Draw(t, "sent")].draft
		if rapid.IntRange(0, 3).Draw(t, "conflict") == 0 {
			draft = only(chat.Record{Kind: chat.KindMessage, User: draft.User, CID: draft.CID, Text: "another"})
		}
		// A retry that is refused waits for the log's end.
		n, retry = tr.following(t), true
	} else {
		head := tr.head()
		if n.held {
			// What lies above the node's position would be waited for.
			head = min(head, tr.appliedBy(n))
		}
		draft = tr.draft(t, head)
		draft.CID = tr.c.newCID(rapid.IntRange(0, 3).Draw(t, "odd") > 0)
	}
	sent := &pending{draft: draft, hub: n.hub, answer: make(chan chat.Answer, 1)}
	draft.Room = tr.id
	n.hub.Submit(context.Background(), fanout.Submission{Draft: draft, Retry: retry, Done: func(a chat.Answer) { sent.answer <- a }})
	tr.sends = append(tr.sends, sent)
	tr.catchUp(t)
}

// appliedBy is the room's head where a held node stands.
func (tr *trial) appliedBy(n *node) chat.Seq {
	n.stage.applied.mu.Lock()
	next := n.stage.applied.value
	n.stage.applied.mu.Unlock()
	head := chat.Seq(1)
	for i, entry := range tr.raw {
		if entry.Offset < next {
			head = chat.Seq(i + 1)
		}
	}
	return head
}

// write appends to the log what some gateway may have written: at once, or some
// time ago, so that it comes late; something new, the copy of a record, or a cid
// that was used for something else.
func (tr *trial) write(t *rapid.T) {
	defer tr.catchUp(t)
	what := rapid.SampledFrom([]string{"new", "new", "new", "new", "copy", "copy", "conflict", "future", "too late"}).Draw(t, "what")
	switch what {
	case "too late":
		if len(tr.deleted) > 0 {
			message := tr.events[rapid.SampledFrom(slices.Sorted(maps.Keys(tr.deleted))).Draw(t, "deleted")-1]
			tr.append(t, chat.Record{
				Kind: chat.KindEdit, User: message.User, CID: tr.c.newCID(true), Text: "too late",
				TargetSeq: message.Seq, TargetUser: message.User, After: tr.deleted[message.Seq] - 1,
			})
		}
		return
	case "copy":
		tr.c.append(t, tr.raw[rapid.IntRange(0, len(tr.raw)-1).Draw(t, "copied")].Record)
		return
	case "conflict":
		first := tr.byCID[rapid.SampledFrom(sortedKeys(tr.byCID)).Draw(t, "first")]
		rec := chat.Record{Kind: chat.KindMessage, User: first.User, CID: first.CID, Text: "another"}
		rec.After = first.Seq - min(first.Seq, chat.Seq(rapid.IntRange(1, 5).Draw(t, "before")))
		tr.append(t, rec)
		return
	case "future":
		tr.append(t, chat.Record{
			Kind: chat.KindMessage, User: tr.c.world.bo, CID: tr.c.newCID(true), Text: "from a future that was lost",
			After: tr.head() + chat.Seq(rapid.IntRange(1, 9).Draw(t, "ahead")),
		})
		return
	}
	after := tr.head() - min(tr.head()-1, chat.Seq(rapid.IntRange(0, 6).Draw(t, "late")))
	rec := tr.draft(t, after)
	rec.After = after
	rec.CID = tr.c.newCID(rapid.IntRange(0, 3).Draw(t, "odd") > 0)
	if rec.Kind.ChangesMessage() {
		// A gateway has looked at the message.
		message := tr.events[rec.TargetSeq-1]
		if deletion := tr.deleted[rec.TargetSeq]; !isEffective(message, chat.KindMessage) || deletion != 0 && deletion <= after {
			return
		}
		rec.TargetUser = message.User
	}
	tr.append(t, rec)
}

func sortedKeys(events map[key]*chat.Event) []key {
	return slices.SortedFunc(maps.Keys(events), func(a, b key) int { return int(events[a].Seq) - int(events[b].Seq) })
}

// append writes a record as a gateway does.
func (tr *trial) append(t *rapid.T, rec chat.Record) {
	t.Helper()
	tr.c.append(t, tr.encode(t, rec))
}

func (tr *trial) encode(t *rapid.T, rec chat.Record) eventlog.Record {
	t.Helper()
	rec.Room = tr.id
	rec.At = tr.c.clock.Now().UnixMilli()
	rec.MAC = chat.Sign(macKey, &rec)
	headers, value, err := chat.Encode(&rec)
	if err != nil {
		t.Fatalf("encode %s: %v", rec.Kind, err)
	}
	return logRecord(headers, value)
}

// garbage appends a record that nobody can decode.
func (tr *trial) garbage(t *rapid.T) {
	rec := tr.encode(t, chat.Record{Kind: chat.KindMessage, User: tr.c.world.bo, CID: tr.c.newCID(true), Text: "x", After: tr.head()})
	cut := rapid.IntRange(0, len(rec.Value)-1).Draw(t, "cut")
	rec.Value = rec.Value[:cut]
	tr.c.append(t, rec)
}

// putOutAndBack lets somebody leave and come back: in a group they may not read
// what was before.
func (tr *trial) putOutAndBack(t *rapid.T) {
	for _, kind := range []chat.Kind{chat.KindKick, chat.KindInvite} {
		tr.append(t, chat.Record{Kind: kind, User: tr.c.world.ann, TargetUser: tr.c.world.cy, CID: tr.c.newCID(true), After: tr.head()})
		tr.catchUp(t)
		if rapid.Bool().Draw(t, "meanwhile") {
			tr.write(t)
		}
	}
}

// flood appends more than a window of records, now and then, and behind them
// one that was judged before.
func (tr *trial) flood(t *rapid.T) {
	if rapid.IntRange(0, 7).Draw(t, "flood") > 0 {
		return
	}
	late := tr.encode(t, chat.Record{Kind: chat.KindMessage, User: tr.c.world.ann, CID: tr.c.newCID(true), Text: "slow", After: tr.head()})
	for range chat.WindowRecords + 3 {
		rec := tr.encode(t, chat.Record{Kind: chat.KindMessage, User: tr.c.world.ann, CID: tr.c.newCID(true), Text: "flood", After: tr.head()})
		tr.c.log.Append(0, rec, func(eventlog.Position, error) {})
	}
	tr.c.log.settle(t)
	tr.c.append(t, late)
}

// outline is what every observer has to agree on of an event.
type outline struct {
	Seq       chat.Seq
	N         uint64
	ID        string
	Cursor    chat.Cursor
	Kind      chat.Kind
	Outcome   chat.Outcome
	User      chat.UserID
	CID, MAC  string
	At        int64
	After     chat.Seq
	TargetSeq chat.Seq
	FirstSeq  chat.Seq
	Rev       chat.Seq
	Deleted   bool
	Body      string // of a message: in its present form
}

func outlineOf(ev *chat.Event) outline {
	o := outline{
		Seq: ev.Seq, N: ev.N, ID: ev.ID, Cursor: ev.Cursor(), Kind: ev.Kind, Outcome: ev.Outcome, User: ev.User, CID: ev.CID, MAC: ev.MAC,
		At: ev.At, After: ev.After, TargetSeq: ev.TargetSeq, FirstSeq: ev.FirstSeq, Rev: ev.Rev, Deleted: ev.Deleted,
	}
	if ev.Kind == chat.KindMessage {
		o.Body = string(ev.Body)
	}
	return o
}

func outlines(events []*chat.Event) []outline {
	list := make([]outline, len(events))
	for i, ev := range events {
		list[i] = outlineOf(ev)
	}
	return list
}

func wantSame(t *rapid.T, what string, want, got []outline) {
	t.Helper()
	if !slices.Equal(want, got) { // a good deal faster than to look for a difference
		t.Fatalf("%s (-log +here):\n%s", what, cmp.Diff(want, got))
	}
}

// look compares what a node has in memory, at its position, with the log.
func (tr *trial) look(t *rapid.T, n *node) {
	t.Helper()
	err := n.hub.View(context.Background(), tr.id, 1, func(v *fanout.View) error {
		events, _ := v.Events(0, 1<<20)
		if len(events) == 0 {
			t.Fatalf("the node has no events at its head %d", v.Head.Seq)
		}
		want := tr.present(t, v.Head.Seq)[events[0].Seq-1:]
		wantSame(t, fmt.Sprintf("in memory at head %d", v.Head.Seq), outlines(want), outlines(events))
		for _, ev := range events {
			if isEffective(ev, chat.KindEdit) && tr.deleted[ev.TargetSeq] != 0 && tr.deleted[ev.TargetSeq] <= v.Head.Seq && strings.Contains(string(ev.Body), "messageText") {
				t.Fatalf("edit %d in memory still has its text: %s", ev.Seq, ev.Body)
			}
		}
		if v.Head == tr.state.Head {
			if diff := cmp.Diff(tr.state, v.State); diff != "" {
				t.Fatalf("state (-log +node):\n%s", diff)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatalf("look at a node: %v", err)
	}
}

// checkStore compares the store's rows, however many it has, with the log.
func (tr *trial) checkStore(t *rapid.T) {
	t.Helper()
	rows, head, err := tr.c.world.store.Store.Range(context.Background(), tr.id, 0, 0, 1<<20, 1<<30)
	if err != nil {
		t.Fatalf("read the store: %v", err)
	}
	want := tr.present(t, head.Seq)
	wantSame(t, fmt.Sprintf("rows up to %d", head.Seq), outlines(want), outlines(rows))
	for i, ev := range rows {
		if isEffective(ev, chat.KindEdit) && string(ev.Body) != string(want[i].Body) {
			t.Fatalf("edit %d in the store: got %s, want %s", ev.Seq, ev.Body, want[i].Body)
		}
	}
}

// conclude lets everybody catch up and compares everything: first while the
// store is behind, then when it is not.
func (tr *trial) conclude(t *rapid.T) {
	for _, n := range tr.c.nodes {
		n.release()
	}
	tr.catchUp(t)
	for _, n := range tr.c.nodes {
		n.tick(t)
	}
	tr.checkAnswers(t)
	tr.compare(t)
	tr.c.store(t, tr.c.end(t))
	tr.checkStore(t)
	tr.compare(t)
	for _, d := range tr.devices {
		d.check(t)
		d.leave(d.node)
	}
}

// compare looks at every node in every way.
func (tr *trial) compare(t *rapid.T) {
	t.Helper()
	end := tr.c.end(t)
	for _, n := range tr.c.nodes {
		tr.look(t, n)
		tr.checkHistory(t, n)
		tr.checkRetries(t, n)
	}
	if got := tr.c.end(t); got != end {
		t.Fatalf("retries of what has its answer wrote %d records", got-end)
	}
	for _, d := range tr.devices {
		d.check(t)
	}
}

// checkHistory reads the whole room from a node, as everybody who may.
func (tr *trial) checkHistory(t *rapid.T, n *node) {
	t.Helper()
	for _, user := range tr.people() {
		if tr.rights[tr.head()-1][user] == 1 {
			tr.checkHistoryOf(t, n, user)
		}
	}
}

func (tr *trial) checkHistoryOf(t *rapid.T, n *node, user chat.UserID) {
	t.Helper()
	var got []*chat.Event
	for cursor, more := (chat.Cursor{}), true; more; {
		part, err := n.reader.Since(context.Background(), user, tr.id, cursor, 0)
		if err != nil || part.Reset != "" {
			t.Fatalf("resume from %s: %v, reset %q", cursor, err, part.Reset)
		}
		got = append(got, part.Events...)
		cursor, more = got[len(got)-1].Cursor(), part.More
	}
	want := outlines(tr.present(t, tr.head()))
	for i := range want { // an edit is told with its message's form
		if isEffective(tr.events[i], chat.KindEdit) {
			message := want[tr.events[i].TargetSeq-1]
			want[i].Rev, want[i].Deleted = message.Rev, message.Deleted
		}
	}
	wantSame(t, "history", want, outlines(got))
}

// checkRetries sends things again that have their answer: each node gives the
// same, whoever gave it first.
func (tr *trial) checkRetries(t *rapid.T, n *node) {
	t.Helper()
	keys := sortedKeys(tr.byCID)
	for range min(len(keys), 8) {
		k := rapid.SampledFrom(keys).Draw(t, "sent again")
		ev := tr.byCID[k]
		draft := only(*tr.records[ev.Seq-1])
		if draft.TargetSeq == 0 {
			draft.TargetUser = tr.records[ev.Seq-1].TargetUser
		}
		got := n.hub.SubmitWait(context.Background(), fanout.Submission{Draft: draft, Retry: true})
		want := ev.Answer()
		want.Duplicate = want.Err == nil
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%s %d, void %q, sent again (-first answer +now):\n%s", ev.Kind, ev.Seq, ev.Outcome, diff)
		}
	}
}

// checkAnswers compares what senders were told with what came to be.
func (tr *trial) checkAnswers(t *rapid.T) {
	t.Helper()
	for _, sent := range tr.sends {
		var answer chat.Answer
		select {
		case answer = <-sent.answer:
		case <-time.After(patience):
			t.Fatalf("%s of %d with cid %s has no answer", sent.draft.Kind, sent.draft.User, sent.draft.CID)
		}
		ev := tr.byCID[key{sent.draft.User, sent.draft.CID}]
		switch {
		case answer.Err == nil && answer.Already:
		case answer.Err == nil:
			if ev == nil || ev.Void() || ev.Seq != answer.Seq || ev.ID != answer.ID || ev.Cursor() != answer.Cursor || ev.At != answer.At {
				t.Fatalf("%s with cid %s was answered %+v; in the log is %+v", sent.draft.Kind, sent.draft.CID, answer, ev)
			}
		case answer.Err.Code.Final():
			rec := sent.draft
			rec.Room = tr.id
			if ev != nil && !ev.Void() && ev.MAC == chat.Sign(macKey, &rec) {
				t.Fatalf("%s with cid %s was answered %s, and has taken effect as %d", rec.Kind, rec.CID, answer.Err.Code, ev.Seq)
			}
		case answer.Err.Code == chat.Internal:
			t.Fatalf("%s with cid %s was answered %v", sent.draft.Kind, sent.draft.CID, answer.Err)
		}
	}
	tr.sends = nil
}

// meetNewerVersion lets a node of a newer version write: the nodes pass it on
// with its number, the recorder stops right before it.
func (tr *trial) meetNewerVersion(t *rapid.T) {
	before := tr.head()
	newer := tr.encode(t, chat.Record{Kind: chat.KindMessage, User: tr.c.world.bo, CID: tr.c.newCID(true), Text: "x", After: before})
	if rapid.Bool().Draw(t, "unknown kind") {
		setHeader(&newer, "kind", "poll")
	} else {
		setHeader(&newer, "v", strconv.Itoa(chat.Version+1))
	}
	tr.c.append(t, newer)
	tr.catchUp(t)
	for range rapid.IntRange(0, 3).Draw(t, "behind it") {
		tr.write(t)
	}
	for _, n := range tr.c.nodes {
		if rapid.Bool().Draw(t, "restart") {
			n.stop()
			n.start()
		}
	}
	tr.catchUp(t)
	for _, n := range tr.c.nodes {
		tr.look(t, n)
	}
	tr.c.behind.open()
	select {
	case err := <-tr.c.recorder.alarms:
		if !errors.Is(err, history.ErrNewerRecord) {
			t.Fatalf("the recorder stopped: %v, want ErrNewerRecord", err)
		}
	case <-time.After(patience):
		t.Fatalf("the recorder went on behind a record of a newer version")
	}
	tr.checkStore(t)
	if _, head, err := tr.c.world.store.Store.Range(context.Background(), tr.id, 0, 0, 1, 1); err != nil || head.Seq != before {
		t.Fatalf("the store's head: got %d, %v; want %d, right before the record", head.Seq, err, before)
	}
}

func setHeader(rec *eventlog.Record, name, value string) {
	rec.Headers = slices.Clone(rec.Headers)
	for i := range rec.Headers {
		if rec.Headers[i].Key == name {
			rec.Headers[i].Value = []byte(value)
		}
	}
}
