package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/store"
)

// variedRoom has messages with other events between them, before and after.
func variedRoom(t *testing.T, s *store.Store) (*recorder, chat.RoomID, []*chat.Event) {
	t.Helper()
	r := newRecorder(t, s)
	anna, bert := newUser(t, s, "anna@example.org"), newUser(t, s, "bert@example.org")
	other := r.createRoom("other", anna)
	room := r.createRoom("varied", anna)
	rng := rand.New(rand.NewPCG(3, 4))
	topic := 0
	for range 60 {
		switch n := rng.IntN(10); {
		case n < 5:
			r.must(message(room, anna, strings.Repeat("x", rng.IntN(200)+1)))
		case n < 7:
			topic++
			r.must(chat.Record{Kind: chat.KindTopic, Room: room, User: anna, Topic: fmt.Sprint(topic)})
		default:
			r.apply(message(room, bert, "not a member, void"))
		}
		r.must(message(other, anna, "elsewhere"))
	}
	r.commit()
	return r, room, allEvents(t, s, room)
}

func allEvents(t *testing.T, s *store.Store, room chat.RoomID) []*chat.Event {
	t.Helper()
	events, _, err := s.Range(context.Background(), room, 0, 0, 1_000_000, 1<<30)
	check(t, err)
	return events
}

func isMessage(ev *chat.Event) bool { return ev.Kind == chat.KindMessage && !ev.Void() }

func countMessages(events []*chat.Event) (n int) {
	for _, ev := range events {
		if isMessage(ev) {
			n++
		}
	}
	return n
}

// pageOf says what a page is, from all events: below an event, the shortest
// end that has the messages, or all if there are no more messages; above it,
// the longest beginning that has no more than them.
func pageOf(events []*chat.Event, q store.PageQuery) []*chat.Event {
	from := int(max(q.From, 1)) - 1
	below := func(seq chat.Seq, messages int) []*chat.Event {
		end := min(int(seq)-1, len(events))
		if end <= from {
			return nil
		}
		start := end
		for start > 0 && (countMessages(events[start:end]) < messages || countMessages(events[:start]) == 0) {
			start--
		}
		return events[max(start, from):end]
	}
	above := func(seq chat.Seq, messages int) []*chat.Event {
		start := max(int(seq), from)
		if start >= len(events) {
			return nil
		}
		end := start
		for end < len(events) && countMessages(events[start:end+1]) <= messages {
			end++
		}
		return events[start:end]
	}
	switch {
	case q.After > 0:
		return above(q.After, q.Limit)
	case q.Around > 0:
		seq := min(max(q.Around, chat.Seq(from+1)), chat.Seq(len(events)))
		page := append([]*chat.Event{}, below(seq+1, (q.Limit+1)/2)...)
		if q.Limit > 1 {
			page = append(page, above(seq, q.Limit/2)...)
		}
		return page
	case q.Before > 0:
		return below(q.Before, q.Limit)
	}
	return below(chat.Seq(len(events)+1), q.Limit)
}

func testPages(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	r, room, events := variedRoom(t, s)
	head := r.state(room).Head
	if len(events) != int(head.Seq) || countMessages(events) != int(head.N) || head.N < 10 || events[1].N == 1 && events[2].N == 2 && events[3].N == 3 {
		t.Fatalf("the room has %d events, head %v: not varied", len(events), head)
	}
	var queries []store.PageQuery
	for _, limit := range []int{1, 2, 7, 50} {
		for _, from := range []chat.Seq{0, 20, head.Seq + 1} {
			queries = append(queries, store.PageQuery{Limit: limit, From: from})
			for seq := chat.Seq(1); seq <= head.Seq+3; seq++ {
				queries = append(queries,
					store.PageQuery{Before: seq, Limit: limit, From: from},
					store.PageQuery{After: seq, Limit: limit, From: from},
					store.PageQuery{Around: seq, Limit: limit, From: from})
			}
		}
	}
	for _, q := range queries {
		want := pageOf(events, q)
		got, err := s.Page(ctx, room, q)
		check(t, err)
		if !slices.Equal(seqsOf(want), seqsOf(got.Events)) || got.Head != head {
			t.Fatalf("page %+v: got events %v, head %v, want %v, %v", q, seqsOf(got.Events), got.Head, seqsOf(want), head)
		}
		if len(want) == 0 {
			continue
		}
		before, after := want[0].Seq > max(q.From, 1), want[len(want)-1].Seq < head.Seq
		if got.MoreBefore != before || got.MoreAfter != after {
			t.Fatalf("page %+v: got more before %v, after %v, want %v, %v", q, got.MoreBefore, got.MoreAfter, before, after)
		}
	}
	_, err := s.Page(ctx, 99, store.PageQuery{})
	wantRefusal(t, err, chat.NotFound)
}

func seqsOf(events []*chat.Event) (seqs []chat.Seq) {
	for _, ev := range events {
		seqs = append(seqs, ev.Seq)
	}
	return seqs
}

// testPageBounds: a page has its bounds beside the messages, and whoever goes
// from page to page misses nothing.
func testPageBounds(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	r := newRecorder(t, s)
	anna, bert := newUser(t, s, "anna@example.org"), newUser(t, s, "bert@example.org")
	room := r.createRoom("lobby", anna)
	r.must(message(room, anna, "first"))
	for range 1300 {
		r.apply(message(room, bert, "void"))
	}
	r.must(message(room, anna, "second"))
	big := strings.Repeat("x", chat.MaxMessageBytes)
	for range 60 {
		r.must(message(room, anna, big))
	}
	r.commit()
	head := r.state(room).Head.Seq

	wantWalk := func(name string, step func() (store.Page, bool)) {
		t.Helper()
		seen, pages := make(map[chat.Seq]bool), 0
		for {
			page, more := step()
			pages++
			bytes := 0
			for i, ev := range page.Events {
				bytes += len(ev.Body)
				if seen[ev.Seq] || i > 0 && ev.Seq != page.Events[i-1].Seq+1 {
					t.Fatalf("%s: event %d twice or out of order", name, ev.Seq)
				}
				seen[ev.Seq] = true
			}
			if len(page.Events) > store.MaxPageEvents || bytes > store.MaxPageBytes || len(page.Events) == 0 {
				t.Fatalf("%s: got a page of %d events, %d bytes", name, len(page.Events), bytes)
			}
			if !more {
				break
			}
		}
		if len(seen) != int(head) || pages < 4 {
			t.Errorf("%s: got %d events on %d pages, want %d on more than three", name, len(seen), pages, head)
		}
	}
	before := head + 1
	wantWalk("back", func() (store.Page, bool) {
		page, err := s.Page(ctx, room, store.PageQuery{Before: before, Limit: 1000})
		check(t, err)
		before = page.Events[0].Seq
		return page, page.MoreBefore
	})
	var after chat.Seq
	wantWalk("forth", func() (store.Page, bool) {
		page, err := s.Page(ctx, room, store.PageQuery{After: max(after, 1), Limit: 1000})
		check(t, err)
		if after == 0 { // the first event has nothing in front
			first := eventBySeq(t, s, room, 1)
			page.Events = append([]*chat.Event{first}, page.Events[:len(page.Events)-1]...)
		}
		after = page.Events[len(page.Events)-1].Seq
		return page, after < head
	})
	// Out of range limits are clamped.
	page, err := s.Page(ctx, room, store.PageQuery{Limit: -1})
	check(t, err)
	if countMessages(page.Events) != 1 {
		t.Errorf("got %d messages with limit -1, want 1", countMessages(page.Events))
	}
}

// testWholeEvents: pages and ranges have all of every event, of whatever kind, as
// it is stored.
func testWholeEvents(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	r := newRecorder(t, s)
	anna, bert := newUser(t, s, "anna@example.org"), newUser(t, s, "bert@example.org")
	room := r.createRoom("lobby", anna)
	for _, cid := range []string{"0", "-7", "_", strings.Repeat("a", chat.MaxCIDChars)} {
		rec := message(room, anna, "said as "+cid)
		rec.CID, rec.After = cid, r.state(room).Head.Seq
		r.must(rec)
		r.apply(rec) // a copy, void, and without a cid
	}
	r.apply(message(room, bert, "not a member, void"))
	r.must(chat.Record{Kind: chat.KindJoin, Room: room, User: bert})
	said := r.must(message(room, anna, "hello"))
	r.must(chat.Record{Kind: chat.KindEdit, Room: room, User: anna, TargetSeq: said.Seq, TargetUser: anna, Text: "hello!"})
	said = r.must(message(room, bert, "nonsense"))
	r.must(chat.Record{Kind: chat.KindDelete, Room: room, User: anna, TargetSeq: said.Seq, TargetUser: bert})
	said = r.must(message(room, anna, "nothing in between"))
	r.must(chat.Record{Kind: chat.KindKick, Room: room, User: anna, TargetUser: bert})
	r.commit()
	// What no server writes.
	check(t, s.ExecDerived(ctx, fmt.Sprintf(`UPDATE events SET mac = CONCAT('a', CHAR(0), ' 7'), id = '%%d 1 ' WHERE room = %d AND seq = %d`, room, said.Seq)))

	var want []*chat.Event
	check(t, s.Snapshot(ctx, func(snapshot *store.Snapshot) error {
		stored, err := snapshot.Events(room, 0, 1000, 1<<30)
		for _, row := range stored {
			row.Event.Chain = chat.Chain(row.Chain)
			want = append(want, &row.Event)
		}
		return err
	}))
	if copies := r.state(room).Head.Seq - chat.Seq(r.state(room).Head.N); len(want) < 16 || want[2].FirstSeq != 2 || want[2].CID != "" || copies < 8 {
		t.Fatalf("the room has %d events, the third is %+v", len(want), want[2])
	}
	if diff := cmp.Diff(want, allEvents(t, s, room)); diff != "" {
		t.Errorf("range (-stored +read):\n%s", diff)
	}
	for _, q := range []store.PageQuery{{Limit: 200}, {Limit: 200, After: 1}, {Limit: 3, Before: 10}, {Limit: 3, Around: 10}} {
		page, err := s.Page(ctx, room, q)
		check(t, err)
		first := page.Events[0].Seq
		if diff := cmp.Diff(want[first-1:int(first)-1+len(page.Events)], page.Events); diff != "" {
			t.Errorf("page %+v (-stored +read):\n%s", q, diff)
		}
	}
}

// testPagesWhileWriting: every answer is one moment's. What is read together
// fits together, and never lies in the past of an earlier answer.
func testPagesWhileWriting(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	r := newRecorder(t, s)
	anna := newUser(t, s, "anna@example.org")
	room := r.createRoom("lobby", anna)
	var written atomic.Bool
	parallel(4, func(worker int) {
		if worker == 0 {
			for range 60 {
				for range 5 {
					r.must(message(room, anna, "text"))
				}
				if err := s.Commit(ctx, r.batch()); err != nil {
					t.Error(err)
				}
			}
			written.Store(true)
			return
		}
		var seen chat.Seq
		for last := false; !last; {
			last = written.Load()
			page, err := s.Page(ctx, room, store.PageQuery{Limit: 10})
			if err != nil {
				t.Error(err)
				return
			}
			newest := page.Events[len(page.Events)-1]
			if newest.Seq != page.Head.Seq || newest.Chain != page.Head.Chain || newest.N != page.Head.N || newest.Seq < seen || newest.Seq%5 != 1 {
				t.Errorf("got head %v with newest event %d behind %d", page.Head, newest.Seq, seen)
				return
			}
			seen = newest.Seq
			o, err := s.LoadOpening(ctx, epoch, 0, room, 0)
			if err != nil {
				t.Error(err)
				return
			}
			// The room's offsets are its numbers less one.
			if o.Watermark != int64(o.State.Head.Seq) || o.Recent[len(o.Recent)-1].Seq != o.State.Head.Seq || o.State.Head.Seq < seen {
				t.Errorf("got watermark %d, head %d, newest event %d behind %d", o.Watermark, o.State.Head.Seq, o.Recent[len(o.Recent)-1].Seq, seen)
				return
			}
		}
		if seen != 301 {
			t.Errorf("got to event %d, want 301", seen)
		}
	})
}

func testRange(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	r, room, events := variedRoom(t, s)
	head := r.state(room).Head
	for after := chat.Seq(0); after <= head.Seq+1; after += 7 {
		for _, to := range []chat.Seq{0, 1, after, after + 1, after + 10, head.Seq + 9} {
			for _, maxEvents := range []int{1, 5, 100} {
				for _, maxBytes := range []int{0, 500, 1500, 1 << 20} {
					end := int(min(to, head.Seq))
					if to == 0 {
						end = int(head.Seq)
					}
					var want []*chat.Event
					for i, bytes := int(after), 0; i < end && len(want) < maxEvents; i++ {
						if bytes += len(events[i].Body); bytes > maxBytes && len(want) > 0 {
							break
						}
						want = append(want, events[i])
					}
					got, gotHead, err := s.Range(ctx, room, after, to, maxEvents, maxBytes)
					check(t, err)
					if diff := cmp.Diff(seqsOf(want), seqsOf(got)); diff != "" || gotHead != head {
						t.Fatalf("after %d to %d, at most %d events, %d bytes, head %v (-want +got):\n%s", after, to, maxEvents, maxBytes, gotHead, diff)
					}
				}
			}
		}
	}
	_, _, err := s.Range(ctx, 99, 0, 0, 10, 10)
	wantRefusal(t, err, chat.NotFound)
}
