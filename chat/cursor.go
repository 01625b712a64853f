package chat

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
)

// Chain is the running hash of a room's history: of the chain before an event
// and the event's id. Two rooms with the same chain at a seq have the same
// events up to it.
type Chain [16]byte

// Next is the chain after an event with this id. A void's id is made from its
// position.
func (c Chain) Next(id string) Chain {
	buf := make([]byte, 0, 64) // stays on the stack
	buf = append(buf, c[:]...)
	buf = append(buf, id...)
	sum := sha256.Sum256(buf)
	return Chain(sum[:16])
}

// Check is the part of the chain that a cursor carries: 6 characters.
func (c Chain) Check() string { return string(c.appendCheck(nil)) }

// checkBytes of a chain make its check.
const checkBytes = 5

func (c Chain) appendCheck(dst []byte) []byte {
	var text [7]byte
	base64.RawURLEncoding.Encode(text[:], c[:checkBytes])
	return append(dst, text[:6]...)
}

// Cursor says "I have everything up to Seq, of the history that Check names".
// Its text is "<seq>.<check>"; the text "0" is the beginning.
type Cursor struct {
	Seq   Seq
	Check string
}

func (c Cursor) String() string {
	if c.Seq == 0 {
		return "0"
	}
	return strconv.FormatUint(uint64(c.Seq), 10) + "." + c.Check
}

// ParseCursor reads the text of a cursor.
func ParseCursor(s string) (Cursor, error) {
	if s == "0" {
		return Cursor{}, nil
	}
	number, check, found := strings.Cut(s, ".")
	seq, err := strconv.ParseUint(number, 10, 63)
	if !found || err != nil || seq == 0 || number[0] == '0' || number[0] == '+' || !isCheck(check) {
		return Cursor{}, Errorf(Invalid, "a cursor looks like \"17.x9Yz_-\", as given with every event")
	}
	return Cursor{Seq: Seq(seq), Check: check}, nil
}

func isCheck(s string) bool {
	if len(s) != 6 {
		return false
	}
	for _, r := range []byte(s) {
		if !isBase64URL(r) {
			return false
		}
	}
	return true
}

func isBase64URL(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_'
}

// MarshalText implements [encoding.TextMarshaler].
func (c Cursor) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (c *Cursor) UnmarshalText(text []byte) error {
	parsed, err := ParseCursor(string(text))
	if err != nil {
		return fmt.Errorf("parse cursor: %w", err)
	}
	*c = parsed
	return nil
}
