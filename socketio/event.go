package socketio

import (
	"encoding/json"
	"errors"
)

// Event is one event of a client. It and what it holds may be kept.
type Event struct {
	// Name is the event's name; it is never one of the names that clients use
	// for themselves, such as "connect", but may be any other text.
	Name string
	// Args are its arguments, each valid JSON. In place of a binary value stands
	// a placeholder; see [Event.Binary].
	Args []json.RawMessage
	// Attachments are the binary values, at most 10.
	Attachments [][]byte

	socket *Socket
	id     uint64
	hasID  bool
}

// ErrNoAck is what [Event.Ack] returns when the client did not ask.
var ErrNoAck = errors.New("socketio: event asks for no acknowledgement")

// Socket is where the event came from.
func (e *Event) Socket() *Socket { return e.socket }

// HasAck reports whether the client awaits an acknowledgement.
func (e *Event) HasAck() bool { return e.hasID }

// Binary returns what an argument stands for, if it is a placeholder of one of
// the event's attachments.
func (e *Event) Binary(arg json.RawMessage) ([]byte, bool) { return attachment(arg, e.Attachments) }

// Ack sends the acknowledgement; arguments are encoded as for [Socket.Emit]. A
// client takes the first and ignores others.
func (e *Event) Ack(args ...any) error {
	if !e.hasID {
		return ErrNoAck
	}
	encoded, attachments, err := marshalArgs(args)
	if err != nil {
		return err
	}
	return e.socket.sendAll(ackFrames(e.socket.namespace.name, e.id, encoded, attachments))
}

// AckFrame encodes the acknowledgement without sending it, for who wants to
// queue it behind other frames of the same socket. It is nil, which
// [Socket.Queue] takes as nothing to send, when the client did not ask.
func (e *Event) AckFrame(args ...json.RawMessage) []byte {
	if !e.hasID {
		return nil
	}
	return ackFrames(e.socket.namespace.name, e.id, args, nil)[0]
}

// Reply is a client's acknowledgement of an event of this side.
type Reply struct {
	Args        []json.RawMessage
	Attachments [][]byte
}

// Binary returns what an argument stands for, if it is a placeholder.
func (r *Reply) Binary(arg json.RawMessage) ([]byte, bool) { return attachment(arg, r.Attachments) }
