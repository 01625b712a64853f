package chat_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/parleychat/parley/chat"
)

// TestDraftChange: the later writer wins, an empty text takes away only what its
// device has seen, and versions rise whatever the clock does.
func TestDraftChange(t *testing.T) {
	seen, old := uint64(7), uint64(6)
	begun := chat.MessageDraft{Text: "half a", Version: 7, At: 5}
	for _, c := range []struct {
		what   string
		from   chat.MessageDraft
		change chat.DraftChange
		want   chat.MessageDraft
	}{
		{"the first", chat.MessageDraft{}, chat.DraftChange{Text: "half", At: 1000}, chat.MessageDraft{Text: "half", Version: 1000, At: 1000}},
		{"more of it", begun, chat.DraftChange{Text: "half a sentence", Basis: &seen, At: 1000}, chat.MessageDraft{Text: "half a sentence", Version: 1000, At: 1000}},
		{"another device", begun, chat.DraftChange{Text: "something else", Basis: &old, At: 1000}, chat.MessageDraft{Text: "something else", Version: 1000, At: 1000}},
		{"a clock that is slow", begun, chat.DraftChange{Text: "half a sentence", At: 3}, chat.MessageDraft{Text: "half a sentence", Version: 8, At: 3}},
		{"no clock", begun, chat.DraftChange{Text: "half a sentence", At: -3}, chat.MessageDraft{Text: "half a sentence", Version: 8, At: -3}},
		{"the same again", begun, chat.DraftChange{Text: "half a", Basis: &old, At: 1000}, begun},
		{"sent", begun, chat.DraftChange{Basis: &seen, At: 1000}, chat.MessageDraft{Version: 1000, At: 1000}},
		{"sent, not knowing of what came later", begun, chat.DraftChange{Basis: &old, At: 1000}, begun},
		{"taken away", begun, chat.DraftChange{At: 1000}, chat.MessageDraft{Version: 1000, At: 1000}},
		{"nothing of nothing", chat.MessageDraft{Version: 4, At: 4}, chat.DraftChange{At: 1000}, chat.MessageDraft{Version: 4, At: 4}},
	} {
		got, changed := c.change.Over(c.from)
		if got != c.want || changed != (got != c.from) {
			t.Errorf("%s: got %+v, %v, want %+v", c.what, got, changed, c.want)
		}
	}
}

func TestDraftChangeRefused(t *testing.T) {
	for text, code := range map[string]chat.Code{
		"":                       "",
		" \n ":                   "",
		"e\u0301":                "", // as it was typed
		strings.Repeat("ä", 1e4): "",
		strings.Repeat("a", chat.MaxMessageChars+1):   chat.Invalid,
		strings.Repeat("😀", chat.MaxMessageBytes/4+1): chat.TooLarge,
		"\x00": chat.Invalid,
		"\xff": chat.Invalid,
		strings.Repeat("a", chat.MaxMessageBytes) + "b": chat.TooLarge,
	} {
		err := chat.DraftChange{Text: text}.Validate()
		refusal, refused := errors.AsType[*chat.Error](err)
		if refused != (code != "") || refused && refusal.Code != code {
			t.Errorf("%.10q: got %v, want %q", text, err, code)
		}
	}
}
