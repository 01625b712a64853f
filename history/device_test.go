package history_test

import (
	"context"
	"encoding/json"
	"maps"
	"sync"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/fanout"
	"github.com/parleychat/parley/history"
)

// device is somebody's client. It knows nothing but the frames that it gets and
// the rules that clients are given: numbers without a hole, and of a message
// what has the greater rev. What it shows has to be what the log says.
type device struct {
	trial *trial
	user  chat.UserID

	node   *node
	client *fanout.Client
	live   bool     // frames are to come
	from   chat.Seq // the first event that the person could read when it joined
	floor  chat.Seq // it has everything above this event
	last   chat.Seq // up to this one
	cursor chat.Cursor
	asOf   chat.Seq // what it shows may be as of a later event
	shown  map[chat.Seq]shown

	mu     sync.Mutex
	frames [][]byte
}

// shown is what a device shows of a message.
type shown struct {
	Text    string
	Rev     chat.Seq
	Deleted bool
}

// Queue implements [fanout.Conn].
func (d *device) Queue(frame []byte) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.frames = append(d.frames, frame)
	return true
}

// Send implements [fanout.Conn].
func (d *device) Send(frame []byte) bool { return d.Queue(frame) }

// Flush implements [fanout.Conn].
func (d *device) Flush() {}

// Approach implements [fanout.Conn].
func (d *device) Approach() {}

// leave ends the connection, if it is to this node.
func (d *device) leave(n *node) {
	if d.client == nil || d.node != n {
		return
	}
	d.client.Detach()
	d.settle()
	d.client, d.live, d.frames = nil, false, nil
}

// settle waits until the hub has done for the device what it has to do.
func (d *device) settle() {
	done := make(chan struct{})
	d.client.Post(func() { close(done) })
	select {
	case <-done:
	case <-time.After(patience):
	}
}

// connect joins the room anew, on any node, as gateways do it: behind the last
// event that the device has, or, when that is no part of what the person may
// read, with the latest messages.
func (d *device) connect(t *rapid.T, n *node) {
	d.leave(d.node)
	d.node = n
	d.client = n.hub.Attach(d, d.user)
	d.frames = nil
	sub, head, err := n.hub.Subscribe(context.Background(), d.client, d.trial.id)
	if _, readable := d.trial.rights[d.trial.head()-1][d.user]; readable != (err == nil) {
		t.Fatalf("may %d join: got %v, want %v", d.user, err, readable)
	}
	if err != nil {
		d.leave(n)
		return
	}
	d.live = true
	d.from = d.trial.rights[d.trial.head()-1][d.user]
	if rapid.Bool().Draw(t, "meanwhile") {
		d.trial.write(t) // the hub holds it back
	}
	if rapid.IntRange(0, 4).Draw(t, "latest") == 0 || !d.resume(t, head) {
		part, err := n.reader.Latest(context.Background(), d.user, d.trial.id, 5, head.Seq)
		if d.excluded(t, err) {
			return
		}
		d.floor, d.last, d.shown = part.GapTo, part.GapTo, nil
		d.floor = max(d.floor, d.from-1)
		d.last = d.floor
		d.takeAll(t, part)
	}
	sub.Live()
}

// resume takes everything behind the cursor up to the head. It reports false
// when there was a reset.
func (d *device) resume(t *rapid.T, head chat.Head) bool {
	for d.last < head.Seq {
		part, err := d.node.reader.Since(context.Background(), d.user, d.trial.id, d.cursor, head.Seq)
		if d.excluded(t, err) {
			return true
		}
		if part.Reset != "" {
			if part.Reset != chat.ResetMembership || d.from <= d.last {
				t.Fatalf("device of %d, reading from %d on, back at %d: got reset %q", d.user, d.from, d.last, part.Reset)
			}
			d.trial.met[refusedResume]++
			return false
		}
		d.takeAll(t, part)
	}
	return true
}

// excluded: what happened between joining and reading may have put the person
// out of the room.
func (d *device) excluded(t *rapid.T, err error) bool {
	if err == nil {
		return false
	}
	if _, readable := d.trial.rights[d.trial.head()-1][d.user]; readable {
		t.Fatalf("device of %d reads: %v", d.user, err)
	}
	d.leave(d.node)
	return true
}

func (d *device) takeAll(t *rapid.T, part history.Part) {
	t.Helper()
	d.asOf = max(d.asOf, part.Head.Seq)
	for _, ev := range part.Events {
		d.take(t, chat.AppendFrame(nil, ev, "", ""))
	}
}

// received is what a device reads of a frame.
type received struct {
	Seq         chat.Seq
	Kind        chat.Kind
	Cursor      chat.Cursor
	TargetSeq   chat.Seq
	Rev         chat.Seq
	Deleted     bool
	MessageText string
}

// take takes the next frame.
func (d *device) take(t *rapid.T, frame []byte) {
	t.Helper()
	var ev received
	if err := json.Unmarshal(frame, &ev); err != nil {
		t.Fatalf("frame %s: %v", frame, err)
	}
	if ev.Seq != d.last+1 {
		t.Fatalf("device of %d has everything up to %d and gets %s", d.user, d.last, frame)
	}
	original := d.trial.events[ev.Seq-1]
	if ev.Cursor != original.Cursor() {
		t.Fatalf("frame %s: the log has cursor %s", frame, original.Cursor())
	}
	if hidden := ev.Kind == chat.KindHidden; hidden != original.HiddenFrom(d.from) {
		t.Fatalf("device of %d, reading from %d on, gets %s of the event about %d", d.user, d.from, frame, original.TargetSeq)
	} else if hidden {
		d.trial.met[hiddenEvent]++
	}
	d.last, d.cursor = ev.Seq, ev.Cursor
	d.merge(ev)
}

// merge takes what an event says of a message, if it is news.
func (d *device) merge(ev received) {
	message := ev.TargetSeq
	switch ev.Kind {
	case chat.KindMessage:
		message = ev.Seq
	case chat.KindEdit:
	case chat.KindDelete:
		ev.Deleted = true
	default:
		return
	}
	before, known := d.shown[message]
	if known && ev.Rev <= before.Rev || !known && ev.Kind != chat.KindMessage {
		return
	}
	if d.shown == nil {
		d.shown = make(map[chat.Seq]shown)
	}
	d.shown[message] = shown{ev.MessageText, ev.Rev, ev.Deleted}
}

// page reads a page somewhere and lays it into what the device shows.
func (d *device) page(t *rapid.T, n *node) {
	around := chat.Seq(rapid.IntRange(0, int(d.trial.head())).Draw(t, "around"))
	page, err := n.reader.Page(context.Background(), d.user, d.trial.id, history.PageQuery{Around: around, Limit: 7})
	if _, readable := d.trial.rights[d.trial.head()-1][d.user]; readable != (err == nil) {
		t.Fatalf("may %d read a page: got %v, want %v", d.user, err, readable)
	}
	if err != nil || d.last == 0 {
		return
	}
	d.asOf = max(d.asOf, page.AsOf)
	for _, ev := range page.Events {
		if ev.Seq > d.last {
			break // it comes in its turn
		}
		var said received
		if err := json.Unmarshal(chat.AppendFrame(nil, ev, "", ""), &said); err != nil {
			t.Fatalf("event %d of a page: %v", ev.Seq, err)
		}
		d.merge(said)
	}
}

// check takes what has come and compares what the device shows with the log.
func (d *device) check(t *rapid.T) {
	t.Helper()
	if d.client == nil {
		return
	}
	d.settle()
	d.mu.Lock()
	frames := d.frames
	d.frames = nil
	d.mu.Unlock()
	for _, frame := range frames {
		if !d.live {
			t.Fatalf("device of %d was put out with event %d and gets %s", d.user, d.last, frame)
		}
		d.take(t, frame)
		if _, readable := d.trial.rights[d.last-1][d.user]; !readable {
			d.live = false
		}
		if len(frames) < 50 {
			d.compare(t)
		}
	}
	if d.live && !d.node.held && d.last != d.trial.head() {
		t.Fatalf("device of %d has everything up to %d, the room is at %d", d.user, d.last, d.trial.head())
	}
	d.compare(t)
}

// compare compares what is shown with the log at the device's position.
func (d *device) compare(t *rapid.T) {
	t.Helper()
	if d.last < d.asOf || d.last == 0 {
		return // what came with a later position is not all there yet
	}
	want := make(map[chat.Seq]shown)
	for _, ev := range d.trial.present(t, d.last) {
		_, known := d.shown[ev.Seq]
		if isEffective(ev, chat.KindMessage) && (ev.Seq > d.floor || known) {
			want[ev.Seq] = shown{ev.Text(), ev.Rev, ev.Deleted}
		}
	}
	if diff := cmp.Diff(want, maps.Clone(d.shown)); diff != "" && len(want)+len(d.shown) > 0 {
		t.Fatalf("device of %d at event %d (-log +shown):\n%s", d.user, d.last, diff)
	}
}
