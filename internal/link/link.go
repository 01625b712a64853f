package link

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"
)

// Link is a way to one server, for any number of connections. Its methods may
// be called from any goroutine.
type Link struct {
	frames   Frames
	target   func() string
	listener net.Listener
	running  sync.WaitGroup

	mu      sync.Mutex
	conns   map[*conn]struct{} // nil: closed
	state   state
	changed chan struct{} // closed and replaced when state or conns is another
}

// state is what is done to all connections.
type state struct {
	blocked bool
	delay   time.Duration
	rate    int // bytes a second in each direction of each connection; 0: any
	hold    func([]byte) bool
	held    chan struct{}      // told when the first piece is held
	behind  func([]byte) bool  // behind which piece to cut
	cut     chan struct{}      // told when that was done
	cutting []chan<- Direction // who waits for a frame to be cut
}

// Direction is one of the two of a connection.
type Direction string

// The directions.
const (
	ToServer Direction = "to the server"
	ToClient Direction = "to the client"
)

// Open makes a link to whatever address, host:port, target names at the moment
// of each connection; empty: there is nobody, and who connects is cut off.
func Open(frames Frames, target func() string) (*Link, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	l := &Link{frames: frames, target: target, listener: listener, conns: make(map[*conn]struct{}), changed: make(chan struct{})}
	l.running.Go(l.accept)
	return l, nil
}

// To is a target that stays the same.
func To(addr string) func() string { return func() string { return addr } }

// Addr is where clients connect, host:port. It stays the same.
func (l *Link) Addr() string { return l.listener.Addr().String() }

// Close ends the link and all its connections.
func (l *Link) Close() error {
	err := l.listener.Close()
	l.mu.Lock()
	conns := l.conns
	l.conns = nil
	l.wake()
	l.mu.Unlock()
	for c := range conns {
		c.reset()
	}
	l.running.Wait()
	return err
}

// Cut ends all connections at once. New ones are let through.
func (l *Link) Cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.conns {
		c.reset()
	}
}

// CutInFrame cuts the next connection of which a frame is under way in the
// middle of that frame, and says in which direction it went. It waits for that
// until ctx ends.
func (l *Link) CutInFrame(ctx context.Context) (Direction, error) {
	cut := make(chan Direction, 1)
	l.change(func(s *state) { s.cutting = append(s.cutting, cut) })
	select {
	case direction := <-cut:
		return direction, nil
	case <-ctx.Done():
	}
	if l.disarm(cut) {
		return "", context.Cause(ctx)
	}
	return <-cut, nil // just now
}

// disarm takes back what CutInFrame asked for. It reports whether it was in
// time.
func (l *Link) disarm(cut chan<- Direction) (inTime bool) {
	l.change(func(s *state) {
		for i, waiting := range s.cutting {
			if waiting == cut {
				s.cutting = append(s.cutting[:i:i], s.cutting[i+1:]...)
				inTime = true
				return
			}
		}
	})
	return inTime
}

// Block lets nothing through from now on, and tells nobody.
func (l *Link) Block() { l.change(func(s *state) { s.blocked = true }) }

// Delay makes every piece come late.
func (l *Link) Delay(by time.Duration) { l.change(func(s *state) { s.delay = by }) }

// Throttle lets through so many bytes a second, in each direction of each
// connection.
func (l *Link) Throttle(bytesASecond int) { l.change(func(s *state) { s.rate = bytesASecond }) }

// Hold keeps back each piece for the server for which is says so, and what
// comes behind it on its connection. The channel is closed when the first one
// is kept back. A piece is what a client has written at once, as a rule.
func (l *Link) Hold(is func(piece []byte) bool) (held <-chan struct{}) {
	first := make(chan struct{})
	l.change(func(s *state) { s.hold, s.held = is, first })
	return first
}

// CutBehind cuts the next connection on which a piece passes to the server for
// which is says so, behind that piece: the server has it, and its answer reaches
// nobody. The channel is closed then.
func (l *Link) CutBehind(is func(piece []byte) bool) (cut <-chan struct{}) {
	done := make(chan struct{})
	l.change(func(s *state) { s.behind, s.cut = is, done })
	return done
}

// takeBehind reports whether to cut behind a piece that is about to pass.
func (l *Link) takeBehind(piece []byte) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.state.behind == nil || !l.state.behind(piece) {
		return false
	}
	close(l.state.cut)
	l.state.behind, l.state.cut = nil, nil
	return true
}

// Mend ends Block, Delay, Throttle, Hold and CutBehind: what was kept back passes.
func (l *Link) Mend() { l.change(func(s *state) { *s = state{cutting: s.cutting} }) }

func (l *Link) change(how func(*state)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	how(&l.state)
	l.wake()
}

// wake tells those who wait that something is different. l.mu is held.
func (l *Link) wake() {
	close(l.changed)
	l.changed = make(chan struct{})
}

// now is what is done to connections, and what tells that it is another thing.
func (l *Link) now() (state, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state, l.changed
}

// takeCut takes on one of the cuts that are asked for.
func (l *Link) takeCut() chan<- Direction {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.state.cutting) == 0 {
		return nil
	}
	cut := l.state.cutting[0]
	l.state.cutting = l.state.cutting[1:]
	return cut
}

func (l *Link) accept() {
	for {
		client, err := l.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue // too many descriptors, for now
		}
		l.running.Go(func() { l.connect(client) })
	}
}

// connect carries a client's connection to its end.
func (l *Link) connect(client net.Conn) {
	server, err := l.dial()
	if err != nil {
		abort(client.(*net.TCPConn))
		return
	}
	c := &conn{link: l, client: client.(*net.TCPConn), server: server.(*net.TCPConn), ended: make(chan struct{})}
	if !l.keep(c) {
		c.reset()
		return
	}
	defer l.forget(c)
	var flows sync.WaitGroup
	flows.Go(func() { c.flow(ToServer, c.client, c.server) })
	flows.Go(func() { c.flow(ToClient, c.server, c.client) })
	flows.Wait()
	c.close()
}

var errNobody = errors.New("link: there is nobody")

func (l *Link) dial() (net.Conn, error) {
	addr := l.target()
	if addr == "" {
		return nil, errNobody
	}
	return net.DialTimeout("tcp", addr, dialTime)
}

// dialTime bounds connecting to a server that takes no connections.
const dialTime = 10 * time.Second

func (l *Link) keep(c *conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conns == nil {
		return false
	}
	l.conns[c] = struct{}{}
	return true
}

func (l *Link) forget(c *conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.conns, c)
}
