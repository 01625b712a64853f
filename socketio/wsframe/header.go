package wsframe

import "encoding/binary"

// Opcode says what a frame carries (RFC 6455, section 5.2).
type Opcode byte

// The opcodes of RFC 6455; all others are refused.
const (
	Continuation Opcode = 0x0
	Text         Opcode = 0x1
	Binary       Opcode = 0x2
	Close        Opcode = 0x8
	Ping         Opcode = 0x9
	Pong         Opcode = 0xA
)

// MaxHeader is the longest header of a server's frame, in bytes.
const MaxHeader = 10

// maxControl is the longest payload of a control frame (section 5.5).
const maxControl = 125

const (
	finBit  = 0x80
	rsvBits = 0x70
	maskBit = 0x80
)

// HeaderSize returns how many bytes the header of a server's frame takes for a
// payload of n bytes: 2, 4 or 10.
func HeaderSize(n int) int {
	switch {
	case n <= 125:
		return 2
	case n <= 0xFFFF:
		return 4
	default:
		return 10
	}
}

// AppendHeader appends the header of a final, unmasked frame with a payload of
// n bytes.
func AppendHeader(dst []byte, op Opcode, n int) []byte {
	dst = append(dst, finBit|byte(op))
	switch {
	case n <= 125:
		return append(dst, byte(n))
	case n <= 0xFFFF:
		return binary.BigEndian.AppendUint16(append(dst, 126), uint16(n))
	default:
		return binary.BigEndian.AppendUint64(append(dst, 127), uint64(n))
	}
}

// Encode returns a complete frame around a copy of payload.
func Encode(op Opcode, payload []byte) []byte {
	frame := make([]byte, 0, HeaderSize(len(payload))+len(payload))
	return append(AppendHeader(frame, op, len(payload)), payload...)
}

// Decode takes a frame of [Encode] apart again, without copying. It does not
// check what it is given: it is for frames of this process, not of a peer.
func Decode(frame []byte) (Opcode, []byte) {
	size := 2
	switch frame[1] {
	case 126:
		size = 4
	case 127:
		size = 10
	}
	return Opcode(frame[0] & 0x0F), frame[size:]
}

// header is that of one client frame.
type header struct {
	fin    bool
	op     Opcode
	length int
	key    [4]byte
	size   int // of the header itself, in bytes; 0 while it is incomplete
}

// parseHeader reads the header of a masked frame from the start of b. A size
// of 0 means that more bytes are needed. limit is the longest payload that
// will be taken; it is compared before anything is done with the length.
func parseHeader(b []byte, limit int) (header, error) {
	if len(b) < 2 {
		return header{}, nil
	}
	h := header{fin: b[0]&finBit != 0, op: Opcode(b[0] & 0x0F)}
	if b[0]&rsvBits != 0 {
		return header{}, protocolError("reserved bits are set")
	}
	if b[1]&maskBit == 0 {
		return header{}, protocolError("client frame is not masked")
	}

	var length uint64
	size := 2
	switch short := b[1] &^ maskBit; short {
	case 126:
		size = 4
		if len(b) < size {
			return header{}, nil
		}
		length = uint64(binary.BigEndian.Uint16(b[2:]))
		if length <= 125 {
			return header{}, protocolError("length is not minimal")
		}
	case 127:
		size = 10
		if len(b) < size {
			return header{}, nil
		}
		length = binary.BigEndian.Uint64(b[2:])
		if length <= 0xFFFF || length>>63 != 0 {
			return header{}, protocolError("length is not minimal or negative")
		}
	default:
		length = uint64(short)
	}

	switch h.op {
	case Continuation, Text, Binary:
		if length > uint64(max(limit, 0)) {
			return header{}, ErrTooLarge
		}
	case Close, Ping, Pong:
		if !h.fin || length > maxControl {
			return header{}, protocolError("control frame is fragmented or too long")
		}
	default:
		return header{}, protocolError("opcode is reserved")
	}
	if len(b) < size+4 {
		return header{}, nil
	}
	h.length = int(length)
	h.key = [4]byte(b[size:])
	h.size = size + 4
	return h, nil
}
