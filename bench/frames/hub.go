package main

import (
	"bytes"
	"errors"
	"strconv"
	"sync"

	"github.com/lxzan/gws"
)

// conn is a WebSocket as one library has it. Its methods may be called by
// several goroutines.
type conn interface {
	// send writes one text message to this socket only.
	send(payload []byte) error
	// deliver writes a message that was prepared once for all sockets.
	deliver(m message) error
}

// message is what a library can prepare once and write many times; payload is
// always there, the others where the library can use them.
type message struct {
	payload   []byte
	frame     []byte
	broadcast *gws.Broadcaster
}

// hub numbers and hands out messages in rooms. It is the same for all
// libraries, so the difference between two runs is the frame layer.
type hub struct {
	prepare func(payload []byte) message

	mu    sync.Mutex
	rooms map[string]*room // guarded by mu
}

// room delivers under its lock, from the goroutine that read the message.
type room struct {
	mu   sync.Mutex
	seq  int64  // guarded by mu
	list []conn // guarded by mu
}

func newHub(prepare func(payload []byte) message) *hub {
	return &hub{prepare: prepare, rooms: make(map[string]*room)}
}

// session is one socket's conversation: as much of Engine.IO v4 and Socket.IO
// v5 as the load generator speaks.
type session struct {
	hub  *hub
	conn conn
	in   *room
}

const openPacket = `0{"sid":"frames","upgrades":[],"pingInterval":300000,"pingTimeout":20000,"maxPayload":1000000}`

var errPacket = errors.New("packet is none of the load generator's")

// packet handles one text message; p is valid during the call only.
func (s *session) packet(p []byte) error {
	switch {
	case bytes.HasPrefix(p, []byte("40")):
		return s.conn.send([]byte(`40{"sid":"frames"}`))
	case bytes.HasPrefix(p, []byte(`420["joinRoom",{"roomId":`)):
		return s.join(string(p[len(`420["joinRoom",{"roomId":`) : len(p)-2]))
	case bytes.HasPrefix(p, []byte(`42["sendMessage",{`)) && s.in != nil:
		s.publish(p[len(`42["sendMessage",{`):])
		return nil
	}
	return errPacket
}

func (s *session) join(id string) error {
	s.hub.mu.Lock()
	r := s.hub.rooms[id]
	if r == nil {
		r = &room{}
		s.hub.rooms[id] = r
	}
	s.hub.mu.Unlock()
	s.in = r
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, s.conn)
	return s.conn.send(append(strconv.AppendInt([]byte(`430[{"ok":true,"head":{"seq":`), r.seq, 10), "}}]"...))
}

func (s *session) publish(rest []byte) {
	r := s.in
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seq++
	p := append(make([]byte, 0, len(rest)+64), `42["receiveMessage",{"seq":`...)
	p = strconv.AppendInt(p, r.seq, 10)
	p = append(append(p, `,"kind":"message",`...), rest...)
	m := s.hub.prepare(p)
	for _, c := range r.list {
		c.deliver(m) // one that is gone is taken out by its reader
	}
}

func (s *session) leave() {
	if s.in == nil {
		return
	}
	s.in.mu.Lock()
	defer s.in.mu.Unlock()
	for i, c := range s.in.list {
		if c == s.conn {
			last := len(s.in.list) - 1
			s.in.list[i] = s.in.list[last]
			s.in.list = s.in.list[:last]
			return
		}
	}
}
