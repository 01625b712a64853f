package chat

import (
	"strings"
	"testing"
	"time"
)

func TestNewCID(t *testing.T) {
	before := time.Now().UnixMilli()
	cid, err := NewCID()
	if err != nil {
		t.Fatal(err)
	}
	after := time.Now().UnixMilli()
	if err := CheckCID(cid); err != nil {
		t.Error(err)
	}
	if ms, isV7 := CIDTime(cid); !isV7 || ms < before || ms > after {
		t.Errorf("%s: got time %d, %t; want within %d and %d", cid, ms, isV7, before, after)
	}
	if other, err := NewCID(); err != nil || other == cid {
		t.Errorf("two cids are %s and %s, %v", cid, other, err)
	}
}

func TestCheckCID(t *testing.T) {
	for cid, ok := range map[string]bool{
		"a": true, "A-z_0": true, strings.Repeat("x", MaxCIDChars): true,
		"": false, strings.Repeat("x", MaxCIDChars+1): false, "a b": false, "a.b": false, "é": false, "a\x00": false, "a\n": false,
	} {
		if err := CheckCID(cid); (err == nil) != ok || err != nil && AsError(err).Code != Invalid {
			t.Errorf("%q: got %v, want ok %t", cid, err, ok)
		}
	}
}

func TestCIDTime(t *testing.T) {
	for _, test := range []struct {
		cid  string
		ms   int64
		isV7 bool
	}{
		{"019b7642-3c00-7000-8000-000000000000", 0x019b76423c00, true},
		{"ffffffff-ffff-7fff-bfff-ffffffffffff", 1<<48 - 1, true},
		{"00000000-0000-7000-8000-000000000000", 0, true},
		{"019b7642-3c00-4000-8000-000000000000", 0, false}, // version 4
		{"019b7642-3c00-7000-c000-000000000000", 0, false}, // another variant
		{"019B7642-3C00-7000-8000-000000000000", 0, false}, // another text of the same
		{"019b76423c0070008000000000000000", 0, false},
		{"019b7642-3c00-7000-8000-00000000000g", 0, false},
		{"019b7642+3c00-7000-8000-000000000000", 0, false},
		{"c-1", 0, false},
		{"", 0, false},
	} {
		if ms, isV7 := CIDTime(test.cid); ms != test.ms || isV7 != test.isV7 {
			t.Errorf("%q: got %d, %t; want %d, %t", test.cid, ms, isV7, test.ms, test.isV7)
		}
	}
}

func TestParseCursor(t *testing.T) {
	for _, text := range []string{"0", "1.AAAAAA", "17.x9Yz_-", "9223372036854775807.abcdef"} {
		c, err := ParseCursor(text)
		if err != nil || c.String() != text {
			t.Errorf("%q: got %v, %v", text, c, err)
		}
	}
	for _, text := range []string{"", "1", "0.AAAAAA", "01.AAAAAA", "+1.AAAAAA", "-1.AAAAAA", "1.AAAAA", "1.AAAAAAA", "1.AAAA=A", "1.AAAAA\n", "9223372036854775808.abcdef", ".AAAAAA", "1..AAAAA", " 1.AAAAAA"} {
		if c, err := ParseCursor(text); err == nil || AsError(err).Code != Invalid {
			t.Errorf("%q: got %v, %v; want invalid", text, c, err)
		}
	}
}

func FuzzParseCursor(f *testing.F) {
	f.Add("17.x9Yz_-")
	f.Add("0")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseCursor(text)
		if err == nil && c.String() != text {
			t.Fatalf("%q became %q", text, c)
		}
	})
}
