package gateway

import (
	"sync"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/fanout"
	"github.com/parleychat/parley/protocol"
)

// presenceMarks collects which members of which rooms may have come or gone
// since the last tick, because they joined or left the room.
type presenceMarks struct {
	mu    sync.Mutex
	rooms map[chat.RoomID]map[chat.UserID]struct{}
}

func newPresenceMarks() presenceMarks {
	return presenceMarks{rooms: make(map[chat.RoomID]map[chat.UserID]struct{})}
}

func (m *presenceMarks) add(room chat.RoomID, users ...chat.UserID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.rooms[room] == nil {
		m.rooms[room] = make(map[chat.UserID]struct{})
	}
	for _, user := range users {
		m.rooms[room][user] = struct{}{}
	}
}

func (m *presenceMarks) take() map[chat.RoomID]map[chat.UserID]struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	rooms := m.rooms
	m.rooms = make(map[chat.RoomID]map[chat.UserID]struct{})
	return rooms
}

// tellPresence tells, once a tick, the sockets that have a room open who of its
// members came, went or is shown otherwise: differences to Parley's clients, the whole list to
// those of Turbo-Chat.
func (g *Gateway) tellPresence() {
	for _, change := range g.cfg.Presence.Changes() {
		g.ShownAnew(change.User)
	}
	for room, users := range g.marks.take() {
		g.tellRoomPresence(room, users)
	}
}

// ShownAnew tells those who have a room of somebody open, with the next tick, how
// that person is shown now: with another name or picture. They have to be known
// to the hub by then.
func (g *Gateway) ShownAnew(user chat.UserID) {
	for _, room := range g.cfg.Hub.OpenRoomsOf(user) {
		g.marks.add(room, user)
	}
}

func (g *Gateway) tellRoomPresence(room chat.RoomID, users map[chat.UserID]struct{}) {
	g.cfg.Hub.BroadcastView(room, func(v *fanout.View, shape fanout.Shape) []byte {
		if shape == fanout.Turbo {
			people := g.onlineMembers(v)
			sortPeople(people)
			return eventFrame(protocol.OnlineUsers, g.cfg.Frames.turboOnline(v.State.Name, people))
		}
		change := protocol.PresenceChange{RoomID: int64(room), Online: []protocol.OnlinePerson{}, Offline: []int64{}}
		for user := range users {
			_, member := v.State.Members[user]
			if status := g.cfg.Presence.Status(user); member && status != chat.StatusOffline {
				change.Online = append(change.Online, onlineInfo(onlinePerson{g.cfg.Hub.Person(user), status}))
			} else {
				change.Offline = append(change.Offline, int64(user))
			}
		}
		return eventFrame(protocol.Presence, change)
	})
}
