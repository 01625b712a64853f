package auth

import (
	"context"
	"fmt"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/store"
)

// SetProfile changes how somebody is called. It refuses with [chat.Invalid]
// what is no name or handle, and with [chat.Conflict] a handle that somebody
// else has. nil leaves it as it is.
func (s *Service) SetProfile(ctx context.Context, who chat.UserID, name, handle *string) (User, error) {
	var p store.Profile
	if name != nil {
		normal, err := chat.NormalizeDisplayName(*name)
		if err != nil {
			return User{}, err
		}
		p.Name = &normal
	}
	if handle != nil {
		normal, err := chat.NormalizeHandle(*handle)
		if err != nil {
			return User{}, err
		}
		p.Handle = &normal
	}
	user, err := s.store.SetProfile(ctx, who, p)
	if err != nil {
		return User{}, unavailable(err)
	}
	return user, s.changed(ctx, Change{User: who})
}

// ChangePassword sets another password and ends all other sessions: when it
// returns, their tokens are worthless and their sockets have been told. It
// refuses with [chat.Forbidden] when the present password is wrong,
// [chat.Invalid] when the new one is none, [chat.RateLimited] and [chat.Busy].
func (s *Service) ChangePassword(ctx context.Context, who Identity, present, wanted string, from Client) error {
	if err := chat.CheckPassword(who.User.Email, wanted); err != nil {
		return err
	}
	user, err := s.confirm(ctx, who, present, from)
	if err != nil {
		return err
	}
	hash, err := s.hasher.hash(ctx, wanted)
	if err != nil {
		return err
	}
	ended, err := s.store.ChangePassword(ctx, user.ID, user.PasswordHash, hash, who.Session, s.now().UnixMilli())
	if err != nil {
		return unavailable(err)
	}
	return s.changed(ctx, Change{Ended: ended})
}

// confirm makes sure that it is the person, and not somebody who found their
// device open: the password is asked for again. Attempts count as those to sign
// in do.
func (s *Service) confirm(ctx context.Context, who Identity, password string, from Client) (User, error) {
	_, key, err := chat.ParseEmail(who.User.Email)
	if err != nil {
		return User{}, fmt.Errorf("address of user %d: %w", who.User.ID, err)
	}
	if err := s.attempts.login(key, from.Addr, s.now()); err != nil {
		return User{}, err
	}
	user, err := s.store.UserByID(ctx, who.User.ID)
	if err != nil {
		return User{}, unavailable(fmt.Errorf("confirm: %w", err))
	}
	right, _, err := s.hasher.check(ctx, user.PasswordHash, password)
	if err != nil {
		return User{}, fmt.Errorf("confirm user %d: %w", user.ID, err)
	}
	if !right {
		return User{}, chat.Errorf(chat.Forbidden, "This is not your present password.")
	}
	return user, nil
}

// Delete deletes the account of somebody who knows its password, and gives
// what is left of it. It refuses with [chat.Conflict] the last owner of the
// server and the only owner of a room in which others are, and as
// [Service.ChangePassword] does.
func (s *Service) Delete(ctx context.Context, who Identity, password string, from Client) (User, error) {
	if _, err := s.confirm(ctx, who, password, from); err != nil {
		return User{}, err
	}
	left, ended, err := s.store.DeleteUser(ctx, who.User.ID, s.now().UnixMilli())
	if err != nil {
		return User{}, unavailable(err)
	}
	return left, s.changed(ctx, Change{User: who.User.ID, Ended: ended})
}

// Sessions lists where somebody is signed in, the last used first.
func (s *Service) Sessions(ctx context.Context, who chat.UserID) ([]store.Session, error) {
	sessions, err := s.store.SessionsOf(ctx, who, s.now().UnixMilli())
	if err != nil {
		return nil, unavailable(err)
	}
	return sessions, nil
}

// User finds an account, deleted ones too, or refuses with [chat.NotFound].
func (s *Service) User(ctx context.Context, id chat.UserID) (User, error) {
	user, err := s.store.UserByID(ctx, id)
	return user, unavailable(err)
}

// UserByHandle finds the account with this handle, or refuses with
// [chat.NotFound].
func (s *Service) UserByHandle(ctx context.Context, handle string) (User, error) {
	user, err := s.store.UserByHandle(ctx, handle)
	return user, unavailable(err)
}

// LogoutSession ends one session of somebody. One that is not theirs, or not
// any more, is refused with [chat.NotFound].
func (s *Service) LogoutSession(ctx context.Context, who chat.UserID, session string) error {
	if err := s.store.RevokeSessionOf(ctx, who, session, s.now().UnixMilli()); err != nil {
		return unavailable(err)
	}
	return s.changed(ctx, Change{Ended: []string{session}})
}

// LogoutOthers ends all sessions of somebody but this one.
func (s *Service) LogoutOthers(ctx context.Context, who Identity) error {
	return s.logoutBut(ctx, who.User.ID, who.Session)
}

// LogoutEverywhere ends all sessions of somebody.
func (s *Service) LogoutEverywhere(ctx context.Context, who Identity) error {
	return s.logoutBut(ctx, who.User.ID, "")
}

func (s *Service) logoutBut(ctx context.Context, user chat.UserID, except string) error {
	ended, err := s.store.RevokeSessionsOf(ctx, user, except, s.now().UnixMilli())
	if err != nil {
		return unavailable(err)
	}
	return s.changed(ctx, Change{Ended: ended})
}
