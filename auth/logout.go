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
	return s.changed(ctx, Change{Ended: []string{session}})
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
