package fanout

import (
	"context"
	"fmt"
	"time"

	"github.com/parleychat/parley/chat"
)

// Audit is what a hub finds when it counts itself.
type Audit struct {
	Clients       int
	Rooms         int // open
	Subscriptions int
	// Disagreements say where two countings of the same thing differ.
	Disagreements []string
}

// An audit looks while the hub works, so a subscription that ends may be
// counted on one side already and not yet on the other. A difference counts
// when it is seen at each of several looks.
const (
	auditLooks = 5
	auditPause = 200 * time.Millisecond
)

// Audit counts every subscription from the room's side, from the shard's and
// from the client's, and says where they differ; that means a defect. It works
// beside everything else and costs each shard a moment in proportion to its
// subscriptions.
func (h *Hub) Audit(ctx context.Context) (Audit, error) {
	var lasting map[string]bool
	for look := range auditLooks {
		if look > 0 {
			select {
			case <-time.After(auditPause):
			case <-ctx.Done():
				return Audit{}, ctx.Err()
			}
		}
		audit, err := h.look(ctx)
		if err != nil {
			return Audit{}, fmt.Errorf("audit hub: %w", err)
		}
		var still []string
		for _, disagreement := range audit.Disagreements {
			if look == 0 || lasting[disagreement] {
				still = append(still, disagreement)
			}
		}
		audit.Disagreements = still
		if len(still) == 0 || look == auditLooks-1 {
			return audit, nil
		}
		lasting = make(map[string]bool)
		for _, disagreement := range still {
			lasting[disagreement] = true
		}
	}
	return Audit{}, nil // not reached
}

func (h *Hub) look(ctx context.Context) (audit Audit, err error) {
	h.EachClient(func(*Client) { audit.Clients++ })
	for _, p := range h.parts {
		if err := p.look(ctx, &audit); err != nil {
			return Audit{}, err
		}
	}
	return audit, nil
}

// seen is what a shard has counted.
type seen struct {
	subscribers   map[chat.RoomID]*[shapes]int
	disagreements []string
}

// look counts the rooms of a partition. The shards count behind everything that
// was posted to them when the rooms' own numbers were read.
func (p *partition) look(ctx context.Context, audit *Audit) error {
	counted := make(map[chat.RoomID][shapes]int)
	answers := make(chan seen, len(p.hub.shards))
	p.mu.Lock()
	audiences := make([]map[*audience]int, len(p.hub.shards)) // how many they should be
	for i := range audiences {
		audiences[i] = make(map[*audience]int, len(p.rooms))
	}
	for id, r := range p.rooms {
		counted[id] = r.subscribers
		for i := range r.audiences {
			audiences[i][&r.audiences[i]] = r.sockets[i]
		}
	}
	for i, s := range p.hub.shards {
		s.post(job{run: func(s *shard) { answers <- s.look(p, audiences[i]) }})
	}
	p.mu.Unlock()

	found := make(map[chat.RoomID][shapes]int)
	for range p.hub.shards {
		select {
		case answer := <-answers:
			for id, numbers := range answer.subscribers {
				sum := found[id]
				for shape, n := range numbers {
					sum[shape] += n
				}
				found[id] = sum
			}
			audit.Disagreements = append(audit.Disagreements, answer.disagreements...)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for id, numbers := range counted {
		for shape, n := range numbers {
			audit.Subscriptions += n
			if got := found[id][shape]; got != n {
				audit.Disagreements = append(audit.Disagreements,
					fmt.Sprintf("room %d counts %d subscribers of shape %d, its shards have %d", id, n, shape, got))
			}
		}
	}
	audit.Rooms += len(counted)
	return nil
}

// look counts the subscribers of a partition's audiences on this shard, and
// checks that each knows its seat and each seat its client. It runs on the
// shard's goroutine.
func (s *shard) look(p *partition, audiences map[*audience]int) seen {
	result := seen{subscribers: make(map[chat.RoomID]*[shapes]int)}
	disagree := func(format string, args ...any) {
		result.disagreements = append(result.disagreements, fmt.Sprintf(format, args...))
	}
	for a, n := range audiences {
		if got := len(a.subscribers); got != n {
			disagree("room %d counts %d subscribers on shard %d, which has %d", a.room, n, s.index, got)
		}
		if len(a.subscribers) == 0 {
			continue
		}
		numbers := new([shapes]int)
		result.subscribers[a.room] = numbers
		for i := range a.subscribers {
			c := a.subscribers[i].client
			numbers[c.Shape()]++
			if !c.sits(a, uint32(i)) {
				disagree("a client of user %d does not know that it is subscribed to room %d", c.user, a.room)
			}
		}
	}
	p.hub.EachClient(func(c *Client) {
		if c.shard != s {
			return
		}
		for _, place := range c.seats {
			a := place.audience
			_, open := audiences[a]
			switch {
			case !open:
				if len(p.hub.parts) == 1 { // otherwise the room may be of another one
					disagree("a client of user %d is subscribed to room %d, which is not open", c.user, a.room)
				}
			case int(place.index) >= len(a.subscribers) || a.subscribers[place.index].client != c:
				disagree("a client of user %d believes to be subscribed to room %d", c.user, a.room)
			}
		}
	})
	return result
}

func (c *Client) sits(a *audience, index uint32) bool {
	for _, place := range c.seats {
		if place.audience == a && place.index == index {
			return true
		}
	}
	return false
}
