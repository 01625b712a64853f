package sim

import (
	"sync"
	"time"

	"github.com/parleychat/parley/internal/people"
)

// point is a place at which a node can be killed: between two things of which
// one is durable, or was told, and the other not.
type point string

// The points.
const (
	beforeAppend point = "before append" // the record is handed over and not in the log
	afterAppend  point = "after append"  // it is in the log, and nobody was told
	beforeCommit point = "before commit" // the recorder has not stored a batch
	afterCommit  point = "after commit"  // it has, and does not know
	midFollow    point = "mid fan-out"   // a batch of the log is about to be applied
	midOpening   point = "mid opening"   // a room is loaded and not open yet
	midCatchUp   point = "mid catch-up"  // a part of a resume is read from the store and not sent
)

var allPoints = []point{beforeAppend, afterAppend, beforeCommit, afterCommit, midFollow, midOpening, midCatchUp}

// points lets a killer wait until a node has come to a point. The goroutine
// that came there stays until the node is dead.
type points struct {
	mu    sync.Mutex
	armed point
	there chan struct{} // closed when somebody is there
	dead  chan struct{} // closed by die
}

func newPoints() *points { return &points{dead: make(chan struct{})} }

// arm asks for the next arrival at a point.
func (p *points) arm(at point) <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.armed, p.there = at, make(chan struct{})
	return p.there
}

// disarm takes it back, unless somebody is there.
func (p *points) disarm() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.armed = ""
}

// reach is called wherever a point is.
func (p *points) reach(at point) {
	p.mu.Lock()
	hit := p.armed == at
	if hit {
		p.armed = ""
		close(p.there)
	}
	p.mu.Unlock()
	if hit {
		<-p.dead
	}
}

// die lets everybody go: nothing that the node does from now on counts.
func (p *points) die() { close(p.dead) }

func (p *points) isDead() bool {
	select {
	case <-p.dead:
		return true
	default:
		return false
	}
}

// wait lets about d pass, unless the node dies.
func (p *points) wait(dice *people.Dice, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(dice.About(d))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-p.dead:
	}
}
