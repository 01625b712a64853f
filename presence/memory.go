package presence

import (
	"sync"
	"time"

	"github.com/parleychat/parley/chat"
)

// Memory is the presence of a single node.
type Memory struct {
	now func() time.Time

	mu      sync.Mutex
	people  map[chat.UserID]*attendance
	changed map[chat.UserID]struct{} // may differ from what Changes told last
}

// attendance is kept while somebody is online, or is yet to be told offline.
type attendance struct {
	sockets  int
	leftAt   time.Time // when the last socket closed, while there is none
	toldSeen bool      // Changes told that the person is online
}

var (
	_ Presence = (*Memory)(nil)
	_ Counter  = (*Memory)(nil)
)

// NewMemory makes an empty presence. now is the clock, time.Now when nil.
func NewMemory(now func() time.Time) *Memory {
	if now == nil {
		now = time.Now
	}
	return &Memory{
		now:     now,
		people:  make(map[chat.UserID]*attendance),
		changed: make(map[chat.UserID]struct{}),
	}
}

// Enter implements [Presence].
func (m *Memory) Enter(user chat.UserID) { m.add(user, 1) }

// Leave implements [Presence].
func (m *Memory) Leave(user chat.UserID) { m.add(user, -1) }

// add counts sockets that came, or went when n is below zero.
func (m *Memory) add(user chat.UserID, n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	a := m.people[user]
	if a == nil {
		a = &attendance{}
	}
	before := a.sockets
	a.sockets = max(0, before+n)
	if (before > 0) == (a.sockets > 0) {
		return
	}
	if a.sockets == 0 {
		a.leftAt = m.now()
	}
	m.people[user] = a
	m.changed[user] = struct{}{}
}

// Online implements [Presence].
func (m *Memory) Online(user chat.UserID) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	a := m.people[user]
	return a != nil && a.online(m.now())
}

func (a *attendance) online(now time.Time) bool {
	return a.sockets > 0 || now.Sub(a.leftAt) < Grace
}

// Changes implements [Presence].
func (m *Memory) Changes() []Change {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	var changes []Change
	for user := range m.changed {
		a := m.people[user]
		online := a.online(now)
		if online != a.toldSeen {
			changes = append(changes, Change{user, online})
			a.toldSeen = online
		}
		switch {
		case !online:
			delete(m.people, user)
			delete(m.changed, user)
		case a.sockets > 0:
			delete(m.changed, user)
		}
	}
	return changes
}

// Counted implements [Counter].
func (m *Memory) Counted() map[chat.UserID]int {
	m.mu.Lock()
	defer m.mu.Unlock()
	counted := make(map[chat.UserID]int)
	for user, a := range m.people {
		if a.sockets > 0 {
			counted[user] = a.sockets
		}
	}
	return counted
}
