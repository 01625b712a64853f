package gateway

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/parleychat/parley/chat"
)

// Rates per person, whatever number of sockets they use.
const (
	sendsPerSecond = 10
	sendsBurst     = 50
	joinsPerSecond = 50
	joinsBurst     = 500
	readsPerSecond = 50
	readsBurst     = 500
)

// forgetAfter is how long a person's buckets are kept without a socket: until
// the slowest of them is full again.
const forgetAfter = 10 * time.Second

// limits holds people's buckets and counts sockets.
type limits struct {
	mu     sync.Mutex
	people map[chat.UserID]*personLimits
}

// personLimits is one person's buckets, shared by all of their sockets.
type personLimits struct {
	sends, joins, reads *rate.Limiter

	// Guarded by limits.mu.
	sockets int
	left    time.Time // when the last socket closed
}

func newLimits() limits {
	return limits{people: make(map[chat.UserID]*personLimits)}
}

// enter counts a socket in. It is counted, to be left again, even if it is
// refused.
func (l *limits) enter(user chat.UserID) (*personLimits, *chat.Error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.people[user]
	if p == nil {
		p = &personLimits{
			sends: rate.NewLimiter(sendsPerSecond, sendsBurst),
			joins: rate.NewLimiter(joinsPerSecond, joinsBurst),
			reads: rate.NewLimiter(readsPerSecond, readsBurst),
		}
		l.people[user] = p
	}
	p.sockets++
	if p.sockets > maxSocketsPerPerson {
		return p, chat.Errorf(chat.RateLimited, "You have %d connections open. Close one first.", maxSocketsPerPerson)
	}
	return p, nil
}

// leave counts a socket out.
func (l *limits) leave(p *personLimits, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p.sockets--
	p.left = now
}

// forget drops the buckets of people who have been away long enough.
func (l *limits) forget(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for user, p := range l.people {
		if p.sockets == 0 && now.Sub(p.left) >= forgetAfter {
			delete(l.people, user)
		}
	}
}

// take takes one token, or says how long to wait for the next.
func take(bucket *rate.Limiter, now time.Time) error {
	if bucket.AllowN(now, 1) {
		return nil
	}
	refusal := chat.Errorf(chat.RateLimited, "Slow down: more than %g a second.", float64(bucket.Limit()))
	refusal.RetryAfter = time.Duration(float64(time.Second) / float64(bucket.Limit()))
	return refusal
}
