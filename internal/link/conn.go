package link

import (
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// conn is a client's connection and the one to the server that belongs to it.
type conn struct {
	link           *Link
	client, server *net.TCPConn
	once           sync.Once
	ended          chan struct{} // closed by end
}

// end ends both connections, once, and whatever waits.
func (c *conn) end(how func()) {
	c.once.Do(func() {
		how()
		close(c.ended)
	})
}

// reset ends both without a farewell, in the middle of whatever they are at.
func (c *conn) reset() {
	c.end(func() {
		abort(c.client)
		abort(c.server)
	})
}

func abort(end *net.TCPConn) {
	_ = end.SetLinger(0)
	_ = end.Close()
}

// close ends both after all has passed.
func (c *conn) close() {
	c.end(func() {
		_ = c.client.Close()
		_ = c.server.Close()
	})
}

// flow carries one direction until it or the connection ends.
func (c *conn) flow(direction Direction, from, to *net.TCPConn) {
	frames := c.link.frames()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 && !c.pass(direction, frames, buffer[:n], from, to) {
			return
		}
		switch {
		case err == nil:
		case errors.Is(err, io.EOF):
			if to.CloseWrite() != nil { // the other direction may have more to say
				c.reset()
			}
			return
		default:
			c.reset()
			return
		}
	}
}

// pass hands a piece on when its time has come, or a part of it if a frame is to
// be cut. It reports whether the connection goes on.
func (c *conn) pass(direction Direction, frames scanner, piece []byte, from, to *net.TCPConn) bool {
	if !c.wait(direction, piece) {
		return false
	}
	if middle := frames.take(piece); middle > 0 {
		if cut := c.link.takeCut(); cut != nil {
			// Whoever reads gets the part, and then the end: a reset might
			// overtake it.
			_, _ = to.Write(piece[:middle])
			c.end(func() {
				_ = to.Close()
				abort(from)
			})
			cut <- direction
			return false
		}
	}
	if direction == ToServer && c.link.takeBehind(piece) {
		// The answer must not be quicker, and the server reads what it was sent
		// before it learns of the end.
		c.end(func() {
			abort(from)
			_, _ = to.Write(piece)
			_ = to.Close()
		})
		return false
	}
	if _, err := to.Write(piece); err != nil {
		c.reset()
		return false
	}
	return true
}

// wait waits until a piece may pass. It reports whether the connection goes on.
func (c *conn) wait(direction Direction, piece []byte) bool {
	arrived := time.Now()
	for {
		s, changed := c.link.now()
		var due <-chan time.Time // nil: only when something changes
		if !s.blocked && !(direction == ToServer && c.link.holds(s, piece)) {
			at := arrived.Add(s.delay)
			if s.rate > 0 {
				at = at.Add(time.Duration(len(piece)) * time.Second / time.Duration(s.rate))
			}
			left := time.Until(at)
			if left <= 0 {
				return true
			}
			due = time.After(left)
		}
		select {
		case <-due:
		case <-changed:
		case <-c.ended:
			return false
		}
	}
}

// holds reports whether a piece is kept back, and says so the first time.
func (l *Link) holds(s state, piece []byte) bool {
	if s.hold == nil || !s.hold(piece) {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.state.held == s.held && s.held != nil {
		close(s.held)
		l.state.held = nil
	}
	return true
}
