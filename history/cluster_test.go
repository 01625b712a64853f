package history_test

import (
	"context"
	"database/sql/driver"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/fanout"
	"github.com/parleychat/parley/history"
	"github.com/parleychat/parley/store"
)

// cluster is several nodes and one recorder over one log and one store. How far
// each of them has got is up to the test; a clock of its own says what time it
// is.
type cluster struct {
	world *world
	clock *clock
	log   *settledLog // what everybody appends to
	tape  *tape       // everything in the log
	nodes []*node
	cids  int

	behind   *stage     // the log as the recorder sees it
	recorder *recorder  //
	mu       sync.Mutex // guards nodes[0].hub against the recorder
}

// node is one node: the hub as the log and the store make it.
type node struct {
	cluster *cluster
	stage   *stage // the log as the node sees it
	store   *openingStore
	hub     *fanout.Hub
	reader  *history.Reader
	ticks   chan time.Time
	stop    func()
	held    bool // it does not follow the log's end
}

func newCluster(t *testing.T, dir string, nodes int) *cluster {
	t.Helper()
	w := openWorld(t, dir)
	c := &cluster{world: w, clock: &clock{now: time.Now()}, log: newSettledLog(w.rawLog)}
	ctx, cancel := context.WithCancel(context.Background())
	c.tape = newTape()
	var follower sync.WaitGroup
	follower.Go(func() { _ = w.rawLog.Follow(ctx, 0, 0, c.tape.record) })
	w.stops = append(w.stops, func() { cancel(); follower.Wait() })
	for range nodes {
		n := &node{cluster: c}
		n.start()
		c.nodes = append(c.nodes, n)
	}
	w.stops = append(w.stops, func() {
		for _, n := range c.nodes {
			n.stop()
		}
	})
	c.behind = newStage(w.rawLog)
	c.behind.close(0)
	c.recorder = w.recordFrom(c.behind, c.onStored)
	return c
}

func (c *cluster) onStored(partition int32, next int64) {
	c.mu.Lock()
	hub := c.nodes[0].hub
	c.mu.Unlock()
	hub.Stored(partition, next)
	c.world.onStored(partition, next)
}

// start starts the node, or, after a stop, another in its place.
func (n *node) start() {
	c := n.cluster
	n.stage = newStage(c.log)
	n.store = &openingStore{Store: c.world.store.Store}
	n.ticks = make(chan time.Time)
	n.held = false
	hub := fanout.New(fanout.Config{
		Log: n.stage, Store: n.store, MACKey: macKey, Shards: 2, Logger: c.world.quiet, Now: c.clock.Now, Ticks: n.ticks,
		Encode: func(_ fanout.Shape, ev *chat.Event, room string, author chat.Person) []byte {
			return chat.AppendFrame(nil, ev, room, author.Name)
		},
		Reset: func(room chat.RoomID, reason chat.ResetReason, head chat.Head) []byte {
			return chat.AppendReset(nil, room, reason, head)
		},
	})
	c.mu.Lock()
	n.hub = hub
	c.mu.Unlock()
	n.reader = history.NewReader(hub, c.world.store)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- hub.Run(ctx) }()
	n.stop = sync.OnceFunc(func() {
		cancel()
		n.stage.open()
		<-ended
	})
}

// openingStore lets a test stand between reading what opens a room and what is
// done with it.
type openingStore struct {
	fanout.Store
	away atomic.Bool // it answers nothing

	mu     sync.Mutex
	loaded func() // called once, then forgotten
}

func (s *openingStore) onLoad(fn func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.loaded = fn
}

func (s *openingStore) Watermark(ctx context.Context, epoch string, partition int32) (int64, error) {
	if s.away.Load() {
		return 0, driver.ErrBadConn
	}
	return s.Store.Watermark(ctx, epoch, partition)
}

func (s *openingStore) StoredUpTo(ctx context.Context, epoch string) (map[int32]int64, error) {
	if s.away.Load() {
		return nil, driver.ErrBadConn
	}
	return s.Store.StoredUpTo(ctx, epoch)
}

func (s *openingStore) FindAnswer(ctx context.Context, room chat.RoomID, user chat.UserID, cid string) (*chat.Answered, chat.Seq, error) {
	if s.away.Load() {
		return nil, 0, driver.ErrBadConn
	}
	return s.Store.FindAnswer(ctx, room, user, cid)
}

func (s *openingStore) LoadOpening(ctx context.Context, epoch string, partition int32, room chat.RoomID, answersSince int64) (*chat.Opening, error) {
	if s.away.Load() {
		return nil, driver.ErrBadConn
	}
	opening, err := s.Store.LoadOpening(ctx, epoch, partition, room, answersSince)
	s.mu.Lock()
	fn := s.loaded
	s.loaded = nil
	s.mu.Unlock()
	if fn != nil {
		fn()
	}
	return opening, err
}

// hold lets the node apply nothing more than it has.
func (n *node) hold(end int64) {
	n.stage.close(end)
	n.held = true
}

// release lets the node follow the log's end again.
func (n *node) release() {
	n.stage.open()
	n.held = false
}

// tick lets the hub look after its rooms and sends, and waits until it has.
func (n *node) tick(t tb) {
	t.Helper()
	for range 2 { // the second is taken when the first has been worked off
		select {
		case n.ticks <- n.cluster.clock.Now():
		case <-time.After(patience):
			t.Fatalf("the hub takes no tick")
		}
	}
}

// end is the log's present end.
func (c *cluster) end(t tb) int64 {
	t.Helper()
	end, err := c.world.rawLog.End(context.Background(), 0)
	if err != nil {
		t.Fatalf("end of the log: %v", err)
	}
	return end
}

// quiesce waits until everything that was appended is in the log and on the
// tape, and every node that is not held has applied it: also what a node
// appends anew because of it.
func (c *cluster) quiesce(t tb) {
	t.Helper()
	for {
		c.log.settle(t)
		end := c.end(t)
		for _, n := range c.nodes {
			if !n.held {
				n.stage.await(t, end)
			}
		}
		c.tape.await(t, end)
		c.log.settle(t)
		if c.end(t) == end {
			return
		}
	}
}

// store lets the recorder store the log up to the offset, and waits for it.
func (c *cluster) store(t tb, next int64) {
	t.Helper()
	c.behind.close(next)
	c.world.waitStored(t, next)
}

// newCID is a cid of the cluster's present time; without time, one that says
// none.
func (c *cluster) newCID(withTime bool) string {
	c.cids++
	if !withTime {
		return fmt.Sprintf("odd-%d", c.cids)
	}
	id := uuid.UUID{6: 0x70, 8: 0x80}
	for i, ms := 5, c.clock.Now().UnixMilli(); i >= 0; i, ms = i-1, ms>>8 {
		id[i] = byte(ms)
	}
	for i, n := 15, c.cids; i > 8; i, n = i-1, n>>8 {
		id[i] = byte(n)
	}
	return id.String()
}

// append writes a record to the log as it is and waits until it is durable.
func (c *cluster) append(t tb, rec eventlog.Record) {
	t.Helper()
	if _, err := eventlog.AppendWait(context.Background(), c.log, 0, rec); err != nil {
		t.Fatalf("append: %v", err)
	}
}

func logRecord(headers []chat.Header, value []byte) eventlog.Record {
	rec := eventlog.Record{Value: value}
	for _, h := range headers {
		rec.Headers = append(rec.Headers, eventlog.Header(h))
	}
	return rec
}

// reserve makes the row of a room, whose creation is to be appended.
func (c *cluster) reserve(t tb, kind chat.RoomKind) (chat.RoomID, string) {
	t.Helper()
	c.world.rooms++
	name := fmt.Sprintf("room %d", c.world.rooms)
	reserved, err := c.world.store.ReserveRoom(context.Background(), store.NewRoom{
		Kind: kind, Name: name, NameKey: name, CreatedBy: c.world.ann, CID: fmt.Sprintf("create-%d", c.world.rooms),
	})
	if err != nil {
		t.Fatalf("reserve: %v", err)
	}
	return reserved.Room.ID, reserved.CID
}

// clock is the cluster's idea of now.
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

// counter is a number that can be waited for.
type counter struct {
	mu    sync.Mutex
	value int64
	moved chan struct{} // closed and replaced when value changes
}

func newCounter() *counter { return &counter{moved: make(chan struct{})} }

func (c *counter) change(fn func(int64) int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.value = fn(c.value)
	close(c.moved)
	c.moved = make(chan struct{})
}

func (c *counter) await(t tb, what string, done func(int64) bool) {
	t.Helper()
	deadline := time.After(patience)
	for {
		c.mu.Lock()
		value, moved := c.value, c.moved
		c.mu.Unlock()
		if done(value) {
			return
		}
		select {
		case <-moved:
		case <-deadline:
			t.Fatalf("%s: stays at %d", what, value)
		}
	}
}

// settledLog knows whether everything that was handed to it has been answered.
type settledLog struct {
	eventlog.Log
	open  *counter
	asked atomic.Pointer[func()] // called when its end was asked for
}

func newSettledLog(log eventlog.Log) *settledLog { return &settledLog{Log: log, open: newCounter()} }

func (l *settledLog) End(ctx context.Context, partition int32) (int64, error) {
	end, err := l.Log.End(ctx, partition)
	if fn := l.asked.Load(); fn != nil {
		(*fn)()
	}
	return end, err
}

func (l *settledLog) Append(partition int32, rec eventlog.Record, done func(eventlog.Position, error)) {
	l.open.change(func(n int64) int64 { return n + 1 })
	l.Log.Append(partition, rec, func(pos eventlog.Position, err error) {
		done(pos, err)
		l.open.change(func(n int64) int64 { return n - 1 })
	})
}

func (l *settledLog) settle(t tb) {
	t.Helper()
	l.open.await(t, "appends without an answer", func(n int64) bool { return n == 0 })
}

// stage is the log as one follower sees it: behind a gate, and counted.
type stage struct {
	*gatedLog
	applied *counter // next offset that the follower has not worked off
}

func newStage(log eventlog.Log) *stage { return &stage{newGatedLog(log), newCounter()} }

func (s *stage) Follow(ctx context.Context, partition int32, from int64, fn func([]eventlog.Entry) error) error {
	s.applied.change(func(int64) int64 { return from })
	return s.gatedLog.Follow(ctx, partition, from, func(entries []eventlog.Entry) error {
		err := fn(entries)
		s.applied.change(func(int64) int64 { return entries[len(entries)-1].Offset + 1 })
		return err
	})
}

func (s *stage) await(t tb, next int64) {
	t.Helper()
	s.applied.await(t, fmt.Sprintf("the follower should reach %d", next), func(n int64) bool { return n >= next })
}

// tape is everything in the log.
type tape struct {
	mu      sync.Mutex
	entries []eventlog.Entry
	length  *counter
}

func newTape() *tape { return &tape{length: newCounter()} }

func (p *tape) record(entries []eventlog.Entry) error {
	p.mu.Lock()
	p.entries = append(p.entries, entries...)
	p.mu.Unlock()
	p.length.change(func(n int64) int64 { return n + int64(len(entries)) })
	return nil
}

func (p *tape) await(t tb, end int64) {
	t.Helper()
	p.length.await(t, "the tape", func(n int64) bool { return n >= end })
}

// from is what has been recorded from an offset on.
func (p *tape) from(offset int) []eventlog.Entry {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.entries[offset:])
}

// clusters gives out clusters, a new one whenever the last was spoilt.
type clusters struct {
	t    *testing.T
	dir  string
	made int
	last *cluster
}

func (cs *clusters) get() *cluster {
	cs.t.Helper()
	if cs.last == nil {
		cs.made++
		dir := filepath.Join(cs.dir, fmt.Sprint(cs.made))
		if err := os.Mkdir(dir, 0o700); err != nil {
			cs.t.Fatal(err)
		}
		cs.last = newCluster(cs.t, dir, 3)
	}
	return cs.last
}

// spoil closes the last cluster.
func (cs *clusters) spoil() {
	if cs.last != nil {
		cs.last.world.close()
		cs.last = nil
	}
}
