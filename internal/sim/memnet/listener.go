package memnet

import (
	"context"
	"net"
	"sync"
	"syscall"
	"time"
)

// backlog is how many connections may wait to be accepted.
const backlog = 128

// Listener accepts the connections of [Listener.Dial].
type Listener struct {
	addr    net.Addr
	waiting chan *Conn
	closed  chan struct{}
	once    sync.Once

	mu    sync.Mutex
	conns map[*Conn]struct{} // accepted or waiting, and not closed
}

var _ net.Listener = (*Listener)(nil)

// Listen makes a listener that calls itself addr.
func Listen(addr net.Addr) *Listener {
	return &Listener{addr: addr, waiting: make(chan *Conn, backlog), closed: make(chan struct{}), conns: make(map[*Conn]struct{})}
}

// Dial connects from an address. It takes one round trip.
func (l *Listener) Dial(ctx context.Context, from net.Addr, link Link) (*Conn, error) {
	refused := &net.OpError{Op: "dial", Net: "tcp", Source: from, Addr: l.addr, Err: syscall.ECONNREFUSED}
	timer := time.NewTimer(2 * link.Delay)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	client, server := Pair(link, from, l.addr)
	if !l.add(server) {
		return nil, refused
	}
	select {
	case l.waiting <- server:
	case <-l.closed:
		client.Reset()
		return nil, refused
	case <-ctx.Done():
		client.Close()
		return nil, ctx.Err()
	}
	return client, nil
}

func (l *Listener) add(server *Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conns == nil {
		return false
	}
	l.conns[server] = struct{}{}
	server.closed = func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.conns, server)
	}
	return true
}

// Accept implements [net.Listener].
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case <-l.closed:
	default:
		select {
		case conn := <-l.waiting:
			return conn, nil
		case <-l.closed:
		}
	}
	return nil, &net.OpError{Op: "accept", Net: "tcp", Addr: l.addr, Err: net.ErrClosed}
}

// Close implements [net.Listener]: no more connections; those that are accepted
// stay, those that wait are reset.
func (l *Listener) Close() error {
	l.once.Do(func() {
		close(l.closed)
		for {
			select {
			case conn := <-l.waiting:
				conn.Reset()
				conn.Close()
			default:
				return
			}
		}
	})
	return nil
}

// Addr implements [net.Listener].
func (l *Listener) Addr() net.Addr { return l.addr }

// Conns are the server's ends of the connections that stand.
func (l *Listener) Conns() []*Conn {
	l.mu.Lock()
	defer l.mu.Unlock()
	conns := make([]*Conn, 0, len(l.conns))
	for conn := range l.conns {
		conns = append(conns, conn)
	}
	return conns
}

// Kill ends the listener and every connection the way a killed process does:
// what it has written still arrives, nothing that it writes from now on does,
// and nothing reaches it.
func (l *Listener) Kill() {
	l.Close()
	for _, conn := range l.Conns() {
		conn.Close()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conns = nil
}
