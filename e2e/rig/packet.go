package rig

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Event is one event that the server sent.
type Event struct {
	Name string
	Args []json.RawMessage
}

// Into decodes the event's only argument.
func (e Event) Into(into any) error {
	if len(e.Args) != 1 {
		return fmt.Errorf("%s came with %d arguments, want 1", e.Name, len(e.Args))
	}
	return json.Unmarshal(e.Args[0], into)
}

func (e Event) String() string {
	text, _ := json.Marshal(e.Args) // raw messages that were parsed before
	return e.Name + string(text)
}

// socketPacket is a Socket.IO packet of the namespace "/" (protocol version 5).
type socketPacket struct {
	kind byte // '0' connect … '6' binary ack
	id   string
	data string
}

func parsePacket(text string) (socketPacket, error) {
	if text == "" || text[0] < '0' || text[0] > '4' {
		return socketPacket{}, fmt.Errorf("the server sent the packet %.100q", text)
	}
	digits := strings.IndexFunc(text[1:], func(r rune) bool { return r < '0' || r > '9' })
	if digits < 0 {
		digits = len(text) - 1
	}
	return socketPacket{kind: text[0], id: text[1 : 1+digits], data: text[1+digits:]}, nil
}

// eventPacket is the Engine.IO message that carries an event. id is "" when no
// acknowledgement is wanted.
func eventPacket(id, name string, args ...any) (string, error) {
	data, err := json.Marshal(append([]any{name}, args...))
	if err != nil {
		return "", err
	}
	return "42" + id + string(data), nil
}
