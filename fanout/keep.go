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
		oldest := time.Duration(0)
		for _, p := range h.parts {
			p.learnWatermark(ctx)
			oldest = max(oldest, p.tidy(h.now()))
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

func (p *partition) learnWatermark(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	p.mu.Lock()
	known, started := p.watermark, p.started
	p.mu.Unlock()
	if !started {
		return
	}
	next, err := p.hub.store.Watermark(ctx, p.hub.log.Epoch(), p.no)
	if err != nil {
		return // asked again in a second; until then more is kept
	}
	if next < known {
		p.hub.fail(fmt.Errorf("partition %d: watermark %d, was %d: %w", p.no, next, known, ErrStoreWentBack))
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.advanceWatermark(next)
}

// tidy returns the age of the oldest unresolved append.
func (p *partition) tidy(now time.Time) (oldest time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	from := now.Add(-chat.TableSpan).UnixMilli()
	for id, r := range p.rooms {
		oldest = max(oldest, r.answerLate(now))
		r.table.prune(from, r.ring.stored)
		if r.idle(now) {
			r.ring.trim(0)
			delete(p.rooms, id)
		}
	}
	p.ease()
	return oldest
}
