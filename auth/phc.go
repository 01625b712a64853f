package auth

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
)

// phc is a hash in the form of the Password Hashing Competition:
// $argon2id$v=19$m=19456,t=2,p=1$<salt>$<key>, the last two in base64 without
// padding.
type phc struct {
	cost argonCost
	salt []byte
	key  []byte
}

var errNotPHC = errors.New("not an argon2id hash in PHC form")

// Bounds on what a stored hash may ask for, so that a damaged or planted row
// cannot take the machine.
const (
	maxArgonMemory = 256 << 10 // KiB
	maxArgonPasses = 16
	maxArgonLanes  = 16
	maxSaltBytes   = 64
	maxKeyBytes    = 64
)

func (p phc) String() string {
	enc := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		p.cost.memory, p.cost.passes, p.cost.lanes, enc.EncodeToString(p.salt), enc.EncodeToString(p.key))
}

func parsePHC(text string) (phc, error) {
	parts := strings.Split(text, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != "v="+strconv.Itoa(argon2.Version) {
		return phc{}, errNotPHC
	}
	params := strings.Split(parts[3], ",")
	if len(params) != 3 {
		return phc{}, errNotPHC
	}
	memory, okM := phcNumber(params[0], "m=", maxArgonMemory)
	passes, okT := phcNumber(params[1], "t=", maxArgonPasses)
	lanes, okP := phcNumber(params[2], "p=", maxArgonLanes)
	if !okM || !okT || !okP || memory < 8*lanes {
		return phc{}, errNotPHC
	}
	p := phc{cost: argonCost{memory: memory, passes: passes, lanes: uint8(lanes)}}
	var okSalt, okKey bool
	p.salt, okSalt = phcBytes(parts[4], maxSaltBytes)
	p.key, okKey = phcBytes(parts[5], maxKeyBytes)
	if !okSalt || !okKey || len(p.salt) < 8 || len(p.key) < 16 {
		return phc{}, errNotPHC
	}
	return p, nil
}

func phcNumber(text, name string, limit uint32) (uint32, bool) {
	digits, found := strings.CutPrefix(text, name)
	if !found || digits == "" || digits[0] < '1' || digits[0] > '9' {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 10, 32)
	return uint32(n), err == nil && uint32(n) <= limit
}

func phcBytes(text string, limit int) ([]byte, bool) {
	enc := base64.RawStdEncoding.Strict()
	if strings.ContainsAny(text, "\r\n") || enc.DecodedLen(len(text)) > limit {
		return nil, false
	}
	b, err := enc.DecodeString(text)
	return b, err == nil
}
