package auth

import (
	"context"
	"fmt"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/internal/failpoint"
	"github.com/parleychat/parley/store"
)

// Register makes an account and signs it in. It refuses with
// [chat.Forbidden] when registration is closed, [chat.RateLimited],
// [chat.Invalid] with what is wrong about the address or the password,
// [chat.Conflict] for an address that is taken, [chat.Busy] when too many
// passwords wait to be hashed, and [chat.Unavailable].
func (s *Service) Register(ctx context.Context, email, password string, from Client) (SignedIn, error) {
	if s.registrationClosed {
		return SignedIn{}, chat.Errorf(chat.Forbidden, "Registration is closed here. Ask the people who run this server for an account.")
	}
	if err := s.attempts.register(from.Addr, s.now()); err != nil {
		return SignedIn{}, err
	}
	email, _, err := chat.ParseEmail(email)
	if err != nil {
		return SignedIn{}, err
	}
	if err := chat.CheckPassword(email, password); err != nil {
		return SignedIn{}, err
	}
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return SignedIn{}, err
	}
	user, err := s.store.CreateUser(ctx, store.NewUser{
		Email:        email,
		Name:         chat.DefaultName(email),
		Handle:       chat.HandleFrom(email),
		PasswordHash: hash,
		At:           s.now().UnixMilli(),
	})
	if err != nil {
		return SignedIn{}, unavailable(fmt.Errorf("register: %w", err))
	}
	failpoint.Pass(failpoint.AccountStored)
	return s.begin(ctx, user.Person(), from)
}
