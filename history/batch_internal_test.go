package history

import (
	"context"
	"database/sql/driver"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/store"
)

// stubLog is a log of one partition of which nothing else is asked.
type stubLog struct{ eventlog.Log }

func (stubLog) Epoch() string     { return "epoch" }
func (stubLog) Partitions() int32 { return 1 }

// memory is a store that keeps what is committed and derives states from it.
type memory struct {
	next    int64
	items   []store.Applied
	commits []string // when and how many
	began   time.Time
	loads   int
	outage  func() error
}

func (m *memory) SettledWatermark(context.Context, string, int32) (int64, error) { return m.next, nil }

func (m *memory) LoadState(_ context.Context, _ string, _ int32, room chat.RoomID) (*chat.Opening, error) {
	m.loads++
	state := chat.NewState(room)
	for _, item := range m.items {
		if item.Record.Room == room {
			chat.Apply(state, item.Record, item.Event.Pos, item.Event.Body)
		}
	}
	return &chat.Opening{Watermark: m.next, State: state}, nil
}

func (m *memory) Commit(_ context.Context, b store.Batch) error {
	if m.outage != nil {
		if err := m.outage(); err != nil {
			return err
		}
	}
	if b.From != m.next {
		return store.ErrFenced
	}
	m.next = b.Next
	m.items = append(m.items, b.Items...)
	m.commits = append(m.commits, fmt.Sprintf("%d after %v", len(b.Items), time.Since(m.began)))
	return nil
}

// feed makes the records of some rooms as the log hands them out.
type feed struct {
	t      *testing.T
	offset int64
	states map[chat.RoomID]*chat.State
}

func (f *feed) entry(rec chat.Record) eventlog.Entry {
	f.t.Helper()
	state := f.states[rec.Room]
	if state == nil {
		state = chat.NewState(rec.Room)
		f.states[rec.Room] = state
	}
	rec.CID, rec.After = fmt.Sprint("cid-", f.offset), state.Head.Seq
	headers, value, err := chat.Encode(&rec)
	if err != nil {
		f.t.Fatal(err)
	}
	pos := eventlog.Position{Epoch: "epoch", Offset: f.offset}
	chat.Apply(state, &rec, chat.Position(pos), value)
	entry := eventlog.Entry{Position: pos, Record: eventlog.Record{Value: value}}
	for _, h := range headers {
		entry.Headers = append(entry.Headers, eventlog.Header(h))
	}
	f.offset++
	return entry
}

func create(room chat.RoomID) chat.Record {
	return chat.Record{
		Kind: chat.KindCreate, Room: room, User: 1, Name: "general", RoomKind: chat.PublicRoom,
		Members: []chat.Member{{User: 1, Role: chat.RoleOwner}},
	}
}

func message(room chat.RoomID) chat.Record {
	return chat.Record{Kind: chat.KindMessage, Room: room, User: 1, Text: "hello"}
}

// startBatcher runs a batcher over a store in memory until arrived is closed.
func startBatcher(m *memory, limit int) (arrived chan []eventlog.Entry, ended chan error) {
	return NewRecorder(RecorderConfig{Log: stubLog{}, Store: m}).startBatcher(m, limit)
}

func (r *Recorder) startBatcher(m *memory, limit int) (arrived chan []eventlog.Entry, ended chan error) {
	m.began = time.Now()
	b := newBatcher(r, 0)
	b.states = newStates(limit)
	arrived, ended = make(chan []eventlog.Entry), make(chan error, 1)
	go func() { ended <- b.run(context.Background(), arrived) }()
	return arrived, ended
}

// TestWhenBatchesAreCommitted: what a call waits for at once, talk after
// [BatchWait] at most.
func TestWhenBatchesAreCommitted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &feed{t: t, states: make(map[chat.RoomID]*chat.State)}
		m := new(memory)
		arrived, ended := startBatcher(m, maxStateBytes)
		arrived <- []eventlog.Entry{f.entry(create(7))}
		synctest.Wait()
		for range 3 { // within one wait
			arrived <- []eventlog.Entry{f.entry(message(7))}
			time.Sleep(20 * time.Millisecond)
		}
		time.Sleep(40 * time.Millisecond) // 100 ms
		arrived <- []eventlog.Entry{f.entry(message(7))}
		time.Sleep(25 * time.Millisecond)
		arrived <- []eventlog.Entry{
			f.entry(message(7)), f.entry(chat.Record{Kind: chat.KindJoin, Room: 7, User: 2}), f.entry(message(7)),
		}
		synctest.Wait()
		many := make([]eventlog.Entry, MaxBatchEvents+1)
		for i := range many {
			many[i] = f.entry(message(7))
		}
		arrived <- many
		synctest.Wait()
		time.Sleep(BatchWait)
		synctest.Wait() // the batch is due at this very instant
		arrived <- []eventlog.Entry{f.entry(message(7))}
		close(arrived)
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		want := []string{"1 after 0s", "3 after 50ms", "4 after 125ms", "1000 after 125ms", "1 after 175ms", "1 after 175ms"}
		if diff := cmp.Diff(want, m.commits); diff != "" {
			t.Errorf("commits (-want +got):\n%s", diff)
		}
	})
}

// TestHurriedBatches: what somebody waits for is committed [HurriedWait] after it
// came at the latest, also when they say so before it has come, and what comes
// behind it waits as before.
func TestHurriedBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &feed{t: t, states: make(map[chat.RoomID]*chat.State)}
		m := new(memory)
		recorder := NewRecorder(RecorderConfig{Log: stubLog{}, Store: m})
		arrived, ended := recorder.startBatcher(m, maxStateBytes)
		at := func(ms int) { time.Sleep(time.Until(m.began.Add(time.Duration(ms) * time.Millisecond))) }
		come := func() { arrived <- []eventlog.Entry{f.entry(message(7))} }
		arrived <- []eventlog.Entry{f.entry(create(7))}
		come() // at the offset 1
		at(4)
		recorder.Hurry(0, 2)
		at(20)
		come()
		at(40)
		recorder.Hurry(0, 3)
		at(50)
		recorder.Hurry(0, 5)
		come()
		at(65)
		come()
		at(100)
		come()
		recorder.Hurry(0, 4) // it is stored
		at(200)
		close(arrived)
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		want := []string{"1 after 0s", "1 after 10ms", "1 after 40ms", "1 after 60ms", "1 after 75ms", "1 after 150ms"}
		if diff := cmp.Diff(want, m.commits); diff != "" {
			t.Errorf("commits (-want +got):\n%s", diff)
		}
	})
}

// TestBatchesGrowWhileCommitting: what arrives little by little while a commit
// is under way is committed together, up to [MaxBatchEvents].
func TestBatchesGrowWhileCommitting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &feed{t: t, states: make(map[chat.RoomID]*chat.State)}
		m := new(memory)
		m.outage = func() error {
			time.Sleep(50 * time.Millisecond) // it takes its time, and succeeds
			return nil
		}
		arrived, ended := startBatcher(m, maxStateBytes)
		arrived <- []eventlog.Entry{f.entry(create(7))}
		for range 500 {
			arrived <- []eventlog.Entry{f.entry(message(7)), f.entry(message(7)), f.entry(message(7)), f.entry(message(7)), f.entry(message(7))}
		}
		close(arrived)
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		want := []string{"1 after 50ms", "1000 after 100ms", "1000 after 150ms", "500 after 200ms"}
		if diff := cmp.Diff(want, m.commits); diff != "" {
			t.Errorf("commits (-want +got):\n%s", diff)
		}
	})
}

// TestPausesGrow: a database that is away is asked less and less often.
func TestPausesGrow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &feed{t: t, states: make(map[chat.RoomID]*chat.State)}
		m := new(memory)
		var asked []time.Duration
		m.outage = func() error {
			asked = append(asked, time.Since(m.began))
			if time.Since(m.began) < 6*time.Second {
				return driver.ErrBadConn
			}
			return nil
		}
		arrived, ended := startBatcher(m, maxStateBytes)
		arrived <- []eventlog.Entry{f.entry(create(7))}
		close(arrived)
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		const ms = time.Millisecond
		want := []time.Duration{0, 20 * ms, 60 * ms, 140 * ms, 300 * ms, 620 * ms, 1260 * ms, 2540 * ms, 4540 * ms, 6540 * ms}
		if diff := cmp.Diff(want, asked); diff != "" {
			t.Errorf("asked (-want +got):\n%s", diff)
		}
	})
}

// TestStatesAreLoadedInStep: with room for next to no states, a recorder that
// loads them again and again comes to the same events as one that keeps them.
func TestStatesAreLoadedInStep(t *testing.T) {
	f := &feed{t: t, states: make(map[chat.RoomID]*chat.State)}
	var entries []eventlog.Entry
	for room := range chat.RoomID(20) {
		entries = append(entries, f.entry(create(room+1)))
	}
	for i := range 3000 {
		entries = append(entries, f.entry(message(chat.RoomID(i*i%20+1))))
	}
	var heads []map[chat.RoomID]chat.Head
	for _, limit := range []int{1, maxStateBytes} {
		m := new(memory)
		arrived, ended := startBatcher(m, limit)
		for i := 0; i < len(entries); i += 7 {
			arrived <- entries[i:min(i+7, len(entries))]
		}
		close(arrived)
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		if scarce := limit == 1; scarce != (m.loads > 20) {
			t.Errorf("loads with %d bytes: got %d", limit, m.loads)
		}
		last := make(map[chat.RoomID]chat.Head)
		for _, item := range m.items {
			last[item.Event.Room] = chat.Head{Seq: item.Event.Seq, N: item.Event.N, Chain: item.Event.Chain}
		}
		heads = append(heads, last)
	}
	for room, state := range f.states {
		for _, last := range heads {
			if last[room] != state.Head {
				t.Errorf("head of room %d: got %+v, want %+v", room, last[room], state.Head)
			}
		}
	}
}
