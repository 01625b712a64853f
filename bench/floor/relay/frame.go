//go:build unix

package relay

import (
	"encoding/binary"
	"errors"
)

// Opcodes of RFC 6455, section 5.2.
const (
	opText  = 0x1
	opClose = 0x8
	opPing  = 0x9
	opPong  = 0xA
)

// maxPayload is the largest client frame taken, in bytes.
const maxPayload = 1_000_000

var errFrame = errors.New("frame is unmasked, fragmented or too large")

// appendFrame appends one final, unmasked frame (RFC 6455, section 5.2).
func appendFrame(dst []byte, op byte, payload []byte) []byte {
	dst = append(dst, 0x80|op)
	switch n := len(payload); {
	case n < 126:
		dst = append(dst, byte(n))
	case n < 1<<16:
		dst = append(dst, 126)
		dst = binary.BigEndian.AppendUint16(dst, uint16(n))
	default:
		dst = append(dst, 127)
		dst = binary.BigEndian.AppendUint64(dst, uint64(n))
	}
	return append(dst, payload...)
}

// nextFrame reads one masked frame from the front of b, unmasking it in place.
// size is the number of bytes that it takes, 0 when b does not hold all of it.
func nextFrame(b []byte) (op byte, payload []byte, size int, err error) {
	if len(b) < 6 {
		return 0, nil, 0, nil
	}
	if b[0]&0xF0 != 0x80 || b[1]&0x80 == 0 {
		return 0, nil, 0, errFrame
	}
	head, n := 2, uint64(b[1]&0x7F)
	switch n {
	case 126:
		head, n = 4, uint64(binary.BigEndian.Uint16(b[2:]))
	case 127:
		if len(b) < 10 {
			return 0, nil, 0, nil
		}
		head, n = 10, binary.BigEndian.Uint64(b[2:])
	}
	if n > maxPayload {
		return 0, nil, 0, errFrame
	}
	size = head + 4 + int(n)
	if len(b) < size {
		return 0, nil, 0, nil
	}
	mask := b[head : head+4]
	payload = b[head+4 : size]
	for i := range payload {
		payload[i] ^= mask[i&3]
	}
	return b[0] & 0x0F, payload, size, nil
}
