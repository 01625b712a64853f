package socketio

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/parleychat/parley/socketio/browser"
	"github.com/parleychat/parley/socketio/engineio"
)

// Config says how a [Server] behaves. The zero value is a server for pages of
// its own host, with the limits of the reference implementation.
type Config struct {
	// Path is where the server is mounted ("/socket.io/").
	Path string

	// ConnectTimeout is how long a connection may take to join its first
	// namespace, and a middleware to decide (45 s).
	ConnectTimeout time.Duration

	// OnOverflow is called for each socket of a connection, once, when Queue
	// first refuses a frame because of MaxQueue: on the goroutine that called
	// Queue, with no lock held. It must not block; it may call CloseAfter. By
	// default the socket is closed as slow.
	OnOverflow func(*Socket)

	// The rest is that of engineio.Config, where each field is described.

	PingInterval     time.Duration // 25 s
	PingTimeout      time.Duration // 20 s
	UpgradeTimeout   time.Duration // 10 s
	FarewellTimeout  time.Duration // 5 s
	TransferTimeout  time.Duration // 20 s
	MaxPayload       int           // bytes, 1,000,000; also for a packet with all its attachments
	MaxQueue         int           // bytes, 1 MiB
	MaxPollBuffer    int           // bytes, 1 MiB
	SendBuffer       int           // bytes, 128 KiB
	MaxPerAddress    int           // sessions, any number
	Address          func(*http.Request) netip.Addr
	AllowOrigin      func(origin string, r *http.Request) bool
	AllowCredentials bool
	SessionIDPrefix  string
	Logger           *slog.Logger
}

// Stats are counts since the server was made.
type Stats = engineio.Stats

// Server serves Socket.IO. Make it with [New], set up its namespaces with
// [Server.Of], mount it at [Server.Path], and end it with [Server.Close], before
// the http.Server around it, since polls are requests that wait. The http.Server
// should have a ReadHeaderTimeout; its other timeouts are not in the way.
type Server struct {
	config Config
	engine *engineio.Server
	ctx    context.Context // of middleware; ends with Close
	cancel context.CancelFunc

	mu         sync.RWMutex // guards what follows
	namespaces map[string]*Namespace
}

// New returns a server, or says what in the configuration cannot work.
func New(config Config) (*Server, error) {
	if config.Path == "" {
		config.Path = "/socket.io/"
	}
	if !strings.HasPrefix(config.Path, "/") || !strings.HasSuffix(config.Path, "/") {
		return nil, fmt.Errorf("socketio: path %q does not begin and end with /", config.Path)
	}
	if config.ConnectTimeout < 0 {
		return nil, fmt.Errorf("socketio: connect timeout %v is negative", config.ConnectTimeout)
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 45 * time.Second
	}
	if config.PingInterval == 0 {
		config.PingInterval = 25 * time.Second
	}
	if config.PingTimeout == 0 {
		config.PingTimeout = 20 * time.Second
	}
	if config.MaxPayload == 0 {
		config.MaxPayload = 1_000_000
	}
	if config.Logger == nil {
		config.Logger = slog.Default()
	}
	if config.OnOverflow == nil {
		config.OnOverflow = func(s *Socket) { s.Close(ReasonSlow) }
	}
	s := &Server{config: config, namespaces: make(map[string]*Namespace)}
	engine, err := engineio.New(engineio.Config{
		Open:             s.open,
		Overflow:         s.overflow,
		PingInterval:     config.PingInterval,
		PingTimeout:      config.PingTimeout,
		UpgradeTimeout:   config.UpgradeTimeout,
		FarewellTimeout:  config.FarewellTimeout,
		TransferTimeout:  config.TransferTimeout,
		MaxPayload:       config.MaxPayload,
		MaxQueue:         config.MaxQueue,
		MaxPollBuffer:    config.MaxPollBuffer,
		SendBuffer:       config.SendBuffer,
		MaxPerAddress:    config.MaxPerAddress,
		Address:          config.Address,
		AllowOrigin:      config.AllowOrigin,
		AllowCredentials: config.AllowCredentials,
		SessionIDPrefix:  config.SessionIDPrefix,
		Logger:           config.Logger,
	})
	if err != nil {
		return nil, fmt.Errorf("socketio: %w", err)
	}
	s.engine = engine
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s, nil
}

// Path is where the server is to be mounted.
func (s *Server) Path() string { return s.config.Path }

// Of returns the namespace of that name, which begins with "/" and holds no
// comma, and makes it if there is none. It panics if the name cannot be one.
func (s *Server) Of(name string) *Namespace {
	if !strings.HasPrefix(name, "/") || strings.Contains(name, ",") || len(name) > maxNamespace {
		panic(fmt.Sprintf("socketio: %q cannot be a namespace", name))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.namespaces[name]
	if n == nil {
		n = &Namespace{name: name}
		s.namespaces[name] = n
	}
	return n
}

func (s *Server) namespace(name []byte) *Namespace {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.namespaces[string(name)]
}

func (s *Server) numNamespaces() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.namespaces)
}

// ServeHTTP serves the protocol at the path, and below it the official client
// for browsers: socket.io.js and socket.io.min.js.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rest, ok := strings.CutPrefix(r.URL.Path, s.config.Path)
	switch {
	case ok && rest == "", r.URL.Path == strings.TrimSuffix(s.config.Path, "/"):
		s.engine.ServeHTTP(w, r)
	case ok:
		browser.ServeFile(w, r, rest)
	default:
		http.NotFound(w, r)
	}
}

// NumConns is how many connections there are, joined to a namespace or not.
func (s *Server) NumConns() int { return s.engine.NumSessions() }

// Stats reads the counters of the transports.
func (s *Server) Stats() Stats { return s.engine.Stats() }

// Close refuses new connections, closes all there are with
// [ReasonShuttingDown], and waits until they have ended, or until ctx ends:
// then they are cut and its error is returned.
func (s *Server) Close(ctx context.Context) error {
	s.cancel()
	return s.engine.Close(ctx)
}

// open makes the receiver of a new session.
func (s *Server) open(session *engineio.Session, r *http.Request) engineio.Receiver {
	session.SetTimeout(s.config.ConnectTimeout, ReasonConnectTimeout)
	return &conn{
		server:  s,
		session: session,
		opening: &opening{
			header:     r.Header,
			query:      r.URL.RawQuery,
			remoteAddr: r.RemoteAddr,
			address:    session.Address(),
			tls:        r.TLS != nil,
		},
	}
}

func (s *Server) overflow(session *engineio.Session) {
	c := session.Receiver().(*conn)
	c.mu.Lock()
	sockets := append([]*Socket(nil), c.sockets...)
	c.mu.Unlock()
	for _, socket := range sockets {
		if !socket.left() {
			s.config.OnOverflow(socket)
		}
	}
}

// parseQuery reads a query string; what is malformed in it is left out.
func parseQuery(raw string) url.Values {
	values, _ := url.ParseQuery(raw)
	return values
}
