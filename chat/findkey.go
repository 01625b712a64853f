package chat

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	// MinFindChars is how much of a name or handle has to be said to find
	// people by it.
	MinFindChars = 2
	// MaxFindBytes bounds what is said.
	MaxFindBytes = 4 * MaxNameChars
	// MaxFindKeyBytes is the most that a key of [FindKeys] has, for the column
	// that holds it.
	MaxFindKeyBytes = 128
)

// FindKeys are what a person is found by: whoever looks for the beginning of
// one of them, folded by [FindKey], means this person too. There is one for the
// handle and one for each word of the name and of the handle, which goes on to
// the end: "ann example" and "example" of Ann Example, so that one finds her by
// "exa" and by "ann ex". They are in order, each once.
func FindKeys(name, handle string) (keys []string) {
	for _, text := range []string{name, handle} {
		folded := foldToFind(text)
		inWord := false
		for i, r := range folded {
			if starts := !separatesWords(r) && !inWord; starts {
				keys = append(keys, cutKey(folded[i:]))
			}
			inWord = !separatesWords(r)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// FindKey is what somebody who looks for text means, to be compared with the
// beginnings of [FindKeys]. It is folded character by character, so that more of
// a text never means less: case, accents, compatibility forms, invisible
// characters and look-alike letters make no difference, nor does an @ before it.
// It refuses, as [Invalid], fewer than [MinFindChars] characters and more than
// [MaxFindBytes].
func FindKey(text string) (string, error) {
	if len(text) > MaxFindBytes {
		return "", Errorf(Invalid, "What is searched for has more than %d bytes.", MaxFindBytes)
	}
	if err := checkEncoding("What is searched for", text); err != nil {
		return "", err
	}
	key := strings.TrimRight(strings.TrimLeftFunc(foldToFind(text), separatesWords), " ")
	if utf8.RuneCountInString(norm.NFC.String(key)) < MinFindChars {
		return "", Errorf(Invalid, "Say at least %d characters of a name or handle.", MinFindChars)
	}
	return cutKey(key), nil
}

// foldToFind is the form in which names are looked for: that of [RoomNameKey]
// without what concerns several characters at once, and without accents, which
// people leave out when they look for somebody. It is NFD, so that a syllable of
// Hangul begins with its first letter.
func foldToFind(text string) string {
	var b strings.Builder
	gap := false
	for _, r := range foldName(text) {
		switch {
		case isInvisible(r) || unicode.Is(accents, r):
			continue
		case unicode.IsSpace(r):
			gap = true
			continue
		}
		if latin, ok := skeletonOf[r]; ok {
			r = latin
		}
		if gap && b.Len() > 0 {
			b.WriteByte(' ')
		}
		gap = false
		b.WriteRune(r)
	}
	return b.String()
}

// accents are those of Latin, Greek and Cyrillic. In other scripts a combining
// mark may be a vowel.
var accents = &unicode.RangeTable{R16: []unicode.Range16{{Lo: 0x0300, Hi: 0x036F, Stride: 1}}}

func separatesWords(r rune) bool { return unicode.IsSpace(r) || unicode.IsPunct(r) }

// cutKey is the key as far as the column reaches, in whole characters.
func cutKey(key string) string {
	if len(key) <= MaxFindKeyBytes {
		return key
	}
	end := MaxFindKeyBytes
	for !utf8.RuneStart(key[end]) {
		end--
	}
	return key[:end]
}
