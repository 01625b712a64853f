package gateway

import (
	"context"
	"sync"
	"time"

	"github.com/parleychat/parley/chat"
)

const (
	// seenEvery is how often it is written who was last online when.
	seenEvery = 2 * time.Second
	// seenAnew is how often it is noted of those who stay: so much too early
	// they may be said to have gone by a node that was killed.
	seenAnew = 5 * time.Minute
	// seenTime bounds writing it.
	seenTime = 5 * time.Second
	// seenGrain is how exactly it is kept. More is nobody's business.
	seenGrain = time.Minute
)

// seen is who was last online when, as far as it is not written. The zero value
// is ready.
type seen struct {
	mu     sync.Mutex
	people map[chat.UserID]int64 // ms UTC
}

func (s *seen) note(at time.Time, users ...chat.UserID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.people == nil {
		s.people = make(map[chat.UserID]int64)
	}
	for _, user := range users {
		s.people[user] = max(s.people[user], at.Truncate(seenGrain).UnixMilli())
	}
}

func (s *seen) take() map[chat.UserID]int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	people := s.people
	s.people = nil
	return people
}

// keepSeen writes who was last online when, until ctx ends.
func (g *Gateway) keepSeen(ctx context.Context) {
	write, anew := time.NewTicker(seenEvery), time.NewTicker(seenAnew)
	defer write.Stop()
	defer anew.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-anew.C:
			g.noteEverybody()
		case <-write.C:
			g.writeSeen(ctx)
		}
	}
}

func (g *Gateway) noteEverybody() {
	now := g.now()
	g.each(func(c *conn) { g.seen.note(now, c.user()) })
}

// writeSeen writes what was noted. What cannot be written now is tried again.
func (g *Gateway) writeSeen(ctx context.Context) {
	people := g.seen.take()
	if len(people) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, seenTime)
	defer cancel()
	if err := g.cfg.Seen(ctx, people); err != nil {
		g.logger.DebugContext(ctx, "when people were last online is not written yet", "people", len(people), "error", err)
		for user, at := range people {
			g.seen.note(time.UnixMilli(at), user)
		}
	}
}
