package auth

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"log/slog"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/store"
)

const (
	// RefreshLife is how long a refresh token is good.
	RefreshLife = 30 * 24 * time.Hour

	sidBytes          = 16
	refreshBytes      = 32
	maxUserAgentBytes = 200
)

// Login signs somebody in, with a new session. It refuses with
// [chat.Unauthorized], in the same words and after the same work, a wrong
// password, an address without an account and a disabled account; further with
// [chat.RateLimited], [chat.Busy] and [chat.Unavailable].
func (s *Service) Login(ctx context.Context, email, password string, from Client) (SignedIn, error) {
	// What is no address has no account, and shares one bucket.
	address, key, err := chat.ParseEmail(email)
	if err != nil {
		address, key = "", ""
	}
	if err := s.attempts.login(key, from.Addr, s.now()); err != nil {
		return SignedIn{}, err
	}
	user, err := s.account(ctx, address)
	if err != nil {
		return SignedIn{}, err
	}
	right, outdated, err := s.hasher.check(ctx, user.PasswordHash, password)
	if err != nil {
		return SignedIn{}, fmt.Errorf("login of user %d: %w", user.ID, err)
	}
	if !right || user.DisabledAt != 0 {
		return SignedIn{}, chat.Errorf(chat.Unauthorized, "The e-mail address or the password is wrong.")
	}
	if outdated {
		user.PasswordHash = s.rehash(ctx, user, password)
	}
	return s.begin(ctx, user, from)
}

// account finds whom an address belongs to; the zero user when nobody.
func (s *Service) account(ctx context.Context, address string) (store.User, error) {
	if address == "" {
		return store.User{}, nil
	}
	user, err := s.store.UserByEmail(ctx, address)
	if err != nil && !isNotFound(err) {
		return store.User{}, unavailable(fmt.Errorf("login: %w", err))
	}
	return user, nil
}

// rehash replaces a hash of another kind or cost while the password is known.
// The person is signed in either way; without it the next sign-in tries again.
// It gives the hash that is stored now.
func (s *Service) rehash(ctx context.Context, user store.User, password string) string {
	hash, err := s.hasher.hash(ctx, password)
	if err == nil {
		err = s.store.RenewPasswordHash(ctx, user.ID, user.PasswordHash, hash)
	}
	if err != nil {
		s.logger.WarnContext(ctx, "password hash not renewed", slog.Int64("user", int64(user.ID)), slog.Any("error", err))
		return user.PasswordHash
	}
	return hash
}

// begin starts a session. Its id is new at each sign-in, so nobody can have
// been given it before. If the password was changed since it was compared, or
// the account was disabled, there is none.
func (s *Service) begin(ctx context.Context, user store.User, from Client) (SignedIn, error) {
	now := s.now()
	sid, refresh := randomText(sidBytes), randomText(refreshBytes)
	signedIn, err := s.signedIn(user, sid, refresh, now.Add(RefreshLife))
	if err != nil {
		return SignedIn{}, err
	}
	if err := s.store.CreateSession(ctx, store.NewSession{
		SID:          sid,
		User:         user.ID,
		PasswordHash: user.PasswordHash,
		UserAgent:    shortUserAgent(from.UserAgent),
		RefreshHash:  hashToken(refresh),
		At:           now.UnixMilli(),
		ExpiresAt:    signedIn.RefreshExpiresAt.UnixMilli(),
	}); err != nil {
		return SignedIn{}, unavailable(fmt.Errorf("sign in: %w", err))
	}
	return signedIn, nil
}

func (s *Service) signedIn(user store.User, sid, refresh string, refreshExpires time.Time) (SignedIn, error) {
	token, expires, err := s.signer.sign(user.Person(), sid)
	if err != nil {
		return SignedIn{}, err
	}
	return SignedIn{
		User:             user.Person(),
		Role:             user.Role,
		Session:          sid,
		Token:            token,
		ExpiresAt:        expires,
		Refresh:          refresh,
		RefreshExpiresAt: refreshExpires,
	}, nil
}

func randomText(n int) string { return base64.RawURLEncoding.EncodeToString(randomBytes(n)) }

// hashToken is how tokens are stored that must not be read there. They are
// random, so a plain hash hides them.
func hashToken(token string) []byte {
	hash := sha256.Sum256([]byte(token))
	return hash[:]
}

// shortUserAgent bounds what is stored, and leaves out what a terminal or a
// page could choke on.
func shortUserAgent(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == utf8.RuneError {
			return -1
		}
		return r
	}, s[:min(len(s), maxUserAgentBytes)])
	return s
}
