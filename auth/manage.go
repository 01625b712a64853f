package auth

import (
	"context"

	"github.com/parleychat/parley/chat"
)

// What owners and admins of the server do to others. Their right is judged by
// the store, with the roles as they are at that moment. The actor
// [Operator] is whoever runs the server, on its own machine.

// SetRole gives somebody a role on the server. It is effective with their next
// call.
func (s *Service) SetRole(ctx context.Context, actor, target chat.UserID, role chat.ServerRole) (User, error) {
	if !role.Valid() {
		return User{}, chat.Errorf(chat.Invalid, "A role on the server is %s, %s or %s.", chat.ServerOwner, chat.ServerAdmin, chat.ServerMember)
	}
	user, err := s.store.SetServerRole(ctx, actor, target, role)
	if err != nil {
		return User{}, unavailable(err)
	}
	return user, s.changed(ctx, Change{User: target})
}

// Disable shuts somebody out: when it returns, their tokens are worthless and
// their sockets have been told.
func (s *Service) Disable(ctx context.Context, actor, target chat.UserID) (User, error) {
	user, ended, err := s.store.DisableUser(ctx, actor, target, s.now().UnixMilli())
	if err != nil {
		return User{}, unavailable(err)
	}
	return user, s.changed(ctx, Change{Ended: ended})
}

// Enable lets somebody sign in again.
func (s *Service) Enable(ctx context.Context, actor, target chat.UserID) (User, error) {
	user, err := s.store.EnableUser(ctx, actor, target)
	if err != nil {
		return User{}, unavailable(err)
	}
	return user, nil
}

// Users lists accounts with ids after this one, in order, without deleted ones.
func (s *Service) Users(ctx context.Context, after chat.UserID, limit int) ([]User, error) {
	users, err := s.store.ListUsers(ctx, after, limit)
	return users, unavailable(err)
}

// Invites lists the invites that are good now, the oldest first.
func (s *Service) Invites(ctx context.Context) ([]Invite, error) {
	invites, err := s.store.Invites(ctx, s.now().UnixMilli())
	return invites, unavailable(err)
}

// RemoveInvite takes an invite back, or refuses with [chat.NotFound].
func (s *Service) RemoveInvite(ctx context.Context, id int64) error {
	return unavailable(s.store.RemoveInvite(ctx, id))
}
