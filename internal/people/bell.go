package people

import "sync"

// Bell wakes everybody who waits for its next ring.
type Bell struct {
	mu   sync.Mutex
	next chan struct{}
}

func (b *Bell) wait() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.next
}

// Ring wakes them.
func (b *Bell) Ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	close(b.next)
	b.next = make(chan struct{})
}
