//go:build unix

package relay

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
)

// openPacket is Engine.IO's handshake; sid only has to look like one, nothing
// here resumes a session.
var openPacket = []byte(`0{"sid":"floor","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}`)

// connected answers Socket.IO's connect of the namespace "/".
var connected = []byte(`40{"sid":"floor"}`)

var errPacket = errors.New("packet is none that the floor speaks")

// eventFrame is the one frame that all sockets of a room share.
func eventFrame(seq int64, body []byte) []byte {
	p := append(make([]byte, 0, len(body)+64), `42["receiveMessage",{"seq":`...)
	p = strconv.AppendInt(p, seq, 10)
	p = append(p, `,"kind":"message",`...)
	p = append(p, body...)
	p = append(p, ']')
	return appendFrame(make([]byte, 0, len(p)+4), opText, p)
}

// ackFrame answers a send; nil without an id.
func ackFrame(id []byte, seq int64) []byte {
	if len(id) == 0 {
		return nil
	}
	p := append([]byte("43"), id...)
	p = append(p, `[{"ok":true,"seq":`...)
	p = strconv.AppendInt(p, seq, 10)
	return appendFrame(nil, opText, append(p, "}]"...))
}

// clientEvent takes `42<id>["name",{...}]` apart. object is the JSON object
// with its braces; ackID is empty when no answer is wanted.
func clientEvent(p []byte) (name string, ackID, object []byte, err error) {
	p, ok := bytes.CutPrefix(p, []byte("42"))
	if !ok {
		return "", nil, nil, errPacket
	}
	i := 0
	for i < len(p) && p[i] >= '0' && p[i] <= '9' {
		i++
	}
	ackID, p = p[:i], p[i:]
	p, ok = bytes.CutPrefix(p, []byte(`["`))
	if !ok {
		return "", nil, nil, errPacket
	}
	n, rest, ok := bytes.Cut(p, []byte(`",`))
	if !ok || len(rest) < 4 || rest[0] != '{' || !bytes.HasSuffix(rest, []byte("}]")) {
		return "", nil, nil, errPacket
	}
	return string(n), ackID, rest[:len(rest)-1], nil
}

func roomID(object []byte) (string, error) {
	var join struct {
		RoomID json.RawMessage `json:"roomId"`
	}
	if err := json.Unmarshal(object, &join); err != nil || len(join.RoomID) == 0 {
		return "", errPacket
	}
	return string(join.RoomID), nil
}
