package fanout_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/fanout"
)

func TestEverybodyGetsEveryEventOnceInOrder(t *testing.T) {
	w := newWorld(t).start()
	w.make(bo)
	first, second := w.subscribe(ann), w.subscribe(bo)
	var want []string
	for i := range 50 {
		w.mustSend(text(ann, fmt.Sprintf("m%d", i)))
		want = append(want, fmt.Sprintf("%d message m%d", i+3, i))
	}
	for _, s := range []*socket{first, second} {
		if diff := cmp.Diff(want, brief(s.wait(50))); diff != "" {
			t.Errorf("frames (-want +got):\n%s", diff)
		}
	}
}

func TestAnswerComesBehindTheEvent(t *testing.T) {
	w := newWorld(t).start()
	w.make()
	s := w.subscribe(ann)
	for i := range 20 {
		w.hub.Submit(context.Background(), fanout.Submission{
			Draft: chat.Record{Kind: chat.KindMessage, Room: room, User: ann, Text: "hello"},
			From:  s.client,
			Done:  func(a chat.Answer) { s.Queue(fmt.Appendf(nil, "answer %d %v", a.Seq, a.Err)) },
		})
		got := s.wait(2 * (i + 1))[2*i:]
		want := []string{fmt.Sprintf("%d message hello", i+2), fmt.Sprintf("answer %d <nil>", i+2)}
		if diff := cmp.Diff(want, brief(got)); diff != "" {
			t.Fatalf("frames (-want +got):\n%s", diff)
		}
	}
}

// TestSenderOrder is promise G4: what one socket sends stands in that order.
func TestSenderOrder(t *testing.T) {
	w := newWorld(t).start()
	w.make()
	s := w.subscribe(ann)
	var want []string
	for i := range 300 {
		w.hub.Submit(context.Background(), fanout.Submission{
			Draft: chat.Record{Kind: chat.KindMessage, Room: room, User: ann, Text: fmt.Sprint("m", i)},
			From:  s.client, Done: func(chat.Answer) {},
		})
		want = append(want, fmt.Sprintf("%d message m%d", i+2, i))
	}
	if diff := cmp.Diff(want, brief(s.wait(300))); diff != "" {
		t.Errorf("frames (-want +got):\n%s", diff)
	}
}

func TestCopies(t *testing.T) {
	v7, err := chat.NewCID()
	if err != nil {
		t.Fatal(err)
	}
	for _, cid := range []string{v7, "not-a-uuid"} {
		for _, stored := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s stored %v", cid, stored), func(t *testing.T) {
				w := newWorld(t).start()
				w.make()
				first := w.mustSend(withCID(text(ann, "once"), cid))
				if stored {
					w.hub.Stored(0, w.store.advanceToEnd(t))
				}
				again := w.send(withCID(text(ann, "once"), cid))
				first.Duplicate = true
				if diff := cmp.Diff(first, again); diff != "" {
					t.Errorf("answer to the copy (-want +got):\n%s", diff)
				}
				wantCode(t, w.send(withCID(text(ann, "other"), cid)), chat.CIDConflict)
				if got, want := w.head().N, uint64(1); got != want {
					t.Errorf("messages: got %d, want %d", got, want)
				}
			})
		}
	}
}

func TestCopyInFlightIsJoined(t *testing.T) {
	w := newWorld(t).start()
	w.make()
	release := make(chan struct{})
	handed := make(chan struct{})
	w.log.set(func(_ eventlog.Record, append func(func(eventlog.Position, error)), done func(eventlog.Position, error)) {
		close(handed)
		go func() { <-release; append(done) }()
	})
	answers := make(chan chat.Answer, 3)
	submit := func(draft chat.Record) {
		draft.Room = room
		w.hub.Submit(context.Background(), fanout.Submission{Draft: draft, Done: func(a chat.Answer) { answers <- a }})
	}
	submit(withCID(text(ann, "once"), "c1"))
	<-handed
	submit(withCID(text(ann, "once"), "c1"))
	submit(withCID(text(ann, "other"), "c1"))
	close(release)
	first, second, other := <-answers, <-answers, <-answers
	if first.Duplicate || !second.Duplicate || first.Seq != second.Seq {
		t.Errorf("answers: got %+v and %+v, want the second to be the first again", first, second)
	}
	wantCode(t, other, chat.CIDConflict)
}

// A cid is used up only by what the log has: as long as the first text may
// still fail, another one under its cid is not refused for good.
func TestConflictWithASendThatFails(t *testing.T) {
	w := newWorld(t).start()
	w.make()
	refuse := make(chan func(eventlog.Position, error), 1)
	w.log.set(func(_ eventlog.Record, _ func(func(eventlog.Position, error)), done func(eventlog.Position, error)) {
		refuse <- done
	})
	answers := make(chan chat.Answer, 2)
	submit := func(draft chat.Record) {
		draft.Room = room
		w.hub.Submit(context.Background(), fanout.Submission{Draft: draft, Done: func(a chat.Answer) { answers <- a }})
	}
	submit(withCID(text(ann, "once"), "c1"))
	done := <-refuse
	submit(withCID(text(ann, "other"), "c1"))
	done(eventlog.Position{}, fmt.Errorf("%w: %w", eventlog.ErrNotAppended, eventlog.ErrBusy))
	wantCode(t, <-answers, chat.Busy)
	wantCode(t, <-answers, chat.Busy)

	w.log.set(nil)
	w.mustSend(withCID(text(ann, "other"), "c1"))
	wantCode(t, w.send(withCID(text(ann, "once"), "c1")), chat.CIDConflict)
}

func TestStoreIsAskedOnlyForOldCIDs(t *testing.T) {
	w := newWorld(t).start()
	w.make()
	w.mustSend(text(ann, "new"))
	if w.store.asked != 0 {
		t.Errorf("the store was asked %d times for fresh UUIDv7s, want 0", w.store.asked)
	}
	w.store.mu.Lock()
	w.store.down = errors.New("the database is away")
	w.store.mu.Unlock()
	w.mustSend(text(ann, "the store is not needed"))
	wantCode(t, w.send(withCID(text(ann, "who knows"), "old")), chat.Unavailable)
}

func TestRefusals(t *testing.T) {
	w := newWorld(t).start()
	wantCode(t, w.send(text(ann, "no such room yet")), chat.NotFound)
	w.make(bo)
	wantCode(t, w.send(text(cy, "not a member")), chat.Forbidden)
	before := w.log.appends()
	if answer := w.mustSend(chat.Record{Kind: chat.KindJoin, User: bo}); !answer.Already {
		t.Errorf("a second join: got %+v, want already", answer)
	}
	if got := w.log.appends(); got != before {
		t.Errorf("a join of a member wrote %d records, want 0", got-before)
	}
}

// TestRefusedRetryKeepsItsCID: a retry that is refused may have a first copy in
// flight. It is appended as a void, so that the late copy has no effect either,
// and "failed" stays true (G8).
func TestRefusedRetryKeepsItsCID(t *testing.T) {
	w := newWorld(t).start()
	w.make(bo)
	w.mustSend(chat.Record{Kind: chat.KindKick, User: ann, TargetUser: bo})
	draft := withCID(text(bo, "too late"), "c1")
	wantCode(t, w.submit(fanout.Submission{Draft: draft, Retry: true}), chat.Forbidden)

	// The first copy comes after all, judged before the kick.
	late := draft
	late.Room, late.After, late.At = room, 2, 1
	late.ID, late.MAC = chat.PublicID(room, bo, "c1"), chat.Sign([]byte("a key of the tests, 32 bytes long"), &late)
	headers, value, err := chat.Encode(&late)
	if err != nil {
		t.Fatal(err)
	}
	rec := eventlog.Record{Value: value}
	for _, h := range headers {
		rec.Headers = append(rec.Headers, eventlog.Header(h))
	}
	if _, err := eventlog.AppendWait(context.Background(), w.log.Log, 0, rec); err != nil {
		t.Fatal(err)
	}
	if head := w.head(); head.N != 0 || head.Seq != 5 {
		t.Errorf("head: got seq %d with %d messages, want 5 with 0", head.Seq, head.N)
	}

	w.store.mu.Lock()
	w.store.stranger[cy] = true
	w.store.mu.Unlock()
	before := w.log.appends()
	wantCode(t, w.submit(fanout.Submission{Draft: withCID(text(cy, "stranger"), "c2"), Retry: true}), chat.Forbidden)
	if got := w.log.appends(); got != before {
		t.Errorf("a stranger's retry wrote %d records, want 0", got-before)
	}
}

func TestAppendErrors(t *testing.T) {
	tests := map[string]struct {
		err  error
		want chat.Code
	}{
		"unknown":    {fmt.Errorf("answer lost: %w", eventlog.ErrUnknown), chat.Unknown},
		"disk full":  {notAppended(eventlog.ErrFull), chat.Unavailable},
		"log busy":   {notAppended(eventlog.ErrBusy), chat.Busy},
		"too large":  {notAppended(eventlog.ErrTooLarge), chat.TooLarge},
		"log closed": {notAppended(eventlog.ErrClosed), chat.Unavailable},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t).start()
			w.make()
			w.log.set(func(_ eventlog.Record, _ func(func(eventlog.Position, error)), done func(eventlog.Position, error)) {
				go done(eventlog.Position{}, test.err)
			})
			wantCode(t, w.send(withCID(text(ann, "m"), "c1")), test.want)
			w.log.set(nil)
			w.mustSend(withCID(text(ann, "m"), "c1"))
			if got := w.head().N; got != 1 {
				t.Errorf("messages: got %d, want 1", got)
			}
		})
	}
}

func notAppended(reason error) error { return fmt.Errorf("%w: %w", eventlog.ErrNotAppended, reason) }

// TestAppliedThoughAnswerWasLost is fault F1: the record is in the log, the
// log's answer was an error. The retry is recognised.
func TestAppliedThoughAnswerWasLost(t *testing.T) {
	w := newWorld(t).start()
	w.make()
	s := w.subscribe(ann)
	w.log.set(func(_ eventlog.Record, append func(func(eventlog.Position, error)), done func(eventlog.Position, error)) {
		go func() {
			done(eventlog.Position{}, eventlog.ErrUnknown)
			append(func(eventlog.Position, error) {})
		}()
	})
	wantCode(t, w.send(withCID(text(ann, "m"), "c1")), chat.Unknown)
	s.wait(1)
	w.log.set(nil)
	if answer := w.mustSend(withCID(text(ann, "m"), "c1")); !answer.Duplicate {
		t.Errorf("retry: got %+v, want duplicate", answer)
	}
	if got := brief(s.settled()); len(got) != 1 {
		t.Errorf("frames: got %v, want one message", got)
	}
}

func TestNoAnswerInTimeIsUnknown(t *testing.T) {
	w := newWorld(t).start()
	w.make()
	var held []func()
	var mu sync.Mutex
	w.log.set(func(_ eventlog.Record, append func(func(eventlog.Position, error)), done func(eventlog.Position, error)) {
		mu.Lock()
		defer mu.Unlock()
		held = grow(held, func() { append(done) })
	})
	answers := make(chan chat.Answer, 1)
	w.hub.Submit(context.Background(), fanout.Submission{
		Draft: chat.Record{Kind: chat.KindMessage, Room: room, User: ann, CID: "c1", Text: "m"},
		Done:  func(a chat.Answer) { answers <- a },
	})
	w.clock.advance(chat.AckTimeout)
	w.tick()
	wantCode(t, <-answers, chat.Unknown)
	w.clock.advance(chat.UnresolvedMax)
	w.tick()
	if w.hub.Ready() == nil {
		t.Error("the hub is ready although the log does not answer")
	}
	wantCode(t, w.send(text(ann, "no more")), chat.Unavailable)

	mu.Lock()
	held[0]()
	mu.Unlock()
	w.log.set(nil)
	if answer := w.mustSend(withCID(text(ann, "m"), "c1")); answer.Seq != 2 {
		t.Errorf("the same cid afterwards: got %+v, want seq 2", answer)
	}
}

func grow(list []func(), fn func()) []func() { return append(list, fn) }

func TestUnresolvedAppendsAreBounded(t *testing.T) {
	w := newWorld(t).start()
	w.make()
	release := make(chan struct{})
	w.log.set(func(_ eventlog.Record, append func(func(eventlog.Position, error)), done func(eventlog.Position, error)) {
		go func() { <-release; append(done) }()
	})
	before := w.log.appends()
	var all sync.WaitGroup
	for i := range 300 {
		all.Go(func() { w.send(text(ann, fmt.Sprint(i))) })
	}
	for w.log.appends()-before < 128 {
		time.Sleep(time.Millisecond)
	}
	if got := w.log.appends() - before; got != 128 {
		t.Errorf("handed over: got %d, want 128", got)
	}
	close(release)
	all.Wait()
	if got := w.head().N; got != 300 {
		t.Errorf("messages: got %d, want 300", got)
	}
}

// TestStaleIsJudgedAgain: more than a window of other records comes between
// hand-over and Apply.
func TestStaleIsJudgedAgain(t *testing.T) {
	w := newWorld(t).start()
	w.make(bo)
	release := make(chan struct{})
	handed := make(chan struct{})
	w.log.set(func(rec eventlog.Record, append func(func(eventlog.Position, error)), done func(eventlog.Position, error)) {
		if envelope, _ := chat.Peek(rec.Headers); envelope.User != bo || envelope.After != 2 {
			append(done)
			return
		}
		close(handed)
		go func() { <-release; append(done) }()
	})
	answers := make(chan chat.Answer, 1)
	go func() { answers <- w.send(text(bo, "slow")) }()
	<-handed
	var all sync.WaitGroup
	for i := range chat.WindowRecords {
		all.Go(func() { w.send(text(ann, fmt.Sprint(i))) })
	}
	all.Wait()
	close(release)
	answer := <-answers
	if answer.Err != nil || answer.Seq != chat.WindowRecords+4 {
		t.Errorf("answer: got %+v, want seq %d (the stale one is %d)", answer, chat.WindowRecords+4, chat.WindowRecords+3)
	}
}

// TestOpeningAgreesWithTheLog opens a room while the store is anywhere between
// the beginning and the end, ahead of and behind the follower.
func TestOpeningAgreesWithTheLog(t *testing.T) {
	w := newWorld(t).start()
	w.make(bo)
	for i := range 20 {
		w.mustSend(text(ann, fmt.Sprint(i)))
	}
	want := w.head()
	for stored := int64(0); stored <= 22; stored++ {
		next := newWorld(t)
		next.log, next.store.log = w.log, w.log.Log
		next.store.advance(stored)
		next.start()
		if got := next.head(); got != want {
			t.Errorf("store at %d: head got %+v, want %+v", stored, got, want)
		}
		if answer := next.mustSend(text(bo, "goes on")); answer.Seq != want.Seq+1 {
			t.Errorf("store at %d: next seq got %d, want %d", stored, answer.Seq, want.Seq+1)
		}
		want = next.head()
	}
}

// TestRoomsAreLoadedInTurn: after a start everybody wants their room. The store
// is asked for a few at a time, so that the first are open soon.
func TestRoomsAreLoadedInTurn(t *testing.T) {
	w := newWorld(t).start()
	w.make()
	var mu sync.Mutex
	var now, most int
	full := make(chan struct{})
	w.store.loading = func() {
		mu.Lock()
		now++
		if most = max(most, now); most == fanout.MaxLoadings && now == most {
			select {
			case <-full:
			default:
				close(full)
			}
		}
		mu.Unlock()
		<-full
		mu.Lock()
		now--
		mu.Unlock()
	}
	var all sync.WaitGroup
	for i := range 4 * fanout.MaxLoadings {
		all.Go(func() {
			err := w.hub.View(context.Background(), room+1+chat.RoomID(i), 0, func(*fanout.View) error { return nil })
			if err != nil {
				t.Errorf("view: %v", err)
			}
		})
	}
	all.Wait()
	if most != fanout.MaxLoadings {
		t.Errorf("loaded at once: got %d, want %d", most, fanout.MaxLoadings)
	}
}

// TestStoreMovesOnWhileARoomIsOpened: between pinning and reading, the store
// takes everything in. The records it has then are not applied twice.
func TestStoreMovesOnWhileARoomIsOpened(t *testing.T) {
	w := newWorld(t).start()
	w.make(bo)
	for i := range 5 {
		w.mustSend(text(ann, fmt.Sprint(i)))
	}
	want := w.head()
	next := newWorld(t)
	next.log, next.store.log = w.log, w.log.Log
	next.store.loading = func() { next.store.advanceToEnd(t) }
	next.start()
	if got := next.head(); got != want {
		t.Errorf("head: got %+v, want %+v", got, want)
	}
}

// TestStoreIsAheadOfTheFollower: a room is being opened from a snapshot; the
// recorder stores what follows, and says so, before this node's follower has
// applied it. The follower must keep those records for the opening all the
// same.
func TestStoreIsAheadOfTheFollower(t *testing.T) {
	w := newWorld(t).start()
	w.make(bo)
	stored := w.store.advanceToEnd(t)
	for i := range 5 {
		w.mustSend(text(ann, fmt.Sprint(i)))
	}
	want := w.head()
	end, err := w.log.End(context.Background(), 0)
	if err != nil {
		t.Fatal(err)
	}

	next := newWorld(t)
	next.store.log = w.log.Log
	next.store.advance(stored)
	held := &heldLog{Log: w.log.Log, release: make(chan struct{})}
	next.log = &faultLog{Log: held}
	read, answer := make(chan struct{}), make(chan struct{})
	next.store.loaded = func() { close(read); <-answer }
	next.start()
	heads := make(chan chat.Head)
	go func() { heads <- next.head() }()
	<-read // the snapshot is taken
	next.hub.Stored(0, end)
	close(held.release)
	held.followed(t, end) // and now the follower has applied it all
	close(answer)
	if got := <-heads; got != want {
		t.Errorf("head: got %+v, want %+v", got, want)
	}
}

func TestStoreThatWentBackStopsTheNode(t *testing.T) {
	w := newWorld(t).start()
	w.make()
	w.hub.Stored(0, w.store.advanceToEnd(t))
	w.store.advance(0)
	w.ticks <- w.clock.Now()
	select {
	case err := <-w.ended:
		if !errors.Is(err, fanout.ErrStoreWentBack) {
			t.Errorf("Run: got %v, want ErrStoreWentBack", err)
		}
	case <-time.After(patience):
		t.Error("the hub went on although the store went back")
	}
}
