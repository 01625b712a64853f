package chat

import (
	"regexp"
	"strings"
	"testing"
)

func TestParseEmail(t *testing.T) {
	for _, test := range []struct{ text, address, key string }{
		{"ann@example.org", "ann@example.org", "ann@example.org"},
		{" Ann.Lee+chat@Example.ORG ", "Ann.Lee+chat@Example.ORG", "ann.lee+chat@example.org"},
		{"JOSE\u0301@example.org", "JOSE\u0301@example.org", "josé@example.org"},
		{"a@localhost", "a@localhost", "a@localhost"},
		{strings.Repeat("a", 242) + "@example.org", strings.Repeat("a", 242) + "@example.org", strings.Repeat("a", 242) + "@example.org"},
		{strings.Repeat("a", 243) + "@example.org", "", ""},
		{"", "", ""},
		{"ann", "", ""},
		{"@example.org", "", ""},
		{"ann@", "", ""},
		{"Ann <ann@example.org>", "", ""},
		{"<ann@example.org>", "", ""},
		{"ann@example.org (work)", "", ""},
		{`"ann lee"@example.org`, "", ""},
		{"ann@example.org, bob@example.org", "", ""},
		{"ann\r\nBcc: x@example.org", "", ""},
		{"ann\u200b@example.org", "", ""},
		{"an\x00n@example.org", "", ""},
		{"ann\xff@example.org", "", ""},
	} {
		address, key, err := ParseEmail(test.text)
		if address != test.address || key != test.key || (err == nil) != (test.key != "") || err != nil && AsError(err).Code != Invalid {
			t.Errorf("%q: got %q, %q, %v; want %q, %q", test.text, address, key, err, test.address, test.key)
		}
	}
}

func TestCheckPassword(t *testing.T) {
	for _, test := range []struct {
		password string
		ok       bool
	}{
		{"1234567", false},
		{"12345678", true},
		{"ßßßßßßßß", true},
		{strings.Repeat("x", MaxPasswordChars), true},
		{strings.Repeat("ß", MaxPasswordChars), true},
		{strings.Repeat("x", MaxPasswordChars+1), false},
		{"Ann@Example.org", false},
		{" ann@example.org ", false},
		{"ann@example.org1", true},
		{"        ", true},
		{"1234567\xff", false},
	} {
		err := CheckPassword("ann@example.org", test.password)
		if (err == nil) != test.ok || err != nil && AsError(err).Code != Invalid {
			t.Errorf("%q: got %v, want ok %t", test.password, err, test.ok)
		}
	}
}

func TestNamesFromEmail(t *testing.T) {
	for _, test := range []struct{ email, name, handle string }{
		{"ann@example.org", "ann", "ann"},
		{"Ann.Lee+chat@example.org", "Ann.Lee+chat", "ann.lee-chat"},
		{"José@example.org", "José", "jose"},
		{"李@example.org", "李", "user"},
		{"a@example.org", "a", "usera"},
		{"_.-@example.org", "_.-", "user"},
		{strings.Repeat("x", 80) + "@example.org", strings.Repeat("x", 64), strings.Repeat("x", 32)},
		{strings.Repeat("x", 31) + ".y@example.org", strings.Repeat("x", 31) + ".y", strings.Repeat("x", 31)},
		{"\u202eann@example.org", "ann", "ann"},
	} {
		if got := DefaultName(test.email); got != test.name {
			t.Errorf("name of %q: got %q, want %q", test.email, got, test.name)
		}
		if got := HandleFrom(test.email); got != test.handle {
			t.Errorf("handle of %q: got %q, want %q", test.email, got, test.handle)
		}
	}
}

func FuzzNamesFromEmail(f *testing.F) {
	f.Add("ann.lee+chat@example.org")
	handle := regexp.MustCompile(`^[a-z0-9._-]{2,32}$`)
	f.Fuzz(func(t *testing.T, email string) {
		if got := HandleFrom(email); !handle.MatchString(got) {
			t.Fatalf("handle of %q: got %q", email, got)
		}
		name := DefaultName(email)
		if got, err := NormalizeDisplayName(name); err != nil || got != name {
			t.Fatalf("name of %q: got %q, %v", email, name, err)
		}
		if address, key, err := ParseEmail(email); err == nil {
			if _, again, err := ParseEmail(key); err != nil || again != key || len(address) > MaxEmailBytes {
				t.Fatalf("key of %q: got %q, then %q, %v", email, key, again, err)
			}
		}
	})
}
