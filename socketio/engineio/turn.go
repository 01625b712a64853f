package engineio

import "sync"

// turn is a lock that may be held for long: over a callback of the program. Who
// waits for it waits on a channel. That makes it the same to the runtime as any
// other waiting for an event, and so to testing/synctest: time goes on inside a
// bubble while a callback sleeps and somebody waits for it, which it does not
// for who waits for a [sync.Mutex].
type turn struct {
	mu    sync.Mutex
	taken bool
	freed chan struct{} // closed when it is given back; nil while nobody waits
}

// Lock implements [sync.Locker].
func (t *turn) Lock() {
	t.mu.Lock()
	for t.taken {
		if t.freed == nil {
			t.freed = make(chan struct{})
		}
		freed := t.freed
		t.mu.Unlock()
		<-freed
		t.mu.Lock()
	}
	t.taken = true
	t.mu.Unlock()
}

// Unlock implements [sync.Locker].
func (t *turn) Unlock() {
	t.mu.Lock()
	t.taken = false
	if t.freed != nil {
		close(t.freed)
		t.freed = nil
	}
	t.mu.Unlock()
}
