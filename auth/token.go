package auth

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/parleychat/parley/chat"
)

const (
	// AccessLife is how long an access token is good.
	AccessLife = 6 * time.Hour
	// MaxTokenBytes is where a token is refused before it is parsed.
	MaxTokenBytes = 4 << 10
	// MinKeyBytes is the least length of the key that signs tokens (RFC 7518,
	// 3.2: as long as the hash).
	MinKeyBytes = 32

	maxVerified = 16_384
)

// claims are what an access token says. The first two are Turbo-Chat's.
type claims struct {
	User    chat.UserID `json:"userId"`
	Email   string      `json:"userMail"`
	Session string      `json:"sid"`
	jwt.RegisteredClaims
}

// Validate implements [jwt.ClaimsValidator]: what every token of ours has.
func (c *claims) Validate() error {
	if c.User <= 0 || c.Session == "" || c.IssuedAt == nil {
		return errors.New("userId, sid or iat is missing")
	}
	return nil
}

// signer makes access tokens and reads them back. Tokens that were found good
// are remembered by their hash, because clients show the same one with every
// request.
type signer struct {
	key    []byte
	parser *jwt.Parser
	now    func() time.Time

	mu       sync.Mutex
	verified bounded[[sha256.Size]byte, verified]
}

// verified is what a good token says.
type verified struct {
	user    chat.UserID
	session string
	expires time.Time
}

// newSigner fixes the algorithm: what a token says about it is compared, never
// followed (RFC 8725, 3.1), and key ids or embedded keys are not looked at.
func newSigner(key []byte, now func() time.Time) (*signer, error) {
	if len(key) < MinKeyBytes {
		return nil, fmt.Errorf("the key that signs tokens has %d bytes, it needs %d", len(key), MinKeyBytes)
	}
	return &signer{
		key: key,
		now: now,
		parser: jwt.NewParser(
			jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
			jwt.WithExpirationRequired(),
			jwt.WithStrictDecoding(),
			jwt.WithTimeFunc(now),
		),
		verified: newBounded[[sha256.Size]byte, verified](maxVerified),
	}, nil
}

// sign makes the access token of a session.
func (s *signer) sign(person chat.Person, session string) (token string, expires time.Time, err error) {
	now := s.now().Truncate(time.Second) // the resolution of iat and exp
	expires = now.Add(AccessLife)
	token, err = jwt.NewWithClaims(jwt.SigningMethodHS256, &claims{
		User:    person.ID,
		Email:   person.Email,
		Session: session,
		RegisteredClaims: jwt.RegisteredClaims{
			IssuedAt:  jwt.NewNumericDate(now),
			ExpiresAt: jwt.NewNumericDate(expires),
		},
	}).SignedString(s.key)
	if err != nil {
		return "", time.Time{}, fmt.Errorf("sign token: %w", err)
	}
	return token, expires, nil
}

// read gives what a token says, if it is ours and has not expired. Its session
// is not looked at.
func (s *signer) read(token string) (verified, error) {
	if len(token) > MaxTokenBytes {
		return verified{}, fmt.Errorf("the token has more than %d bytes", MaxTokenBytes)
	}
	hash := sha256.Sum256([]byte(token))
	s.mu.Lock()
	known, found := s.verified.get(hash)
	s.mu.Unlock()
	if found {
		if !s.now().Before(known.expires) {
			return verified{}, jwt.ErrTokenExpired
		}
		return known, nil
	}
	var c claims
	if _, err := s.parser.ParseWithClaims(token, &c, func(*jwt.Token) (any, error) { return s.key, nil }); err != nil {
		return verified{}, err
	}
	known = verified{user: c.User, session: c.Session, expires: c.ExpiresAt.Time}
	s.mu.Lock()
	s.verified.put(hash, known)
	s.mu.Unlock()
	return known, nil
}
