package people

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// Dice make the choices of a run, for any goroutine.
type Dice struct {
	mu   sync.Mutex
	rand *rand.Rand
}

// NewDice makes dice that fall as the seed says.
func NewDice(seed uint64) *Dice { return &Dice{rand: rand.New(rand.NewPCG(seed, 0x7061726c6579))} }

// In reports whether something of this probability happens.
func (d *Dice) In(probability float64) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.rand.Float64() < probability
}

// Below picks a number from 0 to n−1.
func (d *Dice) Below(n int) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.rand.IntN(n)
}

// UpTo picks a time.
func (d *Dice) UpTo(most time.Duration) time.Duration { return time.Duration(d.Below(int(most) + 1)) }

// About picks a time around a mean, as things come that know nothing of each
// other.
func (d *Dice) About(mean time.Duration) time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	return min(time.Duration(d.rand.ExpFloat64()*float64(mean)), 10*mean)
}

// Order is a permutation of 0 … n−1.
func (d *Dice) Order(n int) []int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.rand.Perm(n)
}

// Pause lets time pass. It reports whether ctx goes on.
func Pause(ctx context.Context, t time.Duration) bool {
	timer := time.NewTimer(t)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
