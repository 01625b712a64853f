package main

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// dice makes the choices of a campaign, for any goroutine.
type dice struct {
	mu   sync.Mutex
	rand *rand.Rand
}

func newDice(seed uint64) *dice { return &dice{rand: rand.New(rand.NewPCG(seed, 1))} }

// in reports whether something of this probability happens.
func (d *dice) in(probability float64) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.rand.Float64() < probability
}

// below picks a number from 0 to n−1.
func (d *dice) below(n int) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.rand.IntN(n)
}

// upTo picks a time.
func (d *dice) upTo(most time.Duration) time.Duration {
	return time.Duration(d.below(int(most) + 1))
}

// about picks a time around a mean, as things come that know nothing of each
// other.
func (d *dice) about(mean time.Duration) time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	return min(time.Duration(d.rand.ExpFloat64()*float64(mean)), 10*mean)
}

// pause lets time pass, as part of the load. It reports whether ctx goes on.
func pause(ctx context.Context, t time.Duration) bool {
	timer := time.NewTimer(t)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
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
