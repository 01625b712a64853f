package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"
	"golang.org/x/text/unicode/norm"

	"github.com/parleychat/parley/chat"
)

// cost is what one hash of a password takes. Hashes of another cost are
// replaced when their password is seen.
var cost = argonCost{memory: 19 << 10, passes: 2, lanes: 1}

const (
	saltBytes = 16
	keyBytes  = 32
	// maxPasswordBytes is where a password is wrong without looking at it: the
	// longest that can be chosen, in the longest characters.
	maxPasswordBytes = 4 * chat.MaxPasswordChars
	// hashWait is how long a sign-in waits for its turn to hash.
	hashWait = time.Second
)

// hasher hashes passwords, as many at a time as it has slots: each takes 19 MiB
// and a core for some 30 ms, and a crowd of them must not take the machine
// from the sockets.
type hasher struct {
	slots chan struct{}
	wait  time.Duration
	// decoy is checked in place of the hash of an account that does not exist.
	// No password fits it.
	decoy string
}

func newHasher(slots int, wait time.Duration) *hasher {
	decoy := phc{cost: cost, salt: randomBytes(saltBytes), key: randomBytes(keyBytes)}
	return &hasher{slots: make(chan struct{}, slots), wait: wait, decoy: decoy.String()}
}

// hash makes the PHC string of a password.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	if err := h.enter(ctx); err != nil {
		return "", err
	}
	defer h.leave()
	p := phc{cost: cost, salt: randomBytes(saltBytes)}
	p.key = p.cost.derive(password, p.salt, keyBytes)
	return p.String(), nil
}

// check compares a password with a stored hash; with "" it does the same work
// for nothing. outdated says that the password is right and the hash should be
// made anew.
func (h *hasher) check(ctx context.Context, stored, password string) (right, outdated bool, err error) {
	known := stored != ""
	if !known {
		stored = h.decoy
	}
	if password == "" || len(password) > maxPasswordBytes {
		password, known = "", false
	}
	if err := h.enter(ctx); err != nil {
		return false, false, err
	}
	defer h.leave()
	if strings.HasPrefix(stored, "$2") {
		right, err = checkBcrypt(stored, password)
		return right && known, right && known, err
	}
	p, err := parsePHC(stored)
	if err != nil {
		return false, false, fmt.Errorf("stored password hash: %w", err)
	}
	key := p.cost.derive(password, p.salt, len(p.key))
	right = subtle.ConstantTimeCompare(key, p.key) == 1 && known
	return right, right && (p.cost != cost || len(p.key) != keyBytes), nil
}

// checkBcrypt compares with a hash of Turbo-Chat, which looked at the first 72
// bytes of a password only.
func checkBcrypt(stored, password string) (bool, error) {
	raw := []byte(password)
	err := bcrypt.CompareHashAndPassword([]byte(stored), raw[:min(len(raw), 72)])
	if errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("stored bcrypt hash: %w", err)
	}
	return true, nil
}

// enter waits for a slot, at most h.wait.
func (h *hasher) enter(ctx context.Context) error {
	select {
	case h.slots <- struct{}{}:
		return nil
	default:
	}
	limit := time.NewTimer(h.wait)
	defer limit.Stop()
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait to hash a password: %w", ctx.Err())
	case <-limit.C:
		busy := chat.Errorf(chat.Busy, "Too many people are signing in right now. Try again in a few seconds.")
		busy.RetryAfter = 2 * time.Second
		return busy
	}
}

func (h *hasher) leave() { <-h.slots }

// argonCost are the parameters of argon2id (RFC 9106, 3.1).
type argonCost struct {
	memory uint32 // KiB
	passes uint32
	lanes  uint8
}

// derive hashes the NFC form, so that a password typed on another system fits
// (RFC 8265, 4.2.1).
func (c argonCost) derive(password string, salt []byte, size int) []byte {
	return argon2.IDKey([]byte(norm.NFC.String(password)), salt, c.passes, c.memory, c.lanes, uint32(size))
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails, see its documentation
	return b
}
