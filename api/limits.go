package api

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/parleychat/parley/chat"
)

// Rates per person, those of a socket.
const (
	changesPerSecond = 10
	changesBurst     = 50
	readsPerSecond   = 50
	readsBurst       = 500

	// idleAfter is when a person's buckets are full again.
	idleAfter = 10 * time.Second
	maxPeople = 100_000
)

// limits holds the buckets of people who call.
type limits struct {
	mu     sync.Mutex
	people map[chat.UserID]*personLimits
	swept  time.Time
}

type personLimits struct {
	changes, reads *rate.Limiter
	used           time.Time // guarded by limits.mu
}

func newLimits() limits { return limits{people: make(map[chat.UserID]*personLimits)} }

// of finds a person's buckets.
func (l *limits) of(user chat.UserID, now time.Time) *personLimits {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sweep(now)
	p := l.people[user]
	if p == nil {
		p = &personLimits{
			changes: rate.NewLimiter(changesPerSecond, changesBurst),
			reads:   rate.NewLimiter(readsPerSecond, readsBurst),
		}
		l.people[user] = p
	}
	p.used = now
	return p
}

// sweep forgets full buckets. Every person has an account and a token, so the
// bound is only reached when so many really call within seconds.
func (l *limits) sweep(now time.Time) {
	if now.Sub(l.swept) < idleAfter && len(l.people) < maxPeople {
		return
	}
	l.swept = now
	for user, p := range l.people {
		if now.Sub(p.used) >= idleAfter || len(l.people) >= maxPeople {
			delete(l.people, user)
		}
	}
}

func take(bucket *rate.Limiter, now time.Time) error {
	if bucket.AllowN(now, 1) {
		return nil
	}
	refusal := chat.Errorf(chat.RateLimited, "Slow down: more than %g a second.", float64(bucket.Limit()))
	refusal.RetryAfter = time.Duration(float64(time.Second) / float64(bucket.Limit()))
	return refusal
}

func (a *api) countChange(user chat.UserID) error {
	now := a.now()
	return take(a.limits.of(user, now).changes, now)
}

func (a *api) countRead(user chat.UserID) error {
	now := a.now()
	return take(a.limits.of(user, now).reads, now)
}
