package auth

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/parleychat/parley/chat"
)

// Change is what other nodes have to know at once of what was changed here. It
// is in the store already.
type Change struct {
	Ended []string    // sessions that have ended
	User  chat.UserID // who has another role, name or state by now; 0: nobody
}

// changed makes a change effective: on this node when it has been called, on
// every other one when it returns. An error says that the others may learn of it
// a few seconds late.
func (s *Service) changed(ctx context.Context, c Change) error {
	s.Changed(c)
	if s.announce == nil || c.User == 0 && len(c.Ended) == 0 {
		return nil
	}
	if err := s.announce(ctx, c); err != nil {
		s.logger.WarnContext(ctx, "other nodes learn of a change late", slog.Any("error", err))
		refusal := chat.Errorf(chat.Unknown, "This is done. Other servers of this installation may take some seconds to follow.")
		refusal.RetryAfter = freshness
		return fmt.Errorf("%w: %w", refusal, err)
	}
	return nil
}

// Changed makes a change effective on this node that was made on another one:
// what was remembered goes first, then the sockets of sessions that have ended
// are told. A socket that registers after that reads the store.
func (s *Service) Changed(c Change) {
	if c.User != 0 {
		s.sessions.forgetUser(c.User)
	}
	for _, session := range c.Ended {
		s.sessions.forget(session)
		s.watchers.tell(session)
	}
}

// freshness is how old the latest proof may be that this node has heard of every
// session that has ended.
const freshness = 5 * time.Second

const (
	// pollEvery is how often the store is asked which sessions have ended.
	pollEvery = time.Second
	// pollTime bounds asking.
	pollTime = 3 * time.Second
)

// Poll asks the store once a second which sessions have ended, also those that
// other nodes have ended, until ctx ends. It returns nil. A server that is alone
// need not.
func (s *Service) Poll(ctx context.Context) error {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		if err := s.CatchUp(ctx); err != nil && ctx.Err() == nil {
			s.logger.DebugContext(ctx, "the database was not asked which sessions have ended", slog.Any("error", err))
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// Polled is when the store was last asked with success: of what was revoked
// before, everything is effective here. It has a monotonic reading.
func (s *Service) Polled() time.Time {
	if at := s.polled.Load(); at != nil {
		return *at
	}
	return time.Time{}
}

// Fresh reports whether a proof is recent enough to let people in and tell them
// things: that of Polled, or another one.
func (s *Service) Fresh(other time.Time) bool {
	return time.Since(s.Polled()) < freshness || time.Since(other) < freshness
}

// CatchUp makes those revocations effective that this node has not heard of.
func (s *Service) CatchUp(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, pollTime)
	defer cancel()
	s.spreading.Lock()
	defer s.spreading.Unlock()
	asked := time.Now()
	for {
		revocations, err := s.store.RevocationsSince(ctx, s.lastRevocation)
		if err != nil {
			return fmt.Errorf("catch up with revocations: %w", err)
		}
		if len(revocations) == 0 {
			s.polled.Store(&asked)
			return nil
		}
		for _, revocation := range revocations {
			s.Changed(Change{Ended: []string{revocation.SID}})
			s.lastRevocation = revocation.ID
		}
	}
}
