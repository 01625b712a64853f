package history_test

import (
	"context"
	"database/sql/driver"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/history"
	"github.com/parleychat/parley/store"
)

// TestLatestPageComesFromMemory: what an open room's last events answer asks no
// store, and so goes on while the database is away.
func TestLatestPageComesFromMemory(t *testing.T) {
	w := newWorld(t)
	r := w.newRoom(t, chat.PublicRoom)
	r.talk(t, w.ann, 300)
	w.storeAll(t)
	r.talk(t, w.ann, 5)
	r.open(t)
	w.store.onRead(func(func() error) error { return driver.ErrBadConn })

	page := r.page(t, w.ann, history.PageQuery{})
	wantLines(t, page.Events, r.span(1, 306, 257, 306))
	page.Events = nil
	want := history.Page{AsOf: 306, Head: r.head(), RoomName: "room 1", MoreBefore: true}
	if diff := cmp.Diff(want, page); diff != "" {
		t.Errorf("page (-want +got):\n%s", diff)
	}
	wantLines(t, r.page(t, w.bo, history.PageQuery{Before: 200, Limit: 20}).Events, r.span(1, 306, 180, 199))
	wantLines(t, r.page(t, w.bo, history.PageQuery{After: 290, Limit: 3}).Events, r.span(1, 306, 291, 293))
	wantLines(t, r.page(t, w.bo, history.PageQuery{Around: 290, Limit: 3}).Events, r.span(1, 306, 289, 291))
	wantLines(t, r.page(t, w.bo, history.PageQuery{After: 306}).Events, []line{})
	if reads := w.store.readsNow(); reads != 0 {
		t.Errorf("readings of the store: got %d, want 0", reads)
	}

	_, err := w.reader.Page(t.Context(), w.ann, r.id, history.PageQuery{Before: 40})
	wantRefusal(t, err, chat.Unavailable)
}

// TestStoreBehind: the recorder is away, and what it did not store is laid over
// and behind what it did.
func TestStoreBehind(t *testing.T) {
	w := newWorld(t)
	r := w.newRoom(t, chat.PublicRoom)
	r.talk(t, w.ann, 600)
	w.storeAll(t)
	r.open(t) // with the last 256 events
	r.append(t, edit(r.events[9], "changed"), erase(r.events[10]), edit(r.events[599], "changed too"))
	r.talk(t, w.ann, 40)

	head := r.head().Seq
	for _, q := range []history.PageQuery{{Before: 30, Limit: 25}, {After: 3, Limit: 10}, {Around: 10}, {Limit: 200}, {Before: 600, Limit: 200}} {
		page := r.page(t, w.bo, q)
		wantLines(t, page.Events, r.wantPage(1, head, q))
		if page.AsOf != head || page.Head != r.head() {
			t.Errorf("%+v: got as of %d, head %+v; want %d, %+v", q, page.AsOf, page.Head, head, r.head())
		}
	}
	if w.store.readsNow() == 0 {
		t.Error("the store was never read")
	}
}

// TestRecorderAwayForLong: thousands of events that nobody stored are answered
// from memory, wherever among them.
func TestRecorderAwayForLong(t *testing.T) {
	w := newWorld(t)
	r := w.newRoom(t, chat.PublicRoom)
	r.open(t)
	r.talk(t, w.ann, 4000)
	r.append(t, edit(r.events[9], "changed"), erase(r.events[1500]))
	head := r.head().Seq
	for _, q := range []history.PageQuery{{}, {Before: 30, Limit: 25}, {Before: 2000, Limit: 200}, {After: 3, Limit: 10}, {After: 1495}, {Around: 1500}} {
		wantLines(t, r.page(t, w.bo, q).Events, r.wantPage(1, head, q))
	}
	for _, seq := range []chat.Seq{0, 5, 1400, head - 3} {
		part := r.since(t, w.bo, r.cursor(seq), 0)
		wantLines(t, part.Events, r.span(1, head, seq+1, min(head, seq+chat.MaxResumeEvents)))
	}
	if reads := w.store.readsNow(); reads != 0 {
		t.Errorf("readings of the store: got %d, want 0", reads)
	}
}

// tooSoon is how long a test looks for an answer that must not come yet. Nothing
// tells that one never will.
const tooSoon = 100 * time.Millisecond

// TestStoreAhead: another node's recorder has stored what this node has not
// applied. The answer waits until it has; it never shows rows of one position
// with memberships of another.
func TestStoreAhead(t *testing.T) {
	w := newWorld(t)
	r := w.newRoom(t, chat.PrivateRoom, w.bo)
	r.talk(t, w.ann, 400)
	w.storeAll(t)
	r.open(t)
	w.log.close(int64(w.records))
	before := r.head()
	r.append(t, edit(r.events[5], "changed"), kick(w.ann, w.bo))
	w.storeAll(t)

	read := make(chan struct{}, 1)
	w.store.onRead(func(read_ func() error) error {
		err := read_()
		read <- struct{}{}
		return err
	})
	// The limits differ, so that each reads for itself.
	ask := func(user chat.UserID, limit int) (<-chan history.Page, <-chan error) {
		pages, failures := make(chan history.Page, 1), make(chan error, 1)
		go func() {
			page, err := w.reader.Page(context.Background(), user, r.id, history.PageQuery{Before: 20, Limit: limit, AtLeast: before.Cursor()})
			pages <- page
			failures <- err
		}()
		return pages, failures
	}
	ofAnn, _ := ask(w.ann, 50)
	<-read
	_, ofBo := ask(w.bo, 51)
	<-read
	// Both have the rows with the edit, and stand before it and the kick.
	select {
	case page := <-ofAnn:
		t.Fatalf("page as of %d with rows of %d", page.AsOf, r.head().Seq)
	case err := <-ofBo:
		t.Fatalf("answer before the node caught up: %v", err)
	case <-time.After(tooSoon):
	}
	w.log.open()
	page := <-ofAnn
	wantLines(t, page.Events, r.span(1, r.head().Seq, 1, 19))
	if page.AsOf != r.head().Seq {
		t.Errorf("as of: got %d, want %d", page.AsOf, r.head().Seq)
	}
	wantRefusal(t, <-ofBo, chat.NotFound)
}

// TestEditedAhead: an edit is told with what its message says at the position
// of the answer, also when the message is read of a store that is ahead, or
// the room moves on while it is read.
func TestEditedAhead(t *testing.T) {
	prepare := func(t *testing.T) (*world, *room) {
		w := newWorld(t)
		r := w.newRoom(t, chat.PublicRoom)
		r.talk(t, w.ann, 400)
		r.append(t, edit(r.events[5], "first edit"))
		r.talk(t, w.ann, 10)
		w.storeAll(t)
		r.open(t) // with the edit, but neither its text nor the message
		return w, r
	}
	ask := history.PageQuery{Limit: 20}

	t.Run("the store is ahead", func(t *testing.T) {
		w, r := prepare(t)
		before := r.head()
		w.log.close(int64(w.records))
		r.append(t, edit(r.events[5], "second edit"))
		w.storeAll(t)
		ask := ask
		ask.AtLeast = before.Cursor()
		read := make(chan struct{}, 1)
		w.store.onRead(func(next func() error) error {
			defer func() { read <- struct{}{} }()
			return next()
		})
		pages := make(chan history.Page, 1)
		go func() {
			page, err := w.reader.Page(context.Background(), w.bo, r.id, ask)
			if err != nil {
				t.Errorf("page: %v", err)
			}
			pages <- page
		}()
		<-read
		select {
		case page := <-pages:
			t.Fatalf("page as of %d with a message of %d", page.AsOf, r.head().Seq)
		case <-time.After(tooSoon):
		}
		w.log.open()
		page := <-pages
		if page.AsOf != r.head().Seq {
			t.Errorf("as of: got %d, want %d", page.AsOf, r.head().Seq)
		}
		wantLines(t, page.Events, r.wantPage(1, page.AsOf, ask))
	})

	t.Run("the room moves on", func(t *testing.T) {
		w, r := prepare(t)
		first := true
		w.store.onRead(func(next func() error) error {
			err := next()
			if first {
				first = false
				r.append(t, edit(r.events[5], "second edit"))
				r.append(t, slicesOf(600, func(int) chat.Record {
					return chat.Record{Kind: chat.KindReact, User: w.ann, TargetSeq: 2, TargetUser: w.ann, Emoji: "+1"}
				})...)
				w.storeAll(t)
				r.talk(t, w.ann, 1) // with this, memory drops what is stored
				r.open(t)
			}
			return err
		})
		page := r.page(t, w.bo, ask)
		wantLines(t, page.Events, r.wantPage(1, page.AsOf, ask))
	})
}

// TestNodeStaysBehind: a node that does not get there says so.
func TestNodeStaysBehind(t *testing.T) {
	w := newWorld(t)
	r := w.newRoom(t, chat.PublicRoom)
	r.open(t)
	w.log.close(int64(w.records))
	r.talk(t, w.ann, 1)
	for name, q := range map[string]history.PageQuery{"log's end": {}, "atLeast": {AtLeast: r.head().Cursor()}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := w.reader.Page(t.Context(), w.ann, r.id, q)
			wantRefusal(t, err, chat.Unavailable)
		})
	}
}

// TestRoomMovesOnWhileItIsRead: what happens between the reading and the answer
// is laid over the rows; if it is more than memory holds, the rows are read
// again.
func TestRoomMovesOnWhileItIsRead(t *testing.T) {
	for name, more := range map[string]int{"memory reaches": 20, "memory does not reach": 1500} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			r := w.newRoom(t, chat.PublicRoom)
			r.talk(t, w.ann, 400)
			w.storeAll(t)
			r.open(t)
			first := true
			w.store.onRead(func(read func() error) error {
				err := read()
				if first {
					first = false
					r.append(t, edit(r.events[9], "changed"), erase(r.events[11]))
					r.talk(t, w.ann, more)
					w.storeAll(t)
					r.talk(t, w.ann, 1) // with this, memory drops what is stored
					r.open(t)
				}
				return err
			})
			page := r.page(t, w.bo, history.PageQuery{Around: 10, Limit: 10})
			wantLines(t, page.Events, r.wantPage(1, page.AsOf, history.PageQuery{Around: 10, Limit: 10}))
			if page.AsOf != r.head().Seq && more < 256 {
				t.Errorf("as of: got %d, want %d", page.AsOf, r.head().Seq)
			}
			wantReads := 1
			if more > 512 {
				wantReads = 2
			}
			if reads := w.store.readsNow(); reads != wantReads {
				t.Errorf("readings of the store: got %d, want %d", reads, wantReads)
			}
		})
	}
}

// TestKickedWhileReading: who is kicked between the reading and the answer gets
// nothing of it.
func TestKickedWhileReading(t *testing.T) {
	w := newWorld(t)
	reads := map[string]func(r *room) error{
		"page": func(r *room) error {
			_, err := w.reader.Page(context.Background(), w.bo, r.id, history.PageQuery{Before: 30})
			return err
		},
		"since": func(r *room) error {
			_, err := w.reader.Since(context.Background(), w.bo, r.id, r.cursor(3), 0)
			return err
		},
		"latest": func(r *room) error {
			_, err := w.reader.Latest(context.Background(), w.bo, r.id, 200, 0)
			return err
		},
		"recent": func(r *room) error {
			_, err := w.reader.Recent(context.Background(), w.bo, r.id, 200)
			return err
		},
	}
	for name, read := range reads {
		t.Run(name, func(t *testing.T) {
			r := w.newRoom(t, chat.PrivateRoom, w.bo)
			r.talk(t, w.ann, 150)
			r.append(t, slicesOf(200, func(i int) chat.Record { return edit(r.events[i%100+1], "again") })...)
			w.storeAll(t)
			kicked := false
			w.store.onRead(func(read func() error) error {
				err := read()
				if !kicked {
					kicked = true
					r.must(t, kick(w.ann, w.bo))
					r.open(t)
				}
				return err
			})
			err := read(r)
			if !kicked {
				t.Fatal("nothing was read of the store")
			}
			wantRefusal(t, err, chat.NotFound)
		})
	}
}

// TestNoHint: a room that somebody may not read and one that does not exist are
// refused with the same words.
func TestNoHint(t *testing.T) {
	w := newWorld(t)
	secret := w.newRoom(t, chat.PrivateRoom)
	secret.talk(t, w.ann, 3)
	nowhere := &room{w: w, id: 4711}
	for name, read := range map[string]func(r *room) error{
		"page": func(r *room) error { _, err := w.reader.Page(t.Context(), w.bo, r.id, history.PageQuery{}); return err },
		"since": func(r *room) error {
			_, err := w.reader.Since(t.Context(), w.bo, r.id, secret.cursor(2), 0)
			return err
		},
		"latest": func(r *room) error { _, err := w.reader.Latest(t.Context(), w.bo, r.id, 5, 0); return err },
		"recent": func(r *room) error { _, err := w.reader.Recent(t.Context(), w.bo, r.id, 5); return err },
	} {
		refused, unknown := read(secret), read(nowhere)
		wantRefusal(t, refused, chat.NotFound)
		if diff := cmp.Diff(chat.AsError(unknown), chat.AsError(refused)); diff != "" {
			t.Errorf("%s: refusals differ (-unknown +refused):\n%s", name, diff)
		}
	}
}

func TestWhoMayRead(t *testing.T) {
	w := newWorld(t)
	public := w.newRoom(t, chat.PublicRoom)
	public.talk(t, w.ann, 2)
	wantLines(t, public.page(t, w.bo, history.PageQuery{}).Events, public.span(1, 3, 1, 3))
	public.must(t, chat.Record{Kind: chat.KindBan, User: w.ann, TargetUser: w.bo})
	_, err := w.reader.Page(t.Context(), w.bo, public.id, history.PageQuery{})
	wantRefusal(t, err, chat.Forbidden)

	// Whoever joins a group reads from there on.
	group := w.newRoom(t, chat.GroupRoom, w.bo)
	group.talk(t, w.ann, 300)
	message := group.events[299]
	joined := group.must(t, invite(w.bo, w.cy)).Seq
	group.append(t, edit(message, "changed"), erase(group.events[200]))
	group.talk(t, w.ann, 10)
	head := group.head().Seq
	for _, stored := range []bool{false, true} {
		if stored {
			w.storeAll(t)
			group.talk(t, w.ann, 600)
			w.storeAll(t)
		}
		page := group.page(t, w.cy, history.PageQuery{Before: head + 1})
		wantLines(t, page.Events, group.span(joined, group.head().Seq, joined, head))
		if page.MoreBefore {
			t.Error("more before the first readable event: got true, want false")
		}
		if got := group.page(t, w.cy, history.PageQuery{Before: joined}).Events; len(got) != 0 {
			t.Errorf("events before the join: got %d, want 0", len(got))
		}
		wantLines(t, group.page(t, w.cy, history.PageQuery{After: 5, Limit: 3}).Events, group.span(joined, group.head().Seq, joined, joined+5))
		wantLines(t, group.page(t, w.cy, history.PageQuery{Around: 5, Limit: 7}).Events, group.span(joined, group.head().Seq, joined, joined+5))
	}
	if w.store.readsNow() == 0 {
		t.Error("the store was never read")
	}
}

// TestPageOfHugeMessages: a page is bounded in bytes of what is told, and the
// next one follows without a hole.
func TestPageOfHugeMessages(t *testing.T) {
	w := newWorld(t)
	r := w.newRoom(t, chat.PublicRoom)
	huge := strings.Repeat("x", chat.MaxMessageChars)
	message := r.must(t, said(w.ann, "first"))
	r.append(t, slicesOf(200, func(i int) chat.Record {
		if i%3 == 0 {
			return said(w.ann, huge)
		}
		// Stored without its text, told with it.
		return edit(message, huge)
	})...)
	for _, stored := range []bool{false, true} {
		if stored {
			w.storeAll(t)
			w.startHub()
		}
		want := r.span(1, r.head().Seq, 1, r.head().Seq)
		var back []line
		for before := r.head().Seq + 1; before > 1; {
			page := r.page(t, w.ann, history.PageQuery{Before: before, Limit: 200})
			wantBytes(t, page.Events, store.MaxPageBytes)
			back = append(linesOf(page.Events), back...)
			before = page.Events[0].Seq
			if page.MoreBefore != (before > 1) {
				t.Errorf("more before %d: got %v", before, page.MoreBefore)
			}
		}
		if diff := cmp.Diff(want, back); diff != "" {
			t.Errorf("stored %v: pages backwards (-want +got):\n%s", stored, diff)
		}
		var forth []line
		for more, after := true, chat.Seq(1); more; {
			page := r.page(t, w.ann, history.PageQuery{After: after, Limit: 200})
			wantBytes(t, page.Events, store.MaxPageBytes)
			forth = append(forth, linesOf(page.Events)...)
			after, more = page.Events[len(page.Events)-1].Seq, page.MoreAfter
		}
		if diff := cmp.Diff(want[1:], forth); diff != "" {
			t.Errorf("stored %v: pages forwards (-want +got):\n%s", stored, diff)
		}
		around := r.page(t, w.ann, history.PageQuery{Around: 100, Limit: 200})
		wantBytes(t, around.Events, store.MaxPageBytes)
		first, last := around.Events[0].Seq, around.Events[len(around.Events)-1].Seq
		if first >= 100 || last <= 100 || !around.MoreBefore || !around.MoreAfter {
			t.Errorf("around 100: got %d to %d", first, last)
		}
	}
}

func TestPageRefusesTwoPlaces(t *testing.T) {
	w := newWorld(t)
	r := w.newRoom(t, chat.PublicRoom)
	_, err := w.reader.Page(t.Context(), w.ann, r.id, history.PageQuery{Before: 5, After: 2})
	wantRefusal(t, err, chat.Invalid)
}

// TestRecent: only messages that still say something, newest first, as many as
// were asked for, however much else lies between.
func TestRecent(t *testing.T) {
	w := newWorld(t)
	r := w.newRoom(t, chat.PublicRoom)
	r.talk(t, w.ann, 30)
	r.append(t, slicesOf(1200, func(i int) chat.Record {
		return chat.Record{Kind: chat.KindReact, User: w.ann, TargetSeq: 2, TargetUser: w.ann, Emoji: "+1"}
	})...)
	r.append(t, erase(r.events[29]), edit(r.events[28], "changed"))
	r.talk(t, w.ann, 2)
	w.storeAll(t)
	for _, count := range []int{3, 10} {
		recent, err := w.reader.Recent(t.Context(), w.bo, r.id, count)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, ev := range recent.Events {
			got = append(got, ev.Text())
		}
		want := []string{"m1235", "m1234", "m31", "changed", "m28", "m27", "m26", "m25", "m24", "m23"}[:count]
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("recent %d (-want +got):\n%s", count, diff)
		}
		if recent.AsOf != r.head().Seq || recent.RoomName != "room 1" {
			t.Errorf("recent %d: got as of %d of %q", count, recent.AsOf, recent.RoomName)
		}
	}
}

func wantBytes(t *testing.T, events []*chat.Event, limit int) {
	t.Helper()
	bytes := 0
	for _, ev := range events {
		bytes += len(ev.Body)
	}
	if bytes > limit {
		t.Errorf("bytes of %d events: got %d, want at most %d", len(events), bytes, limit)
	}
}

// slicesOf makes n values.
func slicesOf[T any](n int, one func(i int) T) []T {
	values := make([]T, n)
	for i := range values {
		values[i] = one(i)
	}
	return values
}
