package chat

import (
	"strconv"
	"unicode/utf8"
)

const hexDigits = "0123456789abcdef"

// appendJSONString appends s as a JSON string that may also stand inside an
// HTML page or a script: < > & and the line separators U+2028 and U+2029 are
// escaped. What is not UTF-8 becomes U+FFFD.
func appendJSONString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if plainInJSON[c] {
				i++
				continue
			}
			dst = append(dst, s[start:i]...)
			dst = appendEscape(dst, c)
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			dst = append(dst, s[start:i]...)
			dst = append(dst, `\ufffd`...)
			start = i + size
		case r == '\u2028' || r == '\u2029':
			dst = append(dst, s[start:i]...)
			dst = append(dst, `\u202`...)
			dst = append(dst, hexDigits[r&0xF])
			start = i + size
		}
		i += size
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&0xF])
}

var plainInJSON = func() (plain [utf8.RuneSelf]bool) {
	for c := range plain {
		switch c {
		case '"', '\\', '<', '>', '&', 0x7f:
		default:
			plain[c] = c >= ' '
		}
	}
	return plain
}()

// object appends the members of a JSON object. It writes its brace with the
// first member.
type object struct {
	buf  []byte
	open bool
}

func (o *object) key(name string) {
	if o.open {
		o.buf = append(o.buf, ',')
	} else {
		o.buf = append(o.buf, '{')
		o.open = true
	}
	o.buf = append(o.buf, '"')
	o.buf = append(o.buf, name...)
	o.buf = append(o.buf, '"', ':')
}

func (o *object) text(name, value string) {
	o.key(name)
	o.buf = appendJSONString(o.buf, value)
}

func (o *object) optionalText(name, value string) {
	if value != "" {
		o.text(name, value)
	}
}

func (o *object) number(name string, value uint64) {
	o.key(name)
	o.buf = strconv.AppendUint(o.buf, value, 10)
}

func (o *object) optionalNumber(name string, value uint64) {
	if value != 0 {
		o.number(name, value)
	}
}

func (o *object) end() []byte { return append(o.buf, '}') }
