package store

import (
	"cmp"
	"context"
	"errors"
	"net"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sync/singleflight"
)

// errSilent means that the database server takes what it is asked and answers
// nobody. A server that is merely slow answers somebody.
var errSilent = errors.New("store: the database server answers nothing")

// hearingTimes are the time limits of a server that hangs; zero is 2 s each.
type hearingTimes struct {
	// patience is how long a transaction may take before the server is asked for
	// a sign of life, and how long it rests until it is asked again. A server that
	// was found silent and has said nothing since is asked at once: whoever makes
	// several transactions, one after another, waits for it only once.
	patience time.Duration
	// silence is how long the server may be silent when it is asked.
	silence time.Duration
}

// hearing listens to whatever a database server answers, on all of a store's
// connections. That it greets whoever connects is no answer: a server whose disk
// hangs does that too.
type hearing struct {
	last   atomic.Int64 // when it answered last, since begun, in nanoseconds
	found  atomic.Int64 // when it was asked last and found silent; 0: never
	begun  time.Time
	ping   func(context.Context) error
	asking singleflight.Group // one asks for everybody
	times  hearingTimes
}

func newHearing(times hearingTimes, ping func(context.Context) error) *hearing {
	times.patience = cmp.Or(times.patience, 2*time.Second)
	times.silence = cmp.Or(times.silence, 2*time.Second)
	return &hearing{begun: time.Now(), ping: ping, times: times}
}

// until is ctx that ends when the server is found silent, by [errSilent]. A nil
// hearing listens to nobody.
func (h *hearing) until(ctx context.Context) (context.Context, context.CancelFunc) {
	if h == nil {
		return context.WithCancel(ctx)
	}
	ctx, end := context.WithCancelCause(ctx)
	late := time.AfterFunc(h.patience(), func() {
		for !h.silent() {
			select {
			case <-time.After(h.times.patience):
			case <-ctx.Done():
				return
			}
		}
		end(errSilent)
	})
	return ctx, func() { late.Stop(); end(context.Canceled) }
}

// patience is how long to wait until the server is asked for a sign of life.
func (h *hearing) patience() time.Duration {
	if found := h.found.Load(); found > 0 && h.last.Load() < found {
		return 0
	}
	return h.times.patience
}

// silent asks for a sign of life. What is said to anybody counts: while all
// connections are busy the question itself may not get through.
func (h *hearing) silent() bool {
	silent, _, _ := h.asking.Do("", func() (any, error) {
		from := time.Since(h.begun)
		ctx, cancel := context.WithTimeout(context.Background(), h.times.silence)
		defer cancel()
		if h.ping(ctx) == nil {
			return false, nil
		}
		<-ctx.Done()
		silent := time.Duration(h.last.Load()) < from
		if silent {
			h.found.Store(int64(from))
		}
		return silent, nil
	})
	return silent.(bool)
}

// dial connects to the server and listens.
func (h *hearing) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := dialMySQL(ctx, network, addr)
	if raw, ok := conn.(rawConn); ok && h != nil {
		return &heardConn{rawConn: raw, hearing: h}, err
	}
	return conn, err
}

// rawConn is a connection of the system, which the driver looks into before it
// uses it again.
type rawConn interface {
	net.Conn
	syscall.Conn
}

type heardConn struct {
	rawConn
	hearing *hearing
	asked   atomic.Bool // something was written: what is read is an answer
}

func (c *heardConn) Write(b []byte) (int, error) {
	c.asked.Store(true)
	return c.rawConn.Write(b)
}

func (c *heardConn) Read(b []byte) (int, error) {
	n, err := c.rawConn.Read(b)
	if n > 0 && c.asked.Load() {
		c.hearing.last.Store(int64(time.Since(c.hearing.begun)))
	}
	return n, err
}
