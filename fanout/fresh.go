package fanout

import (
	"context"
	"time"

	"github.com/parleychat/parley/chat"
)

// freshPoll is how often a node that has to wait looks whether it is fresh
// again.
const freshPoll = 20 * time.Millisecond

// awaitFresh waits until this node knows who has lost their rights. A process
// that was stopped for a while goes on in the middle of anything; the clock that
// it then looks at has gone on.
func (h *Hub) awaitFresh(ctx context.Context) error {
	if h.cfg.Fresh() {
		return nil
	}
	tick := time.NewTicker(freshPoll)
	defer tick.Stop()
	for !h.cfg.Fresh() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// checkFresh refuses to answer on a node that may not know who has lost their
// rights.
func (h *Hub) checkFresh() error {
	if h.cfg.Fresh() {
		return nil
	}
	refusal := chat.Errorf(chat.Unavailable, "This server has lost touch with the others and answers nothing until it knows who may still be here. Try again in a moment.")
	refusal.RetryAfter = time.Second
	return refusal
}
