package chat_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parleychat/parley/chat"
)

func TestNamedHandles(t *testing.T) {
	for text, want := range map[string][]string{
		"":                            nil,
		"hello":                       nil,
		"@ann":                        {"ann"},
		"hi @Ann, and @ben!":          {"ann", "ben"},
		"(@ann) \"@ben\"\n@cy":        {"ann", "ben", "cy"},
		"@ann @ann @ANN":              {"ann"},
		"ask @ann.":                   {"ann."},
		"ask @ann-marie_b.c...":       {"ann-marie_b.c..."},
		"mail ann@example.org":        nil,
		"mail ann.@example.org é@ann": nil,
		"@ann@example.org":            nil,
		"@@ann":                       nil,
		"@ @a @":                      nil,
		"@ann，@ben。":                  {"ann", "ben"},
		"你好@ann":                      nil, // a letter is before it
		"你好 @ann":                     {"ann"},
		"@annö":                       {"ann"},
		"\xff@ann":                    {"ann"},
	} {
		if diff := cmp.Diff(want, chat.NamedHandles(text)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
	var many strings.Builder
	for i := range 2 * chat.MaxMentions {
		many.WriteString(" @user" + strings.Repeat("x", i))
	}
	if got := len(chat.NamedHandles(many.String())); got != chat.MaxMentions {
		t.Errorf("got %d handles, want %d", got, chat.MaxMentions)
	}
}

func TestWhoIsNamed(t *testing.T) {
	people := map[string]chat.UserID{"ann": 1, "ann.": 2, "b-": 3, strings.Repeat("x", chat.MaxHandleChars): 4}
	find := func(handle string) (chat.UserID, bool) { id, found := people[handle]; return id, found }
	for handle, want := range map[string]chat.UserID{
		"ann": 1, "ann.": 2, "ann...": 2, "ann-": 1, "ann.-": 2, "an": 0, "annx": 0, "b-": 3, "b": 0, "b-.": 3,
		"...": 0, "": 0, strings.Repeat("x", chat.MaxHandleChars) + strings.Repeat(".", 9000): 4,
		strings.Repeat("x", chat.MaxHandleChars+1): 0,
	} {
		got, found := chat.WhoIsNamed(handle, find)
		if got != want || found != (want != 0) {
			t.Errorf("%.40q names %d, %v, want %d", handle, got, found, want)
		}
	}
}
