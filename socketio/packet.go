package socketio

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"

	"github.com/parleychat/parley/socketio/engineio"
	"github.com/parleychat/parley/socketio/wsframe"
)

// Packet types of the protocol, as they are on the wire.
const (
	packetConnect      = '0'
	packetDisconnect   = '1'
	packetEvent        = '2'
	packetAck          = '3'
	packetConnectError = '4'
	packetBinaryEvent  = '5'
	packetBinaryAck    = '6'
)

const (
	// maxAttachments is how many binary attachments one packet may have.
	maxAttachments = 10
	// maxNamespace is the longest name of a namespace, in bytes.
	maxNamespace = 128
	// maxAckDigits keeps acknowledgement ids within 64 bits.
	maxAckDigits = 19
)

var errPacket = errors.New("socketio: malformed packet")

// packet is one decoded packet. namespace and data alias what it was made from.
type packet struct {
	kind        byte
	attachments int
	namespace   []byte // "/" if none was given
	hasID       bool
	id          uint64
	data        []byte // the JSON behind all that; nil if there is none
}

var mainNamespace = []byte("/")

// parsePacket takes a packet apart:
//
//	<type>[<attachments>-][<namespace>,][<acknowledgement id>][JSON]
//
// It checks the form and, for the packets whose payload it can know, that the
// payload is of the right kind. Array payloads are checked by splitArray.
func parsePacket(b []byte) (packet, error) {
	if len(b) == 0 {
		return packet{}, errPacket
	}
	p := packet{kind: b[0], namespace: mainNamespace}
	b = b[1:]

	if p.kind == packetBinaryEvent || p.kind == packetBinaryAck {
		digits := countDigits(b)
		if digits == 0 || digits > 2 || digits == len(b) || b[digits] != '-' {
			return packet{}, errPacket
		}
		p.attachments = int(decimal(b[:digits]))
		if p.attachments > maxAttachments {
			return packet{}, errPacket
		}
		b = b[digits+1:]
	}

	if len(b) > 0 && b[0] == '/' {
		p.namespace, b, _ = bytes.Cut(b, []byte{','})
		if len(p.namespace) > maxNamespace {
			return packet{}, errPacket
		}
	}

	switch p.kind {
	case packetEvent, packetBinaryEvent, packetAck, packetBinaryAck:
		digits := countDigits(b)
		if digits > maxAckDigits {
			return packet{}, errPacket
		}
		if digits > 0 {
			p.hasID, p.id, b = true, decimal(b[:digits]), b[digits:]
		}
		isAck := p.kind == packetAck || p.kind == packetBinaryAck
		if len(b) == 0 || b[0] != '[' || isAck && !p.hasID {
			return packet{}, errPacket
		}
	case packetConnect:
		if len(b) > 0 && (b[0] != '{' || !json.Valid(b)) {
			return packet{}, errPacket
		}
	case packetDisconnect:
		if len(b) > 0 {
			return packet{}, errPacket
		}
	default:
		// A client never sends CONNECT_ERROR, and there are no other types.
		return packet{}, errPacket
	}
	if len(b) > 0 {
		p.data = b
	}
	return p, nil
}

func countDigits(b []byte) int {
	n := 0
	for n < len(b) && b[n] >= '0' && b[n] <= '9' {
		n++
	}
	return n
}

// decimal reads at most 19 digits.
func decimal(digits []byte) uint64 {
	var n uint64
	for _, d := range digits {
		n = n*10 + uint64(d-'0')
	}
	return n
}

// frameBuilder puts a packet together behind room for the frame's header, so
// that the frame is made in one piece of memory.
type frameBuilder []byte

// newFrame begins a packet; size is an estimate of what will follow its head.
func newFrame(kind byte, attachments int, namespace string, size int) frameBuilder {
	f := make(frameBuilder, wsframe.MaxHeader, wsframe.MaxHeader+len(namespace)+size+8)
	f = append(f, '4', kind)
	if kind == packetBinaryEvent || kind == packetBinaryAck {
		f = append(strconv.AppendInt(f, int64(attachments), 10), '-')
	}
	if namespace != "/" {
		f = append(append(f, namespace...), ',')
	}
	return f
}

// event appends an event's name and arguments as an array.
func (f frameBuilder) event(name string, args []json.RawMessage) frameBuilder {
	f = appendString(append(f, '['), name)
	for _, arg := range args {
		f = append(f, ',')
		f = append(f, orNull(arg)...)
	}
	return append(f, ']')
}

// array appends arguments as an array.
func (f frameBuilder) array(args []json.RawMessage) frameBuilder {
	f = append(f, '[')
	for i, arg := range args {
		if i > 0 {
			f = append(f, ',')
		}
		f = append(f, orNull(arg)...)
	}
	return append(f, ']')
}

func orNull(arg json.RawMessage) json.RawMessage {
	if arg == nil {
		return json.RawMessage("null")
	}
	return arg
}

// finish writes the header into the room left for it.
func (f frameBuilder) finish() []byte {
	n := len(f) - wsframe.MaxHeader
	start := wsframe.MaxHeader - wsframe.HeaderSize(n)
	wsframe.AppendHeader(f[start:start], wsframe.Text, n)
	return f[start:len(f):len(f)]
}

// appendString appends s as a JSON string.
func appendString(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7F || c == '"' || c == '\\' {
			quoted, err := json.Marshal(s)
			if err != nil {
				panic(err) // a string always has a JSON form
			}
			return append(b, quoted...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}

func sizeOf(args []json.RawMessage) int {
	n := 2
	for _, arg := range args {
		n += len(arg) + 5
	}
	return n
}

// EventFrame encodes an event for the sockets of a namespace: one immutable
// frame that can be queued to any number of them, whatever their transport.
// Each argument has to be valid JSON; nil is null.
func EventFrame(namespace, event string, args ...json.RawMessage) []byte {
	f := newFrame(packetEvent, 0, namespace, len(event)+sizeOf(args))
	return f.event(event, args).finish()
}

// EventFrames is EventFrame for an event with binary attachments: the arguments
// refer to them by placeholders, see [Placeholder]. The frames belong together
// and have to be given to [Socket.QueueAll].
func EventFrames(namespace, event string, args []json.RawMessage, attachments [][]byte) [][]byte {
	if len(attachments) == 0 {
		return [][]byte{EventFrame(namespace, event, args...)}
	}
	f := newFrame(packetBinaryEvent, len(attachments), namespace, len(event)+sizeOf(args))
	return withAttachments(f.event(event, args).finish(), attachments)
}

func withAttachments(head []byte, attachments [][]byte) [][]byte {
	frames := make([][]byte, 1, 1+len(attachments))
	frames[0] = head
	for _, data := range attachments {
		frames = append(frames, engineio.BinaryFrame(data))
	}
	return frames
}

// eventFramesWithID is EventFrames for an event that is to be acknowledged.
func eventFramesWithID(namespace, event string, id uint64, args []json.RawMessage, attachments [][]byte) [][]byte {
	kind := byte(packetEvent)
	if len(attachments) > 0 {
		kind = packetBinaryEvent
	}
	f := newFrame(kind, len(attachments), namespace, 20+len(event)+sizeOf(args))
	f = strconv.AppendUint(f, id, 10)
	return withAttachments(f.event(event, args).finish(), attachments)
}

func ackFrames(namespace string, id uint64, args []json.RawMessage, attachments [][]byte) [][]byte {
	kind := byte(packetAck)
	if len(attachments) > 0 {
		kind = packetBinaryAck
	}
	f := newFrame(kind, len(attachments), namespace, 20+sizeOf(args))
	f = strconv.AppendUint(f, id, 10)
	return withAttachments(f.array(args).finish(), attachments)
}

func connectFrame(namespace, id string) []byte {
	f := newFrame(packetConnect, 0, namespace, len(id)+10)
	f = append(append(append(f, `{"sid":"`...), id...), `"}`...)
	return f.finish()
}

func connectErrorFrame(namespace string, e *ConnectError) []byte {
	payload, err := json.Marshal(e)
	if err != nil {
		// Only Data can fail; the message is what a client needs.
		payload, _ = json.Marshal(&ConnectError{Message: e.Message})
	}
	return append(newFrame(packetConnectError, 0, namespace, len(payload)), payload...).finish()
}

func disconnectFrame(namespace string) []byte {
	return newFrame(packetDisconnect, 0, namespace, 0).finish()
}
