package auth

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/internal/failpoint"
	"github.com/parleychat/parley/store"
)

// RefreshGrace is how long after its use a refresh token may come again.
const RefreshGrace = 30 * time.Second

const maxRenewals = 10_000

// renewals remembers the successors of the tokens that were replaced within
// the last [RefreshGrace].
type renewals struct {
	mu     sync.Mutex // held while a token is replaced, so that it is replaced once
	recent bounded[[sha256.Size]byte, renewal]
}

type renewal struct {
	refresh string
	expires time.Time
	session store.Session
	at      time.Time
}

func newRenewals() renewals {
	return renewals{recent: newBounded[[sha256.Size]byte, renewal](maxRenewals)}
}

// Refresh exchanges a refresh token for a new pair of tokens of the same
// session. It refuses with [chat.Unauthorized] a token that is unknown or
// expired, or whose session has ended; one that was replaced more than
// [RefreshGrace] ago ends its session. Further with [chat.RateLimited] and
// [chat.Unavailable].
func (s *Service) Refresh(ctx context.Context, refresh string, from Client) (SignedIn, error) {
	if err := s.attempts.refresh(from.Addr, s.now()); err != nil {
		return SignedIn{}, err
	}
	if len(refresh) > MaxTokenBytes {
		return SignedIn{}, signInAgain()
	}
	next, err := s.renew(ctx, refresh)
	if errors.Is(err, store.ErrRefreshReused) {
		s.logger.WarnContext(ctx, "a refresh token came a second time, its session is revoked", slog.Any("error", err))
		if err := s.changed(ctx, Change{Ended: []string{next.session.SID}}); err != nil {
			return SignedIn{}, err
		}
		return SignedIn{}, signInAgain()
	}
	if err != nil {
		return SignedIn{}, unavailable(err)
	}
	user, err := s.user(ctx, next.session.User)
	if err != nil {
		return SignedIn{}, err
	}
	return s.signedIn(user, next.session.SID, next.refresh, next.expires)
}

// renew replaces the token, or finds the successor that it was given before. Of
// one that was reused it gives the session, which has ended.
func (s *Service) renew(ctx context.Context, refresh string) (renewal, error) {
	r := &s.renewals
	hash := hashToken(refresh)
	r.mu.Lock()
	defer r.mu.Unlock()
	now := s.now()
	if former, found := r.successor(hash, now); found {
		if err := s.CheckSession(ctx, former.session.SID); err != nil {
			return renewal{}, err
		}
		return former, nil
	}
	next := renewal{refresh: randomText(refreshBytes), expires: now.Add(RefreshLife), at: now}
	session, err := s.store.RotateRefresh(ctx, store.Rotation{
		Old:       hash,
		New:       hashToken(next.refresh),
		At:        now.UnixMilli(),
		ExpiresAt: next.expires.UnixMilli(),
		Grace:     RefreshGrace,
	})
	if err != nil {
		return renewal{session: session}, fmt.Errorf("refresh: %w", err)
	}
	failpoint.Pass(failpoint.RefreshRotated)
	next.session = session
	r.forgetBefore(now.Add(-RefreshGrace))
	r.recent.put([sha256.Size]byte(hash), next)
	return next, nil
}

// successor is the newest token that came of this one within the grace. A tab
// that comes late with a token which was replaced twice by now must not put an
// old one back into the browser.
func (r *renewals) successor(hash []byte, now time.Time) (newest renewal, found bool) {
	for {
		next, replaced := r.recent.get([sha256.Size]byte(hash))
		if !replaced || now.Sub(next.at) >= RefreshGrace {
			return newest, found
		}
		newest, found = next, true
		hash = hashToken(next.refresh)
	}
}

// forgetBefore drops what the grace has passed for, so that tokens stay in
// memory no longer than they are needed. The map is small: it holds what was
// renewed within the grace.
func (r *renewals) forgetBefore(t time.Time) {
	for hash, former := range r.recent.entries {
		if former.at.Before(t) {
			r.recent.remove(hash)
		}
	}
}

func signInAgain() *chat.Error {
	return chat.Errorf(chat.Unauthorized, "You are not signed in any more. Sign in again.")
}
