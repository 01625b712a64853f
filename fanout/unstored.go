package fanout

import "github.com/parleychat/parley/chat"

// Unstored is what the store may not hold of the log: everything from a moment
// on that is applied here. Lists that are read from the store meanwhile lack no
// more than that. Give it back with [Unstored.Release].
type Unstored struct {
	hub  *Hub
	from []int64 // by partition
}

// Unstored begins now: what is not stored is kept until it is released, however
// far the store gets in the meantime.
func (h *Hub) Unstored() *Unstored {
	u := &Unstored{hub: h, from: make([]int64, len(h.parts))}
	for i, p := range h.parts {
		p.mu.Lock()
		u.from[i] = p.watermark
		p.kept.pin(u.from[i])
		p.mu.Unlock()
	}
	return u
}

// Rooms are the rooms with such records; true are those in which one of them
// takes the person in or out.
func (u *Unstored) Rooms(user chat.UserID) map[chat.RoomID]bool {
	rooms := make(map[chat.RoomID]bool)
	for i, p := range u.hub.parts {
		p.mu.Lock()
		for _, k := range p.kept.records {
			if k.entry.Offset < u.from[i] {
				continue
			}
			rooms[k.room] = rooms[k.room] || k.concerns(user)
		}
		p.mu.Unlock()
	}
	return rooms
}

// Release lets what was kept go.
func (u *Unstored) Release() {
	for i, p := range u.hub.parts {
		p.mu.Lock()
		p.kept.unpin(u.from[i])
		p.mu.Unlock()
	}
}
