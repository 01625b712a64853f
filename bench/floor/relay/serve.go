//go:build unix

package relay

import (
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"
)

// pingInterval is what Engine.IO's open packet announces and the heartbeat keeps.
const pingInterval = 25 * time.Second

// Server relays messages among the sockets of a room.
type Server struct {
	// Batch is the largest number of frames put into one write to a socket;
	// 0 means 1, which is one write per delivery. It must not change after Serve.
	Batch int
	// Log, if set, is a file to which every message is forced before anybody is
	// sent it, all those that wait at once. It must not change after Serve.
	Log *os.File

	// mu guards all fields below. It is taken before no other lock of this
	// package except a peer's.
	mu     sync.Mutex
	peers  map[*peer]struct{}
	rooms  map[string]*room
	closed bool
	failed error // why nothing can be forced to Log
	stop   chan struct{}
	done   sync.WaitGroup

	journal *journal // of Log; set before anything is admitted
}

// Serve accepts connections until the listener fails or Close is called, and
// closes the listener. It is called once.
func (s *Server) Serve(ln net.Listener) error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return errors.Join(net.ErrClosed, ln.Close())
	}
	s.Batch = max(s.Batch, 1)
	s.peers = make(map[*peer]struct{})
	s.rooms = make(map[string]*room)
	s.stop = make(chan struct{})
	s.done.Add(2)
	if s.Log != nil {
		s.journal = newJournal(s.Log)
		s.done.Go(s.force)
	}
	s.mu.Unlock()
	go s.heartbeat()
	go func() {
		defer s.done.Done()
		<-s.stop
		ln.Close()
	}()
	for {
		conn, err := ln.Accept()
		if err != nil {
			s.Close()
			return errors.Join(s.failed, fmt.Errorf("accept: %w", err))
		}
		tcp, ok := conn.(*net.TCPConn)
		if !ok {
			conn.Close()
			s.Close()
			return fmt.Errorf("relay serves TCP, not %T", conn)
		}
		s.admit(tcp)
	}
}

// Close ends every connection and waits for their goroutines.
func (s *Server) Close() {
	s.shut(nil)
	s.done.Wait()
}

// shut begins the end of everything, once.
func (s *Server) shut(failure error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	s.closed, s.failed = true, failure
	if s.stop != nil {
		close(s.stop)
	}
	if s.journal != nil {
		s.journal.close()
	}
	for p := range s.peers {
		p.conn.CloseRead() // its reader wakes up and takes it apart
		p.conn.SetWriteDeadline(time.Now())
	}
}

// force runs the journal. A disk that fails ends the server.
func (s *Server) force() {
	if err := s.journal.run(); err != nil {
		s.shut(err)
	}
}

func (s *Server) admit(conn *net.TCPConn) {
	p, err := newPeer(s, conn)
	if err != nil {
		conn.Close()
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		conn.Close()
		return
	}
	s.peers[p] = struct{}{}
	s.done.Add(1)
	go p.serve()
}

func (s *Server) forget(p *peer) {
	s.mu.Lock()
	delete(s.peers, p)
	s.mu.Unlock()
}

// room gives the room of that id, made on first use and never dropped.
func (s *Server) room(id string) *room {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.rooms[id]
	if r == nil {
		r = newRoom(s.Batch)
		s.rooms[id] = r
	}
	return r
}

// heartbeat sends Engine.IO's ping to every socket; answers are not checked.
func (s *Server) heartbeat() {
	defer s.done.Done()
	ping := appendFrame(nil, opText, []byte("2"))
	tick := time.NewTicker(pingInterval)
	defer tick.Stop()
	for {
		select {
		case <-s.stop:
			return
		case <-tick.C:
		}
		s.mu.Lock()
		for p := range s.peers {
			if p.upgraded.Load() {
				p.write(ping)
			}
		}
		s.mu.Unlock()
	}
}
