package server

import (
	"context"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/parleychat/parley/store"
)

const (
	// nodeBeat is how often a server says that it lives, and looks who else does.
	nodeBeat = time.Second
	// nodeGone is how long a server is taken for alive after its last beat.
	nodeGone = 10 * time.Second
	// nodeSilent is how much time of looking has to pass without a beat until a
	// server's share of the recording is given to others. It is too long for a
	// busy machine, and little enough to wait: who lives after all is not harmed.
	nodeSilent = 2500 * time.Millisecond // three beats are missing
	// nodeForgotten is when the row of a server that is gone is removed.
	nodeForgotten = 5 * time.Minute
	// nodeTime bounds one look into the database.
	nodeTime = 3 * time.Second
	// lookPause lies between two looks for servers that are not known, whatever
	// ids of sessions strangers make up.
	lookPause = 100 * time.Millisecond
)

// nodes are the servers of a cluster, as this one knows them. They are told
// apart by a tag, random for each run: it is in the ids of sessions, which
// anybody may see.
type nodes struct {
	store  nodeStore
	self   store.Node
	logger *slog.Logger
	now    func() time.Time

	announced chan struct{} // closed when this server was in the list, or could not be told to it

	mu    sync.Mutex
	known map[string]seenNode // by tag
	seen  time.Time           // when the list was last read

	looking chan struct{} // whoever looks for a server puts something in
	looked  time.Time     // when the last look began; of whoever is looking
}

type nodeStore interface {
	BeatNode(ctx context.Context, n store.Node) error
	Nodes(ctx context.Context) ([]store.Node, error)
	RemoveNode(ctx context.Context, tag string, beats int64) error
}

// seenNode is a server and when it was last seen to beat, on the clock of this
// one.
type seenNode struct {
	store.Node
	at time.Time
	// silent is for how long this server has looked and not seen it beat. Time
	// in which nobody could look does not count: when the database was away,
	// nobody could beat either.
	silent time.Duration
	buried bool // its share was given to others
}

func newNodes(db nodeStore, self store.Node, logger *slog.Logger) *nodes {
	return &nodes{
		store: db, self: self, logger: logger, now: time.Now, announced: make(chan struct{}),
		known: make(map[string]seenNode), looking: make(chan struct{}, 1),
	}
}

// newNodeTag is short, for it stands in every request of a session.
func newNodeTag() string { return hex.EncodeToString(newKey()[:5]) }

// run says that this server lives and looks who else does, until ctx ends; then
// it says good-bye. It returns nil.
func (n *nodes) run(ctx context.Context) error {
	tick := time.NewTicker(nodeBeat)
	defer tick.Stop()
	for first := true; ; first = false {
		if err := n.beat(ctx); err != nil && ctx.Err() == nil {
			n.logger.DebugContext(ctx, "the database was not told that this server lives", slog.Any("error", err))
		}
		if first {
			close(n.announced)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return n.leave(context.WithoutCancel(ctx))
		}
	}
}

func (n *nodes) beat(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, nodeTime)
	defer cancel()
	if err := n.store.BeatNode(ctx, n.self); err != nil {
		return err
	}
	listed, err := n.store.Nodes(ctx)
	if err != nil {
		return err
	}
	for _, gone := range n.see(listed) {
		if err := n.store.RemoveNode(ctx, gone.Tag, gone.Beats); err != nil {
			return err
		}
	}
	return nil
}

// see takes note of who has beaten, and gives those that have not for long.
func (n *nodes) see(listed []store.Node) (forgotten []store.Node) {
	now := n.now()
	n.mu.Lock()
	defer n.mu.Unlock()
	watched := min(now.Sub(n.seen), 2*nodeBeat)
	n.seen = now
	known := make(map[string]seenNode, len(listed))
	for _, node := range listed {
		seen := seenNode{Node: node, at: now}
		if former, ok := n.known[node.Tag]; ok && former.Beats == node.Beats {
			seen = former
			seen.silent += watched
		}
		known[node.Tag] = seen
		if now.Sub(seen.at) > nodeForgotten {
			forgotten = append(forgotten, node)
		}
	}
	n.known = known
	return forgotten
}

// leave takes this server out of the list. If the database does not answer,
// the others find it out by themselves.
func (n *nodes) leave(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, nodeTime)
	defer cancel()
	n.mu.Lock()
	self := n.known[n.self.Tag]
	n.mu.Unlock()
	if err := n.store.RemoveNode(ctx, self.Tag, self.Beats); err != nil {
		n.logger.DebugContext(ctx, "this server stays in the list of servers for a while", slog.Any("error", err))
	}
	return nil
}

// find gives the address of another server that lives.
func (n *nodes) find(tag string) (address *url.URL, found bool) {
	n.mu.Lock()
	node, known := n.known[tag]
	n.mu.Unlock()
	if !known || tag == n.self.Tag || n.now().Sub(node.at) > nodeGone {
		return nil, false
	}
	address, err := url.Parse(node.Address)
	return address, err == nil
}

// seek is find for somebody with a session of a server that may be too new to be
// known here. A server is in the list before it begins a session, so one look
// that begins now is enough.
func (n *nodes) seek(ctx context.Context, tag string) (address *url.URL, found bool) {
	met := n.now()
	if n.heardOf(tag) {
		return n.find(tag)
	}
	ctx, cancel := context.WithTimeout(ctx, nodeTime)
	defer cancel()
	select {
	case n.looking <- struct{}{}:
	case <-ctx.Done():
		return nil, false
	}
	defer func() { <-n.looking }()
	if !n.looked.After(met) {
		if err := n.look(ctx); err != nil {
			n.logger.DebugContext(ctx, "a server was not looked for", slog.Any("error", err))
		}
	}
	return n.find(tag)
}

// heardOf reports whether this server is or was in the list.
func (n *nodes) heardOf(tag string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	_, known := n.known[tag]
	return known || tag == n.self.Tag
}

// look reads the list, when the time for it has come.
func (n *nodes) look(ctx context.Context) error {
	select {
	case <-time.After(n.looked.Add(lookPause).Sub(n.now())):
	case <-ctx.Done():
		return ctx.Err()
	}
	n.looked = n.now()
	listed, err := n.store.Nodes(ctx)
	if err != nil {
		return err
	}
	n.see(listed)
	return nil
}

// String says how many servers live, this one too.
func (n *nodes) String() string {
	if alive := n.alive(); alive > 1 {
		return fmt.Sprintf("%d servers", alive)
	}
	return "1 server"
}

func (n *nodes) alive() (count int) {
	now := n.now()
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, node := range n.known {
		if now.Sub(node.at) <= nodeGone {
			count++
		}
	}
	return count
}

// passedOn marks a request that another server has passed on, with that one's
// tag. It is not passed on again, whatever two servers believe of each other.
const passedOn = "Parley-Passed-On"

// tagEnd stands behind the tag in a session's id.
const tagEnd = "."

// passOn lets the server that holds a session answer the requests of the
// session: a balancer may send each of them to any server. A session of a
// server that is gone is answered here, which knows no such session, and the
// client begins a new one.
func (n *nodes) passOn(here http.Handler) http.Handler {
	transport := &http.Transport{
		Proxy:               nil,
		DialContext:         (&net.Dialer{Timeout: nodeTime}).DialContext,
		MaxIdleConnsPerHost: 64,
		IdleConnTimeout:     idleTime,
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tag, _, tagged := strings.Cut(r.URL.Query().Get("sid"), tagEnd)
		if !tagged || r.Header.Get(passedOn) != "" {
			here.ServeHTTP(w, r)
			return
		}
		address, elsewhere := n.seek(r.Context(), tag)
		if !elsewhere {
			here.ServeHTTP(w, r)
			return
		}
		proxy := &httputil.ReverseProxy{
			Transport: transport,
			Rewrite: func(request *httputil.ProxyRequest) {
				request.SetURL(address)
				request.Out.Host = request.In.Host // by which the origin is judged
				request.Out.Header["X-Forwarded-For"] = request.In.Header["X-Forwarded-For"]
				request.Out.Header["X-Forwarded-Proto"] = request.In.Header["X-Forwarded-Proto"]
				request.Out.Header.Set(passedOn, n.self.Tag)
			},
			// Not an error of the server's: the other one may just have stopped.
			ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
				if r.Context().Err() == nil {
					n.logger.InfoContext(r.Context(), "a request was not passed on", slog.String("to", address.Host), slog.Any("error", err))
				}
				here.ServeHTTP(w, r)
			},
			ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug),
		}
		proxy.ServeHTTP(w, r)
	})
}

// advertised is the base URL at which other servers reach this one: what was
// configured, or the address it listens on, or one of the machine's if it
// listens on all.
func (s *Server) advertised() (string, error) {
	if s.cfg.Advertise != "" {
		return strings.TrimRight(s.cfg.Advertise, "/"), nil
	}
	addr, ok := s.listener.Addr().(*net.TCPAddr)
	if !ok {
		return s.URL(), nil
	}
	ip, _ := netip.AddrFromSlice(addr.IP)
	if ip.Unmap().IsUnspecified() {
		var err error
		if ip, err = ownAddress(); err != nil {
			return "", fmt.Errorf("advertise: %w; say with --advertise at which URL the other servers reach this one", err)
		}
	}
	return "http://" + netip.AddrPortFrom(ip.Unmap(), uint16(addr.Port)).String(), nil
}

// ownAddress is an address of this machine that others can reach, loopback if
// there is none.
func ownAddress() (netip.Addr, error) {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return netip.Addr{}, err
	}
	found := netip.AddrFrom4([4]byte{127, 0, 0, 1})
	for _, addr := range addrs {
		prefix, err := netip.ParsePrefix(addr.String())
		if ip := prefix.Addr().Unmap(); err == nil && ip.IsGlobalUnicast() {
			if ip.Is4() {
				return ip, nil
			}
			found = ip
		}
	}
	return found, nil
}
