package fanout

import (
	"sync/atomic"

	"github.com/parleychat/parley/chat"
)

// Bounds of what a hub keeps in memory, in bytes, where [Config] says nothing
// else.
const (
	// DefaultRingBytes is what the rings of all open rooms take; above it the
	// oldest events that are stored leave them early.
	DefaultRingBytes = 256 << 20
	// DefaultUnstoredBytes is what is kept because the store does not hold it;
	// above it sends are refused as busy.
	DefaultUnstoredBytes = 256 << 20
)

// memory counts what a hub keeps.
type memory struct {
	rings    atomic.Int64 // bytes of all rings
	kept     atomic.Int64 // bytes of all kept records
	unstored atomic.Int64 // events in rings that are not stored
}

// unstoredBytes is what the hub keeps because the store does not hold it. The
// bodies of unstored events are those of the kept records.
func (m *memory) unstoredBytes() int64 {
	return m.kept.Load() + eventOverhead*m.unstored.Load()
}

// easeShare is the part of the bound that a partition's stored events must have
// before it is worth looking for some to drop: else an outage of the database,
// when nearly all in the rings is unstored, would mean a search at every event.
const easeShare = 256

// ease drops events from the partition's rings, the oldest of each room first
// and only stored ones, when the rings of the hub take more than they may. It
// stops well below the bound, or when there is nothing left to drop. The caller
// holds p.mu.
func (p *partition) ease() {
	limit := p.hub.cfg.RingBytes
	if p.hub.memory.rings.Load() <= limit || int64(p.rings.stored) < limit/easeShare {
		return
	}
	for keep := chat.RingEvents / 2; ; keep /= 2 {
		for _, r := range p.rooms {
			r.ring.trim(keep)
		}
		if keep == 0 || p.hub.memory.rings.Load() <= limit-limit/16 {
			return
		}
	}
}
