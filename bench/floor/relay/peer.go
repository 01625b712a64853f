//go:build unix

package relay

import (
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
)

// readBuffers holds what readers read into; an idle socket holds none.
var readBuffers = sync.Pool{New: func() any { return new([16 << 10]byte) }}

// peer is one socket. Its goroutine reads; whoever has something for it writes.
type peer struct {
	server *Server
	conn   *net.TCPConn
	raw    syscall.RawConn
	fd     int // valid until conn is closed, which only the peer's goroutine does

	upgraded atomic.Bool // frames may be sent; set by the peer's goroutine

	in   *room  // used by the peer's goroutine only
	rest []byte // an unfinished frame; used by the peer's goroutine only
	slot int    // place in in.peers; guarded by in.members

	// mu keeps frames of different writers apart and is taken last.
	mu sync.Mutex
}

func newPeer(s *Server, conn *net.TCPConn) (*peer, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil, err
	}
	p := &peer{server: s, conn: conn, raw: raw}
	if err := raw.Control(func(fd uintptr) { p.fd = int(fd) }); err != nil {
		return nil, err
	}
	return p, nil
}

// serve reads until the connection ends. The socket leaves its room and the
// server before it is closed, so that nobody writes to a reused descriptor.
func (p *peer) serve() {
	defer p.server.done.Done()
	var (
		buf *[16 << 10]byte
		n   int
		err error
	)
	// A buffer is taken when there is something to read, not while waiting.
	read := func(fd uintptr) bool {
		buf = readBuffers.Get().(*[16 << 10]byte)
		n, err = syscall.Read(int(fd), buf[:])
		if err == syscall.EAGAIN || err == syscall.EINTR {
			readBuffers.Put(buf)
			return false
		}
		return true
	}
	for {
		if p.raw.Read(read) != nil || err != nil || n <= 0 {
			break
		}
		err = p.take(buf[:n])
		readBuffers.Put(buf)
		if err != nil {
			break
		}
	}
	if p.in != nil {
		p.in.leave(p)
	}
	p.server.forget(p)
	p.conn.Close()
}

// take handles b, which is only valid during the call, and keeps what is not complete.
func (p *peer) take(b []byte) error {
	if len(p.rest) > 0 {
		b = append(p.rest, b...)
	}
	for len(b) > 0 {
		size, err := p.takeOne(b)
		if err != nil {
			return err
		}
		if size == 0 {
			break
		}
		b = b[size:]
	}
	if len(b) == 0 {
		p.rest = nil
		return nil
	}
	p.rest = append([]byte(nil), b...)
	return nil
}

func (p *peer) takeOne(b []byte) (size int, err error) {
	if !p.upgraded.Load() {
		return p.upgrade(b)
	}
	op, payload, size, err := nextFrame(b)
	if err != nil || size == 0 {
		return 0, err
	}
	switch op {
	case opText:
		return size, p.packet(payload)
	case opPing:
		return size, p.write(appendFrame(nil, opPong, payload))
	case opPong:
		return size, nil
	case opClose:
		return size, errors.Join(io.EOF, p.write(appendFrame(nil, opClose, nil)))
	}
	return 0, errFrame
}

func (p *peer) packet(payload []byte) error {
	switch {
	case len(payload) == 0:
		return errPacket
	case payload[0] == '3': // answer to a heartbeat
		return nil
	case len(payload) >= 2 && string(payload[:2]) == "40":
		return p.write(appendFrame(nil, opText, connected))
	}
	name, ackID, object, err := clientEvent(payload)
	if err != nil {
		return err
	}
	switch name {
	case "joinRoom":
		return p.join(ackID, object)
	case "sendMessage":
		return p.send(ackID, object)
	}
	return errPacket
}

func (p *peer) join(ackID, object []byte) error {
	id, err := roomID(object)
	if err != nil || p.in != nil {
		return errPacket
	}
	p.in = p.server.room(id)
	p.in.join(p, ackID)
	return nil
}

func (p *peer) send(ackID, object []byte) error {
	if p.in == nil {
		return errPacket
	}
	if journal := p.server.journal; journal != nil {
		journal.add(p.in, p, ackID, object[1:])
	} else {
		p.in.publish(p, ackID, object[1:])
	}
	return nil
}

// write sends b with one system call; only what a full socket does not take is
// waited for, in the runtime's poller.
func (p *peer) write(b []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	n, err := syscall.Write(p.fd, b)
	if n == len(b) {
		return nil
	}
	if err != nil && err != syscall.EAGAIN && err != syscall.EINTR {
		return err
	}
	_, err = p.conn.Write(b[max(n, 0):])
	return err
}
