package client

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/parleychat/parley/protocol"
)

// Packets of Engine.IO 4, with those of Socket.IO 5 in its messages, as text
// frames.
const (
	engineOpen  = "0"
	engineClose = "1"
	enginePing  = "2"
	enginePong  = "3"

	socketConnect    = "40"
	socketDisconnect = "41"
	socketEvent      = "42"
	socketAck        = "43"
	socketRefused    = "44"
)

// handshake is what the server says first.
type handshake struct {
	PingInterval int64 `json:"pingInterval"` // ms
	PingTimeout  int64 `json:"pingTimeout"`  // ms
}

// silence is how long nothing may come before the connection counts as dead.
func (h handshake) silence() time.Duration {
	return time.Duration(h.PingInterval+h.PingTimeout) * time.Millisecond
}

// split takes the packet's type off. Of unknown types, which a client passes
// over, it is one character.
func split(text []byte) (kind string, body []byte) {
	switch {
	case len(text) == 0:
		return "", nil
	case text[0] == '4' && len(text) > 1:
		return string(text[:2]), text[2:]
	}
	return string(text[:1]), text[1:]
}

// readEvent reads an event's name and its first argument.
func readEvent(body []byte) (name string, payload json.RawMessage, err error) {
	var args []json.RawMessage
	if err := json.Unmarshal(body, &args); err != nil {
		return "", nil, fmt.Errorf("event %.60q: %w", body, err)
	}
	if len(args) == 0 || json.Unmarshal(args[0], &name) != nil {
		return "", nil, fmt.Errorf("event %.60q has no name", body)
	}
	if len(args) > 1 {
		payload = args[1]
	}
	return name, payload, nil
}

// readAck reads an acknowledgement's number and its first argument.
func readAck(body []byte) (id uint64, answer json.RawMessage, err error) {
	var args []json.RawMessage
	digits := 0
	for digits < len(body) && '0' <= body[digits] && body[digits] <= '9' {
		digits++
	}
	id, err = strconv.ParseUint(string(body[:digits]), 10, 64)
	if err == nil {
		err = json.Unmarshal(body[digits:], &args)
	}
	if err != nil {
		return 0, nil, fmt.Errorf("acknowledgement %.60q: %w", body, err)
	}
	if len(args) > 0 {
		answer = args[0]
	}
	return id, answer, nil
}

// readConnectRefusal reads why the server did not let the client in.
func readConnectRefusal(body []byte) *Refused {
	var refusal struct {
		Message string             `json:"message"`
		Data    protocol.ErrorInfo `json:"data"`
	}
	if err := json.Unmarshal(body, &refusal); err != nil {
		return &Refused{Code: "internal", Message: fmt.Sprintf("connect refused with %.60q", body)}
	}
	refused := refusedBy(refusal.Data)
	if refused.Code == "" {
		refused.Code, refused.Message = "internal", refusal.Message
	}
	return refused
}

// writeEvent is an event that asks to be acknowledged under the number.
func writeEvent(id uint64, name string, payload any) ([]byte, error) {
	args, err := json.Marshal([]any{name, payload})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return append(strconv.AppendUint([]byte(socketEvent), id, 10), args...), nil
}

// readAnswer reads an answer into the struct that into points to; one that is
// not ok becomes a *[Refused].
func readAnswer(raw json.RawMessage, into any) error {
	var said struct {
		OK    bool               `json:"ok"`
		Error protocol.ErrorInfo `json:"error"`
	}
	if err := json.Unmarshal(raw, &said); err != nil {
		return fmt.Errorf("answer %.60q: %w", raw, err)
	}
	if !said.OK {
		return refusedBy(said.Error)
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("answer %.60q: %w", raw, err)
	}
	return nil
}
