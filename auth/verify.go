package auth

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/parleychat/parley/chat"
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
	person, err := s.live(ctx, known.session)
	if err != nil {
		return Identity{}, err
	}
	if person.ID != known.user {
		return Identity{}, signInAgain()
	}
	return Identity{User: person, Session: known.session, ExpiresAt: known.expires}, nil
}

// CheckSession refuses with [chat.Unauthorized] a session that has ended.
func (s *Service) CheckSession(ctx context.Context, session string) error {
	_, err := s.live(ctx, session)
	return err
}

// live finds whose session this is, if it is good now.
func (s *Service) live(ctx context.Context, session string) (chat.Person, error) {
	person, generation, found := s.sessions.find(session, s.now())
	if found {
		return person, nil
	}
	person, err := s.load(ctx, session)
	if err != nil {
		return chat.Person{}, err
	}
	s.sessions.remember(session, person, generation, s.now())
	return person, nil
}

func (s *Service) load(ctx context.Context, sid string) (chat.Person, error) {
	session, err := s.store.SessionByID(ctx, sid)
	if isNotFound(err) {
		return chat.Person{}, signInAgain()
	}
	if err != nil {
		return chat.Person{}, unavailable(fmt.Errorf("verify: %w", err))
	}
	if session.RevokedAt != 0 || session.Disabled || session.ExpiresAt <= s.now().UnixMilli() {
		return chat.Person{}, signInAgain()
	}
	return s.person(ctx, session.User)
}

func (s *Service) person(ctx context.Context, id chat.UserID) (chat.Person, error) {
	user, err := s.store.UserByID(ctx, id)
	if isNotFound(err) {
		return chat.Person{}, signInAgain()
	}
	if err != nil {
		return chat.Person{}, unavailable(fmt.Errorf("whose session: %w", err))
	}
	return user.Person(), nil
}

const (
	// sessionMemory is how long a session that was found good is taken for
	// good without asking the store. A revocation by this process ends it at
	// once; this bounds how long anything else goes unnoticed, such as a row
	// changed by hand.
	sessionMemory = 5 * time.Second
	maxSessions   = 16_384
)

// sessions remembers sessions that were found good.
type sessions struct {
	mu   sync.Mutex
	good bounded[string, goodSession]
	// generation counts revocations. What was read from the store before one
	// and comes to be remembered after it may be older than it, so it is not.
	generation uint64
}

type goodSession struct {
	person chat.Person
	until  time.Time
}

func newSessions() sessions {
	return sessions{good: newBounded[string, goodSession](maxSessions)}
}

func (m *sessions) find(session string, now time.Time) (person chat.Person, generation uint64, found bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	known, found := m.good.get(session)
	return known.person, m.generation, found && now.Before(known.until)
}

func (m *sessions) remember(session string, person chat.Person, generation uint64, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if generation == m.generation {
		m.good.put(session, goodSession{person: person, until: now.Add(sessionMemory)})
	}
}

func (m *sessions) forget(session string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.generation++
	m.good.remove(session)
}

func isUnauthorized(err error) bool {
	refusal, refused := errors.AsType[*chat.Error](err)
	return refused && refusal.Code == chat.Unauthorized
}
