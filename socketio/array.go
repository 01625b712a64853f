package socketio

import (
	"bytes"
	"encoding/json"
)

// maxArgs is how many arguments a packet may have. Beyond what anybody sends,
// it keeps a payload of commas from becoming many times its size in memory.
const maxArgs = 256

// splitArray returns the elements of a JSON array, aliasing b. b has to be one
// valid JSON array with at most maxArgs elements and nothing behind it.
func splitArray(b []byte) ([]json.RawMessage, error) {
	if len(b) == 0 || b[0] != '[' || !json.Valid(b) {
		return nil, errPacket
	}
	b = bytes.TrimRight(b, " \t\r\n")
	b = b[1 : len(b)-1]
	elements := make([]json.RawMessage, 0, 4)
	if len(bytes.TrimLeft(b, " \t\r\n")) == 0 {
		return elements, nil
	}
	// The text is known to be valid, so only strings and nesting matter.
	start, depth, quoted := 0, 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[' || c == '{':
			depth++
		case c == ']' || c == '}':
			depth--
		case c == ',' && depth == 0:
			if len(elements) == maxArgs-1 {
				return nil, errPacket
			}
			elements = append(elements, trim(b[start:i]))
			start = i + 1
		}
	}
	return append(elements, trim(b[start:])), nil
}

func trim(b []byte) json.RawMessage {
	b = bytes.Trim(b, " \t\r\n")
	return b[:len(b):len(b)]
}

// parseEvent splits the payload of an event into its name and arguments. A
// number is a name too, as its text. Names with a meaning of their own in every
// client are refused.
func parseEvent(b []byte) (string, []json.RawMessage, error) {
	elements, err := splitArray(b)
	if err != nil || len(elements) == 0 {
		return "", nil, errPacket
	}
	name, err := eventName(elements[0])
	if err != nil {
		return "", nil, err
	}
	return name, elements[1:], nil
}

func eventName(b json.RawMessage) (string, error) {
	switch c := b[0]; {
	case c == '-' || c >= '0' && c <= '9':
		return string(b), nil
	case c != '"':
		return "", errPacket
	}
	var name string
	if bytes.IndexByte(b, '\\') < 0 {
		name = string(b[1 : len(b)-1])
	} else if err := json.Unmarshal(b, &name); err != nil {
		return "", errPacket
	}
	switch name {
	case "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener":
		return "", errPacket
	}
	return name, nil
}
