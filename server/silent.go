package server

import (
	"net"
	"net/http"
	"sync"
)

// silent are the connections on which nothing was said yet. Browsers open some
// in advance, and [http.Server.Shutdown] gives each five seconds to say
// something: every stop would take as long.
type silent struct {
	mu       sync.Mutex
	stopping bool
	conns    map[net.Conn]struct{}
}

// track is the HTTP server's ConnState.
func (s *silent) track(conn net.Conn, state http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case state != http.StateNew:
		delete(s.conns, conn)
	case s.stopping:
		conn.Close()
	default:
		if s.conns == nil {
			s.conns = make(map[net.Conn]struct{})
		}
		s.conns[conn] = struct{}{}
	}
}

// close ends these connections, and those to come.
func (s *silent) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopping = true
	for conn := range s.conns {
		conn.Close()
	}
}
