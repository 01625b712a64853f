package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

// kind is what a packet means to this client.
type kind int

const (
	other kind = iota
	ping
	connected
	refused
	ended
	event
	acknowledgement
)

type packet struct {
	kind kind
	Packet
}

var errPacket = errors.New("not a packet of this client's protocol")

// parse reads one Engine.IO packet with the Socket.IO packet in it.
func parse(raw []byte) (packet, error) {
	if len(raw) == 0 {
		return packet{}, fmt.Errorf("empty packet: %w", errPacket)
	}
	switch raw[0] {
	case '0', '3', '6': // open, pong, noop
		return packet{}, nil
	case '1':
		return packet{kind: ended}, nil
	case '2':
		return packet{kind: ping}, nil
	case '4':
		return parseMessage(raw[1:])
	}
	return packet{}, fmt.Errorf("%.40q: %w", raw, errPacket)
}

func parseMessage(raw []byte) (packet, error) {
	if len(raw) == 0 {
		return packet{}, fmt.Errorf("empty message: %w", errPacket)
	}
	body := raw[1:]
	switch raw[0] {
	case '0':
		return packet{kind: connected}, nil
	case '1':
		return packet{kind: ended}, nil
	case '2':
		return parseEvent(body)
	case '3':
		return parseAck(body)
	case '4':
		return packet{kind: refused, Packet: Packet{Arg: body}}, nil
	}
	return packet{}, fmt.Errorf("%.40q: %w", raw, errPacket)
}

func parseEvent(body []byte) (packet, error) {
	var args []json.RawMessage
	p := packet{kind: event}
	if err := json.Unmarshal(body, &args); err != nil || len(args) == 0 {
		return packet{}, fmt.Errorf("event %.40q: %w", body, errPacket)
	}
	if err := json.Unmarshal(args[0], &p.Event); err != nil || p.Event == "" {
		return packet{}, fmt.Errorf("event %.40q has no name: %w", body, errPacket)
	}
	if len(args) > 1 {
		p.Arg = args[1]
	}
	return p, nil
}

func parseAck(body []byte) (packet, error) {
	digits := 0
	for digits < len(body) && body[digits] >= '0' && body[digits] <= '9' {
		digits++
	}
	id, err := strconv.ParseInt(string(body[:digits]), 10, 64)
	if err != nil {
		return packet{}, fmt.Errorf("acknowledgement %.40q has no id: %w", body, errPacket)
	}
	var args []json.RawMessage
	if err := json.Unmarshal(body[digits:], &args); err != nil {
		return packet{}, fmt.Errorf("acknowledgement %.40q: %w", body, errPacket)
	}
	p := packet{kind: acknowledgement, Packet: Packet{ID: id}}
	if len(args) > 0 {
		p.Arg = args[0]
	}
	return p, nil
}
