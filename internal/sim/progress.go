package sim

import (
	"context"
	"sync"
)

// progress tells who waits for something that it may have happened.
type progress struct {
	mu      sync.Mutex
	changed chan struct{}
}

// note says that something has changed.
func (p *progress) note() {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.changed)
	p.changed = make(chan struct{})
}

// wait waits until something is so; it is asked again after each note.
func (p *progress) wait(ctx context.Context, so func() bool) error {
	for {
		p.mu.Lock()
		changed := p.changed
		p.mu.Unlock()
		if so() {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// bell wakes everybody who waits for its next ring.
type bell struct {
	mu   sync.Mutex
	next chan struct{}
}

func (b *bell) wait() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.next
}

func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	close(b.next)
	b.next = make(chan struct{})
}
