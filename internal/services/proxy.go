//go:build unix

package services

import (
	"errors"
	"io"
	"net"
	"sync"
	"testing"
)

// Verdict is what a proxy does with what a client has sent.
type Verdict int

const (
	// Pass hands it on.
	Pass Verdict = iota
	// CutAfter hands it on and cuts the client off, who never hears whether it
	// was carried out. The server is not cut: what it has begun it finishes.
	CutAfter
)

// Proxy stands between a server and its clients, loses answers and cuts them off.
type Proxy struct {
	target   string
	listener net.Listener
	running  sync.WaitGroup

	mu    sync.Mutex
	judge func(conn int, request []byte) Verdict
	ended bool
	cut   bool
	conns map[net.Conn]struct{}
}

// NewProxy starts a proxy in front of target, host:port. It ends with the test.
func NewProxy(t testing.TB, target string) *Proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{target: target, listener: listener, conns: make(map[net.Conn]struct{})}
	p.running.Go(p.accept)
	t.Cleanup(p.close)
	return p
}

// Addr is where clients connect: host:port.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Judge sets who decides about each piece that a client sends, which is one
// request of a client that waits for its answers, on which of the connections.
// It is called before the piece is handed on, for several connections at once:
// while it does not return, the piece is held up. nil passes everything.
func (p *Proxy) Judge(judge func(conn int, request []byte) Verdict) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.judge = judge
}

// Cut ends all connections and lets nobody through until Mend.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = true
	for conn := range p.conns {
		conn.Close()
	}
}

// Mend lets clients through again after Cut.
func (p *Proxy) Mend() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = false
}

func (p *Proxy) accept() {
	for number := 0; ; number++ {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.target)
		if err != nil {
			client.Close()
			continue
		}
		if !p.keep(client, server) {
			continue // the listener says when all has ended
		}
		p.running.Go(func() { p.requests(number, client, server) })
		p.running.Go(func() { p.answers(client, server) })
	}
}

// keep remembers connections for close and Cut. It reports false when one of
// them was called.
func (p *Proxy) keep(conns ...net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range conns {
		if p.ended || p.cut {
			conn.Close()
		} else {
			p.conns[conn] = struct{}{}
		}
	}
	return !p.ended && !p.cut
}

func (p *Proxy) requests(number int, client, server net.Conn) {
	buffer := make([]byte, 1<<20)
	for {
		n, err := client.Read(buffer)
		if err != nil {
			p.drop(client)
			// What a client that is gone has sent is finished all the same.
			if half, ok := server.(*net.TCPConn); !ok || half.CloseWrite() != nil {
				p.drop(server)
			}
			return
		}
		p.mu.Lock()
		judge := p.judge
		p.mu.Unlock()
		verdict := Pass
		if judge != nil {
			verdict = judge(number, buffer[:n])
		}
		if verdict == CutAfter {
			p.drop(client)
		}
		if _, err := server.Write(buffer[:n]); err != nil {
			p.drop(client)
			p.drop(server)
			return
		}
	}
}

func (p *Proxy) answers(client, server net.Conn) {
	if _, err := io.Copy(client, server); err != nil && !errors.Is(err, net.ErrClosed) {
		// The client is gone. The server goes on until it has nothing to say.
		_, _ = io.Copy(io.Discard, server)
	}
	p.drop(client)
	p.drop(server)
}

func (p *Proxy) drop(conn net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	conn.Close()
	delete(p.conns, conn)
}

func (p *Proxy) close() {
	p.listener.Close()
	p.mu.Lock()
	p.ended = true
	for conn := range p.conns {
		conn.Close()
	}
	p.mu.Unlock()
	p.running.Wait()
}
