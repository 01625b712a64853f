package auth_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/parleychat/parley/auth"
	"github.com/parleychat/parley/chat"
)

func TestTokenFromHeader(t *testing.T) {
	for _, tc := range []struct{ header, want string }{
		{"Bearer abc.def.ghi", "abc.def.ghi"},
		{"BEARER abc.def.ghi", "abc.def.ghi"},
		{"bEaReR  abc.def.ghi ", "abc.def.ghi"},
		{"abc.def.ghi", "abc.def.ghi"},
		{" abc.def.ghi", "abc.def.ghi"},
		{"", ""},
		{"Bearer", ""},
		{"Bearer ", ""},
		{"Basic YTpi", ""},
	} {
		if got := auth.TokenFromHeader(tc.header); got != tc.want {
			t.Errorf("TokenFromHeader(%q): got %q, want %q", tc.header, got, tc.want)
		}
	}
}

// forge makes a token with any header and claims, signed by any key.
func forge(t *testing.T, header, claims map[string]any, key []byte) string {
	t.Helper()
	part := func(v any) string {
		raw, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(raw)
	}
	text := part(header) + "." + part(claims)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func TestVerifyRefuses(t *testing.T) {
	o := openOffice(t)
	in, other := o.register(t, ann), o.register(t, "bob@example.org")
	good := map[string]any{
		"userId": int64(in.User.ID), "userMail": ann, "sid": in.Session,
		"iat": o.clock.Now().Unix(), "exp": o.clock.Now().Add(time.Hour).Unix(),
	}
	hs256 := map[string]any{"alg": "HS256", "typ": "JWT"}
	with := func(base map[string]any, key string, value any) map[string]any {
		changed := maps.Clone(base)
		if value == nil {
			delete(changed, key)
		} else {
			changed[key] = value
		}
		return changed
	}
	if _, err := o.Verify(o.ctx, forge(t, hs256, good, o.key)); err != nil {
		t.Fatalf("a token made by hand as ours are: %v", err)
	}
	header, payload, _ := strings.Cut(in.Token, ".")
	payload, signature, _ := strings.Cut(payload, ".")
	otherKey := []byte(strings.Repeat("k", 32))
	for _, tc := range []struct{ name, token string }{
		{"A2 none", ""},
		{"A2 no token at all", "hello"},
		{"A2 refresh token", in.Refresh},
		{"A2 of another server", forge(t, hs256, good, otherKey)},
		{"A2 expired", forge(t, hs256, with(good, "exp", o.clock.Now().Unix()), o.key)},
		{"A2 of another person's session", forge(t, hs256, with(good, "sid", other.Session), o.key)},
		{"A2 of no session", forge(t, hs256, with(good, "sid", "AAAAAAAAAAAAAAAAAAAAAA"), o.key)},
		{"A2 without session", forge(t, hs256, with(good, "sid", nil), o.key)},
		{"A2 without end", forge(t, hs256, with(good, "exp", nil), o.key)},
		{"A2 without beginning", forge(t, hs256, with(good, "iat", nil), o.key)},
		{"A2 user as text", forge(t, hs256, with(good, "userId", "1"), o.key)},
		{"A2 user 0", forge(t, hs256, with(good, "userId", 0), o.key)},
		{"A22 alg none", forge(t, with(hs256, "alg", "none"), good, nil)},
		{"A22 alg None, no signature", strings.TrimRight(forge(t, with(hs256, "alg", "None"), good, nil), "-_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")},
		{"A22 alg HS512", forge(t, with(hs256, "alg", "HS512"), good, o.key)},
		{"A22 alg RS256 with the key as its public part", forge(t, with(hs256, "alg", "RS256"), good, o.key)},
		{"A22 kid traversal", forge(t, with(hs256, "kid", "../../../../dev/null"), good, nil)},
		{"A22 key embedded", forge(t, with(hs256, "jwk", map[string]any{"kty": "oct", "k": "AAAA"}), good, []byte{0, 0, 0})},
		{"A22 empty signature", header + "." + payload + "."},
		{"A22 no signature", header + "." + payload},
		{"A22 signature cut", in.Token[:len(in.Token)-2]},
		{"A22 signature of others", header + "." + payload + "." + strings.Repeat("A", len(signature))},
		{"A23 giant", forge(t, hs256, with(good, "pad", strings.Repeat("x", auth.MaxTokenBytes)), o.key)},
		{"A23 dots", strings.Repeat(".", auth.MaxTokenBytes)},
		{"A23 a million dots", strings.Repeat(".", 1_000_000)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := o.Verify(o.ctx, tc.token)
			wantCode(t, "verify", err, chat.Unauthorized)
		})
	}
	t.Run("A23 giant and signed by us is refused for its length alone", func(t *testing.T) {
		fits := forge(t, hs256, with(good, "pad", strings.Repeat("x", 2000)), o.key)
		if _, err := o.Verify(o.ctx, fits); err != nil {
			t.Errorf("a token of %d bytes: %v", len(fits), err)
		}
	})
	t.Run("A2 a token that was good expires, remembered or not", func(t *testing.T) {
		if _, err := o.Verify(o.ctx, in.Token); err != nil {
			t.Fatal(err)
		}
		o.clock.Pass(auth.AccessLife)
		_, err := o.Verify(o.ctx, in.Token)
		wantCode(t, "verify", err, chat.Unauthorized)
	})
	t.Run("A24 weak key", func(t *testing.T) {
		if _, err := auth.New(o.ctx, auth.Config{Store: o.store, Key: []byte("secret")}); err == nil {
			t.Error("a key of 6 bytes was accepted")
		}
	})
}

func FuzzTokenFromHeader(f *testing.F) {
	f.Add("Bearer x")
	f.Add("x")
	f.Fuzz(func(t *testing.T, header string) {
		got := auth.TokenFromHeader(header)
		if got != strings.TrimSpace(got) {
			t.Errorf("TokenFromHeader(%q) = %q has space around it", header, got)
		}
		if again := auth.TokenFromHeader("BEARER " + got); got != "" && !strings.Contains(got, " ") && again != got {
			t.Errorf("%q with a scheme before it gives %q", got, again)
		}
	})
}
