package gateway

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/parleychat/parley/internal/failpoint"
	"github.com/parleychat/parley/protocol"
	"github.com/parleychat/parley/socketio"
)

// Sockets are told to come back spread over a time, so that the node they come
// back to is not run over.
const (
	drainRate = 2000 // sockets a second
	drainMax  = 10 * time.Second
)

// Drain takes no more sockets in, tells those there are when to come back, and
// closes each at its moment; until then it is served as ever. It returns when
// all are closed and nothing is under way for them, or when ctx ends.
func (g *Gateway) Drain(ctx context.Context) error {
	g.mu.Lock()
	g.draining = true
	n := len(g.conns)
	g.mu.Unlock()
	g.noteEverybody()
	spread := min(time.Duration(n)*time.Second/drainRate, drainMax)
	var closing sync.WaitGroup
	g.each(func(c *conn) {
		wait := time.Duration(0)
		if spread > 0 {
			wait = rand.N(spread)
		}
		c.emit(protocol.Draining, protocol.DrainingNotice{ReconnectAfter: wait.Seconds()})
		closing.Go(func() {
			select {
			case <-time.After(wait):
			case <-c.ctx.Done():
				return
			case <-ctx.Done():
			}
			c.settle(ctx)
			c.closeDraining(ctx)
			failpoint.Pass(failpoint.DrainClosed)
		})
	})
	closing.Wait()
	g.mu.Lock()
	g.stopped = true
	g.mu.Unlock()
	g.tasks.Wait()
	g.writeSeen(ctx)
	return ctx.Err()
}

// closeDraining closes the socket from its shard, behind what was posted for it:
// from here it could overtake the notice and the last answers. It returns when
// that is done. If the shard does not get to it in time, nothing more comes
// that could be overtaken.
func (c *conn) closeDraining(ctx context.Context) {
	sayWhy := func() {
		c.close("draining", "The server is stopping. Connect again in a moment.", true, socketio.ReasonShuttingDown)
	}
	done := make(chan struct{})
	c.client.Post(func() {
		defer close(done)
		sayWhy()
	})
	select {
	case <-done:
	case <-ctx.Done():
		sayWhy()
	}
}

// settle waits until the socket's sends have their answers.
func (c *conn) settle(ctx context.Context) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for c.unacknowledged.Load() > 0 {
		select {
		case <-tick.C:
		case <-c.ctx.Done():
			return
		case <-ctx.Done():
			return
		}
	}
}
