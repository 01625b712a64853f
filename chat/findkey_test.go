package chat

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestFindKeys(t *testing.T) {
	for _, c := range []struct {
		name, handle string
		want         []string
	}{
		{"Ann Example", "ann.e", []string{"ann example", "ann.e", "e", "example"}},
		{"Jean-Luc O’Brien", "jlob", []string{"brien", "jean-luc o’brien", "jlob", "luc o’brien", "o’brien"}},
		{"José  Müller", "jose", []string{"jose", "jose muller", "muller"}},
		{"!!!", "bang", []string{"bang"}},
		{"Anna", "anna", []string{"anna"}},
	} {
		if diff := cmp.Diff(c.want, FindKeys(c.name, c.handle)); diff != "" {
			t.Errorf("%s @%s (-want +got):\n%s", c.name, c.handle, diff)
		}
	}
}

func TestFinding(t *testing.T) {
	for _, c := range []struct{ text, name, handle string }{
		{"ann", "Ann Example", "x1"},
		{"EXAM", "Ann Example", "x1"},
		{"ann ex", "Ann  Example", "x1"},
		{"@ann", "Somebody", "ann.e"},
		{" luc ", "Jean-Luc", "x1"},
		{"jean-l", "Jean-Luc", "x1"},
		{"mull", "Ulf Müller", "x1"},
		{"MÜLL", "Ulf Muller", "x1"},
		{"ber", "Bernd", "x1"}, // rn looks like m, but not while it is typed
		{"Bernd", "BERND", "x1"},
		{"ёлк", "Елкин", "x1"},
		{"σοφ", "ΣΟΦΊΑ", "x1"},
		{"김ㅁ", "김민수", "x1"},
		{"ｆｕｌｌ", "Full Width", "x1"},
		{"anna1", "Somebody", "anna1"},
		{"annal", "Somebody", "anna1"},
		{"stras", "Straße", "x1"},
		{"straße", "STRASSE", "x1"},
		{"山田", "山田 太郎", "x1"},
		{"太郎", "山田 太郎", "x1"},
		{"🐙 o", "🐙 Octo", "x1"},
	} {
		key, err := FindKey(c.text)
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
			continue
		}
		if keys := FindKeys(c.name, c.handle); !anyBegins(keys, key) {
			t.Errorf("%q (%q) does not find %s @%s by %q", c.text, key, c.name, c.handle, keys)
		}
	}
	for _, text := range []string{"", "a", " a ", "@a", "@@@@", "é", "e\u0301", "...", "\u200b\u200b\u200b", "a\x00b", "\xff\xff\xff", strings.Repeat("a", MaxFindBytes+1)} {
		if key, err := FindKey(text); AsError(err).Code != Invalid {
			t.Errorf("%q: got %q, %v, want it refused", text, key, err)
		}
	}
}

func anyBegins(keys []string, key string) bool {
	for _, k := range keys {
		if strings.HasPrefix(k, key) {
			return true
		}
	}
	return false
}

// Who is called something is found by it as a whole, by each of its beginnings
// that is long enough, and by each of its words.
func TestWhoeverHasANameIsFoundByIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		chars := []rune("aArnm01lIéÜßñİﬁ άΣςЁйя각힣山か.-’|🐙")
		name, err := NormalizeDisplayName(string(rapid.SliceOfN(rapid.SampledFrom(chars), 1, MaxNameChars).Draw(t, "name")))
		if err != nil {
			t.Skip("no name")
		}
		keys := FindKeys(name, "handle")
		for _, key := range keys {
			if len(key) > MaxFindKeyBytes || !utf8.ValidString(key) {
				t.Fatalf("%q has the key %q", name, key)
			}
		}
		for end := range name {
			key, err := FindKey(name[:end])
			if err == nil && !anyBegins(keys, key) {
				t.Fatalf("%q (%q) does not find %q by %q", name[:end], key, name, keys)
			}
		}
		for _, word := range strings.Fields(name) {
			key, err := FindKey(word)
			if err == nil && !anyBegins(keys, key) {
				t.Fatalf("%q (%q) does not find %q by %q", word, key, name, keys)
			}
		}
	})
}

// Whatever somebody is called, their keys fit into the column.
func FuzzFindKeys(f *testing.F) {
	f.Add("Ann Example", "ann")
	f.Add(strings.Repeat("\uFDFA ", 32), "\u0345\u0301")
	f.Fuzz(func(t *testing.T, name, text string) {
		if name, err := NormalizeDisplayName(name); err == nil {
			for _, key := range FindKeys(name, "handle") {
				if key == "" || len(key) > MaxFindKeyBytes || !utf8.ValidString(key) {
					t.Fatalf("%q has the key %q", name, key)
				}
			}
		}
		if key, err := FindKey(text); err == nil && (key == "" || len(key) > MaxFindKeyBytes || !utf8.ValidString(key)) {
			t.Fatalf("%q means the key %q", text, key)
		}
	})
}
