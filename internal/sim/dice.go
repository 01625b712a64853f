package sim

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// dice makes the choices of a run, for any goroutine.
type dice struct {
	mu   sync.Mutex
	rand *rand.Rand
}

func newDice(seed uint64) *dice { return &dice{rand: rand.New(rand.NewPCG(seed, 0x7061726c6579))} }

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
func (d *dice) upTo(most time.Duration) time.Duration { return time.Duration(d.below(int(most) + 1)) }

// about picks a time around a mean, as things come that know nothing of each
// other.
func (d *dice) about(mean time.Duration) time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	return min(time.Duration(d.rand.ExpFloat64()*float64(mean)), 10*mean)
}

// order is a permutation of 0 … n−1.
func (d *dice) order(n int) []int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.rand.Perm(n)
}

// pause lets time pass. It reports whether ctx goes on.
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
