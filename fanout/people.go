package fanout

import (
	"sync"

	"github.com/parleychat/parley/chat"
)

// people caches display names. They are put in front of events as they are
// known when a frame is made; an unknown one is left out. The zero value is
// ready.
type people struct {
	mu   sync.RWMutex
	byID map[chat.UserID]chat.Person
}

// maxPeople bounds the cache; when it is full an arbitrary entry gives way.
const maxPeople = 200_000

func (p *people) know(persons ...chat.Person) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.byID == nil {
		p.byID = make(map[chat.UserID]chat.Person)
	}
	for _, person := range persons {
		if _, known := p.byID[person.ID]; !known && len(p.byID) >= maxPeople {
			for other := range p.byID {
				delete(p.byID, other)
				break
			}
		}
		p.byID[person.ID] = person
	}
}

func (p *people) get(id chat.UserID) chat.Person {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if person, known := p.byID[id]; known {
		return person
	}
	return chat.Person{ID: id}
}

// KnowPeople tells the hub how people are called, for the frames to come.
func (h *Hub) KnowPeople(persons ...chat.Person) { h.people.know(persons...) }

// Person is how somebody is called as far as this node knows; of somebody
// unknown only the id is set.
func (h *Hub) Person(id chat.UserID) chat.Person { return h.people.get(id) }
