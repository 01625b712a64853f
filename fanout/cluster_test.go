package fanout_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/fanout"
)

// TestStale: a node that has not heard for a while who lost their rights
// delivers, reads and sends nothing. Then it goes on where it was.
func TestStale(t *testing.T) {
	var stale atomic.Bool
	w := newWorld(t)
	w.tune = func(cfg *fanout.Config) { cfg.Fresh = func() bool { return !stale.Load() } }
	w.start()
	w.make(bo)
	s := w.subscribe(bo)
	w.mustSend(text(ann, "before"))
	s.wait(1)

	stale.Store(true)
	wantCode(t, w.send(text(ann, "refused")), chat.Unavailable)
	if err := w.hub.View(t.Context(), room, 1, func(*fanout.View) error { return nil }); chat.AsError(err).Code != chat.Unavailable {
		t.Errorf("View: got %v, want %s", err, chat.Unavailable)
	}
	if _, _, err := w.hub.Subscribe(t.Context(), w.attach(ann).client, room); chat.AsError(err).Code != chat.Unavailable {
		t.Errorf("Subscribe: got %v, want %s", err, chat.Unavailable)
	}
	// Another node, which is fresh, takes a message.
	rec := chat.Record{
		Version: chat.Version, Kind: chat.KindMessage, Room: room, User: ann, CID: "elsewhere", Text: "meanwhile", After: 3,
		ID: chat.PublicID(room, ann, "elsewhere"),
	}
	headers, value, err := chat.Encode(&rec)
	if err != nil {
		t.Fatal(err)
	}
	record := eventlog.Record{Value: value}
	for _, h := range headers {
		record.Headers = append(record.Headers, eventlog.Header(h))
	}
	if _, err := eventlog.AppendWait(t.Context(), w.log, 0, record); err != nil {
		t.Fatal(err)
	}
	posted := make(chan struct{})
	s.client.Post(func() { close(posted) })
	select {
	case <-posted:
		t.Error("a shard worked on a node that is stale")
	case <-time.After(100 * time.Millisecond): // nothing that could be waited for
	}
	stale.Store(false)
	want := []string{"3 message before", "4 message meanwhile"}
	if diff := cmp.Diff(want, brief(s.wait(2))); diff != "" {
		t.Errorf("frames (-want +got):\n%s", diff)
	}
	w.mustSend(text(ann, "after"))
}

// TestRecordedElsewhere: who waits until an event is stored need not be told of
// it by a recorder of this process.
func TestRecordedElsewhere(t *testing.T) {
	w := newWorld(t).start()
	w.make()
	answer := w.mustSend(text(ann, "hello"))
	waiting, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		close(waiting)
		ended <- w.hub.WaitStored(t.Context(), room, answer.Seq)
	}()
	<-waiting
	w.store.advanceToEnd(t)
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("WaitStored: %v", err)
		}
	case <-time.After(patience):
		t.Fatal("WaitStored waits for a recorder that is elsewhere")
	}
}

// TestAwaitedIsTold: the recorder hears of it when somebody waits for it, and up
// to where.
func TestAwaitedIsTold(t *testing.T) {
	w := newWorld(t).start()
	told := make(chan int64, 10)
	w.hub.OnAwaited(func(_ int32, upTo int64) { told <- upTo }) // nobody waits yet
	w.make()
	answer := w.mustSend(text(ann, "hello"))
	ended := make(chan error, 1)
	go func() { ended <- w.hub.WaitStored(t.Context(), room, answer.Seq) }()
	select {
	case upTo := <-told:
		if upTo != int64(answer.Seq) { // the room is alone in the log
			t.Errorf("told up to %d, want %d", upTo, answer.Seq)
		}
	case <-time.After(patience):
		t.Fatal("nobody was told")
	}
	w.store.advanceToEnd(t)
	if err := <-ended; err != nil {
		t.Errorf("WaitStored: %v", err)
	}
	if err := w.hub.WaitStored(t.Context(), room, answer.Seq); err != nil || len(told) > 0 {
		t.Errorf("WaitStored of what is stored: %v, told %d times", err, len(told))
	}
}

// twoParts is a log with an empty second partition.
type twoParts struct{ eventlog.Log }

func (twoParts) Partitions() int32 { return 2 }

func (l twoParts) Follow(ctx context.Context, partition int32, from int64, fn func([]eventlog.Entry) error) error {
	if partition == 1 {
		<-ctx.Done()
		return ctx.Err()
	}
	return l.Log.Follow(ctx, partition, from, fn)
}

// TestOpenRoomNeedsNoDatabase: where an open room's records lie is not asked
// for again, so sends go on while the database is away.
func TestOpenRoomNeedsNoDatabase(t *testing.T) {
	w := newWorld(t)
	w.tune = func(cfg *fanout.Config) { cfg.Log = twoParts{cfg.Log} }
	w.start()
	w.make()
	w.store.mu.Lock()
	w.store.down = errors.New("away")
	w.store.mu.Unlock()
	w.mustSend(text(ann, "still here"))
}

// TestClosedRoomWithoutDatabase: a room that cannot be found because the
// database is away is refused as that, and not as a failure.
func TestClosedRoomWithoutDatabase(t *testing.T) {
	w := newWorld(t)
	w.tune = func(cfg *fanout.Config) { cfg.Log = twoParts{cfg.Log} }
	w.start()
	w.store.mu.Lock()
	w.store.down = errors.New("away")
	w.store.mu.Unlock()
	err := w.hub.View(t.Context(), room, 1, func(*fanout.View) error { return nil })
	if refusal := chat.AsError(err); refusal.Code != chat.Unavailable || refusal.RetryAfter <= 0 {
		t.Errorf("got %v, want %s with a time to come back", err, chat.Unavailable)
	}
}

// silentLog is a log that does not say where it ends while it is silent.
type silentLog struct {
	eventlog.Log
	silent *atomic.Bool
}

func (l silentLog) End(ctx context.Context, partition int32) (int64, error) {
	if l.silent.Load() {
		<-ctx.Done()
		return 0, ctx.Err()
	}
	return l.Log.End(ctx, partition)
}

// TestReadWhileLogIsSilent: who reads up to the log's end is refused after
// [chat.ReadWait] when it does not say where that is, and who reads up to what
// they have is answered.
func TestReadWhileLogIsSilent(t *testing.T) {
	var silent atomic.Bool
	w := newWorld(t)
	w.tune = func(cfg *fanout.Config) { cfg.Log = silentLog{cfg.Log, &silent} }
	w.start()
	w.make()
	answer := w.mustSend(text(ann, "hello"))
	silent.Store(true)
	nothing := func(*fanout.View) error { return nil }
	err := w.hub.View(t.Context(), room, 0, nothing)
	if refusal := chat.AsError(err); refusal.Code != chat.Unavailable || refusal.RetryAfter <= 0 {
		t.Errorf("up to the end: got %v, want %s with a time to come back", err, chat.Unavailable)
	}
	if err := w.hub.View(t.Context(), room, answer.Seq, nothing); err != nil {
		t.Errorf("up to what was answered: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := w.hub.View(ctx, room, 0, nothing); !errors.Is(err, context.Canceled) {
		t.Errorf("of somebody who has gone: got %v, want %v", err, context.Canceled)
	}
}

// TestStrangers: somebody who came to the server by another node has a name in
// the events of this one, and the new name after a change.
func TestStrangers(t *testing.T) {
	var name atomic.Value
	name.Store("Bo")
	var asked atomic.Int32
	var away atomic.Bool
	w := newWorld(t)
	w.tune = func(cfg *fanout.Config) {
		cfg.Strangers = func(_ context.Context, ids []chat.UserID) (people []chat.Person, err error) {
			if away.Load() {
				return nil, errors.New("away")
			}
			for _, id := range ids {
				if id == bo {
					asked.Add(1)
					people = append(people, chat.Person{ID: id, Name: name.Load().(string)})
				}
			}
			return people, nil
		}
	}
	w.start()
	w.make(bo)
	s := w.subscribe(ann)
	wantName := func(n int, want string) {
		t.Helper()
		frames := s.wait(n)
		if last := frames[n-1]; !strings.Contains(last, fmt.Sprintf("%q", want)) {
			t.Errorf("frame: got %s, want the name %q in it", last, want)
		}
	}
	w.mustSend(text(bo, "one"))
	wantName(1, "Bo")
	w.mustSend(text(bo, "two"))
	wantName(2, "Bo")
	if n := asked.Load(); n != 1 {
		t.Errorf("lookups: got %d, want 1", n)
	}
	name.Store("Bobo")
	w.hub.PersonChanged(t.Context(), bo)
	w.mustSend(text(bo, "three"))
	wantName(3, "Bobo")
	// Without a database nobody waits for names.
	away.Store(true)
	w.hub.PersonChanged(t.Context(), bo)
	w.mustSend(text(bo, "four"))
	s.wait(4)
}

// TestSameMomentElsewhere: a send of this node is not answered by a record that
// another node made of the same send, even if the two are alike.
func TestSameMomentElsewhere(t *testing.T) {
	w := newWorld(t)
	w.tune = func(cfg *fanout.Config) { cfg.Node = "here" }
	w.start()
	w.make()
	w.log.set(func(rec eventlog.Record, append func(func(eventlog.Position, error)), done func(eventlog.Position, error)) {
		other := rec
		other.Headers = slices.Clone(rec.Headers)
		last := &other.Headers[len(other.Headers)-1]
		if last.Key != "by" || string(last.Value) != "here" {
			t.Errorf("last header: got %s=%s, want by=here", last.Key, last.Value)
		}
		last.Value = []byte("there")
		w.log.Log.Append(0, other, func(_ eventlog.Position, err error) {
			if err != nil {
				t.Error(err)
			}
		})
		append(done)
	})
	if answer := w.mustSend(text(ann, "hello")); !answer.Duplicate || answer.Seq != 2 {
		t.Errorf("answer: got %+v, want that of a copy of event 2", answer)
	}
	w.log.set(nil)
	if head := w.head(); head.Seq != 3 || head.N != 1 {
		t.Errorf("head: got %+v, want the message and its copy", head)
	}
}
