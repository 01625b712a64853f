package history_test

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/fanout"
	"github.com/parleychat/parley/history"
	"github.com/parleychat/parley/store"
)

// TestStoreEqualsLog is promise G11 at rest: what is stored is what the log's
// records came to.
func TestStoreEqualsLog(t *testing.T) {
	w := newWorld(t)
	recorder := w.record()
	first := w.newRoom(t, chat.PublicRoom, w.bo)
	second := w.newRoom(t, chat.PrivateRoom)
	for i := range 30 {
		r := []*room{first, second}[i%2]
		r.talk(t, w.ann, 40)
		message := r.events[len(r.events)-1-i%15]
		r.append(t, edit(message, fmt.Sprint("edit ", i)), invite(w.ann, w.cy), chat.Record{Kind: chat.KindLeave, User: w.cy})
		if i%3 == 0 && !r.deleted[message.Seq] {
			r.append(t, erase(message))
		}
	}
	copied := said(w.bo, "twice")
	copied.CID, copied.After = "twice", first.head().Seq
	first.append(t, copied, copied)
	if err := recorder.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	first.wantStored(t)
	second.wantStored(t)
	if err := recorder.stop(); !errors.Is(err, context.Canceled) {
		t.Errorf("Run: got %v, want %v", err, context.Canceled)
	}
	if err := recorder.Drain(t.Context()); !errors.Is(err, context.Canceled) {
		t.Errorf("Drain after Run: got %v, want %v", err, context.Canceled)
	}
}

// TestBatchBounds: however much waits, no batch is above the bounds, and all of
// it is stored.
func TestBatchBounds(t *testing.T) {
	w := newWorld(t)
	r := w.newRoom(t, chat.PublicRoom)
	w.storeAll(t)
	entered, leave := make(chan struct{}, 1), make(chan struct{})
	w.store.onCommit(func(b store.Batch, commit func() error) error {
		bodies := 0
		for _, item := range b.Items {
			bodies += len(item.Event.Body)
		}
		if len(b.Items) > history.MaxBatchEvents || bodies > history.MaxBatchBytes {
			t.Errorf("batch: got %d events of %d bytes, want at most %d of %d",
				len(b.Items), bodies, history.MaxBatchEvents, history.MaxBatchBytes)
		}
		select {
		case entered <- struct{}{}:
		default:
		}
		<-leave
		return commit()
	})
	recorder := w.record()
	r.talk(t, w.ann, 1)
	<-entered
	r.talk(t, w.ann, 2500)
	r.append(t, slicesOf(60, func(int) chat.Record { return said(w.ann, strings.Repeat("ü", chat.MaxMessageChars)) })...)
	close(leave)
	if err := recorder.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.wantStored(t)
}

// TestOutage: the same batch again until the database is back, and nothing
// twice. The hub goes on meanwhile.
func TestOutage(t *testing.T) {
	w := newWorld(t)
	r := w.newRoom(t, chat.PublicRoom)
	var refused atomic.Int32
	var batches []store.Batch
	w.store.onCommit(func(b store.Batch, commit func() error) error {
		batches = append(batches, b)
		if refused.Add(1) <= 5 {
			return fmt.Errorf("commit: %w", driver.ErrBadConn)
		}
		return commit()
	})
	recorder := w.record()
	r.talk(t, w.ann, 30)
	w.waitStored(t, int64(w.records))
	r.wantStored(t)
	for i, b := range batches[:5] {
		if b.From != 0 || b.Next != batches[0].Next || len(b.Items) != len(batches[0].Items) {
			t.Errorf("attempt %d: got offsets %d to %d with %d events, want those of the first", i, b.From, b.Next, len(b.Items))
		}
	}
	if err := recorder.stop(); !errors.Is(err, context.Canceled) {
		t.Errorf("Run: got %v", err)
	}
	if len(recorder.alarms) != 0 {
		t.Errorf("alarm: %v", <-recorder.alarms)
	}
}

// TestUnknownOutcome: a commit whose answer was lost is not repeated if it
// happened, and repeated if it did not.
func TestUnknownOutcome(t *testing.T) {
	for name, happened := range map[string]bool{"it happened": true, "it did not": false} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			r := w.newRoom(t, chat.PublicRoom)
			commits := 0
			w.store.onCommit(func(b store.Batch, commit func() error) error {
				commits++
				if commits == 1 {
					if happened {
						if err := commit(); err != nil {
							t.Errorf("commit: %v", err)
						}
					}
					return driver.ErrBadConn
				}
				return commit()
			})
			recorder := w.record()
			r.talk(t, w.ann, 20)
			w.waitStored(t, int64(w.records))
			if err := recorder.stop(); !errors.Is(err, context.Canceled) {
				t.Errorf("Run: got %v", err)
			}
			r.wantStored(t)
		})
	}
}

// stopsAt runs a recorder until it stops for good, and checks that everything
// below the offset is stored, and nothing from there on.
func (w *world) stopsAt(t *testing.T, offset int64, want error) {
	t.Helper()
	recorder := w.record()
	err := <-recorder.ended
	if want != nil && !errors.Is(err, want) {
		t.Errorf("Run: got %v, want %v", err, want)
	}
	if alarm := <-recorder.alarms; !errors.Is(alarm, err) {
		t.Errorf("alarm: got %v, want %v", alarm, err)
	}
	if drained := recorder.Drain(t.Context()); !errors.Is(drained, err) {
		t.Errorf("Drain: got %v, want %v", drained, err)
	}
	next, err := w.store.Watermark(t.Context(), w.rawLog.Epoch(), 0)
	if err != nil || next != offset {
		t.Errorf("watermark: got %d, %v; want %d", next, err, offset)
	}
}

// TestDataError: one event that cannot be stored stops the recorder, behind
// everything before it.
func TestDataError(t *testing.T) {
	w := newWorld(t)
	r := w.newRoom(t, chat.PublicRoom)
	r.talk(t, w.ann, 137)
	offset := int64(w.records)
	// A gateway vouched for a message that is none.
	r.append(t, chat.Record{Kind: chat.KindEdit, User: w.ann, TargetSeq: 1, TargetUser: w.ann, Text: "x"})
	r.talk(t, w.ann, 90)
	w.stopsAt(t, offset, nil)
	events, head, err := w.store.Store.Range(t.Context(), r.id, 0, 0, 1000, 1<<20)
	if err != nil || head.Seq != 138 || len(events) != 138 {
		t.Errorf("stored: got %d events up to %d, %v; want 138", len(events), head.Seq, err)
	}

	// The hub goes on, and has what is not stored.
	r.open(t)
	if got := r.page(t, w.bo, history.PageQuery{}).AsOf; got != r.head().Seq {
		t.Errorf("page as of: got %d, want %d", got, r.head().Seq)
	}
}

// TestDrainOfOneThatStops: who waits for a recorder that stops is told why.
func TestDrainOfOneThatStops(t *testing.T) {
	w := newWorld(t)
	r := w.newRoom(t, chat.PublicRoom)
	entered, leave := make(chan struct{}), make(chan struct{})
	failure := errors.New("it cannot be stored")
	var once sync.Once
	w.store.onCommit(func(store.Batch, func() error) error {
		once.Do(func() { close(entered) })
		<-leave
		return failure
	})
	log := askedLog{w.rawLog, make(chan struct{}, 1)}
	recorder := history.NewRecorder(history.RecorderConfig{Log: log, Store: w.store, Logger: w.quiet})
	ended := make(chan error, 1)
	go func() { ended <- recorder.Run(t.Context()) }()
	r.talk(t, w.ann, 1)
	<-entered
	drained := make(chan error, 1)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	go func() { drained <- recorder.Drain(ctx) }()
	<-log.asked
	close(leave)
	<-ended
	if err := <-drained; !errors.Is(err, failure) {
		t.Errorf("Drain: got %v, want %v", err, failure)
	}
}

// heldLog lets nobody own anything before it is let go.
type heldLog struct {
	eventlog.Log
	let chan struct{}
}

func (l heldLog) Own(ctx context.Context, group string, run func(context.Context, int32) error) error {
	select {
	case <-l.let:
		return l.Log.Own(ctx, group, run)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// TestDrainBeforeTheFirstTenure: a recorder that has just begun stores what is
// in the log before it is drained.
func TestDrainBeforeTheFirstTenure(t *testing.T) {
	w := newWorld(t)
	r := w.newRoom(t, chat.PublicRoom)
	r.talk(t, w.ann, 5)
	log := heldLog{askedLog{w.rawLog, make(chan struct{}, 1)}, make(chan struct{})}
	recorder := w.recordFrom(log, nil)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	drained := make(chan error, 1)
	go func() { drained <- recorder.Drain(ctx) }()
	select {
	case err := <-drained:
		t.Fatalf("Drain has ended with %v before anything was stored", err)
	case <-log.Log.(askedLog).asked:
	}
	close(log.let)
	if err := <-drained; err != nil {
		t.Fatal(err)
	}
	next, err := w.store.Watermark(t.Context(), w.rawLog.Epoch(), 0)
	if err != nil || next != int64(w.records) {
		t.Errorf("stored when drained: got %d (%v), want %d", next, err, w.records)
	}
}

// TestDrainOfOneWithoutPartitions: a recorder beside one that has everything
// has nothing to wait for but that one.
func TestDrainOfOneWithoutPartitions(t *testing.T) {
	w := newWorld(t)
	w.newRoom(t, chat.PublicRoom).talk(t, w.ann, 5)
	w.record()
	log := heldLog{w.rawLog, make(chan struct{})}
	idle := w.recordFrom(log, nil)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := idle.Drain(ctx); err != nil {
		t.Fatal(err)
	}
	next, err := w.store.Watermark(t.Context(), w.rawLog.Epoch(), 0)
	if err != nil || next != int64(w.records) {
		t.Errorf("stored when drained: got %d (%v), want %d", next, err, w.records)
	}
}

// askedLog tells when its end is asked for.
type askedLog struct {
	eventlog.Log
	asked chan struct{}
}

func (l askedLog) End(ctx context.Context, partition int32) (int64, error) {
	end, err := l.Log.End(ctx, partition)
	l.asked <- struct{}{}
	return end, err
}

// raw appends a record that no gateway of this version writes.
func (w *world) raw(t *testing.T, headers map[string]string, value string) int64 {
	t.Helper()
	record := eventlog.Record{Value: []byte(value)}
	for _, key := range []string{"v", "kind", "room", "user", "after"} {
		if text, given := headers[key]; given {
			record.Headers = append(record.Headers, eventlog.Header{Key: key, Value: []byte(text)})
		}
	}
	pos, err := eventlog.AppendWait(t.Context(), w.rawLog, 0, record)
	if err != nil {
		t.Fatal(err)
	}
	w.records++
	return pos.Offset
}

func TestRecordsOfAnotherWorld(t *testing.T) {
	for name, c := range map[string]struct {
		headers map[string]string
		want    error
	}{
		"unknown room":    {map[string]string{"v": "1", "kind": "message", "room": "4711", "user": "1", "after": "0"}, store.ErrUnknownRoom},
		"unknown version": {map[string]string{"v": "2", "kind": "message", "room": "1", "user": "1", "after": "0"}, history.ErrNewerRecord},
		"unknown kind":    {map[string]string{"v": "1", "kind": "poll", "room": "1", "user": "1", "after": "0"}, history.ErrNewerRecord},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			r := w.newRoom(t, chat.PublicRoom)
			r.talk(t, w.ann, 10)
			offset := w.raw(t, c.headers, `{"kind":"message"}`)
			r.talk(t, w.ann, 10)
			w.stopsAt(t, offset, c.want)
		})
	}
}

// TestBrokenRecords: one that cannot be decoded is void and has its number; one
// that names no room has none. Nothing stops.
func TestBrokenRecords(t *testing.T) {
	w := newWorld(t)
	r := w.newRoom(t, chat.PublicRoom)
	r.talk(t, w.ann, 3)
	w.raw(t, map[string]string{"v": "1", "kind": "message", "room": fmt.Sprint(int64(r.id)), "user": "1", "after": "4"}, `{"kind":`)
	w.raw(t, map[string]string{"v": "1", "kind": "message", "user": "1", "after": "4"}, `{}`)
	w.storeAll(t)
	events, head, err := w.store.Store.Range(t.Context(), r.id, 0, 0, 1000, 1<<20)
	if err != nil || head.Seq != 5 {
		t.Fatalf("head: got %d, %v; want 5", head.Seq, err)
	}
	if void := events[4]; void.Outcome != chat.VoidUndecodable {
		t.Errorf("broken record: got %q, want %q", void.Outcome, chat.VoidUndecodable)
	}
	// The hub came to the same.
	err = w.hub.View(t.Context(), r.id, 0, func(v *fanout.View) error {
		if v.Head != head {
			t.Errorf("heads: the hub has %+v, the store %+v", v.Head, head)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestReplaced: what a recorder has collected comes to nothing when somebody
// else has moved the watermark meanwhile. It begins anew where the store stands,
// and goes on when the other one is gone.
func TestReplaced(t *testing.T) {
	w := newWorld(t)
	r := w.newRoom(t, chat.PublicRoom)
	w.storeAll(t)
	r.talk(t, w.ann, 50)
	entered, leave := make(chan struct{}), make(chan struct{})
	var commits atomic.Int32
	w.store.onCommit(func(_ store.Batch, commit func() error) error {
		if commits.Add(1) == 1 {
			close(entered)
		}
		<-leave
		return commit()
	})
	old := w.record()
	<-entered

	// Another process, to which the partition fell.
	other := history.NewRecorder(history.RecorderConfig{Log: ungrouped{w.rawLog}, Store: w.store.Store, Stored: w.onStored})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- other.Run(ctx) }()
	w.waitStored(t, int64(w.records))
	close(leave)
	r.talk(t, w.ann, 10)
	w.waitStored(t, int64(w.records))
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("Run of the other one: got %v, want %v", err, context.Canceled)
	}
	r.talk(t, w.ann, 10)
	w.waitStored(t, int64(w.records))
	if err := old.stop(); !errors.Is(err, context.Canceled) {
		t.Errorf("Run of the old one: got %v, want %v", err, context.Canceled)
	}
	r.wantStored(t)
	select {
	case alarm := <-old.alarms:
		t.Errorf("alarm: %v", alarm)
	default:
	}
}

// takenAway is a log whose partition is taken away from a recorder once, and
// falls to it again.
type takenAway struct {
	eventlog.Log
	away context.CancelFunc // for the first time; known when that is run
}

func (l *takenAway) Own(ctx context.Context, group string, run func(context.Context, int32) error) error {
	first, cancel := context.WithCancel(ctx)
	defer cancel()
	l.away = cancel
	if err := run(first, 0); !errors.Is(err, context.Canceled) {
		return err // as every log does
	}
	return l.Log.Own(ctx, group, run)
}

// TestReplacedWhileTakenAway: a recorder that finds that it was replaced just when
// it learns that the partition is no longer its own has nothing to say about that,
// and records again what falls to it next. A server that had slept went so.
func TestReplacedWhileTakenAway(t *testing.T) {
	w := newWorld(t)
	r := w.newRoom(t, chat.PublicRoom)
	log := &takenAway{Log: w.rawLog}
	var commits atomic.Int32
	w.store.onCommit(func(_ store.Batch, commit func() error) error {
		if commits.Add(1) == 1 {
			log.away()
			return store.ErrFenced
		}
		return commit()
	})
	recorder := w.recordFrom(log, w.onStored)
	r.talk(t, w.ann, 10)
	w.waitStored(t, int64(w.records))
	if err := recorder.stop(); !errors.Is(err, context.Canceled) {
		t.Errorf("Run: got %v, want %v", err, context.Canceled)
	}
	r.wantStored(t)
	select {
	case alarm := <-recorder.alarms:
		t.Errorf("alarm: %v", alarm)
	default:
	}
}

// TestGivesUpOnePartition: a record that only a newer version knows takes one
// partition from a recorder; the others go on.
func TestGivesUpOnePartition(t *testing.T) {
	w := newWorld(t)
	r := w.newRoom(t, chat.PublicRoom)
	r.talk(t, w.ann, 10)
	refused := fmt.Errorf("a partition of its own: %w", history.ErrNewerRecord)
	log := &twoPartitions{Log: w.rawLog, asked: make(chan struct{})}
	alarms := make(chan error, 2)
	recorder := history.NewRecorder(history.RecorderConfig{
		Log: log, Store: secondRefused{w.store, refused}, Stored: w.onStored, Logger: w.quiet, Alarm: func(err error) { alarms <- err },
	})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- recorder.Run(ctx) }()
	if alarm := <-alarms; !errors.Is(alarm, history.ErrNewerRecord) {
		t.Errorf("alarm: got %v, want %v", alarm, history.ErrNewerRecord)
	}
	<-log.asked // the second run has returned, without an error
	r.talk(t, w.ann, 10)
	w.waitStored(t, int64(w.records))
	if !recorder.Owns(0) || recorder.Owns(1) {
		t.Errorf("owns: got %v and %v, want the first partition alone", recorder.Owns(0), recorder.Owns(1))
	}
	if err := recorder.Drain(t.Context()); !errors.Is(err, history.ErrNewerRecord) {
		t.Errorf("Drain: got %v, want %v", err, history.ErrNewerRecord)
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("Run: got %v, want %v", err, context.Canceled)
	}
	r.wantStored(t)
}

// twoPartitions gives its owner a second partition.
type twoPartitions struct {
	eventlog.Log
	asked chan struct{} // closed when the second one was given up
}

func (l *twoPartitions) Partitions() int32 { return 2 }

func (l *twoPartitions) Own(ctx context.Context, _ string, run func(context.Context, int32) error) error {
	var running sync.WaitGroup
	defer running.Wait()
	running.Go(func() {
		if err := run(ctx, 1); err == nil {
			close(l.asked)
		}
	})
	return run(ctx, 0)
}

// secondRefused is a store that has no watermark of the second partition.
type secondRefused struct {
	history.RecorderStore
	err error
}

func (s secondRefused) SettledWatermark(ctx context.Context, epoch string, partition int32) (int64, error) {
	if partition == 1 {
		return 0, s.err
	}
	return s.RecorderStore.SettledWatermark(ctx, epoch, partition)
}

// ungrouped owns its partition whoever else does.
type ungrouped struct{ eventlog.Log }

func (u ungrouped) Own(ctx context.Context, _ string, run func(context.Context, int32) error) error {
	return run(ctx, 0)
}

// TestStopsBetweenBatches: a recorder that ends anywhere, and one that begins
// there, store every event once.
func TestStopsBetweenBatches(t *testing.T) {
	w := newWorld(t)
	r := w.newRoom(t, chat.PublicRoom)
	for _, at := range []string{"before the commit", "after the commit"} {
		ctx, cancel := context.WithCancel(t.Context())
		w.store.onCommit(func(_ store.Batch, commit func() error) error {
			defer cancel()
			if at == "before the commit" {
				return context.Canceled
			}
			return commit()
		})
		r.talk(t, w.ann, 50)
		recorder := history.NewRecorder(history.RecorderConfig{Log: w.rawLog, Store: w.store, Stored: w.onStored})
		if err := recorder.Run(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: Run: got %v, want %v", at, err, context.Canceled)
		}
		w.store.onCommit(nil)
	}
	w.storeAll(t)
	r.wantStored(t)
}

// wantStored checks that the store holds the room exactly as the test knows it.
func (r *room) wantStored(t *testing.T) {
	t.Helper()
	opening, err := r.w.store.LoadState(context.Background(), r.w.rawLog.Epoch(), 0, r.id)
	if err != nil {
		t.Fatalf("load state: %v", err)
	}
	if diff := cmp.Diff(r.state, opening.State); diff != "" {
		t.Errorf("state (-want +got):\n%s", diff)
	}
	events, _, err := r.w.store.Store.Range(context.Background(), r.id, 0, 0, len(r.events)+1, 1<<30)
	if err != nil {
		t.Fatalf("range: %v", err)
	}
	want := r.told(1, r.head().Seq)
	for i := range want {
		if want[i].Kind == chat.KindEdit {
			// It is stored without its text.
			want[i].Text, want[i].Rev, want[i].Deleted = "", want[i].Seq, false
		}
	}
	if diff := cmp.Diff(want, linesOf(events)); diff != "" {
		t.Errorf("stored events (-want +got):\n%s", diff)
	}
}
