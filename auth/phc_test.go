package auth

import (
	"bytes"
	"testing"
)

func TestParsePHC(t *testing.T) {
	good := phc{cost: cost, salt: bytes.Repeat([]byte{1}, saltBytes), key: bytes.Repeat([]byte{2}, keyBytes)}
	parsed, err := parsePHC(good.String())
	if err != nil || parsed.String() != good.String() {
		t.Errorf("parsePHC(%q): got %q, %v", good, parsed, err)
	}
	for _, text := range []string{
		"",
		"$argon2i$v=19$m=19456,t=2,p=1$AQEBAQEBAQEBAQEBAQEBAQ$AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI",
		"$argon2id$v=16$m=19456,t=2,p=1$AQEBAQEBAQEBAQEBAQEBAQ$AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI",
		"$argon2id$v=19$m=99999999,t=2,p=1$AQEBAQEBAQEBAQEBAQEBAQ$AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI",
		"$argon2id$v=19$m=19456,t=99,p=1$AQEBAQEBAQEBAQEBAQEBAQ$AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI",
		"$argon2id$v=19$m=19456,t=2,p=1$AQEBAQEBAQEBAQEBAQEBAQ$AgI",
		"$argon2id$v=19$m=19456,t=2,p=1$AQEBAQEBAQEBAQEBAQEBAQ==$AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI",
		"$argon2id$v=19$m=19456,t=0,p=1$AQEBAQEBAQEBAQEBAQEBAQ$AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI",
	} {
		if _, err := parsePHC(text); err == nil {
			t.Errorf("parsePHC(%q): no error", text)
		}
	}
}

// What is read is written the same way again, and asks for no more than the
// bounds.
func FuzzParsePHC(f *testing.F) {
	f.Add("$argon2id$v=19$m=19456,t=2,p=1$AQEBAQEBAQEBAQEBAQEBAQ$AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI")
	f.Add("$2b$10$abcdefghijklmnopqrstuv")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := parsePHC(text)
		if err != nil {
			return
		}
		if p.String() != text {
			t.Errorf("%q is written as %q", text, p)
		}
		if p.cost.memory > maxArgonMemory || p.cost.passes > maxArgonPasses || p.cost.lanes > maxArgonLanes {
			t.Errorf("%q asks for %+v", text, p.cost)
		}
	})
}

// Whoever picks the keys cannot pick what is forgotten, and cannot make the map
// grow.
func TestBounded(t *testing.T) {
	b := newBounded[int, int](100)
	for i := range 10_000 {
		b.put(i, i)
		if value, found := b.get(i); !found || value != i {
			t.Fatalf("entry %d is not there after it was put", i)
		}
	}
	if got := len(b.entries); got != 100 {
		t.Errorf("got %d entries, want 100", got)
	}
	b.put(9_999, 1)
	if got, _ := b.get(9_999); got != 1 || len(b.entries) != 100 {
		t.Errorf("put of a known key: got %d and %d entries, want 1 and 100", got, len(b.entries))
	}
}
