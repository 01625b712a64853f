package memnet

import (
	"errors"
	"io"
	"net"
	"sync"
	"syscall"
	"time"
)

// Link says how a connection is.
type Link struct {
	Delay  time.Duration // of each byte, in either direction
	Window int           // bytes that one side may write ahead of the other's reading; [DefaultWindow] when 0
}

// DefaultWindow is the window of a link that names none, in bytes.
const DefaultWindow = 64 << 10

// Conn is one end of a connection.
type Conn struct {
	in, out       *half
	local, remote net.Addr

	peer *Conn

	closing sync.Once
	closed  func() // takes it out of its listener's list; nil at the client's end
}

var _ net.Conn = (*Conn)(nil)

// Pair makes a connection between two addresses.
func Pair(link Link, a, b net.Addr) (*Conn, *Conn) {
	if link.Window <= 0 {
		link.Window = DefaultWindow
	}
	there, back := newHalf(link.Delay, link.Window), newHalf(link.Delay, link.Window)
	one := &Conn{in: back, out: there, local: a, remote: b}
	two := &Conn{in: there, out: back, local: b, remote: a}
	one.peer, two.peer = two, one
	return one, two
}

// Peer is the other end.
func (c *Conn) Peer() *Conn { return c.peer }

// Read implements [net.Conn].
func (c *Conn) Read(b []byte) (int, error) {
	n, err := c.in.read(b)
	return n, c.failed("read", err)
}

// Write implements [net.Conn]. Like TCP's it returns when the bytes fit into
// the window; that is no promise that they arrive.
func (c *Conn) Write(b []byte) (int, error) {
	n, err := c.out.write(b, c.Reset)
	return n, c.failed("write", err)
}

func (c *Conn) failed(op string, err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	return &net.OpError{Op: op, Net: "tcp", Source: c.local, Addr: c.remote, Err: err}
}

// Close implements [net.Conn]. What is under way still arrives.
func (c *Conn) Close() error {
	c.closing.Do(func() {
		c.out.end()
		c.out.change(func() { c.out.writerClosed = true })
		c.in.change(func() { c.in.readerClosed = true })
		c.in.refuse(syscall.EPIPE)
		if c.closed != nil {
			c.closed()
		}
	})
	return nil
}

// CloseWrite ends this side's stream, and goes on reading.
func (c *Conn) CloseWrite() error {
	c.out.end()
	return nil
}

// Reset breaks the connection for both: what is under way in the direction of
// this end is lost, the rest arrives and then a reset.
func (c *Conn) Reset() {
	for _, h := range []*half{c.in, c.out} {
		h.change(func() { h.silent, h.broken, h.gone = false, syscall.ECONNRESET, syscall.ECONNRESET })
	}
	c.in.refuse(syscall.ECONNRESET)
}

// BreakAfter resets the connection when this end has written so many bytes
// more: the peer gets them, however the frame goes on.
func (c *Conn) BreakAfter(bytes int) {
	c.out.change(func() { c.out.left = max(bytes, 1) })
}

// Silence makes the connection half open: nothing arrives any more in either
// direction, and no end is told.
func (c *Conn) Silence() {
	for _, h := range []*half{c.in, c.out} {
		h.change(func() { h.silent = true })
	}
}

// Hold keeps this end from reading anything for a time: its window fills up.
func (c *Conn) Hold(d time.Duration) {
	c.in.change(func() { c.in.held = time.Now().Add(d) })
}

// LocalAddr implements [net.Conn].
func (c *Conn) LocalAddr() net.Addr { return c.local }

// RemoteAddr implements [net.Conn].
func (c *Conn) RemoteAddr() net.Addr { return c.remote }

// SetDeadline implements [net.Conn].
func (c *Conn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

// SetReadDeadline implements [net.Conn].
func (c *Conn) SetReadDeadline(t time.Time) error {
	return c.setDeadline(c.in, func(h *half) bool { h.readBy = t; return h.readerClosed })
}

// SetWriteDeadline implements [net.Conn].
func (c *Conn) SetWriteDeadline(t time.Time) error {
	return c.setDeadline(c.out, func(h *half) bool { h.writeBy = t; return h.writerClosed })
}

func (c *Conn) setDeadline(h *half, set func(*half) (closed bool)) error {
	var closed bool
	h.change(func() { closed = set(h) })
	if closed {
		return c.failed("set", net.ErrClosed)
	}
	return nil
}
