package presence

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/redis/rueidis"

	"github.com/parleychat/parley/chat"
)

// Lease is how long a node that is heard of no more counts as there. With the
// grace and a tick it stays below the 15 s within which the people of a killed
// node are offline. A node renews it every 3 s.
const Lease = 10 * time.Second

// RedisConfig is what a presence in Redis works with. Client and Prefix are
// required.
type RedisConfig struct {
	// Client reaches the server, which may be away. It is not closed.
	Client rueidis.Client
	// Prefix begins the names of all keys and channels. Nodes see each other
	// when they have the same.
	Prefix string
	Logger *slog.Logger     // nil: slog.Default
	Now    func() time.Time // the clock of the grace; nil: time.Now
	// Lease is how long this node counts as there after its last beat, of which
	// there are three in that time. 0: [Lease]. A test may want less.
	Lease time.Duration
}

// Redis is the presence of all nodes that share a Redis. Each node keeps there
// what it has counted:
//
//	<prefix>presence:nodes        a set with the names of the nodes
//	<prefix>presence:node:<name>  a hash: person → sockets; s and the person →
//	                              what they have chosen, "<status> <rev>", of
//	                              those who have; and v → the version of it; it
//	                              ends with the node's lease
//	<prefix>presence:news         a channel on which every change is told
//	<prefix>presence:hints        a channel for what [Redis.Tell] sends
//
// A node's name is random, and no other key or name is made of anything that
// people write.
//
// Every node holds all of this in memory and answers from there. News make it
// quick, the versions make it right: each piece of news says from which version
// of the sender's hash it leads to which, and at every beat a node compares the
// versions in Redis with those that it knows, and reads the hashes that differ.
// So news may be lost, doubled or late. A node that finds its own hash gone or
// at another version, because Redis was emptied, came back older, or carried an
// old command out late, writes it anew. Leases are counted by Redis; no clock of
// a node takes part.
//
// While Redis is away, a node goes on with what it knows for the length of a
// lease, and then with its own people alone.
//
// Use it while [Redis.Run] runs.
type Redis struct {
	cfg    RedisConfig
	node   string
	logger *slog.Logger
	all    *Memory // the sockets of all nodes

	wake chan struct{} // there is something to write, or to look at

	waiting chan string // messages for other nodes
	told    func([]byte)

	mu     sync.Mutex
	own    map[chat.UserID]counted
	others map[string]*node
	// version is that of own as it was last sent to Redis. changed are the
	// people who have changed since. Unless intact, it is not known whether
	// Redis has that version.
	version uint64
	changed map[chat.UserID]struct{}
	intact  bool
	// lookAt is when the other nodes' leases are to be looked at next; looked is
	// when that succeeded last, and err why it did not since.
	lookAt time.Time
	looked time.Time
	err    error
	beats  int // how often it was looked
}

// node is another node as this one knows it.
type node struct {
	version uint64
	people  map[chat.UserID]counted
}

// counted is what a node has of one person: sockets, and what they have chosen
// as far as that node knows.
type counted struct {
	sockets int
	choice  chat.StatusChoice
}

var (
	_ Presence = (*Redis)(nil)
	_ Counter  = (*Redis)(nil)
	_ Teller   = (*Redis)(nil)
)

// errNever is how things are before the first beat.
var errNever = errors.New("Redis was not asked yet")

// NewRedis makes the presence of this node, with nobody in it.
func NewRedis(cfg RedisConfig) *Redis {
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	if cfg.Lease == 0 {
		cfg.Lease = Lease
	}
	return &Redis{
		cfg: cfg, node: rand.Text(), logger: cfg.Logger, all: NewMemory(cfg.Now),
		wake:    make(chan struct{}, 1),
		waiting: make(chan string, maxWaiting),
		own:     make(map[chat.UserID]counted),
		others:  make(map[string]*node),
		changed: make(map[chat.UserID]struct{}),
		looked:  time.Now(), err: errNever,
	}
}

// Enter implements [Presence].
func (r *Redis) Enter(user chat.UserID, choice chat.StatusChoice) { r.take(user, 1, choice) }

// Leave implements [Presence].
func (r *Redis) Leave(user chat.UserID) { r.take(user, -1, chat.StatusChoice{}) }

// Choose implements [Presence].
func (r *Redis) Choose(user chat.UserID, choice chat.StatusChoice) { r.take(user, 0, choice) }

// take counts sockets of this node and what their person has chosen.
func (r *Redis) take(user chat.UserID, n int, choice chat.StatusChoice) {
	r.mu.Lock()
	defer r.mu.Unlock()
	before := r.own[user]
	now := counted{sockets: max(0, before.sockets+n), choice: before.choice}
	if choice.Rev > now.choice.Rev {
		now.choice = choice
	}
	if now.sockets == 0 {
		now = counted{}
		delete(r.own, user)
	} else {
		r.own[user] = now
	}
	if now == before {
		return
	}
	r.changed[user] = struct{}{}
	r.all.take(user, now.sockets-before.sockets, now.choice)
	r.hurry()
}

// hurry begins the next round at once.
func (r *Redis) hurry() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Status implements [Presence].
func (r *Redis) Status(user chat.UserID) chat.Status { return r.all.Status(user) }

// Changes implements [Presence].
func (r *Redis) Changes() []Change { return r.all.Changes() }

// Counted implements [Counter].
func (r *Redis) Counted() map[chat.UserID]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	counted := make(map[chat.UserID]int, len(r.own))
	for user, own := range r.own {
		counted[user] = own.sockets
	}
	return counted
}

// Others is how many other nodes this one knows. The error says why Redis did
// not answer last; while it is away for longer than a lease there are none.
func (r *Redis) Others() (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.others), r.err
}

// know takes what another node is now known to have, nil when it is gone. r.mu
// is held.
func (r *Redis) know(name string, now *node) {
	before := r.others[name]
	if before == nil {
		before = &node{}
	}
	if now == nil {
		delete(r.others, name)
		now = &node{}
	} else {
		r.others[name] = now
	}
	for user, has := range now.people {
		r.all.take(user, has.sockets-before.people[user].sockets, has.choice)
	}
	for user, had := range before.people {
		if _, both := now.people[user]; !both {
			r.all.take(user, -had.sockets, chat.StatusChoice{})
		}
	}
}

// Run keeps Redis and this node in step until ctx ends; then it takes this
// node's people out of Redis, if that can be done within a second.
func (r *Redis) Run(ctx context.Context) error {
	var running sync.WaitGroup
	running.Go(func() { r.listen(ctx) })
	running.Go(func() { r.sendWaiting(ctx) })
	r.keep(ctx)
	running.Wait()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if err := r.sayGoodbye(ctx); err != nil {
		r.logger.InfoContext(ctx, "presence was not taken out of Redis and ends there with its lease", slog.Any("error", err))
	}
	return nil
}
