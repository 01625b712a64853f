package history_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/fanout"
	"github.com/parleychat/parley/history"
	"github.com/parleychat/parley/internal/services"
	"github.com/parleychat/parley/store"
)

// patience is how long a test waits for what must come.
const patience = time.Minute

var macKey = []byte("a key of the tests, 32 bytes long")

// tb is what a test and a property test have in common.
type tb interface {
	Helper()
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
}

// world is one node: log, store and hub are the real ones. The recorder runs
// only when the test says so, and what the test appends it also applies itself,
// so it knows what has to come out.
type world struct {
	t       testing.TB
	quiet   *slog.Logger
	stops   []func()
	log     *gatedLog // as the hub sees it
	rawLog  eventlog.Log
	store   *hookedStore
	hub     *fanout.Hub
	reader  *history.Reader
	ann     chat.UserID
	bo      chat.UserID
	cy      chat.UserID
	records int // appended
	rooms   int // made

	mu     sync.Mutex
	stored int64         // up to here
	moved  chan struct{} // closed and replaced when stored moves
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := openWorld(t, t.TempDir())
	t.Cleanup(w.close)
	return w
}

// openWorld opens the world in a directory, making what is not there.
func openWorld(t testing.TB, dir string) *world {
	t.Helper()
	return openWorldOn(t, dir, services.Store(t, filepath.Join(dir, "store.db")))
}

// openWorldOn is openWorld with the store somewhere else.
func openWorldOn(t testing.TB, dir string, at store.Config) *world {
	t.Helper()
	log, err := eventlog.OpenSQLite(filepath.Join(dir, "log.db"), eventlog.SQLiteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	quiet := slog.New(slog.DiscardHandler)
	at.Logger = quiet
	sql, err := store.Open(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	if err := sql.InitWatermark(t.Context(), log.Epoch(), 0, 0); err != nil {
		t.Fatal(err)
	}
	w := &world{
		t: t, quiet: quiet, rawLog: log, log: newGatedLog(log),
		store: &hookedStore{Store: sql}, moved: make(chan struct{}),
	}
	for i, user := range []*chat.UserID{&w.ann, &w.bo, &w.cy} {
		name := []string{"ann", "bo", "cy"}[i]
		made, err := sql.CreateUser(t.Context(), store.NewUser{Email: name + "@example.org", Name: name, Handle: name})
		if chat.AsError(err).Code == chat.Conflict {
			made, err = sql.UserByEmail(t.Context(), name+"@example.org")
		}
		if err != nil {
			t.Fatal(err)
		}
		*user = made.ID
	}
	w.startHub()
	return w
}

// close ends everything that runs.
func (w *world) close() {
	for _, stop := range slices.Backward(w.stops) {
		stop()
	}
	w.stops = nil
	if err := errors.Join(w.store.Close(), w.rawLog.Close()); err != nil {
		w.t.Errorf("close: %v", err)
	}
}

// startHub starts a node over the world's log and store, in place of the one
// before.
func (w *world) startHub() {
	w.hub = fanout.New(fanout.Config{
		Log: w.log, Store: w.store.Store, MACKey: macKey, Shards: 1, Logger: w.quiet,
		Encode: func(fanout.Shape, *chat.Event, string, chat.Person) []byte { return nil },
	})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- w.hub.Run(ctx) }()
	w.stops = append(w.stops, func() {
		cancel()
		<-ended
	})
	w.reader = history.NewReader(w.hub, w.store)
}

// recorder is a recorder that runs.
type recorder struct {
	*history.Recorder
	cancel context.CancelFunc
	ended  chan error
	alarms chan error
}

func (w *world) record() *recorder { return w.recordFrom(w.rawLog, w.onStored) }

// recordFrom is record from a log that may be held back, telling others.
func (w *world) recordFrom(log eventlog.Log, stored func(int32, int64)) *recorder {
	r := &recorder{ended: make(chan error, 1), alarms: make(chan error, 10)}
	r.Recorder = history.NewRecorder(history.RecorderConfig{
		Log: log, Store: w.store, Stored: stored, Alarm: func(err error) { r.alarms <- err }, Logger: w.quiet,
	})
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel = cancel
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.ended <- r.Run(ctx)
	}()
	w.stops = append(w.stops, func() {
		cancel()
		<-done
	})
	return r
}

// stop ends the recorder and returns what Run did.
func (r *recorder) stop() error {
	r.cancel()
	return <-r.ended
}

// storeAll runs a recorder to the log's end.
func (w *world) storeAll(t tb) {
	t.Helper()
	r := w.record()
	w.waitStored(t, int64(w.records))
	r.stop()
}

// waitStored waits until recorders of this world have stored the log up to
// next.
func (w *world) waitStored(t tb, next int64) {
	t.Helper()
	deadline := time.After(patience)
	for {
		w.mu.Lock()
		at, moved := w.stored, w.moved
		w.mu.Unlock()
		if at >= next {
			return
		}
		select {
		case <-moved:
		case <-deadline:
			t.Fatalf("stored: got %d, want %d", at, next)
		}
	}
}

// onStored is told by recorders how far they are.
func (w *world) onStored(partition int32, next int64) {
	w.hub.Stored(partition, next)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stored = next
	close(w.moved)
	w.moved = make(chan struct{})
}

// room is a room as the test knows it: everything that was appended, applied.
type room struct {
	w      *world
	id     chat.RoomID
	state  *chat.State
	events []*chat.Event // with everything that their records said
	cids   int

	deleted map[chat.Seq]bool // messages
}

// newRoom makes a room of Ann, with the others as members.
func (w *world) newRoom(t tb, kind chat.RoomKind, members ...chat.UserID) *room {
	t.Helper()
	w.rooms++
	name := fmt.Sprintf("room %d", w.rooms)
	reserved, err := w.store.ReserveRoom(context.Background(), store.NewRoom{
		Kind: kind, Name: name, NameKey: name, CreatedBy: w.ann, CID: fmt.Sprintf("create-%d", w.rooms),
	})
	if err != nil {
		t.Fatalf("reserve: %v", err)
	}
	r := &room{w: w, id: reserved.Room.ID, state: chat.NewState(reserved.Room.ID), deleted: make(map[chat.Seq]bool)}
	create := chat.Record{
		Kind: chat.KindCreate, User: w.ann, CID: reserved.CID, Name: name, RoomKind: kind,
		Members: []chat.Member{{User: w.ann, Role: chat.RoleOwner}},
	}
	for _, user := range members {
		create.Members = append(create.Members, chat.Member{User: user, Role: chat.RoleMember})
	}
	r.must(t, create)
	return r
}

// complete fills in what gateways do.
func (r *room) complete(rec *chat.Record) {
	rec.Room = r.id
	if rec.CID == "" {
		r.cids++
		rec.CID = fmt.Sprintf("cid-%d", r.cids)
	}
	if rec.After == 0 {
		rec.After = r.state.Head.Seq
	}
	rec.At = 1_700_000_000_000 + int64(r.w.records)
	rec.MAC = chat.Sign(macKey, rec)
}

// append writes records to the log, waits until they are durable, and applies
// them here.
func (r *room) append(t tb, recs ...chat.Record) []*chat.Event {
	t.Helper()
	var pending sync.WaitGroup
	events := make([]*chat.Event, len(recs))
	for i, rec := range recs {
		events[i] = r.put(t, &pending, rec)
	}
	pending.Wait()
	return events
}

// put is append of one record that leaves the waiting to the caller.
func (r *room) put(t tb, pending *sync.WaitGroup, rec chat.Record) *chat.Event {
	t.Helper()
	r.complete(&rec)
	headers, value, err := chat.Encode(&rec)
	if err != nil {
		t.Fatalf("encode %s: %v", rec.Kind, err)
	}
	pos := chat.Position{Epoch: r.w.rawLog.Epoch(), Offset: int64(r.w.records)}
	ev := chat.Apply(r.state, &rec, pos, value)
	r.events = append(r.events, ev)
	if isEffective(ev, chat.KindDelete) {
		r.deleted[ev.TargetSeq] = true
	}
	r.w.send(t, pending, headers, value)
	return ev
}

// send appends one record to the log.
func (w *world) send(t tb, pending *sync.WaitGroup, headers []chat.Header, value []byte) {
	record := eventlog.Record{Value: value}
	for _, h := range headers {
		record.Headers = append(record.Headers, eventlog.Header(h))
	}
	w.records++
	want := int64(w.records - 1)
	pending.Add(1)
	w.rawLog.Append(0, record, func(pos eventlog.Position, err error) {
		defer pending.Done()
		if err != nil || pos.Offset != want {
			t.Errorf("append: got offset %d, %v; want %d", pos.Offset, err, want)
		}
	})
}

// must is append of a record that has to take effect.
func (r *room) must(t tb, rec chat.Record) *chat.Event {
	t.Helper()
	ev := r.append(t, rec)[0]
	if ev.Void() {
		t.Fatalf("%s by %d is void %s", rec.Kind, rec.User, ev.Outcome)
	}
	return ev
}

// talk appends so many messages.
func (r *room) talk(t tb, user chat.UserID, messages int) {
	t.Helper()
	recs := make([]chat.Record, messages)
	for i := range recs {
		recs[i] = said(user, fmt.Sprintf("m%d", len(r.events)+i+1))
	}
	r.append(t, recs...)
}

func (r *room) head() chat.Head { return r.state.Head }

// cursor is the cursor of an event.
func (r *room) cursor(seq chat.Seq) chat.Cursor {
	if seq == 0 {
		return chat.Cursor{}
	}
	return r.events[seq-1].Cursor()
}

// open makes the hub hold the room from now on.
func (r *room) open(t tb) {
	t.Helper()
	if err := r.w.hub.View(context.Background(), r.id, 0, func(*fanout.View) error { return nil }); err != nil {
		t.Fatalf("open room: %v", err)
	}
}

func (r *room) page(t tb, user chat.UserID, q history.PageQuery) history.Page {
	t.Helper()
	page, err := r.w.reader.Page(context.Background(), user, r.id, q)
	if err != nil {
		t.Fatalf("page %+v: %v", q, err)
	}
	return page
}

func (r *room) since(t tb, user chat.UserID, cursor chat.Cursor, upTo chat.Seq) history.Part {
	t.Helper()
	part, err := r.w.reader.Since(context.Background(), user, r.id, cursor, upTo)
	if err != nil {
		t.Fatalf("since %s: %v", cursor, err)
	}
	return part
}

func (r *room) latest(t tb, user chat.UserID, messages int, upTo chat.Seq) history.Part {
	t.Helper()
	part, err := r.w.reader.Latest(context.Background(), user, r.id, messages, upTo)
	if err != nil {
		t.Fatalf("latest %d: %v", messages, err)
	}
	return part
}

func said(user chat.UserID, text string) chat.Record {
	return chat.Record{Kind: chat.KindMessage, User: user, Text: text}
}

func edit(message *chat.Event, text string) chat.Record {
	return chat.Record{Kind: chat.KindEdit, User: message.User, TargetSeq: message.Seq, TargetUser: message.User, Text: text}
}

func erase(message *chat.Event) chat.Record {
	return chat.Record{Kind: chat.KindDelete, User: message.User, TargetSeq: message.Seq, TargetUser: message.User}
}

func kick(by, user chat.UserID) chat.Record {
	return chat.Record{Kind: chat.KindKick, User: by, TargetUser: user}
}

func invite(by, user chat.UserID) chat.Record {
	return chat.Record{Kind: chat.KindInvite, User: by, TargetUser: user}
}

// wantRefusal checks a code and, of what passes, that it says when to ask again.
func wantRefusal(t tb, err error, want chat.Code) {
	t.Helper()
	refusal := chat.AsError(err)
	if err == nil || refusal.Code != want {
		t.Fatalf("refusal: got %v, want %s", err, want)
	}
	if want == chat.Unavailable && refusal.RetryAfter <= 0 {
		t.Errorf("RetryAfter: got %v, want more than 0", refusal.RetryAfter)
	}
}

func wantLines(t tb, got []*chat.Event, want []line) {
	t.Helper()
	if diff := cmp.Diff(want, linesOf(got)); diff != "" {
		t.Fatalf("events (-want +got):\n%s", diff)
	}
}

// hookedStore lets tests stand in the store's door.
type hookedStore struct {
	*store.Store

	mu     sync.Mutex
	commit func(store.Batch, func() error) error // in place of Commit, which it is given
	read   func(func() error) error              // in place of Page and Range
	outage func(error)                           // is told why the recorder waits
	reads  int
}

func (s *hookedStore) onCommit(fn func(b store.Batch, commit func() error) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.commit = fn
}

// onRead sets what stands in place of the next readings by readers.
func (s *hookedStore) onRead(fn func(read func() error) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.read = fn
}

// readsNow is how often readers have asked so far.
func (s *hookedStore) readsNow() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reads
}

func (s *hookedStore) Commit(ctx context.Context, b store.Batch) error {
	s.mu.Lock()
	hook := s.commit
	s.mu.Unlock()
	commit := func() error { return s.Store.Commit(ctx, b) }
	if hook == nil {
		return commit()
	}
	err := hook(b, commit)
	s.tell(err)
	return err
}

func (s *hookedStore) SettledWatermark(ctx context.Context, epoch string, partition int32) (int64, error) {
	next, err := s.Store.SettledWatermark(ctx, epoch, partition)
	s.tell(err)
	return next, err
}

func (s *hookedStore) onOutage(fn func(error)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.outage = fn
}

func (s *hookedStore) tell(err error) {
	s.mu.Lock()
	fn := s.outage
	s.mu.Unlock()
	if fn != nil && store.IsOutage(err) {
		fn(err)
	}
}

func (s *hookedStore) reading(read func() error) error {
	s.mu.Lock()
	s.reads++
	hook := s.read
	s.mu.Unlock()
	if hook == nil {
		return read()
	}
	return hook(read)
}

func (s *hookedStore) Page(ctx context.Context, room chat.RoomID, q store.PageQuery) (page store.Page, err error) {
	err = s.reading(func() error {
		page, err = s.Store.Page(ctx, room, q)
		return err
	})
	return page, err
}

func (s *hookedStore) Range(ctx context.Context, room chat.RoomID, after, to chat.Seq, maxEvents, maxBytes int) (events []*chat.Event, head chat.Head, err error) {
	err = s.reading(func() error {
		events, head, err = s.Store.Range(ctx, room, after, to, maxEvents, maxBytes)
		return err
	})
	return events, head, err
}

// gatedLog lets the hub follow only below a gate.
type gatedLog struct {
	eventlog.Log

	mu    sync.Mutex
	moved *sync.Cond
	gate  int64 // offsets from here on are held back; -1: none
}

func newGatedLog(log eventlog.Log) *gatedLog {
	g := &gatedLog{Log: log, gate: -1}
	g.moved = sync.NewCond(&g.mu)
	return g
}

// close holds records back from the offset on.
func (g *gatedLog) close(offset int64) { g.set(offset) }

// open lets everything pass.
func (g *gatedLog) open() { g.set(-1) }

func (g *gatedLog) set(gate int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.gate = gate
	g.moved.Broadcast()
}

// passing waits until the first of the entries may pass and returns how many
// may.
func (g *gatedLog) passing(ctx context.Context, entries []eventlog.Entry) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	for g.gate >= 0 && entries[0].Offset >= g.gate && ctx.Err() == nil {
		g.moved.Wait()
	}
	if g.gate < 0 {
		return len(entries)
	}
	return int(min(int64(len(entries)), g.gate-entries[0].Offset))
}

func (g *gatedLog) Follow(ctx context.Context, partition int32, from int64, fn func([]eventlog.Entry) error) error {
	defer context.AfterFunc(ctx, func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.moved.Broadcast()
	})()
	return g.Log.Follow(ctx, partition, from, func(entries []eventlog.Entry) error {
		for len(entries) > 0 {
			n := g.passing(ctx, entries)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err := fn(entries[:n]); err != nil {
				return err
			}
			entries = entries[n:]
		}
		return nil
	})
}
