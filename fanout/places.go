package fanout

import (
	"sync"

	"github.com/parleychat/parley/chat"
)

// places remembers which partition a room's records lie in, so that an open
// room needs no database. The zero value is ready.
type places struct {
	mu     sync.RWMutex
	byRoom map[chat.RoomID]int32
}

// maxPlaces bounds the memory; when it is full an arbitrary entry gives way.
const maxPlaces = 500_000

func (p *places) find(room chat.RoomID) (partition int32, known bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	partition, known = p.byRoom[room]
	return partition, known
}

func (p *places) know(room chat.RoomID, partition int32) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.byRoom == nil {
		p.byRoom = make(map[chat.RoomID]int32)
	}
	if len(p.byRoom) >= maxPlaces {
		for other := range p.byRoom {
			delete(p.byRoom, other)
			break
		}
	}
	p.byRoom[room] = partition
}
