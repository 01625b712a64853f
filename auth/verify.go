package auth

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/store"
)

// Verify tells who a token belongs to. Everything that is wrong with one,
// whether it is missing, malformed, too long, forged, expired, of a session
// that has ended or of a disabled account, is refused alike with
// [chat.Unauthorized]. It fails with [chat.Unavailable] when the session
// cannot be looked up.
func (s *Service) Verify(ctx context.Context, token string) (Identity, error) {
	known, err := s.signer.read(token)
	if err != nil {
		return Identity{}, signInAgain()
	}
	user, err := s.live(ctx, known.session)
	if err != nil {
		return Identity{}, err
	}
	if user.ID != known.user {
		return Identity{}, signInAgain()
	}
	return Identity{User: user.Person(), Role: user.Role, Choice: user.Choice, Session: known.session, ExpiresAt: known.expires}, nil
}

// CheckSession refuses with [chat.Unauthorized] a session that has ended.
func (s *Service) CheckSession(ctx context.Context, session string) error {
	_, err := s.live(ctx, session)
	return err
}

// Owner is whose session this is, as they are now, or refuses as
// [Service.CheckSession] does.
func (s *Service) Owner(ctx context.Context, session string) (User, error) {
	return s.live(ctx, session)
}

// live finds whose session this is, if it is good now. While the store is away
// a session that was good stays so as long as its end would have been heard:
// who is signed in is not sent away because of that.
func (s *Service) live(ctx context.Context, session string) (store.User, error) {
	known, generation, remembered := s.sessions.find(session)
	if remembered && s.now().Before(known.until) {
		return known.user, nil
	}
	asking := ctx
	if remembered {
		var cancel context.CancelFunc
		asking, cancel = context.WithTimeout(ctx, lookTime)
		defer cancel()
	}
	user, err := s.load(asking, session)
	switch {
	case err == nil:
		s.sessions.remember(session, user, generation, s.now())
		return user, nil
	case ctx.Err() == nil && store.IsOutage(err) && s.fresh() && s.sessions.extend(session, s.now()):
		return known.user, nil
	}
	return store.User{}, err
}

func (s *Service) load(ctx context.Context, sid string) (store.User, error) {
	session, err := s.store.SessionByID(ctx, sid)
	if isNotFound(err) {
		return store.User{}, signInAgain()
	}
	if err != nil {
		return store.User{}, unavailable(fmt.Errorf("verify: %w", err))
	}
	if session.RevokedAt != 0 || session.Disabled || session.ExpiresAt <= s.now().UnixMilli() {
		return store.User{}, signInAgain()
	}
	return s.user(ctx, session.User)
}

func (s *Service) user(ctx context.Context, id chat.UserID) (store.User, error) {
	user, err := s.store.UserByID(ctx, id)
	if isNotFound(err) {
		return store.User{}, signInAgain()
	}
	if err != nil {
		return store.User{}, unavailable(fmt.Errorf("whose session: %w", err))
	}
	user.PasswordHash = "" // nobody needs it who has a token
	return user, nil
}

const (
	// sessionMemory is how long a session that was found good is taken for
	// good without asking the store. A revocation by this process ends it at
	// once; this bounds how long anything else goes unnoticed, such as a row
	// changed by hand.
	sessionMemory = 5 * time.Second
	// lookTime is how long the store may take to say whether a session is still
	// good that was.
	lookTime    = 2 * time.Second
	maxSessions = 16_384
)

// sessions remembers sessions that were found good.
type sessions struct {
	mu   sync.Mutex
	good bounded[string, goodSession]
	// generation counts revocations and changes. What was read from the store before one
	// and comes to be remembered after it may be older than it, so it is not.
	generation uint64
}

type goodSession struct {
	user  store.User
	until time.Time
}

func newSessions() sessions {
	return sessions{good: newBounded[string, goodSession](maxSessions)}
}

func (m *sessions) find(session string) (known goodSession, generation uint64, found bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	known, found = m.good.get(session)
	return known, m.generation, found
}

// extend takes a session for good that was, unless its end was heard since.
func (m *sessions) extend(session string, now time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	known, found := m.good.get(session)
	if found {
		known.until = now.Add(sessionMemory)
		m.good.put(session, known)
	}
	return found
}

func (m *sessions) remember(session string, user store.User, generation uint64, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if generation == m.generation {
		m.good.put(session, goodSession{user: user, until: now.Add(sessionMemory)})
	}
}

func (m *sessions) forget(session string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.generation++
	m.good.remove(session)
}

// forgetUser forgets what was known of a person in all of their sessions, which
// go on.
func (m *sessions) forgetUser(user chat.UserID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.generation++
	for session, known := range m.good.entries {
		if known.user.ID == user {
			m.good.remove(session)
		}
	}
}

func isUnauthorized(err error) bool {
	refusal, refused := errors.AsType[*chat.Error](err)
	return refused && refusal.Code == chat.Unauthorized
}
