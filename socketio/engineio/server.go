package engineio

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
)

// Server serves Engine.IO on whatever path it is mounted. Make it with [New]
// and end it with [Server.Close].
type Server struct {
	config   Config
	wheel    *wheel
	counters counters

	// wg counts sessions, and goroutines of sessions that are still counted.
	wg sync.WaitGroup
	// count is the number of sessions.
	count atomic.Int64

	mu        sync.Mutex          // never held together with another lock
	polls     map[string]*Session // sessions that began by polling, by id
	addresses map[netip.Addr]int  // sessions by address, if that is bounded
	made      int                 // sessions ever made
	closing   bool                // no new sessions
}

// New returns a server, or says what in the configuration cannot work.
func New(config Config) (*Server, error) {
	config, err := config.withDefaults()
	if err != nil {
		return nil, err
	}
	return &Server{
		config: config,
		wheel: newWheel(min(config.PingInterval, config.PingTimeout, config.UpgradeTimeout,
			config.FarewellTimeout, config.TransferTimeout)),
		polls:     make(map[string]*Session),
		addresses: make(map[netip.Addr]int),
	}, nil
}

// NumSessions is how many sessions there are.
func (s *Server) NumSessions() int { return int(s.count.Load()) }

// ServeHTTP serves handshakes, polls and WebSockets. Everything that is wrong
// with a request is found before anything is changed by it.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !s.checkOrigin(w, r) {
		s.refuse(w, errForbidden)
		return
	}
	if r.Method == http.MethodOptions {
		preflight(w, r)
		return
	}
	query := r.URL.Query()
	transport := query.Get("transport")
	switch {
	case transport != "polling" && transport != "websocket":
		s.refuse(w, errUnknownTransport)
	case query.Get("EIO") != "4":
		s.refuse(w, errUnsupportedVersion)
	case query.Has("sid"):
		s.serveSession(w, r, query.Get("sid"), transport)
	case r.Method != http.MethodGet:
		s.refuse(w, errHandshakeMethod)
	case transport == "websocket":
		s.openWebSocket(w, r)
	default:
		s.openPolling(w, r)
	}
}

// serveSession serves a request that names its session. One that is not the
// session's owner learns as much as if there were no such session.
func (s *Server) serveSession(w http.ResponseWriter, r *http.Request, id, transport string) {
	s.mu.Lock()
	session := s.polls[id]
	s.mu.Unlock()
	switch {
	case session == nil || !session.owns(r, transport == "websocket"):
		s.refuse(w, errUnknownSession)
	case transport == "websocket":
		session.upgrade(w, r)
	case r.Method == http.MethodGet:
		session.servePoll(w, r)
	case r.Method == http.MethodPost:
		session.servePost(w, r)
	default:
		s.refuse(w, errBadRequest)
	}
}

// newSession counts a session in, if there may be one more.
func (s *Server) newSession(r *http.Request) (*Session, *refusal) {
	addr := s.config.Address(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return nil, errUnavailable
	}
	if s.counts(addr) {
		if s.addresses[addr] >= s.config.MaxPerAddress {
			return nil, errTooManySessions
		}
		s.addresses[addr]++
	}
	s.wg.Add(1)
	s.count.Add(1)
	s.made++
	session := &Session{
		server: s,
		addr:   addr,
		sent:   &s.counters.sent[s.made%sentPlaces],
		slot:   slotNone,
		pingAt: s.wheel.now() + s.config.PingInterval,
	}
	session.fd.Store(noFD)
	return session, nil
}

// counts reports whether the sessions of an address are bounded.
func (s *Server) counts(addr netip.Addr) bool {
	return s.config.MaxPerAddress > 0 && addr.IsValid()
}

// admit makes a session known, when its transport is set.
func (s *Server) admit(session *Session, r *http.Request) {
	s.counters.opened.Add(1)
	session.receiver = s.config.Open(session, r)
	session.mu.Lock()
	session.admitted = true
	s.wheel.schedule(session, session.dueLocked())
	session.mu.Unlock()
	if session.poll != nil {
		s.mu.Lock()
		s.polls[session.poll.id] = session
		s.mu.Unlock()
	}

	// Close may have passed between counting the session in and here.
	s.mu.Lock()
	closing := s.closing
	s.mu.Unlock()
	if closing {
		session.CloseAfter(ReasonShuttingDown)
	}
}

// abandon takes back newSession for a session that never came to be.
func (s *Server) abandon(session *Session) { s.done(session) }

// forget makes the session unknown to requests and to the wheel.
func (s *Server) forget(session *Session, poll *polling) {
	s.wheel.remove(session)
	if poll != nil {
		s.mu.Lock()
		delete(s.polls, poll.id)
		s.mu.Unlock()
	}
}

// done counts a session out.
func (s *Server) done(session *Session) {
	if s.counts(session.addr) {
		s.mu.Lock()
		if s.addresses[session.addr]--; s.addresses[session.addr] <= 0 {
			delete(s.addresses, session.addr)
		}
		s.mu.Unlock()
	}
	s.count.Add(-1)
	s.wg.Done()
}

// Close refuses new sessions, closes all there are with ReasonShuttingDown,
// and waits until every connection and goroutine of them has ended. When ctx
// ends first, connections are cut, and its error is returned without waiting
// for a Receiver that does not return.
func (s *Server) Close(ctx context.Context) error {
	s.mu.Lock()
	s.closing = true
	s.mu.Unlock()
	for _, session := range s.wheel.all() {
		session.CloseAfter(ReasonShuttingDown)
	}
	gone := make(chan struct{})
	go func() {
		s.wg.Wait()
		s.wheel.wait()
		close(gone)
	}()
	select {
	case <-gone:
		return nil
	case <-ctx.Done():
	}
	for _, session := range s.wheel.all() {
		session.abort(ReasonShuttingDown)
	}
	return ctx.Err()
}

// newSessionID returns the prefix and 144 random bits.
func (s *Server) newSessionID() (string, error) {
	var random [18]byte
	if _, err := rand.Read(random[:]); err != nil {
		return "", err
	}
	return s.config.SessionIDPrefix + base64.RawURLEncoding.EncodeToString(random[:]), nil
}

// openPacket appends the packet that opens a session.
func (s *Server) openPacket(dst []byte, id string, upgrades bool) []byte {
	dst = append(dst, packetOpen)
	dst = append(append(dst, `{"sid":"`...), id...)
	dst = append(dst, `","upgrades":[`...)
	if upgrades {
		dst = append(dst, `"websocket"`...)
	}
	dst = append(dst, `],"pingInterval":`...)
	dst = strconv.AppendInt(dst, s.config.PingInterval.Milliseconds(), 10)
	dst = append(dst, `,"pingTimeout":`...)
	dst = strconv.AppendInt(dst, s.config.PingTimeout.Milliseconds(), 10)
	dst = append(dst, `,"maxPayload":`...)
	dst = strconv.AppendInt(dst, int64(s.config.MaxPayload), 10)
	return append(dst, '}')
}

// recoverLocked turns a panic in the receiver into the end of this one session.
// The caller holds in.
func (s *Session) recoverLocked() {
	cause := recover()
	if cause == nil {
		return
	}
	if err, ok := cause.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(cause)
	}
	s.server.config.Logger.Error("engineio: receiver panicked", "cause", cause, "stack", string(debug.Stack()))
	s.close(ReasonInternal, closeFrame, nil)
}
