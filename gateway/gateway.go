package gateway

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parleychat/parley/auth"
	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/fanout"
	"github.com/parleychat/parley/history"
	"github.com/parleychat/parley/limits"
	"github.com/parleychat/parley/presence"
	"github.com/parleychat/parley/reading"
	"github.com/parleychat/parley/rooms"
	"github.com/parleychat/parley/socketio"
)

// Config is what a gateway works with. Refused, Closed, Logger and Now
// may be nil.
type Config struct {
	Auth     *auth.Service
	Hub      *fanout.Hub
	Reader   *history.Reader
	Rooms    *rooms.Service
	Reading  *reading.Service
	Presence presence.Presence
	Limits   *limits.People // shared with REST
	Frames   Frames
	// People looks up how people are called; unknown ones are left out.
	People func(context.Context, []chat.UserID) ([]chat.Person, error)
	// Seen keeps when people were last online, in ms UTC.
	Seen func(context.Context, map[chat.UserID]int64) error

	// Refused is told of each client event that was refused, and Closed of each
	// socket that the server closed, with the code of its problem. They are
	// called often and must be quick; nil: nobody counts.
	Refused func(chat.Code)
	Closed  func(code string)

	Logger *slog.Logger
	Now    func() time.Time
}

// Gateway holds the sockets of this node.
type Gateway struct {
	cfg    Config
	logger *slog.Logger
	now    func() time.Time
	marks  presenceMarks
	others presence.Teller // nil: this node is alone
	lists  lists
	seen   seen

	telling atomic.Bool // changes of listed rooms are being told

	untold        untold
	tellingUntold atomic.Bool // of it, something is being told

	mu       sync.Mutex
	conns    map[*conn]struct{}
	draining bool           // no more sockets
	stopped  bool           // no more tasks
	tasks    sync.WaitGroup // catch-ups, reads and notices under way
}

// New makes a gateway. Mount it on a Socket.IO server with [Gateway.Mount] and
// run it with [Gateway.Run].
func New(cfg Config) *Gateway {
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Refused == nil {
		cfg.Refused = func(chat.Code) {}
	}
	if cfg.Closed == nil {
		cfg.Closed = func(string) {}
	}
	g := &Gateway{
		cfg: cfg, logger: cfg.Logger, now: cfg.Now,
		marks: newPresenceMarks(), lists: newLists(), conns: make(map[*conn]struct{}),
	}
	g.listenToOthers()
	return g
}

// Mount lets the server's sockets in through this gateway.
func (g *Gateway) Mount(io *socketio.Server) {
	namespace := io.Of("/")
	namespace.Use(g.signIn)
	namespace.OnConnect(g.connect)
}

// Run tells sockets of comings and goings, of changes in rooms that they list,
// and of tokens that end, until ctx ends.
func (g *Gateway) Run(ctx context.Context) error {
	var keeping sync.WaitGroup
	defer keeping.Wait()
	keeping.Go(func() { g.keepSeen(ctx) })
	tick := time.NewTicker(chat.PresenceTick)
	defer tick.Stop()
	second := time.NewTicker(time.Second)
	defer second.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			g.tellPresence()
		case <-second.C:
			g.tellExpiry()
			g.tellUntold()
			g.tellChanges()
		}
	}
}

// background runs fn on a goroutine that Drain waits for. It reports false
// when the gateway has stopped.
func (g *Gateway) background(fn func()) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.stopped {
		return false
	}
	g.tasks.Go(fn)
	return true
}

func (g *Gateway) each(fn func(*conn)) {
	g.mu.Lock()
	conns := make([]*conn, 0, len(g.conns))
	for c := range g.conns {
		conns = append(conns, c)
	}
	g.mu.Unlock()
	for _, c := range conns {
		fn(c)
	}
}
