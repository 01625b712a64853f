package main

import (
	"context"
	"sync"
)

// counts is what a campaign has met so far. The verdict counts again, from the
// histories; these tell when to go on.
type counts struct {
	acks        int // sends answered ok
	unknown     int // sends of unknown outcome
	unavailable int // sends refused so
	duplicates  int // retries answered duplicate
	missed      int // resumes that had missed something
}

// enough reports whether a campaign of kills has met what it looks for.
func (n counts) enough() bool { return n.unknown > 0 && n.duplicates > 0 && n.missed > 0 }

// progress tells who waits for something that it may have happened.
type progress struct {
	mu      sync.Mutex
	counts  counts
	changed chan struct{}
}

// note changes the counts, or only says that something has changed.
func (p *progress) note(change func(*counts)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if change != nil {
		change(&p.counts)
	}
	close(p.changed)
	p.changed = make(chan struct{})
}

func (p *progress) now() counts {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.counts
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
