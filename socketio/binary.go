package socketio

import (
	"bytes"
	"encoding/json"
)

// Placeholder stands in an argument for a binary attachment, the one with
// number Num.
type Placeholder struct {
	Placeholder bool `json:"_placeholder"`
	Num         int  `json:"num"`
}

// attachment returns what arg stands for, if it is a placeholder.
func attachment(arg json.RawMessage, attachments [][]byte) ([]byte, bool) {
	var p Placeholder
	if len(attachments) == 0 || json.Unmarshal(arg, &p) != nil || !p.Placeholder || p.Num < 0 || p.Num >= len(attachments) {
		return nil, false
	}
	return attachments[p.Num], true
}

// assembly is a binary packet whose attachments are still arriving.
type assembly struct {
	socket      *Socket
	packet      packet // data is the assembly's own
	attachments [][]byte
	size        int // bytes so far, text included
}

// marshalArgs encodes arguments: raw JSON as it is, []byte as a placeholder and
// an attachment, all others with encoding/json.
func marshalArgs(args []any) (encoded []json.RawMessage, attachments [][]byte, err error) {
	encoded = make([]json.RawMessage, len(args))
	for i, arg := range args {
		switch arg := arg.(type) {
		case json.RawMessage:
			encoded[i] = arg
		case []byte:
			if encoded[i], err = json.Marshal(Placeholder{true, len(attachments)}); err != nil {
				return nil, nil, err
			}
			attachments = append(attachments, arg)
		default:
			if encoded[i], err = json.Marshal(arg); err != nil {
				return nil, nil, err
			}
		}
	}
	return encoded, attachments, nil
}

// maxBinaryDepth is how deep the arguments of a binary packet may be nested.
const maxBinaryDepth = 64

// checkPlaceholders refuses arguments with a placeholder that does not stand
// for one of n attachments.
func checkPlaceholders(args []json.RawMessage, n int) error {
	for _, arg := range args {
		d := json.NewDecoder(bytes.NewReader(arg))
		d.UseNumber()
		if _, err := walk(d, n, 0); err != nil {
			return err
		}
	}
	return nil
}

// walk reads one value and returns its first token.
func walk(d *json.Decoder, n, depth int) (json.Token, error) {
	first, err := d.Token()
	if err != nil || depth > maxBinaryDepth {
		return nil, errPacket
	}
	switch first {
	case json.Delim('['):
		for d.More() {
			if _, err := walk(d, n, depth+1); err != nil {
				return nil, err
			}
		}
	case json.Delim('{'):
		isPlaceholder, inRange := false, false
		for d.More() {
			key, err := d.Token()
			if err != nil {
				return nil, errPacket
			}
			value, err := walk(d, n, depth+1)
			if err != nil {
				return nil, err
			}
			switch key {
			case "_placeholder":
				isPlaceholder = value == true
			case "num":
				inRange = isIndex(value, n)
			}
		}
		if isPlaceholder && !inRange {
			return nil, errPacket
		}
	default:
		return first, nil
	}
	if _, err := d.Token(); err != nil {
		return nil, errPacket
	}
	return first, nil
}

// isIndex reports whether a value is a plain whole number below n.
func isIndex(value json.Token, n int) bool {
	number, ok := value.(json.Number)
	if !ok || countDigits([]byte(number)) != len(number) || len(number) > 2 {
		return false
	}
	return int(decimal([]byte(number))) < n
}
