package chat

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// NormalizeText is the form in which a message is kept: NFC, without white
// space at its end, new lines kept. It refuses, as [Invalid], what is not
// UTF-8, contains NUL, shows nothing, or has more than [MaxMessageChars]
// characters; as [TooLarge] what is larger than [MaxMessageBytes]. Normal text
// comes back as it is.
func NormalizeText(text string) (string, error) {
	if err := checkEncoding("The message", text); err != nil {
		return "", err
	}
	text = strings.TrimRightFunc(norm.NFC.String(text), unicode.IsSpace)
	switch {
	case !showsSomething(text):
		return "", Errorf(Invalid, "The message is empty.")
	case len(text) > MaxMessageBytes:
		return "", Errorf(TooLarge, "The message is larger than %d KiB.", MaxMessageBytes>>10)
	case utf8.RuneCountInString(text) > MaxMessageChars:
		return "", Errorf(Invalid, "The message has more than %d characters.", MaxMessageChars)
	}
	return text, nil
}

// NormalizeRoomName is the form in which a room's name is kept: NFC, trimmed,
// each run of spaces one space, 1 to [MaxRoomNameChars] characters. It refuses
// what could make a name look like another or break the line it stands in:
// control characters, bidirectional overrides, invisible characters, and more
// than [maxMarks] combining marks on one character. Which names count as the
// same is for [RoomNameKey].
func NormalizeRoomName(name string) (string, error) {
	return normalizeLabel("The room's name", name, MaxRoomNameChars)
}

// NormalizeDisplayName is the form in which a person's name is kept: the rules
// of [NormalizeRoomName] with 1 to [MaxNameChars] characters.
func NormalizeDisplayName(name string) (string, error) {
	return normalizeLabel("The name", name, MaxNameChars)
}

// NormalizeTopic is the form in which a room's topic is kept: the rules of
// [NormalizeRoomName] with at most [MaxTopicChars] characters, or nothing.
func NormalizeTopic(topic string) (string, error) {
	if strings.TrimSpace(topic) == "" && utf8.ValidString(topic) {
		return "", nil
	}
	return normalizeLabel("The topic", topic, MaxTopicChars)
}

// maxMarks is how many combining marks may follow each other. Writing needs up
// to four (Hebrew, Tibetan); towers of them cover other lines.
const maxMarks = 4

func normalizeLabel(what, text string, maxChars int) (string, error) {
	if err := checkEncoding(what, text); err != nil {
		return "", err
	}
	// Before the work: no normalisation makes so much fit.
	if len(text) > 64*maxChars {
		return "", Errorf(Invalid, "%s has more than %d characters.", what, maxChars)
	}
	text = oneSpace(norm.NFC.String(text))
	marks := maxMarks // none may come first
	for _, r := range text {
		switch {
		case unicode.IsControl(r) || r == '\u2028' || r == '\u2029':
			return "", Errorf(Invalid, "%s must not contain control characters or line breaks.", what)
		case unicode.Is(unicode.Bidi_Control, r):
			return "", Errorf(Invalid, "%s must not contain characters that change the direction of text.", what)
		case isInvisible(r) && !isJoiner(r):
			return "", Errorf(Invalid, "%s must not contain invisible characters.", what)
		case unicode.In(r, unicode.Mn, unicode.Me):
			if marks++; marks > maxMarks {
				return "", Errorf(Invalid, "%s must not begin with a combining mark or have more than %d on one character.", what, maxMarks)
			}
		default:
			marks = 0
		}
	}
	switch {
	case !showsSomething(text):
		return "", Errorf(Invalid, "%s is empty.", what)
	case utf8.RuneCountInString(text) > maxChars:
		return "", Errorf(Invalid, "%s has more than %d characters.", what, maxChars)
	}
	return text, nil
}

func checkEncoding(what, text string) error {
	switch {
	case !utf8.ValidString(text):
		return Errorf(Invalid, "%s is not valid UTF-8.", what)
	case strings.IndexByte(text, 0) >= 0:
		return Errorf(Invalid, "%s must not contain the character NUL.", what)
	}
	return nil
}

// oneSpace trims text and makes each run of space separators (Zs) one space.
// Line breaks and tabs are no separators: they stay, to be refused.
func oneSpace(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	gap := false
	for _, r := range text {
		if unicode.Is(unicode.Zs, r) {
			gap = true
			continue
		}
		if gap && b.Len() > 0 {
			b.WriteByte(' ')
		}
		gap = false
		b.WriteRune(r)
	}
	return strings.TrimFunc(b.String(), unicode.IsSpace)
}

// showsSomething reports whether a reader would see anything at all.
func showsSomething(text string) bool {
	for _, r := range text {
		if unicode.IsGraphic(r) && !unicode.IsSpace(r) && !isInvisible(r) {
			return true
		}
	}
	return false
}

// isInvisible: format characters, variation selectors, and what renders as
// blank although Unicode calls it a letter, a mark or a symbol.
func isInvisible(r rune) bool {
	switch r {
	case '\u034F', '\u115F', '\u1160', '\u17B4', '\u17B5', '\u2800', '\u3164', '\uFFA0':
		return true
	}
	return unicode.In(r, unicode.Cf, unicode.Variation_Selector)
}

// isJoiner: emoji and several scripts are not written without these.
func isJoiner(r rune) bool {
	return r == '\u200C' || r == '\u200D' || r == '\uFE0E' || r == '\uFE0F'
}
