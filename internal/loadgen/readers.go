package loadgen

import (
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// readers take over connected sockets and hand them what arrives.
type readers interface {
	// add takes over conn, of which s has read everything so far. The first
	// error of a socket that nobody closed is given to the run.
	add(conn net.Conn, s *socket) error
	// tallies are of all readers; their histograms are theirs until close.
	tallies() []*tally
	// close cuts every connection and waits for the readers.
	close()
}

// clock tells the time since a run's start, on the monotonic clock.
type clock struct{ start time.Time }

func (c clock) now() time.Duration { return time.Since(c.start) }

// sharedTally is one that several goroutines count in.
type sharedTally struct {
	mu sync.Mutex
	tally
}

// sharedTallies spreads sockets over a few tallies: one for each would weigh
// more than the socket.
type sharedTallies [16]sharedTally

// feed takes what was read together with an unfinished frame kept from before.
// b is valid during the call only.
func (ts *sharedTallies) feed(s *socket, b []byte, now time.Duration) error {
	t := &ts[s.number%len(ts)]
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(s.rest) > 0 {
		b = append(s.rest, b...)
	}
	used, err := s.take(b, now, &t.tally)
	s.rest = nil
	if used < len(b) {
		s.rest = append(s.rest, b[used:]...)
	}
	return err
}

func (ts *sharedTallies) all() []*tally {
	list := make([]*tally, len(ts))
	for i := range ts {
		list[i] = &ts[i].tally
	}
	return list
}

// goReaders read each connection with a goroutine of its own: the portable
// way, and the one for TLS.
type goReaders struct {
	clock   clock
	counted *sharedTallies
	ended   func(*socket, error)
	wait    sync.WaitGroup

	mu    sync.Mutex
	conns []net.Conn // guarded by mu
	shut  bool       // guarded by mu
}

var _ readers = (*goReaders)(nil)

func (g *goReaders) add(conn net.Conn, s *socket) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.shut {
		return errors.Join(net.ErrClosed, conn.Close())
	}
	g.conns = append(g.conns, conn)
	g.wait.Go(func() {
		err := g.read(conn, s)
		conn.Close()
		g.mu.Lock()
		shut := g.shut
		g.mu.Unlock()
		if !shut {
			g.ended(s, err)
		}
	})
	return nil
}

func (g *goReaders) read(conn net.Conn, s *socket) error {
	buf := make([]byte, 16<<10)
	for {
		n, err := conn.Read(buf)
		if n > 0 {
			if err := g.counted.feed(s, buf[:n], g.clock.now()); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return errCut
		}
		if err != nil {
			return err
		}
	}
}

// errCut is an end of the connection without a word of the server.
var errCut = errors.New("cut by the server")

func (g *goReaders) tallies() []*tally { return nil } // they count in the run's

func (g *goReaders) close() {
	g.mu.Lock()
	g.shut = true
	for _, conn := range g.conns {
		conn.Close()
	}
	g.mu.Unlock()
	g.wait.Wait()
}
