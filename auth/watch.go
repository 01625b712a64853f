package auth

import "sync"

// Watcher is a live socket of a session. Implementations are pointers.
type Watcher interface {
	// Revoked is called when the session has ended, once or more often, on
	// the goroutine that ended it. It must not block.
	Revoked()
}

// Watch registers a socket under its session. Call [Service.CheckSession]
// after it, not before: then a revocation in between is either seen there or
// told to the socket.
func (s *Service) Watch(session string, w Watcher) { s.watchers.add(session, w) }

// Unwatch takes the socket back.
func (s *Service) Unwatch(session string, w Watcher) { s.watchers.remove(session, w) }

// watchers are the live sockets of this node.
type watchers struct {
	mu        sync.Mutex
	bySession map[string]map[Watcher]struct{}
}

func newWatchers() watchers {
	return watchers{bySession: make(map[string]map[Watcher]struct{})}
}

func (ws *watchers) add(session string, w Watcher) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	set := ws.bySession[session]
	if set == nil {
		set = make(map[Watcher]struct{}, 1)
		ws.bySession[session] = set
	}
	set[w] = struct{}{}
}

func (ws *watchers) remove(session string, w Watcher) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	set := ws.bySession[session]
	delete(set, w)
	if len(set) == 0 {
		delete(ws.bySession, session)
	}
}

// tell calls the session's sockets outside of the lock: closing one takes it
// out of the list.
func (ws *watchers) tell(session string) {
	ws.mu.Lock()
	told := make([]Watcher, 0, len(ws.bySession[session]))
	for w := range ws.bySession[session] {
		told = append(told, w)
	}
	ws.mu.Unlock()
	for _, w := range told {
		w.Revoked()
	}
}
