package chat

import (
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// ParseEmail reads an e-mail address (RFC 5322 addr-spec, alone, at most
// [MaxEmailBytes]). address is as given, without white space around it; key is
// what must be unique and is looked up: lower case, NFC.
func ParseEmail(text string) (address, key string, err error) {
	address = strings.TrimSpace(text)
	switch {
	case address == "":
		return "", "", Errorf(Invalid, "Enter an e-mail address.")
	case len(address) > MaxEmailBytes:
		return "", "", Errorf(Invalid, "The e-mail address is longer than %d bytes.", MaxEmailBytes)
	case !utf8.ValidString(address):
		return "", "", Errorf(Invalid, "The e-mail address is not valid UTF-8.")
	}
	parsed, err := mail.ParseAddress(address)
	// A display name, a comment, quotes or angle brackets around it are not
	// part of an address.
	if err != nil || parsed.Name != "" || parsed.Address != address || strings.ContainsFunc(address, unhelpfulInEmail) {
		return "", "", Errorf(Invalid, "An e-mail address looks like name@example.org.")
	}
	key = norm.NFC.String(strings.ToLower(address))
	if len(key) > MaxEmailBytes {
		return "", "", Errorf(Invalid, "The e-mail address is longer than %d bytes.", MaxEmailBytes)
	}
	return address, key, nil
}

func unhelpfulInEmail(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || isInvisible(r)
}

// CheckPassword refuses a password of fewer than [MinPasswordChars] or more
// than [MaxPasswordChars] characters, and the e-mail address as a password.
// Every character is allowed.
func CheckPassword(email, password string) error {
	chars := utf8.RuneCountInString(password)
	switch {
	case !utf8.ValidString(password):
		return Errorf(Invalid, "The password is not valid UTF-8.")
	case chars < MinPasswordChars:
		return Errorf(Invalid, "The password needs at least %d characters.", MinPasswordChars)
	case chars > MaxPasswordChars:
		return Errorf(Invalid, "The password has more than %d characters.", MaxPasswordChars)
	case strings.EqualFold(strings.TrimSpace(password), strings.TrimSpace(email)):
		return Errorf(Invalid, "The password must not be the e-mail address.")
	}
	return nil
}

// DefaultName is the display name of somebody who chose none: the e-mail's
// local part, as far as it may stand in a name.
func DefaultName(email string) string {
	local := []rune(localPart(email))
	name, err := NormalizeDisplayName(string(local[:min(len(local), MaxNameChars)]))
	if err != nil {
		return HandleFrom(email)
	}
	return name
}

// HandleFrom is the handle to try first for somebody with this e-mail address:
// its local part in a–z 0–9 . _ -, [MinHandleChars] to [MaxHandleChars] of
// them. It need not be free.
func HandleFrom(email string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(localPart(email))) {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9', r == '.', r == '_', r == '-':
			b.WriteRune(r)
		case r == '+' || r == ' ':
			b.WriteByte('-')
		}
	}
	handle := strings.Trim(b.String(), "._-")
	if len(handle) > MaxHandleChars {
		handle = strings.TrimRight(handle[:MaxHandleChars], "._-")
	}
	if len(handle) < MinHandleChars {
		return "user" + handle
	}
	return handle
}

// NormalizeHandle is the form in which a handle is kept, without an @ before
// it. It refuses, as [Invalid], what is not [MinHandleChars] to
// [MaxHandleChars] of a–z 0–9 . _ -; capital letters become small.
func NormalizeHandle(handle string) (string, error) {
	handle = strings.ToLower(strings.TrimPrefix(handle, "@"))
	strange := strings.ContainsFunc(handle, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '.' && r != '_' && r != '-'
	})
	if strange || len(handle) < MinHandleChars || len(handle) > MaxHandleChars {
		return "", Errorf(Invalid, "A handle is %d to %d of a-z 0-9 . _ -", MinHandleChars, MaxHandleChars)
	}
	return handle, nil
}

func localPart(email string) string {
	if at := strings.LastIndexByte(email, '@'); at >= 0 {
		return email[:at]
	}
	return email
}
