package chat_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/parleychat/parley/chat"
)

func TestSearchForRooms(t *testing.T) {
	for _, c := range []struct {
		text, name string
		found      bool
	}{
		{"bar", "barn", true},
		{"bar", "bark", true},
		{"bar", "bam", false},
		{"bam", "barn", true}, // they look alike
		{"BARN", "barn", true},
		{"night", "overnight", true},
		{"ñu", "overñu", true},
		{"nu", "overñu", false},
		{"аlpha", "alphabet", true}, // with a Cyrillic а
		{"", "anything", true},
		{"cafe", "café", false},
	} {
		if got := chat.SearchForRooms(c.text).Matches(c.name); got != c.found {
			t.Errorf("%q in %q: got %t", c.text, c.name, got)
		}
	}
}

// TestPartOfARoomName: whatever part of a name somebody looks for, they find it,
// and what the store looks for first rules it out no more.
func TestPartOfARoomName(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		letters := rapid.SliceOfN(rapid.SampledFrom([]rune("rnmRNaé1 lñ")), 1, 20).Draw(t, "name")
		from := rapid.IntRange(0, len(letters)-1).Draw(t, "from")
		to := rapid.IntRange(from+1, len(letters)).Draw(t, "to")
		name, text := string(letters), string(letters[from:to])
		search := chat.SearchForRooms(text)
		if !search.Matches(name) {
			t.Errorf("%q is not found in %q", text, name)
		}
		if !strings.Contains(chat.RoomNameKey(name), search.KeyPart()) {
			t.Errorf("%q is not in the key of %q", search.KeyPart(), name)
		}
	})
}
