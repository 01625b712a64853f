package memnet

import (
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// half is one direction of a connection: what one side has written and the
// other has not read.
type half struct {
	delay  time.Duration
	window int // bytes written and not read, at most

	mu      sync.Mutex
	changed chan struct{} // closed when anything below changes; nil while nobody waits
	chunks  []chunk
	size    int       // bytes in chunks
	ended   time.Time // when the reader learns that no more comes; zero: it may
	broken  error     // for the reader, behind the chunks
	gone    error     // for the writer: nobody reads any more
	left    int       // bytes that still pass before the connection breaks, below 0: any number
	silent  bool      // nothing arrives any more, and nobody is told
	held    time.Time // the reader reads nothing until then

	readBy, writeBy time.Time // deadlines
	readerClosed    bool
	writerClosed    bool
}

// chunk is bytes on their way.
type chunk struct {
	at    time.Time // when they arrive
	bytes []byte
}

func newHalf(delay time.Duration, window int) *half {
	return &half{delay: delay, window: window, left: -1}
}

// change makes a change and wakes who waits.
func (h *half) change(fn func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	fn()
	h.wake()
}

// wake is called with mu.
func (h *half) wake() {
	if h.changed != nil {
		close(h.changed)
		h.changed = nil
	}
}

// wait waits for a change, or until the time at unless it is zero. It is called
// with mu, which is released meanwhile.
func (h *half) wait(at time.Time) {
	if h.changed == nil {
		h.changed = make(chan struct{})
	}
	changed := h.changed
	h.mu.Unlock()
	defer h.mu.Lock()
	if at.IsZero() {
		<-changed
		return
	}
	timer := time.NewTimer(time.Until(at))
	defer timer.Stop()
	select {
	case <-changed:
	case <-timer.C:
	}
}

func passed(t, now time.Time) bool { return !t.IsZero() && !now.Before(t) }

// sooner is the earlier of two times of which either may be zero, for never.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func (h *half) read(b []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for {
		now := time.Now()
		var arrives time.Time
		switch {
		case h.readerClosed:
			return 0, net.ErrClosed
		case passed(h.readBy, now):
			return 0, os.ErrDeadlineExceeded
		case len(b) == 0:
			return 0, nil
		case h.silent:
		case !h.held.IsZero() && now.Before(h.held):
			arrives = h.held
		case len(h.chunks) > 0:
			if arrives = h.chunks[0].at; passed(arrives, now) {
				return h.takeOut(b, now), nil
			}
		case h.broken != nil:
			return 0, h.broken
		case passed(h.ended, now):
			return 0, io.EOF
		default:
			arrives = h.ended
		}
		h.wait(sooner(arrives, h.readBy))
	}
}

// takeOut reads what has arrived. It is called with mu.
func (h *half) takeOut(b []byte, now time.Time) (n int) {
	for n < len(b) && len(h.chunks) > 0 && passed(h.chunks[0].at, now) {
		first := &h.chunks[0]
		m := copy(b[n:], first.bytes)
		n += m
		if first.bytes = first.bytes[m:]; len(first.bytes) == 0 {
			h.chunks = h.chunks[1:]
		}
	}
	h.size -= n
	h.wake()
	return n
}

// write writes all of b, unless something is in the way. snap is called when
// the bytes that may pass before the connection breaks have passed.
func (h *half) write(b []byte, snap func()) (n int, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for {
		switch {
		case h.writerClosed:
			return n, net.ErrClosed
		case passed(h.writeBy, time.Now()):
			return n, os.ErrDeadlineExceeded
		case h.gone != nil:
			return n, h.gone
		case !h.ended.IsZero():
			return n, syscall.EPIPE // CloseWrite
		case len(b) == n:
			return n, nil
		case h.size < h.window:
			room := min(len(b)-n, h.window-h.size)
			breaks := h.left >= 0 && room >= h.left
			if breaks {
				room = h.left
			}
			h.put(b[n : n+room])
			n += room
			if breaks {
				h.broken, h.gone = syscall.ECONNRESET, syscall.ECONNRESET
				h.mu.Unlock()
				snap()
				h.mu.Lock()
			}
		default:
			h.wait(h.writeBy)
		}
	}
}

// put sends bytes on their way. It is called with mu.
func (h *half) put(b []byte) {
	if len(b) == 0 {
		return
	}
	if h.left >= 0 {
		h.left -= len(b)
	}
	h.chunks = append(h.chunks, chunk{time.Now().Add(h.delay), append([]byte(nil), b...)})
	h.size += len(b)
	h.wake()
}

// end lets the reader have what is under way, and then the end.
func (h *half) end() {
	h.change(func() {
		if h.ended.IsZero() {
			h.ended = time.Now().Add(h.delay)
		}
	})
}

// refuse tells the writer that nobody reads any more.
func (h *half) refuse(err error) {
	h.change(func() {
		if h.silent {
			return // that does not arrive either
		}
		if h.gone == nil {
			h.gone = err
		}
		h.chunks, h.size = nil, 0
	})
}
