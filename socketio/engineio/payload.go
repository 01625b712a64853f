package engineio

import (
	"bytes"
	"encoding/base64"
	"errors"
	"unicode/utf8"

	"github.com/parleychat/parley/socketio/wsframe"
)

var (
	errPacket   = errors.New("engineio: malformed packet")
	errTooMany  = errors.New("engineio: too many packets in one payload")
	errEncoding = errors.New("engineio: payload is not UTF-8")
)

// separator stands between the packets of a polling payload.
const separator = 0x1E

// maxPackets is how many packets one polling payload may hold. A client that
// was offline sends all it has kept in one body, so the bound is generous; it
// only has to keep one request from being a million.
const maxPackets = 10_000

// eachPacket calls f with the packets of a polling payload in order until f
// says false. The packets alias body, which binary messages are decoded into,
// so the work is linear and nothing is allocated.
func eachPacket(body []byte, f func(packet) bool) error {
	if bytes.Count(body, []byte{separator}) >= maxPackets {
		return errTooMany
	}
	if !utf8.Valid(body) {
		return errEncoding
	}
	for more := true; more; {
		var part []byte
		part, body, more = bytes.Cut(body, []byte{separator})
		p, err := parsePart(part)
		if err != nil {
			return err
		}
		if !f(p) {
			return nil
		}
	}
	return nil
}

func parsePart(part []byte) (packet, error) {
	if len(part) == 0 || part[0] != 'b' {
		return parsePacket(part)
	}
	// The client for Java breaks base64 into lines; the decoder passes over that.
	encoded := part[1:]
	n, err := base64.StdEncoding.Strict().Decode(encoded, encoded)
	if err != nil {
		return packet{}, errPacket
	}
	return packet{kind: packetMessage, data: encoded[:n], binary: true}, nil
}

// appendPart appends a queued frame as one part of a polling payload.
func appendPart(dst, frame []byte) []byte {
	if len(dst) > 0 {
		dst = append(dst, separator)
	}
	op, data := wsframe.Decode(frame)
	if op == wsframe.Binary {
		return base64.StdEncoding.AppendEncode(append(dst, 'b'), data)
	}
	return append(dst, data...)
}
