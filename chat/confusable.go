package chat

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// MaxRoomNameKeyBytes is the most that [RoomNameKey] gives, for the column
// that holds it.
const MaxRoomNameKeyBytes = 255

// RoomNameKey is equal for two names that people would take for one another,
// and must be unique among public rooms. It is the skeleton (Unicode Technical
// Standard #39, section 4) of the case-folded NFKC form: case, compatibility
// forms (ﬁ, full width), invisible characters and look-alike letters of other
// scripts make no difference; accents do. So Café and CAFÉ are one name, cafe
// is another, and so is neither a name that spells cafe with a Cyrillic а.
//
// The look-alikes are those of the scripts that people mix up with Latin; see
// [lookAlikes]. The key is for comparing, never for showing. name is what
// [NormalizeRoomName] gave.
func RoomNameKey(name string) string {
	key := norm.NFC.String(strings.ReplaceAll(skeletonOfName(name), "rn", "m"))
	if len(key) > MaxRoomNameKeyBytes {
		sum := sha256.Sum256([]byte(key))
		return "sha256:" + hex.EncodeToString(sum[:])
	}
	return key
}

// roomNameLetters is the key of a name without what concerns two letters at
// once.
func roomNameLetters(name string) string { return norm.NFC.String(skeletonOfName(name)) }

func skeletonOfName(name string) string {
	name = latinCapitals(norm.NFKC.String(name))
	var b strings.Builder
	var last rune
	for _, r := range foldName(name) {
		switch {
		case isInvisible(r):
			continue
		case r == '\u0307' && (last == 'i' || last == 'j'):
			continue // a dot above the dot
		case unicode.IsSpace(r):
			r = ' '
		default:
			if latin, ok := skeletonOf[r]; ok {
				r = latin
			}
		}
		last = r
		b.WriteRune(r)
	}
	return b.String()
}

// foldName is the NFD of the case-folded NFKC form.
func foldName(name string) string {
	return norm.NFD.String(norm.NFKC.String(cases.Fold().String(norm.NFKC.String(name))))
}

// lookAlikes lists, for the lower-case letters and digits of ASCII, the
// characters that look like them: of the classes of UTS #39 those that are
// left after NFKC and case folding in Latin, Greek, Cyrillic, Armenian,
// Cherokee, Lisu, Coptic and Georgian, and a few signs. A capital counts by its
// lower-case letter (Н looks like H, so н is h).
var lookAlikes = map[rune]string{
	'2': "ƨꙅ",
	'3': "зӡȝɜʒ",
	'4': "Ꮞ",
	'5': "ƽ",
	'6': "б",
	'8': "ȣ",
	'a': "аαɑ⍺Ꭺꓮ",
	'b': "вьβƅᏏᏴꓐ",
	'c': "сᴄᏟꓚⲥ",
	'd': "ԁᎠᏧꓒꓓ",
	'e': "еҽε℮Ꭼꓰ",
	'f': "ϝքꓝ",
	'g': "ցԍɡᏀᏳꓖ",
	'h': "нһհηᎻᏂꓧⲏ",
	'i': "іιıɩɪ⍳Ꭵ",
	'j': "јϳʝᎫꓙ",
	'k': "кκᏦꓗⲕ",
	'l': "1|ӏǀ∣│⏽Ꮮꓡꓲⲓⳑǃᛁⵏ",
	'm': "мμϻᎷꓟⲙ",
	'n': "ոռпꓠⲛ",
	'o': "0оοσօᴏჿꓳⲟ〇",
	'p': "рρ⍴Ꮲꓑⲣ",
	'q': "ԛգզ",
	'r': "гᴦʀᎡᎱᏒꓣⲅ",
	's': "ѕꜱտᏕᏚꓢ",
	't': "тτᎢꓔⲧ⊤",
	'u': "սυʋᴜꓴ∪",
	'v': "ѵνᴠᏙꓦ∨",
	'w': "ԝѡաɯᴡᎳᏔꓪ",
	'x': "хχ×ꓫⲭ",
	'y': "уүγɣʏყᎩᎽꓬⲩ",
	'z': "ᴢζᏃꓜ",
}

var skeletonOf = func() map[rune]rune {
	skeleton := make(map[rune]rune, 256)
	for latin, others := range lookAlikes {
		for _, other := range others {
			// Folded too: Cherokee folds either way, by version of Unicode.
			for _, folded := range foldName(string(other)) {
				skeleton[folded] = latin
			}
			skeleton[other] = latin
		}
	}
	return skeleton
}()

// latinCapitals writes the Greek capitals whose lower-case letters look like
// another Latin letter than they do (Ν is N, but ν is v) in Latin, in words
// that contain Latin letters. In a Greek word they stay, so that its case makes
// no difference.
func latinCapitals(name string) string {
	if !strings.ContainsAny(name, "ΗΝΥ") {
		return name
	}
	words := strings.Split(name, " ")
	for i, word := range words {
		if strings.ContainsFunc(word, func(r rune) bool { return unicode.Is(unicode.Latin, r) }) {
			words[i] = strings.NewReplacer("Η", "H", "Ν", "N", "Υ", "Y").Replace(word)
		}
	}
	return strings.Join(words, " ")
}
