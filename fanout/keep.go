package fanout

import (
	"context"
	"fmt"
	"time"

	"github.com/parleychat/parley/chat"
)

// keep does at each tick what has no other occasion: learns the store's
// watermarks, answers sends that have waited too long, forgets what the store
// answers for, closes idle rooms.
func (h *Hub) keep(ctx context.Context) error {
	ticks := h.cfg.Ticks
	if ticks == nil {
		second := time.NewTicker(time.Second)
		defer second.Stop()
		ticks = second.C
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-h.failure:
			return err
		case <-ticks:
		}
		// What could not be opened again is not closed.
		mayClose := h.learnWatermarks(ctx)
		oldest := time.Duration(0)
		for _, p := range h.parts {
			oldest = max(oldest, p.tidy(h.now(), mayClose))
		}
		h.stuck.Store(oldest >= chat.UnresolvedMax)
	}
}

// fail makes Run end with the error.
func (h *Hub) fail(err error) {
	select {
	case h.failure <- err:
	default:
	}
}

// askTime bounds asking the store how far it is. It is asked again soon; until
// then more is kept.
const askTime = time.Second

// learnWatermarks asks the store how far it is, also with what other nodes
// record. It reports whether there was an answer.
func (h *Hub) learnWatermarks(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	known := make([]int64, len(h.parts)) // before asking; -1: not followed yet
	for i, p := range h.parts {
		known[i] = p.knownWatermark()
	}
	stored, err := h.store.StoredUpTo(ctx, h.log.Epoch())
	if err != nil {
		return false
	}
	for i, p := range h.parts {
		p.learn(known[i], stored[p.no])
	}
	return true
}

// learnWatermark is learnWatermarks for one partition.
func (p *partition) learnWatermark(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	known := p.knownWatermark()
	if next, err := p.hub.store.Watermark(ctx, p.hub.log.Epoch(), p.no); err == nil {
		p.learn(known, next)
	}
}

func (p *partition) knownWatermark() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.started {
		return -1
	}
	return p.watermark
}

// learn takes note of a watermark that was read after known was the last known
// one.
func (p *partition) learn(known, next int64) {
	switch {
	case known < 0:
	case next < known:
		p.hub.fail(fmt.Errorf("partition %d: watermark %d, was %d: %w", p.no, next, known, ErrStoreWentBack))
	default:
		p.mu.Lock()
		defer p.mu.Unlock()
		p.advanceWatermark(next)
	}
}

// tidy returns the age of the oldest unresolved append. Rooms that nobody needs
// are closed if they may be.
func (p *partition) tidy(now time.Time, mayClose bool) (oldest time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	from := now.Add(-chat.TableSpan).UnixMilli()
	for id, r := range p.rooms {
		oldest = max(oldest, r.answerLate(now))
		r.table.prune(from, r.ring.stored)
		if mayClose && r.idle(now) {
			r.ring.trim(0)
			delete(p.rooms, id)
		}
	}
	p.ease()
	return oldest
}
