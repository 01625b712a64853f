package chat

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strconv"
	"unicode/utf8"
)

// jsonScanner walks a JSON text (RFC 8259) once, beside the type that it is
// meant for.
type jsonScanner struct {
	data     []byte
	pos      int
	top      *jsonFields     // of the object at the top, where no type says them
	reserved map[string]bool // folded keys that are refused at the top
}

// whole checks everything that [DecodeStrict] promises and [encoding/json]
// does not: of one object, and nothing behind it.
func (s *jsonScanner) whole(into reflect.Type) error {
	if !utf8.Valid(s.data) {
		return Errorf(Invalid, "This is not UTF-8.")
	}
	s.space()
	if s.peek() != '{' {
		return Errorf(Invalid, "This must be an object: {…}.")
	}
	if err := s.value(into, 0); err != nil {
		return err
	}
	s.space()
	if s.pos != len(s.data) {
		return s.syntax()
	}
	return nil
}

func (s *jsonScanner) syntax() error {
	return Errorf(Invalid, "This is not JSON (at byte %d).", s.pos)
}

// peek is the next byte, 0 at the end.
func (s *jsonScanner) peek() byte {
	if s.pos < len(s.data) {
		return s.data[s.pos]
	}
	return 0
}

func (s *jsonScanner) space() {
	for s.pos < len(s.data) {
		switch s.data[s.pos] {
		case ' ', '\t', '\r', '\n':
			s.pos++
		default:
			return
		}
	}
}

// value reads one value at s.pos. depth counts the arrays and objects around it.
func (s *jsonScanner) value(t reflect.Type, depth int) error {
	switch c := s.peek(); {
	case c == '{' || c == '[':
		if depth == maxJSONDepth {
			return Errorf(Invalid, "This is nested deeper than %d levels.", maxJSONDepth)
		}
		if c == '{' {
			return s.object(t, depth+1)
		}
		return s.array(t, depth+1)
	case c == '"':
		_, _, err := s.text()
		return err
	case c == '-' || '0' <= c && c <= '9':
		return s.number()
	case c == 't':
		return s.word("true")
	case c == 'f':
		return s.word("false")
	case c == 'n':
		return s.word("null")
	}
	return s.syntax()
}

func (s *jsonScanner) word(word string) error {
	if !bytes.HasPrefix(s.data[s.pos:], []byte(word)) {
		return s.syntax()
	}
	s.pos += len(word)
	return nil
}

func (s *jsonScanner) array(t reflect.Type, depth int) error {
	elem := elemType(t)
	s.pos++
	s.space()
	if s.peek() == ']' {
		s.pos++
		return nil
	}
	for {
		s.space()
		if err := s.value(elem, depth); err != nil {
			return err
		}
		s.space()
		switch s.peek() {
		case ',':
			s.pos++
		case ']':
			s.pos++
			return nil
		default:
			return s.syntax()
		}
	}
}

func (s *jsonScanner) object(t reflect.Type, depth int) error {
	keys := jsonKeys{fields: fieldsOf(t), elem: elemType(t)}
	if depth == 1 {
		keys.reserved = s.reserved
		if s.top != nil {
			keys.fields = s.top
		}
	}
	s.pos++
	s.space()
	if s.peek() == '}' {
		s.pos++
		return nil
	}
	for {
		s.space()
		if s.peek() != '"' {
			return s.syntax()
		}
		key, err := s.keyText()
		if err != nil {
			return err
		}
		member, err := keys.meet(key)
		if err != nil {
			return err
		}
		s.space()
		if s.peek() != ':' {
			return s.syntax()
		}
		s.pos++
		s.space()
		if err := s.value(member, depth); err != nil {
			return err
		}
		s.space()
		switch s.peek() {
		case ',':
			s.pos++
		case '}':
			s.pos++
			return nil
		default:
			return s.syntax()
		}
	}
}

// keyText reads a key; only one with escapes costs an allocation.
func (s *jsonScanner) keyText() ([]byte, error) {
	raw, escaped, err := s.text()
	if err != nil || !escaped {
		return raw, err
	}
	var key string
	if err := json.Unmarshal(s.data[s.pos-len(raw)-2:s.pos], &key); err != nil {
		return nil, s.syntax()
	}
	return []byte(key), nil
}

// text reads a string and gives what stands between the quotes.
func (s *jsonScanner) text() (raw []byte, escaped bool, err error) {
	s.pos++
	start := s.pos
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; {
		case c == '"':
			s.pos++
			return s.data[start : s.pos-1], escaped, nil
		case c < ' ':
			return nil, false, s.syntax()
		case c == '\\':
			escaped = true
			if err := s.escape(); err != nil {
				return nil, false, err
			}
		default:
			s.pos++
		}
	}
	return nil, false, s.syntax()
}

// escape reads one escape; a surrogate pair is one.
func (s *jsonScanner) escape() error {
	s.pos++
	switch s.peek() {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		s.pos++
		return nil
	case 'u':
	default:
		return s.syntax()
	}
	unit, ok := s.unit()
	switch {
	case !ok:
		return s.syntax()
	case unit == 0:
		return Errorf(Invalid, "A text must not contain the character NUL.")
	case unit < 0xD800 || unit > 0xDFFF:
		return nil
	}
	if unit < 0xDC00 && s.peek() == '\\' {
		s.pos++
		if s.peek() == 'u' {
			if low, ok := s.unit(); ok && 0xDC00 <= low && low <= 0xDFFF {
				return nil
			}
		}
	}
	return Errorf(Invalid, "A text contains half of a surrogate pair.")
}

// unit reads the u and four hexadecimal digits of an escape.
func (s *jsonScanner) unit() (uint64, bool) {
	if s.pos+5 > len(s.data) {
		return 0, false
	}
	unit, err := strconv.ParseUint(string(s.data[s.pos+1:s.pos+5]), 16, 16)
	s.pos += 5
	return unit, err == nil
}

func (s *jsonScanner) number() error {
	start := s.pos
	if s.peek() == '-' {
		s.pos++
	}
	if s.peek() == '0' {
		s.pos++
	} else if !s.digits() {
		return s.syntax()
	}
	if s.peek() == '.' {
		s.pos++
		if !s.digits() {
			return s.syntax()
		}
	}
	exponent := false
	if c := s.peek(); c == 'e' || c == 'E' {
		exponent = true
		s.pos++
		if c := s.peek(); c == '+' || c == '-' {
			s.pos++
		}
		if !s.digits() {
			return s.syntax()
		}
	}
	text := s.data[start:s.pos]
	if len(text) > maxNumberChars {
		return Errorf(Invalid, "A number is longer than %d characters.", maxNumberChars)
	}
	if !exponent {
		return nil // no number of so few digits is beyond a float64
	}
	if _, err := strconv.ParseFloat(string(text), 64); err != nil {
		return Errorf(Invalid, "The number %s is out of range.", text)
	}
	return nil
}

func (s *jsonScanner) digits() bool {
	start := s.pos
	for c := s.peek(); '0' <= c && c <= '9'; c = s.peek() {
		s.pos++
	}
	return s.pos > start
}

// members calls fn with each member of the object at s.pos: its key, the bytes
// of all of it, and those of its value.
func (s *jsonScanner) members(fn func(key, member, value []byte)) error {
	if s.peek() != '{' {
		return s.syntax()
	}
	s.pos++
	for s.space(); s.peek() == '"'; s.space() {
		start := s.pos
		key, err := s.keyText()
		if err != nil {
			return err
		}
		s.space()
		if s.peek() != ':' {
			return s.syntax()
		}
		s.pos++
		s.space()
		value := s.pos
		if err := s.value(nil, 1); err != nil {
			return err
		}
		fn(key, s.data[start:s.pos], s.data[value:s.pos])
		s.space()
		if s.peek() != ',' {
			break
		}
		s.pos++
	}
	if s.peek() != '}' {
		return s.syntax()
	}
	return nil
}
