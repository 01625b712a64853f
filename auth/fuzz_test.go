package auth

import (
	"testing"
	"time"

	"github.com/parleychat/parley/chat"
)

// No text but what was signed here is a token.
func FuzzReadToken(f *testing.F) {
	s, err := newSigner(make([]byte, MinKeyBytes), time.Now)
	if err != nil {
		f.Fatal(err)
	}
	token, _, err := s.sign(chat.Person{ID: 1, Email: "a@example.org"}, "session")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(token)
	f.Add("eyJhbGciOiJub25lIn0.e30.")
	f.Add("..")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := s.read(text)
		if err == nil && (text != token || got.user != 1 || got.session != "session") {
			t.Errorf("read(%q): got %+v", text, got)
		}
	})
}
