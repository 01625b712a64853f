package fanout

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/internal/failpoint"
)

// shard writes to the sockets that it owns. Everything that is to be done for
// them goes through its inbox, in order; its goroutine works the inbox off,
// queueing frames, and then flushes every socket that got something, once. So
// while the sockets are being written, what comes in meanwhile is collected and
// goes out together: at rest nothing waits, under load many frames share a
// write.
//
// The last broadcast of a turn is sent at once to the sockets that have nothing
// else to get in this turn: walking through a thousand sockets twice, the second
// time when the kernel's work has driven them out of the processor's caches,
// costs a sixth of a delivery.
type shard struct {
	index int // in the hub's list, and of its audience in each room

	mu    sync.Mutex
	inbox []job
	wake  chan struct{} // holds one token while the inbox is not empty

	delivered atomic.Uint64 // frames of broadcasts; the goroutine adds, once a broadcast

	// Owned by the goroutine.
	touched []*Client // have something to flush
	working []job     // the inbox being worked off, kept for its memory
}

// job is a broadcast (audience, seq, frames, but, about) or anything else (run),
// which may be for one client (to).
type job struct {
	audience *audience
	seq      chat.Seq
	frames   [shapes][]byte
	but      chat.UserID // gets nothing of an ephemeral frame; 0: everybody does
	about    *about      // nil: everybody gets the same
	run      func(*shard)
	to       *Client
}

func newShard(index int) *shard { return &shard{index: index, wake: make(chan struct{}, 1)} }

// post puts a job into the inbox. It never blocks; what fills the inbox is
// bounded by the log's follower and by the sockets' own bounds.
func (s *shard) post(j job) {
	s.mu.Lock()
	s.inbox = append(s.inbox, j)
	first := len(s.inbox) == 1
	s.mu.Unlock()
	if first {
		select {
		case s.wake <- struct{}{}:
		default:
		}
	}
}

// run works until ctx ends, and then once more, so that the last answers go
// out. ready is waited for before anything is written.
func (s *shard) run(ctx context.Context, ready func(context.Context) error) error {
	for {
		select {
		case <-s.wake:
			if ready(ctx) != nil {
				continue // ctx has ended
			}
			s.drain()
		case <-ctx.Done():
			s.drain()
			return nil
		}
	}
}

func (s *shard) drain() {
	for {
		s.mu.Lock()
		s.working, s.inbox = s.inbox, s.working[:0]
		s.mu.Unlock()
		if len(s.working) == 0 {
			return
		}
		last := s.lastBroadcast()
		for i := range s.working {
			j := &s.working[i]
			switch {
			case j.run != nil:
				j.run(s)
			case i < last:
				j.audience.broadcast(s, j, (*shard).queue)
			default:
				s.touchReceivers(s.working[i+1:])
				j.audience.broadcast(s, j, (*shard).send)
			}
		}
		clear(s.working)
		s.flush()
	}
}

// lastBroadcast is the place of the last broadcast of this turn.
func (s *shard) lastBroadcast() int {
	for i := len(s.working) - 1; i >= 0; i-- {
		if s.working[i].run == nil {
			return i
		}
	}
	return -1
}

// touchReceivers marks the clients that later jobs of this turn have something
// for, such as the sender's acknowledgement, which shares a write with the
// message.
func (s *shard) touchReceivers(later []job) {
	for i := range later {
		if c := later[i].to; c != nil {
			s.touch(c)
		}
	}
}

// queue gives a client a frame that leaves at the end of the turn.
func (s *shard) queue(c *Client, frame []byte) {
	c.conn.Queue(frame)
	s.touch(c)
}

// send gives a client a frame, at once if nothing is queued for it in this turn.
func (s *shard) send(c *Client, frame []byte) {
	if c.touched {
		c.conn.Queue(frame)
	} else {
		c.conn.Send(frame)
	}
}

func (s *shard) touch(c *Client) {
	if !c.touched {
		c.touched = true
		s.touched = append(s.touched, c)
	}
}

func (s *shard) flush() {
	for i, c := range s.touched {
		if i > 0 && i == len(s.touched)/2 {
			failpoint.Pass(failpoint.FanOut)
		}
		c.touched = false
		c.conn.Flush()
		s.touched[i] = nil
	}
	s.touched = s.touched[:0]
}
