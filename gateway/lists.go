package gateway

import (
	"maps"
	"slices"
	"sync"

	"github.com/parleychat/parley/chat"
)

// lists knows which rooms the people with a socket here see in their lists, and
// which of these rooms have changed since they were told of last. Sockets are
// in it from their first sync on.
//
// A room stays in the list of somebody who has left it until they are told of
// it next: who may know of a room is judged then.
type lists struct {
	mu      sync.Mutex
	people  map[chat.UserID]*listing
	rooms   map[chat.RoomID]map[chat.UserID]struct{} // who has the room in their list
	changed map[chat.RoomID]*roomChange
}

// listing is one person's list.
type listing struct {
	sockets map[*conn]struct{}
	rooms   map[chat.RoomID]int // and how many mentions the person was told of
}

// roomChange is what happened in a room since it was told of last.
type roomChange struct {
	counts map[chat.UserID]struct{} // whose own counts may have changed
	edited bool                     // a message was changed: those who were mentioned may be so no more
}

func newLists() lists {
	return lists{
		people:  make(map[chat.UserID]*listing),
		rooms:   make(map[chat.RoomID]map[chat.UserID]struct{}),
		changed: make(map[chat.RoomID]*roomChange),
	}
}

// enter lets a socket hear of its person's rooms from now on.
func (l *lists) enter(c *conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	person := l.people[c.user()]
	if person == nil {
		person = &listing{sockets: make(map[*conn]struct{}), rooms: make(map[chat.RoomID]int)}
		l.people[c.user()] = person
	}
	person.sockets[c] = struct{}{}
}

// leave takes a socket out, if it is in.
func (l *lists) leave(c *conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	person := l.people[c.user()]
	if person == nil {
		return
	}
	delete(person.sockets, c)
	if len(person.sockets) > 0 {
		return
	}
	for room := range person.rooms {
		l.drop(room, c.user())
	}
	delete(l.people, c.user())
}

// show puts a room into the list of somebody who has one, with as many mentions
// as they are being told.
func (l *lists) show(user chat.UserID, room chat.RoomID, mentions int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	person := l.people[user]
	if person == nil {
		return
	}
	person.rooms[room] = mentions
	if l.rooms[room] == nil {
		l.rooms[room] = make(map[chat.UserID]struct{})
	}
	l.rooms[room][user] = struct{}{}
}

// told takes note of how many mentions somebody was told who has the room in
// their list.
func (l *lists) told(user chat.UserID, room chat.RoomID, mentions int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if person := l.people[user]; person != nil {
		if _, listed := person.rooms[room]; listed {
			person.rooms[room] = mentions
		}
	}
}

// hide takes a room out of somebody's list.
func (l *lists) hide(user chat.UserID, room chat.RoomID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if person := l.people[user]; person != nil {
		delete(person.rooms, room)
	}
	l.drop(room, user)
}

// drop takes somebody out of a room's listeners. The caller holds l.mu.
func (l *lists) drop(room chat.RoomID, user chat.UserID) {
	delete(l.rooms[room], user)
	if len(l.rooms[room]) == 0 {
		delete(l.rooms, room)
	}
}

// recorded hears of every record of the log, under the hub's lock.
func (l *lists) recorded(e *chat.Envelope) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var counts []chat.UserID
	for _, users := range [][]chat.UserID{{e.User}, slices.Collect(e.Mentions()), slices.Collect(e.Targets())} {
		for _, user := range users {
			if l.people[user] != nil {
				counts = append(counts, user)
			}
		}
	}
	if len(counts) == 0 && len(l.rooms[e.Room]) == 0 {
		return
	}
	change := l.changed[e.Room]
	if change == nil {
		change = &roomChange{counts: make(map[chat.UserID]struct{})}
		l.changed[e.Room] = change
	}
	for _, user := range counts {
		change.counts[user] = struct{}{}
	}
	change.edited = change.edited || e.Kind == chat.KindEdit || e.Kind == chat.KindDelete
}

// recordedAgain keeps a change that could not be told.
func (l *lists) recordedAgain(room chat.RoomID, change *roomChange) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if later := l.changed[room]; later != nil {
		maps.Copy(change.counts, later.counts)
		change.edited = change.edited || later.edited
	}
	l.changed[room] = change
}

// again marks somebody's counts in a room once more.
func (l *lists) again(user chat.UserID, room chat.RoomID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.people[user] == nil {
		return
	}
	if l.changed[room] == nil {
		l.changed[room] = &roomChange{counts: make(map[chat.UserID]struct{})}
	}
	l.changed[room].counts[user] = struct{}{}
}

// take returns the rooms that have changed, and begins anew.
func (l *lists) take() map[chat.RoomID]*roomChange {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.changed) == 0 {
		return nil
	}
	changed := l.changed
	l.changed = make(map[chat.RoomID]*roomChange)
	return changed
}

// audience is who is to be told of a change of a room: the people who see it in
// their lists, and of them, or new to it, those whose own counts may have
// changed.
func (l *lists) audience(room chat.RoomID, change *roomChange) (listeners, counts []chat.UserID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for user := range l.rooms[room] {
		if _, own := change.counts[user]; own {
			continue
		}
		if change.edited && l.people[user].rooms[room] > 0 {
			change.counts[user] = struct{}{}
			continue
		}
		listeners = append(listeners, user)
	}
	return listeners, slices.Collect(maps.Keys(change.counts))
}

// socketsOf are the sockets of a person that have synced.
func (l *lists) socketsOf(user chat.UserID) []*conn {
	l.mu.Lock()
	defer l.mu.Unlock()
	if person := l.people[user]; person != nil {
		return slices.Collect(maps.Keys(person.sockets))
	}
	return nil
}
