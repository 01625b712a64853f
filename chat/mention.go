package chat

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// NamedHandles are what a text has behind an @, in small letters and each once,
// at most [MaxMentions]. An @ in the middle of an address is none. Punctuation
// at the end, which a handle may have as well as the sentence that it stands in,
// is still there: [WhoIsNamed] knows what to do with it.
func NamedHandles(text string) (handles []string) {
	seen := make(map[string]bool)
	for i := 0; len(handles) < MaxMentions; {
		at := strings.IndexByte(text[i:], '@')
		if at < 0 {
			break
		}
		at += i
		end := at + 1
		for end < len(text) && isHandleByte(text[end]) {
			end++
		}
		i = end
		before, _ := utf8.DecodeLastRuneInString(text[:at])
		address := joinsAddress(before) || end < len(text) && text[end] == '@'
		if handle := strings.ToLower(text[at+1 : end]); len(handle) >= MinHandleChars && !address && !seen[handle] {
			seen[handle] = true
			handles = append(handles, handle)
		}
	}
	return handles
}

func isHandleByte(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b == '.' || b == '_' || b == '-'
}

// joinsAddress reports whether an @ behind this character is not the beginning
// of something.
func joinsAddress(before rune) bool {
	return unicode.IsLetter(before) || unicode.IsDigit(before) || strings.ContainsRune("._-+@", before)
}

// WhoIsNamed finds who is meant by what stands behind an @: whoever has the
// longest handle that it is, without more or less of the punctuation at its end.
func WhoIsNamed(handle string, find func(handle string) (UserID, bool)) (UserID, bool) {
	for len(handle) >= MinHandleChars {
		if len(handle) <= MaxHandleChars {
			if user, found := find(handle); found {
				return user, true
			}
		}
		shorter := handle[:len(handle)-1]
		if strings.IndexByte("._-", handle[len(handle)-1]) < 0 {
			break
		}
		handle = shorter
	}
	return 0, false
}
