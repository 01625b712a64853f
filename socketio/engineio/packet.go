package engineio

import "github.com/parleychat/parley/socketio/wsframe"

// Packet types of the protocol, as they are on the wire.
const (
	packetOpen    = '0'
	packetClose   = '1'
	packetPing    = '2'
	packetPong    = '3'
	packetMessage = '4'
	packetUpgrade = '5'
	packetNoop    = '6'
)

// Frames that are the same for every session.
var (
	closeFrame     = wsframe.Encode(wsframe.Text, []byte{packetClose})
	pingFrame      = wsframe.Encode(wsframe.Text, []byte{packetPing})
	noopFrame      = wsframe.Encode(wsframe.Text, []byte{packetNoop})
	probePongFrame = wsframe.Encode(wsframe.Text, []byte("3probe"))
)

// TextFrame encodes a text message: a WebSocket frame around the message
// packet. text must be UTF-8 and must not hold the byte 0x1E, which separates
// packets when polling; JSON has neither problem. The frame is immutable and
// may be queued to any number of sessions of any transport.
func TextFrame(text []byte) []byte {
	n := len(text) + 1
	frame := make([]byte, 0, wsframe.HeaderSize(n)+n)
	frame = wsframe.AppendHeader(frame, wsframe.Text, n)
	return append(append(frame, packetMessage), text...)
}

// BinaryFrame encodes a binary message. Like [TextFrame] it can be shared.
func BinaryFrame(data []byte) []byte { return wsframe.Encode(wsframe.Binary, data) }

// message is one packet of a client.
type packet struct {
	kind   byte // one of the packet types
	data   []byte
	binary bool // only for messages
}

// parsePacket reads the packet in one WebSocket text frame, or in one part of a
// polling payload that does not start with 'b'.
func parsePacket(b []byte) (packet, error) {
	if len(b) == 0 {
		return packet{}, errPacket
	}
	switch p := (packet{kind: b[0], data: b[1:]}); p.kind {
	case packetMessage:
		return p, nil
	case packetClose, packetUpgrade:
		if len(p.data) == 0 {
			return p, nil
		}
	case packetPing, packetPong:
		// Both may carry a payload (the probe); no client sends a long one.
		if len(p.data) <= maxHeartbeatData {
			return p, nil
		}
	}
	return packet{}, errPacket
}

// maxHeartbeatData is the longest payload of a ping or pong, in bytes.
const maxHeartbeatData = 32
