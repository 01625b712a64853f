package people

import (
	"context"
	"sync"

	"github.com/parleychat/parley/internal/check"
)

// Counts is what a crowd has met so far. The verdict counts again, from the
// histories; these tell when to go on.
type Counts struct {
	Acks        int // sends answered ok
	Unknown     int // sends of unknown outcome
	Unavailable int // sends refused so
	Duplicates  int // retries answered duplicate
	Missed      int // resumes that had missed something
	Moved       int // of them, those at another server than before
	Cut         int // connections that ended without a word
}

// add counts an answer to a send. retry tells that the one before was lost.
func (n *Counts) add(answer *check.Line, retry bool) {
	switch {
	case answer.Outcome == check.OK:
		n.Acks++
		if retry && answer.Duplicate {
			n.Duplicates++
		}
	case answer.Outcome == check.Unknown:
		n.Unknown++
	case answer.Code == "unavailable":
		n.Unavailable++
	}
}

// Enough reports whether a campaign of kills has met what it looks for.
func (n Counts) Enough() bool { return n.Unknown > 0 && n.Duplicates > 0 && n.Missed > 0 }

// Progress tells who waits for something that it may have happened.
type Progress struct {
	mu      sync.Mutex
	counts  Counts
	changed chan struct{}
}

// note changes the counts, or only says that something has changed.
func (p *Progress) note(change func(*Counts)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if change != nil {
		change(&p.counts)
	}
	close(p.changed)
	p.changed = make(chan struct{})
}

// Now are the counts.
func (p *Progress) Now() Counts {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.counts
}

// Wait waits until something is so; it is asked again after each note.
func (p *Progress) Wait(ctx context.Context, so func() bool) error {
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
