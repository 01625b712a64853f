package chat

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// RoomSearch is what somebody looks for in the names of public rooms.
type RoomSearch struct {
	key     string // as RoomNameKey has it
	letters string // the same, letter by letter
}

// SearchForRooms looks for names that contain text: those that look as if they
// did (see [RoomNameKey]), and those that do letter by letter. In a key rn is m:
// without the latter bar would not be found in barn, nor night in overnight.
func SearchForRooms(text string) RoomSearch {
	return RoomSearch{key: RoomNameKey(text), letters: roomNameLetters(text)}
}

// KeyPart is part of the key of every name that matches: what a store can look
// for first.
func (s RoomSearch) KeyPart() string {
	part := strings.TrimSuffix(s.key, "r") // may be the beginning of an m
	if rest, cut := strings.CutPrefix(norm.NFD.String(part), "n"); cut {
		part = norm.NFC.String(strings.TrimLeftFunc(rest, func(r rune) bool { return unicode.Is(unicode.M, r) }))
	}
	return part
}

// Matches reports whether a name contains what is looked for.
func (s RoomSearch) Matches(name string) bool {
	return strings.Contains(RoomNameKey(name), s.key) || strings.Contains(roomNameLetters(name), s.letters)
}
