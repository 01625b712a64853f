package chat

import (
	"encoding/json"
	"errors"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxJSONDepth bounds how deep arrays and objects lie in each other.
const maxJSONDepth = 8

// maxNumberChars bounds the text of one number.
const maxNumberChars = 40

// serverFields are what the server alone says about an event. A client that
// sends one of them expects something that will not happen, so it is told.
var serverFields = map[string]bool{
	"role": true, "sender": true, "seq": true, "at": true, "id": true, "userid": true, "usermail": true,
}

// DecodeStrict reads the JSON of a client into a pointer to a struct. The
// caller has bounded the size; time is linear in it. Beyond what
// [encoding/json] refuses, this refuses:
//
//   - bytes that are not UTF-8, lone surrogates, and NUL in any string;
//   - a key twice in one object, also when the two differ only in case;
//   - a known key in another case (encoding/json would take it);
//   - nesting deeper than 8, and numbers beyond a float64 or 40 characters;
//   - null, or anything else that is not an object, at the top;
//   - the keys role, sender, seq, at, id, userId and userMail at the top,
//     unless into has a field of that name.
//
// Other unknown keys are passed over, so that newer clients can talk to older
// servers. Every error is an [*Error] with the code [Invalid] that names the
// field.
func DecodeStrict(data []byte, into any) error {
	scan := jsonScanner{data: data, reserved: serverFields}
	if err := scan.whole(reflect.TypeOf(into)); err != nil {
		return err
	}
	err := json.Unmarshal(data, into)
	if err == nil {
		return nil
	}
	var refusal *Error
	if errors.As(err, &refusal) {
		return refusal
	}
	var wrong *json.UnmarshalTypeError
	if !errors.As(err, &wrong) {
		return Errorf(Invalid, "A field has a form that cannot be read.")
	}
	if wrong.Field == "" {
		return Errorf(Invalid, "This must be %s, not %s.", jsonWord(wrong.Type), wrong.Value)
	}
	// encoding/json says the whole way to it, with the Go names of embedded
	// structs; the last part is the name that the client knows.
	name := wrong.Field[strings.LastIndexByte(wrong.Field, '.')+1:]
	return Errorf(Invalid, "The field %s must be %s, not %s.", quoteKey(name), jsonWord(wrong.Type), wrong.Value)
}

func jsonWord(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return "a whole number"
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "a whole number, not negative"
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.Slice, reflect.Array:
		return "an array"
	}
	return "an object"
}

// quoteKey shows a key of a stranger: short, and with nothing in it that could
// act in a log or a terminal.
func quoteKey(key string) string {
	const shown = 40
	if utf8.RuneCountInString(key) > shown {
		key = string([]rune(key)[:shown]) + "…"
	}
	return strconv.QuoteToGraphic(key)
}
