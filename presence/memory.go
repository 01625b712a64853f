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
	sockets int
	choice  chat.StatusChoice
	leftAt  time.Time   // when the last socket closed, while there is none
	told    chat.Status // what Changes said last
	// denied: since then, somebody who asked was answered something else.
	denied bool
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
func (m *Memory) Enter(user chat.UserID, choice chat.StatusChoice) { m.take(user, 1, choice) }

// Leave implements [Presence].
func (m *Memory) Leave(user chat.UserID) { m.take(user, -1, chat.StatusChoice{}) }

// Choose implements [Presence].
func (m *Memory) Choose(user chat.UserID, choice chat.StatusChoice) { m.take(user, 0, choice) }

// take counts sockets that came, or went when n is below zero, and what the
// person has chosen, which is nothing new in its zero value.
func (m *Memory) take(user chat.UserID, n int, choice chat.StatusChoice) {
	m.mu.Lock()
	defer m.mu.Unlock()
	a := m.people[user]
	if a == nil {
		a = &attendance{told: chat.StatusOffline}
	}
	before := a.sockets
	a.sockets = max(0, before+n)
	wasHere, isHere := before > 0, a.sockets > 0
	if wasHere && !isHere {
		a.leftAt = m.now()
	}
	chosen := isHere && choice.Rev > a.choice.Rev
	if chosen {
		a.choice = choice
	}
	if wasHere != isHere || chosen {
		m.people[user] = a
		m.changed[user] = struct{}{}
	}
}

// Status implements [Presence].
func (m *Memory) Status(user chat.UserID) chat.Status {
	m.mu.Lock()
	defer m.mu.Unlock()
	a := m.people[user]
	if a == nil {
		return chat.StatusOffline
	}
	status := a.status(m.now())
	if status != a.told {
		a.denied = true
		m.changed[user] = struct{}{}
	}
	return status
}

func (a *attendance) status(now time.Time) chat.Status {
	if a.sockets > 0 || now.Sub(a.leftAt) < Grace {
		return a.choice.Shown()
	}
	return chat.StatusOffline
}

// Changes implements [Presence].
func (m *Memory) Changes() []Change {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	var changes []Change
	for user := range m.changed {
		a := m.people[user]
		status := a.status(now)
		if status != a.told || a.denied {
			changes = append(changes, Change{user, status})
			a.told, a.denied = status, false
		}
		switch {
		case status == chat.StatusOffline:
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
