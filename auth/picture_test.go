package auth_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/parleychat/parley/auth"
	"github.com/parleychat/parley/chat"
)

// TestPicturesAreCounted: whoever asks for pictures all the time is told to
// wait, and for how long; others, and those of this machine, are not.
func TestPicturesAreCounted(t *testing.T) {
	o := openOffice(t)
	ask := func(from string) *chat.Error {
		_, err := o.Picture(t.Context(), "none", auth.Client{Addr: netip.MustParseAddr(from)})
		return chat.AsError(err)
	}
	for i := range auth.PicturesPerPrefix {
		if got := ask("2001:db8::1"); got.Code != chat.NotFound {
			t.Fatalf("picture %d of a minute: %v", i, got)
		}
	}
	refusal := ask("2001:db8::2")
	if refusal.Code != chat.RateLimited || refusal.RetryAfter != time.Second || refusal.Message != "Too many pictures. Wait 1 seconds, then try again." {
		t.Errorf("one more from the same network: got %v after %v", refusal, refusal.RetryAfter)
	}
	for _, from := range []string{"2001:db8:0:1::1", "127.0.0.1"} {
		if got := ask(from); got.Code != chat.NotFound {
			t.Errorf("%s: %v", from, got)
		}
	}
	o.clock.Pass(refusal.RetryAfter)
	if got := ask("2001:db8::1"); got.Code != chat.NotFound {
		t.Errorf("after waiting: %v", got)
	}
}
