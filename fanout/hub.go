package fanout

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/eventlog"
)

// Store is what the hub reads of the database. Every method may be slow or
// fail; none is called under a lock.
type Store interface {
	// LoadOpening reads everything that opens a room, in one snapshot.
	LoadOpening(ctx context.Context, epoch string, partition int32, room chat.RoomID, answersSince int64) (*chat.Opening, error)
	// FindAnswer finds what became of a cid, nil when no stored event has it,
	// and the room's stored head in the same snapshot.
	FindAnswer(ctx context.Context, room chat.RoomID, user chat.UserID, cid string) (*chat.Answered, chat.Seq, error)
	// Watermark is the next offset of the partition that is not stored.
	Watermark(ctx context.Context, epoch string, partition int32) (int64, error)
	// StoredUpTo is Watermark of all partitions at once.
	StoredUpTo(ctx context.Context, epoch string) (map[int32]int64, error)
	// RoomPartition is where the room's records lie. That never changes.
	RoomPartition(ctx context.Context, room chat.RoomID) (int32, error)
	// Range reads the events above after up to and including to, and the room's
	// stored head in the same snapshot. It may end early at a bound, but not
	// before the first event.
	Range(ctx context.Context, room chat.RoomID, after, to chat.Seq, maxEvents, maxBytes int) ([]*chat.Event, chat.Head, error)
	// WasMember reports whether the person is or ever was a member.
	WasMember(ctx context.Context, room chat.RoomID, user chat.UserID) (bool, error)
}

// Shape is a form in which clients want their frames.
type Shape uint8

const (
	Modern Shape = iota // Parley's own events
	Turbo               // as Turbo-Chat's clients know them
	shapes
)

// Touch tells that a membership event was applied or, of a room that is not
// open here, seen in the log.
type Touch struct {
	Room    chat.RoomID
	Kind    chat.Kind
	User    chat.UserID   // who did it
	Targets []chat.UserID // whom it adds or removes
}

// Config is what a hub works with. Log, Store, MACKey and Encode are required.
type Config struct {
	Log    eventlog.Log
	Store  Store
	MACKey []byte // signs what clients gave, so that a cid used twice is recognised

	// Encode makes the frame of an event in one shape, nil when clients of
	// that shape do not get it. It is called once per event and shape, under a
	// lock, and must be quick.
	Encode func(shape Shape, ev *chat.Event, room string, author chat.Person) []byte
	// Reset makes the frame that ends a subscription whose numbers broke.
	Reset  func(room chat.RoomID, reason chat.ResetReason, head chat.Head) []byte
	Shards int // drains, one per core when 0

	// Node tells the records that this node appends from those of others; they
	// carry it. "": there is no other node.
	Node string
	// Fresh reports whether this node has heard lately of everybody who lost
	// their rights. While it has not, nothing is delivered, read or sent. It is
	// asked often and must be quick; nil: always.
	Fresh func() bool
	// Strangers looks up how people are called whom this node has not met,
	// before their events are encoded. nil: everybody who speaks here has been
	// met here, because there is no other node.
	Strangers func(context.Context, []chat.UserID) ([]chat.Person, error)

	RingBytes     int64 // 0: [DefaultRingBytes]
	UnstoredBytes int64 // 0: [DefaultUnstoredBytes]

	Logger *slog.Logger     // nil: slog.Default
	Now    func() time.Time // nil: time.Now
	Ticks  <-chan time.Time // when to look after rooms and sends; nil: once a second
}

// Hub is the fan-out of one node. Its methods may be called from any goroutine
// once Run has been started.
type Hub struct {
	cfg    Config
	log    eventlog.Log
	store  Store
	logger *slog.Logger
	now    func() time.Time
	signer *chat.Signer
	node   []byte // Config.Node
	people people
	places places
	memory memory

	touched  func(Touch)
	recorded func(*chat.Envelope)
	awaited  func(partition int32, upTo int64)

	parts  []*partition
	shards []*shard

	loadings  chan struct{} // one for each room that is being loaded, maxLoadings
	nextShard atomic.Uint32
	following atomic.Int32 // followers that have started
	stuck     atomic.Bool  // an append has been unresolved for too long

	failure chan error // what Run must end with; holds the first

	clientsMu sync.RWMutex
	clients   map[chat.UserID][]*Client
}

// ErrStoreWentBack means that the store holds less than it did: it was
// replaced by an older copy while the node ran. The node must stop.
var ErrStoreWentBack = errors.New("fanout: the store holds less than it did before; was it restored while the server ran?")

// New makes a hub. It does nothing until Run.
func New(cfg Config) *Hub {
	if cfg.Shards <= 0 {
		cfg.Shards = runtime.GOMAXPROCS(0)
	}
	if cfg.RingBytes <= 0 {
		cfg.RingBytes = DefaultRingBytes
	}
	if cfg.UnstoredBytes <= 0 {
		cfg.UnstoredBytes = DefaultUnstoredBytes
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Fresh == nil {
		cfg.Fresh = func() bool { return true }
	}
	h := &Hub{
		cfg: cfg, log: cfg.Log, store: cfg.Store, logger: cfg.Logger, now: cfg.Now,
		signer: chat.NewSigner(cfg.MACKey), node: []byte(cfg.Node),
		clients: make(map[chat.UserID][]*Client), failure: make(chan error, 1),
		loadings: make(chan struct{}, maxLoadings),
	}
	for i := range cfg.Shards {
		h.shards = append(h.shards, newShard(i))
	}
	for no := range cfg.Log.Partitions() {
		h.parts = append(h.parts, newPartition(h, no))
	}
	return h
}

// OnTouch sets who is told of membership events. It is called under a lock and
// must not block. Set it before Run.
func (h *Hub) OnTouch(fn func(Touch)) { h.touched = fn }

// OnRecord sets who hears of every record, behind its effect. It is called under
// a lock and must not block; what it gets is valid during the call. Set it
// before Run.
func (h *Hub) OnRecord(fn func(*chat.Envelope)) { h.recorded = fn }

// OnAwaited sets who hears that somebody waits until the store holds a partition
// up to, not including, an offset. It is called under a lock and must not block.
// Set it before anybody can wait.
func (h *Hub) OnAwaited(fn func(partition int32, upTo int64)) { h.awaited = fn }

// Run follows the log until ctx ends or something breaks that the node cannot
// go on with. It waits for the store to answer before it starts to follow.
func (h *Hub) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, s := range h.shards {
		group.Go(func() error { return s.run(ctx, h.awaitFresh) })
	}
	for _, p := range h.parts {
		group.Go(func() error { return p.run(ctx) })
	}
	group.Go(func() error { return h.keep(ctx) })
	return group.Wait()
}

// Ready reports why the hub cannot serve yet, nil when every partition is
// followed.
func (h *Hub) Ready() error {
	if n := int(h.following.Load()); n < len(h.parts) {
		return fmt.Errorf("following %d of %d partitions of the log", n, len(h.parts))
	}
	if h.stuck.Load() {
		return errors.New("the log has not answered an append for a minute")
	}
	return nil
}

// partitionOf finds the partition of a room. With one partition there is
// nothing to ask.
func (h *Hub) partitionOf(ctx context.Context, id chat.RoomID) (*partition, error) {
	if len(h.parts) == 1 {
		return h.parts[0], nil
	}
	no, known := h.places.find(id)
	if !known {
		var err error
		if no, err = h.store.RoomPartition(ctx, id); err != nil {
			return nil, openError(id, err)
		}
		h.places.know(id, no)
	}
	if no < 0 || int(no) >= len(h.parts) {
		return nil, fmt.Errorf("room %d lies in partition %d, the log has %d", id, no, len(h.parts))
	}
	return h.parts[no], nil
}

// Stored tells the hub that the store holds the partition up to next. The
// recorder of this process calls it after each commit. For what others record
// the hub asks the store: once a second, and sooner while somebody waits.
func (h *Hub) Stored(no int32, next int64) {
	p := h.parts[no]
	p.mu.Lock()
	defer p.mu.Unlock()
	p.advanceWatermark(next)
}
