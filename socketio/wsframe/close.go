package wsframe

import (
	"encoding/binary"
	"unicode/utf8"
)

// CloseCode is the status of a close frame (RFC 6455, section 7.4).
type CloseCode uint16

// The codes a server has use for.
const (
	CloseNormal        CloseCode = 1000
	CloseGoingAway     CloseCode = 1001
	CloseProtocolError CloseCode = 1002
	CloseUnsupported   CloseCode = 1003
	CloseInvalidData   CloseCode = 1007
	ClosePolicy        CloseCode = 1008
	CloseTooLarge      CloseCode = 1009
	CloseInternal      CloseCode = 1011
	CloseTryAgain      CloseCode = 1013
)

// Error is what [Reader] finds wrong with a peer's bytes. Code is the one to
// close the connection with.
type Error struct {
	Code CloseCode
	Text string
}

func (e *Error) Error() string { return "wsframe: " + e.Text }

// Errors that need no further words.
var (
	ErrTooLarge    = &Error{CloseTooLarge, "message is too large"}
	ErrInvalidUTF8 = &Error{CloseInvalidData, "text is not UTF-8"}
	ErrFlood       = &Error{ClosePolicy, "too many frames for what they carry"}
)

func protocolError(text string) *Error { return &Error{CloseProtocolError, text} }

// EncodeClose returns a close frame. The reason is cut to what fits, 123 bytes.
func EncodeClose(code CloseCode, reason string) []byte {
	reason = reason[:min(len(reason), maxControl-2)]
	payload := binary.BigEndian.AppendUint16(make([]byte, 0, maxControl), uint16(code))
	return Encode(Close, append(payload, reason...))
}

// checkClose refuses close payloads that section 5.5.1 and 7.4 do not allow.
func checkClose(payload []byte) error {
	if len(payload) == 0 {
		return nil
	}
	if len(payload) == 1 {
		return protocolError("close frame with half a code")
	}
	switch code := binary.BigEndian.Uint16(payload); {
	case code >= 3000 && code <= 4999:
	case code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006:
	default:
		return protocolError("close code is not allowed on the wire")
	}
	if !utf8.Valid(payload[2:]) {
		return ErrInvalidUTF8
	}
	return nil
}
