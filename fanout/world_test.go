package fanout_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/fanout"
)

const (
	ann  chat.UserID = 1
	bo   chat.UserID = 2
	cy   chat.UserID = 3
	room chat.RoomID = 7

	patience = time.Minute // how long a test waits for what must come
)

// world is one node: a hub over a real log, and a store that holds as much of
// the log as the test says.
type world struct {
	t     *testing.T
	log   *faultLog
	store *logStore
	hub   *fanout.Hub
	clock *clock
	ticks chan time.Time
	tune  func(*fanout.Config) // changes the hub's configuration, nil: nothing
	ended chan error           // what Run returned
}

func newWorld(t *testing.T) *world {
	t.Helper()
	sqlite, err := eventlog.OpenSQLite(filepath.Join(t.TempDir(), "log.db"), eventlog.SQLiteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sqlite.Close() })
	w := &world{
		t: t, log: &faultLog{Log: sqlite}, clock: &clock{now: time.Now()},
		ticks: make(chan time.Time), ended: make(chan error, 1),
	}
	w.store = &logStore{log: sqlite, stranger: map[chat.UserID]bool{}}
	return w
}

// start runs the hub until the test ends.
func (w *world) start() *world {
	cfg := fanout.Config{
		Log: w.log, Store: w.store, MACKey: []byte("a key of the tests, 32 bytes long"), Shards: 2, Now: w.clock.Now, Ticks: w.ticks,
		Encode: func(shape fanout.Shape, ev *chat.Event, room string, author chat.Person) []byte {
			if shape == fanout.Turbo {
				return nil
			}
			return chat.AppendFrame(nil, ev, room, author.Name)
		},
		Reset: func(room chat.RoomID, reason chat.ResetReason, head chat.Head) []byte {
			return chat.AppendReset(nil, room, reason, head)
		},
	}
	if w.tune != nil {
		w.tune(&cfg)
	}
	w.hub = fanout.New(cfg)
	ctx, cancel := context.WithCancel(context.Background())
	go func() { w.ended <- w.hub.Run(ctx) }()
	w.t.Cleanup(cancel)
	return w
}

// tick lets the hub look after its rooms and sends, and waits until it has.
func (w *world) tick() {
	w.t.Helper()
	for range 2 { // the second is taken when the first has been worked off
		select {
		case w.ticks <- w.clock.Now():
		case <-time.After(patience):
			w.t.Fatal("the hub takes no tick")
		}
	}
}

// make creates the public room of Ann and lets the others join.
func (w *world) make(members ...chat.UserID) {
	w.t.Helper()
	w.mustSend(chat.Record{
		Kind: chat.KindCreate, User: ann, Name: "general", RoomKind: chat.PublicRoom,
		Members: []chat.Member{{User: ann, Role: chat.RoleOwner}},
	})
	for _, user := range members {
		w.mustSend(chat.Record{Kind: chat.KindJoin, User: user})
	}
}

func (w *world) send(draft chat.Record) chat.Answer { return w.submit(fanout.Submission{Draft: draft}) }

func (w *world) submit(s fanout.Submission) chat.Answer {
	w.t.Helper()
	s.Draft.Room = room
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return w.hub.SubmitWait(ctx, s)
}

func (w *world) mustSend(draft chat.Record) chat.Answer {
	w.t.Helper()
	answer := w.send(draft)
	if answer.Err != nil {
		w.t.Fatalf("send %s of %d: %v", draft.Kind, draft.User, answer.Err)
	}
	return answer
}

// fill sends so many messages of Ann at once.
func (w *world) fill(messages int, said string) {
	w.t.Helper()
	var all sync.WaitGroup
	for range messages {
		all.Go(func() {
			if answer := w.send(text(ann, said)); answer.Err != nil {
				w.t.Errorf("send: %v", answer.Err)
			}
		})
	}
	all.Wait()
}

func (w *world) head() chat.Head {
	w.t.Helper()
	var head chat.Head
	if err := w.hub.View(context.Background(), room, 0, func(v *fanout.View) error {
		head = v.Head
		return nil
	}); err != nil {
		w.t.Fatalf("view: %v", err)
	}
	return head
}

// subscribe attaches a socket of the person and subscribes it from now on.
func (w *world) subscribe(user chat.UserID) *socket {
	w.t.Helper()
	s := w.attach(user)
	sub, _, err := w.hub.Subscribe(context.Background(), s.client, room)
	if err != nil {
		w.t.Fatalf("subscribe %d: %v", user, err)
	}
	sub.Live()
	return s
}

func (w *world) attach(user chat.UserID) *socket {
	s := &socket{t: w.t, arrived: make(chan struct{}, 1)}
	s.client = w.hub.Attach(s, user)
	return s
}

func text(user chat.UserID, text string) chat.Record {
	return chat.Record{Kind: chat.KindMessage, User: user, Text: text}
}

func withCID(rec chat.Record, cid string) chat.Record {
	rec.CID = cid
	return rec
}

func wantCode(t *testing.T, answer chat.Answer, want chat.Code) {
	t.Helper()
	if answer.Err == nil || answer.Err.Code != want {
		t.Errorf("answer: got %+v, want %s", answer, want)
	}
}

// socket records the frames of one connection.
type socket struct {
	t       *testing.T
	client  *fanout.Client
	arrived chan struct{}

	mu      sync.Mutex
	queued  []string
	flushed []string
}

func (s *socket) Queue(frame []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queued = append(s.queued, string(frame))
	return true
}

// Send is told apart from Flush by what it would leave behind: a frame that was
// queued before and is still waiting would be overtaken.
func (s *socket) Send(frame []byte) bool {
	s.mu.Lock()
	waiting := len(s.queued)
	s.mu.Unlock()
	if waiting > 0 {
		s.t.Errorf("%s is sent while %d frames wait to be flushed", frame, waiting)
	}
	s.Queue(frame)
	s.Flush()
	return true
}

func (s *socket) Approach() {}

func (s *socket) Flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flushed = append(s.flushed, s.queued...)
	s.queued = nil
	select {
	case s.arrived <- struct{}{}:
	default:
	}
}

// wait returns the first n frames that were flushed.
func (s *socket) wait(n int) []string {
	s.t.Helper()
	deadline := time.After(patience)
	for {
		s.mu.Lock()
		got := append([]string(nil), s.flushed...)
		s.mu.Unlock()
		if len(got) >= n {
			return got
		}
		select {
		case <-s.arrived:
		case <-deadline:
			s.t.Fatalf("frames: got %d %v, want %d", len(got), got, n)
		}
	}
}

// settled returns everything that was flushed before whatever is posted now.
func (s *socket) settled() []string {
	s.t.Helper()
	done := make(chan struct{})
	s.client.Post(func() { close(done) })
	<-done
	again := make(chan struct{})
	s.client.Post(func() { close(again) })
	<-again
	s.mu.Lock()
	defer s.mu.Unlock()
	return append(append([]string(nil), s.flushed...), s.queued...)
}

// brief shows frames as "seq kind text".
func brief(frames []string) []string {
	short := make([]string, 0, len(frames))
	for _, frame := range frames {
		var ev struct {
			Seq         uint64
			Kind        string
			MessageText string
		}
		if err := json.Unmarshal([]byte(frame), &ev); err != nil {
			short = append(short, frame)
			continue
		}
		line := fmt.Sprintf("%d %s", ev.Seq, ev.Kind)
		if ev.MessageText != "" {
			line += " " + ev.MessageText
		}
		short = append(short, line)
	}
	return short
}

// clock is the hub's idea of now.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// faultLog lets tests hold appends back and answer them wrongly.
type faultLog struct {
	eventlog.Log

	mu     sync.Mutex
	fault  func(rec eventlog.Record, append func(done func(eventlog.Position, error)), done func(eventlog.Position, error))
	passed int
}

func (l *faultLog) Append(partition int32, rec eventlog.Record, done func(eventlog.Position, error)) {
	l.mu.Lock()
	fault := l.fault
	l.passed++
	l.mu.Unlock()
	if fault == nil {
		l.Log.Append(partition, rec, done)
		return
	}
	fault(rec, func(done func(eventlog.Position, error)) { l.Log.Append(partition, rec, done) }, done)
}

func (l *faultLog) set(fault func(rec eventlog.Record, append func(func(eventlog.Position, error)), done func(eventlog.Position, error))) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fault = fault
}

func (l *faultLog) appends() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.passed
}

// heldLog delivers nothing to followers before it is released, and tells how
// far it got.
type heldLog struct {
	eventlog.Log
	release chan struct{}

	mu   sync.Mutex
	next int64
	more chan struct{}
}

func (l *heldLog) Follow(ctx context.Context, partition int32, from int64, fn func([]eventlog.Entry) error) error {
	<-l.release
	return l.Log.Follow(ctx, partition, from, func(entries []eventlog.Entry) error {
		err := fn(entries)
		l.mu.Lock()
		defer l.mu.Unlock()
		l.next = entries[len(entries)-1].Offset + 1
		if l.more != nil {
			close(l.more)
			l.more = nil
		}
		return err
	})
}

// followed waits until everything below the offset was delivered and applied.
func (l *heldLog) followed(t *testing.T, offset int64) {
	t.Helper()
	deadline := time.After(patience)
	for {
		l.mu.Lock()
		next := l.next
		if l.more == nil {
			l.more = make(chan struct{})
		}
		more := l.more
		l.mu.Unlock()
		if next >= offset {
			return
		}
		select {
		case <-more:
		case <-deadline:
			t.Fatalf("followed up to %d, want %d", next, offset)
		}
	}
}

// logStore is a store that holds the log up to a watermark which the test
// moves. It derives everything from the log at each call, so it cannot be out
// of step with itself.
type logStore struct {
	log eventlog.Log

	mu        sync.Mutex
	watermark int64
	down      error
	stranger  map[chat.UserID]bool // was never a member
	loading   func()               // runs within each LoadOpening, before it reads
	loaded    func()               // and after it has read
	asked     int                  // calls of FindAnswer and Range
}

func (s *logStore) advance(to int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watermark = to
}

// advanceToEnd makes the store hold the whole log.
func (s *logStore) advanceToEnd(t *testing.T) int64 {
	t.Helper()
	end, err := s.log.End(context.Background(), 0)
	if err != nil {
		t.Fatal(err)
	}
	s.advance(end)
	return end
}

func (s *logStore) snapshot() (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.watermark, s.down
}

var errRead = errors.New("read enough")

func (s *logStore) derive(id chat.RoomID, watermark int64) (*chat.State, []*chat.Event, error) {
	state := chat.NewState(id)
	var events []*chat.Event
	if watermark == 0 {
		return state, nil, nil
	}
	err := s.log.Follow(context.Background(), 0, 0, func(entries []eventlog.Entry) error {
		for i := range entries {
			e := &entries[i]
			if e.Offset >= watermark {
				return errRead
			}
			if envelope, _ := chat.Peek(e.Headers); envelope.Room == id {
				rec, err := chat.Decode(e.Headers, e.Value)
				if err != nil {
					return err
				}
				ev := chat.Apply(state, rec, chat.Position{Epoch: e.Epoch, Offset: e.Offset}, e.Value)
				ev.Pos = chat.Position{}
				if err := change(events, ev); err != nil {
					return err
				}
				if ev.Body, err = ev.StoredBody(); err != nil {
					return err
				}
				events = append(events, ev)
			}
			if e.Offset == watermark-1 {
				return errRead
			}
		}
		return nil
	})
	if !errors.Is(err, errRead) {
		return nil, nil, err
	}
	return state, events, nil
}

// change makes what an event does to a message.
func change(events []*chat.Event, ev *chat.Event) (err error) {
	if !ev.IsChange() {
		return nil
	}
	message := &events[ev.TargetSeq-1]
	if ev.Kind == chat.KindEdit {
		*message, err = (*message).Edited(ev)
	} else {
		*message, err = (*message).Erased(ev)
	}
	return err
}

func (s *logStore) LoadOpening(_ context.Context, _ string, _ int32, id chat.RoomID, since int64) (*chat.Opening, error) {
	s.mu.Lock()
	loading := s.loading
	s.mu.Unlock()
	if loading != nil {
		loading()
	}
	watermark, err := s.snapshot()
	if err != nil {
		return nil, err
	}
	state, events, err := s.derive(id, watermark)
	if err != nil {
		return nil, err
	}
	if s.loaded != nil {
		s.loaded()
	}
	o := &chat.Opening{Watermark: watermark, State: state}
	for _, ev := range events {
		if made, v7 := chat.CIDTime(ev.CID); v7 && made >= since {
			entry := chat.EntryOf(ev)
			o.Answers.Add(&entry)
		}
	}
	o.Recent = events[max(0, len(events)-chat.RingEvents):]
	return o, nil
}

func (s *logStore) FindAnswer(_ context.Context, id chat.RoomID, user chat.UserID, cid string) (*chat.Answered, chat.Seq, error) {
	s.mu.Lock()
	s.asked++
	s.mu.Unlock()
	watermark, err := s.snapshot()
	if err != nil {
		return nil, 0, err
	}
	state, events, err := s.derive(id, watermark)
	if err != nil {
		return nil, 0, err
	}
	for _, ev := range events {
		if ev.User == user && ev.CID == cid {
			return &chat.Answered{User: user, CID: cid, MAC: ev.MAC, Outcome: ev.Outcome, Answer: ev.Answer()}, state.Head.Seq, nil
		}
	}
	return nil, state.Head.Seq, nil
}

func (s *logStore) Range(_ context.Context, id chat.RoomID, after, to chat.Seq, _, _ int) ([]*chat.Event, chat.Head, error) {
	s.mu.Lock()
	s.asked++
	s.mu.Unlock()
	watermark, err := s.snapshot()
	if err != nil {
		return nil, chat.Head{}, err
	}
	state, events, err := s.derive(id, watermark)
	if err != nil {
		return nil, chat.Head{}, err
	}
	first, last := min(int(after), len(events)), len(events)
	if to != 0 {
		last = min(int(to), last)
	}
	return events[first:max(first, last)], state.Head, nil
}

func (s *logStore) Watermark(context.Context, string, int32) (int64, error) { return s.snapshot() }

func (s *logStore) StoredUpTo(context.Context, string) (map[int32]int64, error) {
	next, err := s.snapshot()
	return map[int32]int64{0: next, 1: 0}, err
}

func (s *logStore) RoomPartition(context.Context, chat.RoomID) (int32, error) {
	_, err := s.snapshot()
	return 0, err
}

func (s *logStore) WasMember(_ context.Context, _ chat.RoomID, user chat.UserID) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.stranger[user], s.down
}
