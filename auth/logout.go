package auth

import (
	"context"
	"fmt"
)

// Logout ends a session: when it returns, its tokens are worthless and its
// sockets have been told. A session that has ended already is fine.
func (s *Service) Logout(ctx context.Context, session string) error {
	err := s.store.RevokeSession(ctx, session, s.now().UnixMilli())
	if err != nil && !isNotFound(err) {
		return unavailable(fmt.Errorf("logout: %w", err))
	}
	s.ended(session)
	return nil
}

// LogoutRefresh ends the session that a refresh token belongs to, for a
// browser whose access token has expired. A token that is worthless already is
// fine.
func (s *Service) LogoutRefresh(ctx context.Context, refresh string, from Client) error {
	signedIn, err := s.Refresh(ctx, refresh, from)
	if isUnauthorized(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.Logout(ctx, signedIn.Session)
}

// ended makes revocations that are in the store effective on this node: what
// was remembered of the sessions goes first, then their sockets are told. A
// socket that registers after that reads the store.
func (s *Service) ended(sessions ...string) {
	for _, session := range sessions {
		s.sessions.forget(session)
		s.watchers.tell(session)
	}
}

// spread makes those revocations effective that this node has not heard of.
func (s *Service) spread(ctx context.Context) error {
	s.spreading.Lock()
	defer s.spreading.Unlock()
	for {
		revocations, err := s.store.RevocationsSince(ctx, s.lastRevocation)
		if err != nil {
			return fmt.Errorf("spread revocations: %w", err)
		}
		if len(revocations) == 0 {
			return nil
		}
		for _, revocation := range revocations {
			s.ended(revocation.SID)
			s.lastRevocation = revocation.ID
		}
	}
}
