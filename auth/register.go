package auth

import (
	"context"
	"fmt"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/internal/failpoint"
	"github.com/parleychat/parley/store"
)

// Register makes an account and signs it in. invite is "" without one; where
// none is needed it is not used up. It refuses with [chat.Forbidden] when
// registration is closed or an invite is needed and this is none,
// [chat.RateLimited], [chat.Invalid] with what is wrong about the address or
// the password, [chat.Conflict] for an address that is taken, [chat.Busy] when
// too many passwords wait to be hashed, and [chat.Unavailable].
func (s *Service) Register(ctx context.Context, email, password, invite string, from Client) (SignedIn, error) {
	if s.registration == RegistrationClosed {
		return SignedIn{}, chat.Errorf(chat.Forbidden, "Registration is closed here. Ask the people who run this server for an account.")
	}
	if err := s.attempts.register(from.Addr, s.now()); err != nil {
		return SignedIn{}, err
	}
	// First of all: who has no invite learns nothing about addresses.
	invited, err := s.invited(ctx, invite)
	if err != nil {
		return SignedIn{}, err
	}
	applicant, err := s.applicant(ctx, email, password)
	if err != nil {
		return SignedIn{}, err
	}
	applicant.Invite = invited
	user, err := s.store.CreateUser(ctx, applicant)
	if err != nil {
		return SignedIn{}, unavailable(fmt.Errorf("register: %w", err))
	}
	failpoint.Pass(failpoint.AccountStored)
	return s.begin(ctx, user, from)
}

// invited finds the hash of a good invite, nil where none is needed. Whether it
// is still good is decided when the account is made.
func (s *Service) invited(ctx context.Context, invite string) ([]byte, error) {
	if s.registration != RegistrationInvite {
		return nil, nil
	}
	if invite == "" {
		return nil, chat.Errorf(chat.Forbidden, "This server takes people in by invitation. Ask somebody who runs it for an invite.")
	}
	hash := hashToken(invite)
	if err := s.store.CheckInvite(ctx, hash, s.now().UnixMilli()); err != nil {
		return nil, unavailable(fmt.Errorf("register: %w", err))
	}
	return hash, nil
}

// applicant checks what somebody wants an account with, and hashes the
// password.
func (s *Service) applicant(ctx context.Context, email, password string) (store.NewUser, error) {
	email, _, err := chat.ParseEmail(email)
	if err != nil {
		return store.NewUser{}, err
	}
	if err := chat.CheckPassword(email, password); err != nil {
		return store.NewUser{}, err
	}
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return store.NewUser{}, err
	}
	return store.NewUser{
		Email:        email,
		Name:         chat.DefaultName(email),
		Handle:       chat.HandleFrom(email),
		PasswordHash: hash,
		At:           s.now().UnixMilli(),
	}, nil
}
