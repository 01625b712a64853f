package history_test

import (
	"database/sql/driver"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/history"
)

// TestResumeAcrossTheLowerEdgeOfMemory: whatever the cursor, the events behind
// it are the same ones, exactly.
func TestResumeAcrossTheLowerEdgeOfMemory(t *testing.T) {
	w := newWorld(t)
	r := w.newRoom(t, chat.PublicRoom)
	r.talk(t, w.ann, 400)
	w.storeAll(t)
	r.append(t, edit(r.events[150], "changed"), erase(r.events[160]), edit(r.events[350], "changed"))
	r.open(t) // with the events from 146 on
	head := r.head().Seq
	const edge = 146
	for _, seq := range []chat.Seq{0, 1, 50, edge - 3, edge - 2, edge - 1, edge, edge + 1, 200, head - 3, head - 1, head} {
		before := w.store.readsNow()
		part := r.since(t, w.bo, r.cursor(seq), 0)
		wantLines(t, part.Events, r.span(1, head, seq+1, head))
		if part.More || part.Reset != "" || part.Head != r.head() || part.RoomName != "room 1" {
			t.Errorf("since %d: got %+v", seq, part)
		}
		if read, want := w.store.readsNow() > before, seq < edge-1; read != want {
			t.Errorf("since %d: read of the store: got %v, want %v", seq, read, want)
		}
	}
}

// TestResumeInParts: parts of at most so many events and bytes, one behind the
// other without a hole, while the room goes on and the recorder with it.
func TestResumeInParts(t *testing.T) {
	w := newWorld(t)
	r := w.newRoom(t, chat.PublicRoom)
	huge := slicesOf(100, func(int) chat.Record { return said(w.ann, strings.Repeat("ü", chat.MaxMessageChars)) })
	r.append(t, huge...)
	r.talk(t, w.ann, 700)
	w.storeAll(t)
	r.open(t)
	// What the store has as huge is small by now.
	r.append(t, slicesOf(30, func(i int) chat.Record { return erase(r.events[i+1]) })...)
	r.append(t, huge...)

	var got []line
	cursor, parts := chat.Cursor{}, 0
	for {
		part := r.since(t, w.bo, cursor, 0)
		parts++
		if len(part.Events) == 0 || len(part.Events) > chat.MaxResumeEvents {
			t.Fatalf("part %d: got %d events, want 1 to %d", parts, len(part.Events), chat.MaxResumeEvents)
		}
		wantBytes(t, part.Events, chat.MaxResumeBytes)
		got = append(got, linesOf(part.Events)...)
		cursor = part.Events[len(part.Events)-1].Cursor()
		if !part.More {
			break
		}
		if parts == 2 {
			w.storeAll(t)
			r.talk(t, w.ann, 300)
		}
	}
	if diff := cmp.Diff(r.span(1, r.head().Seq, 1, r.head().Seq), got); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if parts < 8 {
		t.Errorf("parts: got %d, want at least 8", parts)
	}
}

// TestResumeUpTo: the last part ends where the subscription begins, in the
// present form of what it has.
func TestResumeUpTo(t *testing.T) {
	w := newWorld(t)
	r := w.newRoom(t, chat.PublicRoom)
	r.talk(t, w.ann, 400)
	w.storeAll(t)
	upTo := r.head().Seq
	r.append(t, edit(r.events[40], "changed"), erase(r.events[399]))
	r.talk(t, w.ann, 3)
	for _, since := range []chat.Seq{10, 390} {
		part := r.since(t, w.bo, r.cursor(since), upTo)
		asOf := part.Head.Seq
		wantLines(t, part.Events, r.span(1, asOf, since+1, upTo))
		if part.More {
			t.Errorf("since %d: got more", since)
		}
	}
	if part := r.since(t, w.bo, r.cursor(upTo), upTo); len(part.Events) != 0 || part.More || part.Reset != "" {
		t.Errorf("since the end: got %+v, want nothing", part)
	}
}

func TestCursorOfAnotherHistory(t *testing.T) {
	w := newWorld(t)
	r := w.newRoom(t, chat.PublicRoom)
	r.talk(t, w.ann, 1500)
	w.storeAll(t)
	r.open(t)
	other := w.newRoom(t, chat.PublicRoom)
	other.talk(t, w.ann, 1500)
	head := r.head().Seq
	// The head, the ring, the window, and only the store.
	for _, seq := range []chat.Seq{head, head - 1, 1400, 700, 3} {
		part := r.since(t, w.bo, other.cursor(seq), 0)
		if part.Reset != chat.ResetHistory || len(part.Events) != 0 || part.Head != r.head() {
			t.Errorf("cursor %d of another history: got %q with %d events, want %q", seq, part.Reset, len(part.Events), chat.ResetHistory)
		}
		if part := r.since(t, w.bo, r.cursor(seq), 0); part.Reset != "" {
			t.Errorf("cursor %d of this history: got reset %q", seq, part.Reset)
		}
	}
	// A client that has more than a subscription begins with.
	if part := r.since(t, w.bo, other.cursor(400), 300); part.Reset != chat.ResetHistory {
		t.Errorf("cursor 400 of another history up to 300: got reset %q, want %q", part.Reset, chat.ResetHistory)
	}
	if part := r.since(t, w.bo, r.cursor(400), 300); part.Reset != "" || len(part.Events) != 0 || part.More {
		t.Errorf("cursor 400 up to 300: got %+v, want nothing", part)
	}
}

// TestCursorAhead: a number that the log's end proves was never reached is a
// reset; one that this node has not reached yet is waited for.
func TestCursorAhead(t *testing.T) {
	w := newWorld(t)
	r := w.newRoom(t, chat.PublicRoom)
	r.talk(t, w.ann, 10)
	r.open(t)
	for _, upTo := range []chat.Seq{0, 11} {
		part := r.since(t, w.bo, chat.Cursor{Seq: 12, Check: "abcdef"}, upTo)
		if part.Reset != chat.ResetAhead || part.Head != r.head() {
			t.Errorf("ahead: got %q at %+v, want %q", part.Reset, part.Head, chat.ResetAhead)
		}
	}

	w.log.close(int64(w.records))
	r.talk(t, w.ann, 5)
	parts := make(chan history.Part)
	go func() {
		part, err := w.reader.Since(t.Context(), w.bo, r.id, r.cursor(13), 0)
		if err != nil {
			t.Errorf("since: %v", err)
		}
		parts <- part
	}()
	w.log.open()
	wantLines(t, (<-parts).Events, r.span(1, 16, 14, 16))
}

// TestCursorBehindTheGate: a node that cannot get as far as the cursor refuses
// for now. It must not take the cursor for one of another history.
func TestCursorBehindTheGate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.newRoom(t, chat.PublicRoom)
	r.open(t)
	w.log.close(int64(w.records))
	r.talk(t, w.ann, 5)
	_, err := w.reader.Since(t.Context(), w.bo, r.id, r.cursor(3), 0)
	wantRefusal(t, err, chat.Unavailable)
}

func TestCursorBeforeMembership(t *testing.T) {
	w := newWorld(t)
	r := w.newRoom(t, chat.GroupRoom, w.bo)
	r.talk(t, w.ann, 20)
	joined := r.must(t, invite(w.ann, w.cy)).Seq
	r.append(t, edit(r.events[5], "changed"))
	r.talk(t, w.ann, 5)
	head := r.head().Seq
	for _, seq := range []chat.Seq{0, 1, joined - 1} {
		if part := r.since(t, w.cy, r.cursor(seq), 0); part.Reset != chat.ResetMembership || len(part.Events) != 0 {
			t.Errorf("since %d: got %q, want %q", seq, part.Reset, chat.ResetMembership)
		}
	}
	wantLines(t, r.since(t, w.cy, r.cursor(joined), 0).Events, r.span(joined, head, joined+1, head))
	wantLines(t, r.since(t, w.bo, r.cursor(0), 0).Events, r.span(1, head, 1, head))

	// Who comes back reads from there on, whatever they have.
	r.must(t, chat.Record{Kind: chat.KindLeave, User: w.bo})
	_, err := w.reader.Since(t.Context(), w.bo, r.id, r.cursor(5), 0)
	wantRefusal(t, err, chat.NotFound)
	r.must(t, invite(w.ann, w.bo))
	if part := r.since(t, w.bo, r.cursor(5), 0); part.Reset != chat.ResetMembership {
		t.Errorf("since before coming back: got %q, want %q", part.Reset, chat.ResetMembership)
	}
}

// TestResumeWithoutDatabase: what memory has is answered; the rest is
// unavailable for now, and never a reset.
func TestResumeWithoutDatabase(t *testing.T) {
	w := newWorld(t)
	r := w.newRoom(t, chat.PublicRoom)
	r.talk(t, w.ann, 1200)
	w.storeAll(t)
	r.open(t)
	// An edit that this node saw happen brings its text along.
	r.append(t, edit(r.events[4], "changed"))
	head := r.head().Seq
	w.store.onRead(func(func() error) error { return driver.ErrBadConn })
	wantLines(t, r.since(t, w.bo, r.cursor(1000), 0).Events, r.span(1, head, 1001, head))
	wantLines(t, r.latest(t, w.bo, 50, 0).Events, r.span(1, head, 1152, head))
	for _, cursor := range []chat.Cursor{r.cursor(5), {Seq: 5, Check: "abcdef"}} {
		_, err := w.reader.Since(t.Context(), w.bo, r.id, cursor, 0)
		wantRefusal(t, err, chat.Unavailable)
	}
	_, err := w.reader.Latest(t.Context(), w.bo, r.id, 200, 3)
	wantRefusal(t, err, chat.Unavailable)

	w.store.onRead(nil)
	wantLines(t, r.since(t, w.bo, r.cursor(5), 0).Events, r.span(1, head, 6, 505))
}

func TestLatest(t *testing.T) {
	w := newWorld(t)
	r := w.newRoom(t, chat.PublicRoom)
	r.talk(t, w.ann, 20)
	message := r.events[2]
	r.append(t, slicesOf(10, func(int) chat.Record {
		return chat.Record{Kind: chat.KindReact, User: w.ann, TargetSeq: message.Seq, TargetUser: w.ann, Emoji: "+1"}
	})...)
	r.talk(t, w.ann, 3)
	head := r.head().Seq

	part := r.latest(t, w.bo, 5, 0)
	wantLines(t, part.Events, r.span(1, head, 20, head))
	if part.GapFrom != 1 || part.GapTo != 19 || part.More || part.Head != r.head() {
		t.Errorf("latest 5: got gap %d to %d, %+v; want 1 to 19", part.GapFrom, part.GapTo, part)
	}
	part = r.latest(t, w.bo, 50, 25)
	wantLines(t, part.Events, r.span(1, head, 1, 25))
	if part.GapTo != 0 {
		t.Errorf("latest 50 of everything: got gap to %d, want none", part.GapTo)
	}
}

// TestLatestOfMuch: what is too much begins with a later message; stored or
// not.
func TestLatestOfMuch(t *testing.T) {
	w := newWorld(t)
	many := w.newRoom(t, chat.PublicRoom)
	many.talk(t, w.ann, 5)
	react := chat.Record{Kind: chat.KindReact, User: w.ann, TargetSeq: 2, TargetUser: w.ann, Emoji: "+1"}
	many.append(t, slicesOf(400, func(int) chat.Record { return react })...)
	message := many.must(t, said(w.ann, "the first within")).Seq
	many.append(t, slicesOf(480, func(int) chat.Record { return react })...)

	only := w.newRoom(t, chat.PublicRoom)
	only.talk(t, w.ann, 5)
	react.TargetSeq = 3
	only.append(t, slicesOf(700, func(int) chat.Record { return react })...)

	huge := w.newRoom(t, chat.PublicRoom)
	huge.append(t, slicesOf(100, func(int) chat.Record { return said(w.ann, strings.Repeat("x", chat.MaxMessageChars)) })...)

	for _, stored := range []bool{false, true} {
		if stored {
			w.storeAll(t)
			w.startHub()
		}
		part := many.latest(t, w.bo, 50, 0)
		wantLines(t, part.Events, many.span(1, many.head().Seq, message, many.head().Seq))
		if part.GapFrom != 1 || part.GapTo != message-1 {
			t.Errorf("many: got gap %d to %d, want 1 to %d", part.GapFrom, part.GapTo, message-1)
		}

		part = only.latest(t, w.bo, 50, 0)
		first := only.head().Seq - chat.MaxResumeEvents + 1
		wantLines(t, part.Events, only.span(1, only.head().Seq, first, only.head().Seq))
		if part.GapTo != first-1 {
			t.Errorf("only reactions: got gap to %d, want %d", part.GapTo, first-1)
		}

		part = huge.latest(t, w.bo, 90, 0)
		wantBytes(t, part.Events, chat.MaxResumeBytes)
		if last := part.Events[len(part.Events)-1].Seq; last != huge.head().Seq || part.GapTo != part.Events[0].Seq-1 || len(part.Events) < 50 {
			t.Errorf("huge: got %d events up to %d, gap to %d", len(part.Events), last, part.GapTo)
		}
	}
}

// TestLatestInAGroup: the gap begins with the first event that the person may
// read.
func TestLatestInAGroup(t *testing.T) {
	w := newWorld(t)
	r := w.newRoom(t, chat.GroupRoom, w.bo)
	r.talk(t, w.ann, 10)
	joined := r.must(t, invite(w.ann, w.cy)).Seq
	r.talk(t, w.ann, 10)
	part := r.latest(t, w.cy, 3, 0)
	if part.GapFrom != joined || part.GapTo != r.head().Seq-3 {
		t.Errorf("gap: got %d to %d, want %d to %d", part.GapFrom, part.GapTo, joined, r.head().Seq-3)
	}
	part = r.latest(t, w.cy, 50, 0)
	wantLines(t, part.Events, r.span(joined, r.head().Seq, joined, r.head().Seq))
	if part.GapTo != 0 {
		t.Errorf("gap: got one to %d, want none", part.GapTo)
	}
}
