package fanout

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/eventlog"
)

// people caches display names. They are put in front of events as they are
// known when a frame is made; an unknown one is left out. The zero value is
// ready.
type people struct {
	mu       sync.RWMutex
	byID     map[chat.UserID]chat.Person
	byHandle map[string]chat.UserID // of those in byID
}

// maxPeople bounds the cache; when it is full an arbitrary entry gives way.
const maxPeople = 200_000

func (p *people) know(persons ...chat.Person) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.byID == nil {
		p.byID = make(map[chat.UserID]chat.Person)
		p.byHandle = make(map[string]chat.UserID)
	}
	for _, person := range persons {
		if _, known := p.byID[person.ID]; !known && len(p.byID) >= maxPeople {
			for other := range p.byID {
				p.drop(other)
				break
			}
		}
		p.drop(person.ID)
		p.byID[person.ID] = person
		p.byHandle[person.Handle] = person.ID
	}
}

// drop takes somebody out. The caller holds p.mu.
func (p *people) drop(id chat.UserID) {
	if handle := p.byID[id].Handle; p.byHandle[handle] == id {
		delete(p.byHandle, handle)
	}
	delete(p.byID, id)
}

// withHandle finds who has a handle.
func (p *people) withHandle(handle string) (chat.UserID, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	id, known := p.byHandle[handle]
	return id, known
}

func (p *people) get(id chat.UserID) chat.Person {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if person, known := p.byID[id]; known {
		return person
	}
	return chat.Person{ID: id}
}

// met reports whether it is known how somebody is called.
func (p *people) met(id chat.UserID) bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	_, known := p.byID[id]
	return known
}

// forget lets somebody be looked up again.
func (p *people) forget(id chat.UserID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drop(id)
}

const (
	// meetTime bounds looking up strangers, for whom a whole partition waits.
	meetTime = 2 * time.Second
	// meetPause is how long nobody is looked up after that has failed.
	meetPause = 5 * time.Second
)

// meet looks up how the people are called who speak in these records, in rooms
// that are open here, if they came to the server by another node. If it cannot
// be found out, their events have no name for now.
func (p *partition) meet(ctx context.Context, entries []eventlog.Entry) {
	lookUp := p.hub.cfg.Strangers
	if lookUp == nil || time.Now().Before(p.meetAgain) {
		return
	}
	strangers := p.strangers(entries)
	if len(strangers) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, meetTime)
	defer cancel()
	met, err := lookUp(ctx, strangers)
	if err != nil {
		p.hub.logger.WarnContext(ctx, "names are missing from events for now", "people", len(strangers), "error", err)
		p.meetAgain = time.Now().Add(meetPause)
		return
	}
	for _, id := range strangers {
		met = append([]chat.Person{{ID: id}}, met...) // nobody is asked for twice
	}
	p.hub.people.know(met...)
}

// strangers are whoever speaks in the records, in an open room, and was not met.
func (p *partition) strangers(entries []eventlog.Entry) (strangers []chat.UserID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.rooms) == 0 {
		return nil
	}
	for i := range entries {
		envelope, _ := chat.Peek(entries[i].Headers)
		if p.rooms[envelope.Room] != nil && envelope.User != 0 && !p.hub.people.met(envelope.User) && !slices.Contains(strangers, envelope.User) {
			strangers = append(strangers, envelope.User)
		}
	}
	return strangers
}

// KnowPeople tells the hub how people are called, for the frames to come.
func (h *Hub) KnowPeople(persons ...chat.Person) { h.people.know(persons...) }

// Person is how somebody is called as far as this node knows; of somebody
// unknown only the id is set.
func (h *Hub) Person(id chat.UserID) chat.Person { return h.people.get(id) }

// PersonChanged tells the hub that somebody is called otherwise by now.
func (h *Hub) PersonChanged(ctx context.Context, id chat.UserID) {
	if h.cfg.Strangers == nil || !h.people.met(id) {
		return
	}
	h.people.forget(id)
	ctx, cancel := context.WithTimeout(ctx, meetTime)
	defer cancel()
	if people, err := h.cfg.Strangers(ctx, []chat.UserID{id}); err == nil {
		h.people.know(people...)
	}
}
