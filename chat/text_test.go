package chat

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestNormalizeText(t *testing.T) {
	tests := []struct {
		name, text, want string
		code             Code
	}{
		{"plain", "Hello", "Hello", ""},
		{"white space at the end", " Hello \t\r\n\u00a0", " Hello", ""},
		{"lines", "a\n\nb", "a\n\nb", ""},
		{"composed", "Cafe\u0301", "Café", ""},
		{"emoji with joiners", "👩‍👩‍👧", "👩‍👩‍👧", ""},
		{"right to left", "שלום", "שלום", ""},
		{"empty", "", "", Invalid},
		{"white space", " \n\t", "", Invalid},
		{"invisible", "\u200b\u2060\u3164\ufe0f", "", Invalid},
		{"NUL", "a\x00b", "", Invalid},
		{"no UTF-8", "a\xffb", "", Invalid},
		{"a surrogate in UTF-8", "\xed\xa0\x80", "", Invalid},
		{"longest", strings.Repeat("é", MaxMessageChars), strings.Repeat("é", MaxMessageChars), ""},
		{"too long", strings.Repeat("é", MaxMessageChars+1), "", Invalid},
		{"longest before trimming", strings.Repeat("x", MaxMessageChars) + " ", strings.Repeat("x", MaxMessageChars), ""},
		{"largest", strings.Repeat("👋", MaxMessageChars), strings.Repeat("👋", MaxMessageChars), ""},
		{"too large", strings.Repeat("👋", MaxMessageBytes/4+1), "", TooLarge},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := NormalizeText(test.text)
			if got != test.want || (err == nil) != (test.code == "") || err != nil && AsError(err).Code != test.code {
				t.Errorf("got %.40q, %v; want %.40q, %q", got, err, test.want, test.code)
			}
		})
	}
}

func TestNormalizeRoomName(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"plain", "general", "general"},
		{"spaces", "  two \u00a0\u3000 words  ", "two words"},
		{"composed", "Cafe\u0301", "Café"},
		{"emoji", "🏳️‍🌈 pride", "🏳️‍🌈 pride"},
		{"Persian with a joiner", "می\u200cخواهم", "می\u200cخواهم"},
		{"Hebrew with points", "שָׁלוֹם", "שָׁלוֹם"},
		{"Thai", "น้ำ", "น้ำ"},
		{"Tibetan", "བརྒྱད", "བརྒྱད"},
		{"longest", strings.Repeat("x", MaxRoomNameChars), strings.Repeat("x", MaxRoomNameChars)},
		{"too long", strings.Repeat("x", MaxRoomNameChars+1), ""},
		{"empty", "", ""},
		{"blank", " \u3164\u200d ", ""},
		{"a line break", "a\nb", ""},
		{"a tab", "a\tb", ""},
		{"a line separator", "a\u2028b", ""},
		{"a control character", "a\x1b[31mb", ""},
		{"NUL", "a\x00b", ""},
		{"right-to-left override", "abc\u202egpj.exe", ""},
		{"isolate", "abc\u2066x", ""},
		{"right-to-left mark", "abc\u200f", ""},
		{"zero-width space", "gene\u200bral", ""},
		{"soft hyphen", "gene\u00adral", ""},
		{"byte order mark", "\ufeffgeneral", ""},
		{"tag characters", "general\U000e0061\U000e007f", ""},
		{"64 combining marks", "a" + strings.Repeat("\u0300", 64), ""},
		{"a mark first", "\u0300a", ""},
		{"no UTF-8", "a\xff", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := NormalizeRoomName(test.text)
			if got != test.want || (err == nil) != (test.want != "") || err != nil && AsError(err).Code != Invalid {
				t.Errorf("got %q, %v; want %q", got, err, test.want)
			}
		})
	}
}

func TestRoomNameKey(t *testing.T) {
	same := [][]string{
		{"Café", "CAFÉ", "cafe\u0301", "ｃａｆé"},
		{"general", "GENERAL", "ｇｅｎｅｒａｌ", "gеnеrаl", "gen\u200ceral", "𝓰𝓮𝓷𝓮𝓻𝓪𝓵"},
		{"hello", "НELLO", "hеllо", "heIIo"[:2] + "llo"},
		{"NEO", "neo", "ΝEO"},
		{"Straße", "STRASSE"},
		{"ΣΙΣΥΦΟΣ", "σισυφος", "Σίσυφος"[:2] + "ισυφος"},
		{"ΝΗΥ", "νηυ"},
		{"paypal", "раураl", "paypa1", "paypa|"},
		{"office", "oﬃce"},
		{"Москва", "МОСКВА", "москва"},
		{"İzmir", "izmir", "ızmir"},
		{"admin", "adrnin"},
		{"Ꭰ", "ꭰ"},
		{"a b", "a\u00a0b"},
	}
	keys := make(map[string]int)
	for i, names := range same {
		want := RoomNameKey(names[0])
		for _, name := range names[1:] {
			if got := RoomNameKey(name); got != want {
				t.Errorf("key of %q: got %q, want %q as of %q", name, got, want, names[0])
			}
		}
		if other, taken := keys[want]; taken {
			t.Errorf("%q and %q have one key", names[0], same[other][0])
		}
		keys[want] = i
	}
	for _, pair := range [][2]string{{"Café", "cafe"}, {"über", "uber"}, {"a b", "ab"}, {"日本", "日木"}, {"room 1", "room 2"}, {"mail", "mall"}} {
		if RoomNameKey(pair[0]) == RoomNameKey(pair[1]) {
			t.Errorf("%q and %q have one key", pair[0], pair[1])
		}
	}
	if got := RoomNameKey(strings.Repeat("ﷺ", MaxRoomNameChars)); len(got) > MaxRoomNameKeyBytes {
		t.Errorf("key of %d bytes, want at most %d", len(got), MaxRoomNameKeyBytes)
	}
}

// No character looks like two letters.
func TestLookAlikesAreUnambiguous(t *testing.T) {
	seen := make(map[rune]rune)
	for latin, others := range lookAlikes {
		for _, other := range others {
			if before, twice := seen[other]; twice {
				t.Errorf("%c stands for %c and %c", other, before, latin)
			}
			seen[other] = latin
			if _, chained := lookAlikes[other]; chained && other != '0' && other != '1' {
				t.Errorf("%c stands for %c and has look-alikes itself", other, latin)
			}
		}
	}
}

func FuzzNormalizeText(f *testing.F) {
	f.Add("Hello ")
	f.Add("Cafe\u0301\u200b \n")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := NormalizeText(text)
		if err != nil {
			if code := AsError(err).Code; code != Invalid && code != TooLarge {
				t.Fatalf("got %v", err)
			}
			return
		}
		if again, err := NormalizeText(got); err != nil || again != got {
			t.Fatalf("%q became %q, then %q, %v", text, got, again, err)
		}
		if !utf8.ValidString(got) || len(got) > MaxMessageBytes || strings.TrimRightFunc(got, unicode.IsSpace) != got {
			t.Fatalf("took %q", got)
		}
	})
}

func FuzzRoomName(f *testing.F) {
	f.Add("Café")
	f.Add("ΝEO \u3000ｘ İ")
	f.Fuzz(func(t *testing.T, text string) {
		name, err := NormalizeRoomName(text)
		if err != nil {
			return
		}
		if again, err := NormalizeRoomName(name); err != nil || again != name {
			t.Fatalf("%q became %q, then %q, %v", text, name, again, err)
		}
		key := RoomNameKey(name)
		if len(key) == 0 || len(key) > MaxRoomNameKeyBytes || !utf8.ValidString(key) {
			t.Fatalf("key of %q is %q", name, key)
		}
	})
}
