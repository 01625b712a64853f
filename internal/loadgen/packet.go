package loadgen

import (
	"bytes"
	"errors"
)

// packetKind is what an Engine.IO v4 message with its Socket.IO v5 packet means
// to a client of the namespace "/".
type packetKind byte

const (
	pktOther packetKind = iota // nothing that a client of ours asked for; let pass
	pktOpen
	pktPing
	pktConnected
	pktRefused // the namespace's CONNECT_ERROR
	pktEvent
	pktAck
	pktEnd // Engine.IO's close or Socket.IO's disconnect
)

type packet struct {
	kind packetKind
	id   int64  // of an acknowledgement
	name []byte // of an event, as written in JSON, without quotes
	body []byte // JSON: the event's arguments behind its name, the answer's, or the refusal's
}

var errPacket = errors.New("text frame is no Socket.IO packet")

// parsePacket takes the payload of one text frame apart. The packet's slices
// point into p.
func parsePacket(p []byte) (packet, error) {
	if len(p) == 0 {
		return packet{}, errPacket
	}
	switch p[0] {
	case '0':
		return packet{kind: pktOpen, body: p[1:]}, nil
	case '1':
		return packet{kind: pktEnd}, nil
	case '2':
		return packet{kind: pktPing}, nil
	case '3', '6': // pong, noop
		return packet{}, nil
	case '4':
		return parseMessage(p[1:])
	}
	return packet{}, errPacket
}

func parseMessage(p []byte) (packet, error) {
	if len(p) == 0 {
		return packet{}, errPacket
	}
	kind, p := p[0], p[1:]
	switch kind {
	case '0':
		return packet{kind: pktConnected, body: p}, nil
	case '1':
		return packet{kind: pktEnd}, nil
	case '2':
		return parseEvent(p)
	case '3':
		return parseAck(p)
	case '4':
		return packet{kind: pktRefused, body: p}, nil
	case '5', '6': // binary event, binary acknowledgement
		return packet{}, nil
	}
	return packet{}, errPacket
}

// parseEvent: [id]["name",…]. No server asks this client for an answer.
func parseEvent(p []byte) (packet, error) {
	_, p = leadingInt(p)
	p, ok := bytes.CutPrefix(p, []byte(`["`))
	if !ok {
		return packet{}, errPacket
	}
	end := bytes.IndexByte(p, '"')
	if end < 0 {
		return packet{}, errPacket
	}
	return packet{kind: pktEvent, name: p[:end], body: p[end+1:]}, nil
}

func parseAck(p []byte) (packet, error) {
	id, rest := leadingInt(p)
	if len(rest) == len(p) || len(rest) == 0 || rest[0] != '[' {
		return packet{}, errPacket
	}
	return packet{kind: pktAck, id: id, body: rest}, nil
}

// leadingInt reads digits from the front of p, at most 18 of them.
func leadingInt(p []byte) (n int64, rest []byte) {
	i := 0
	for i < len(p) && i < 18 && p[i] >= '0' && p[i] <= '9' {
		n = n*10 + int64(p[i]-'0')
		i++
	}
	return n, p[i:]
}

// The fields below are searched for instead of decoded: a delivery is judged in
// well under a microsecond. A quote inside a JSON string is escaped, so `"seq":`
// cannot occur in anybody's text, and the fields that name an event come before
// any nested object.

// intField gives the first number written behind `"name":`.
func intField(json []byte, quotedName string) (int64, bool) {
	_, rest, ok := bytes.Cut(json, []byte(quotedName))
	if !ok {
		return 0, false
	}
	n, tail := leadingInt(rest)
	return n, len(tail) < len(rest)
}

// stringField gives the first string written behind `"name":"`, unescaped not.
func stringField(json []byte, quotedName string) ([]byte, bool) {
	_, rest, ok := bytes.Cut(json, []byte(quotedName))
	if !ok {
		return nil, false
	}
	end := bytes.IndexByte(rest, '"')
	if end < 0 {
		return nil, false
	}
	return rest[:end], true
}
