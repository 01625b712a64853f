package fanout

import "github.com/parleychat/parley/chat"

// Miscount makes a room believe in one subscriber more, on the first shard.
func (h *Hub) Miscount(id chat.RoomID) {
	p := h.parts[0]
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rooms[id].subscribers[Modern]++
	p.rooms[id].sockets[0]++
}

// MaxLoadings is how many rooms are loaded at once.
const MaxLoadings = maxLoadings
