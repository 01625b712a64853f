package link

import (
	"bytes"
	"encoding/binary"
)

// Frames makes what follows the frames of one direction of a connection, from
// its first byte on.
type Frames func() scanner

// scanner follows a stream.
type scanner interface {
	// take goes on over the next bytes of the stream. It returns how many of
	// them end in the middle of a frame: something of it has passed then, and
	// something has not. 0: there is no such place.
	take(p []byte) (middle int)
}

// Kafka frames are a length of 4 bytes and what it counts.
func Kafka() scanner {
	return &lengths{header: 4, length: func(h []byte) int { return int(binary.BigEndian.Uint32(h)) }}
}

// MySQL frames are a length of 3 bytes, the lowest first, a number, and what the
// length counts.
func MySQL() scanner {
	return &lengths{header: 4, length: func(h []byte) int { return int(h[0]) | int(h[1])<<8 | int(h[2])<<16 }}
}

// Redis frames end with a new line, each of their parts does.
func Redis() scanner { return newlines{} }

// HTTP frames are requests or answers, one at a time, and those of WebSocket
// (RFC 6455, section 5.2) once a connection was upgraded.
func HTTP() scanner { return &http{} }

// lengths follows frames that say how long they are.
type lengths struct {
	header int // bytes, at least
	length func(header []byte) int
	// more says how many further bytes a header has that begins like this; nil: none.
	more func(header []byte) int

	head []byte // of the frame at hand, so far
	left int    // bytes of its body that have not come
}

func (s *lengths) take(p []byte) (middle int) {
	for at := 0; at < len(p); {
		if s.left == 0 {
			if s.head = append(s.head, p[at]); s.complete() {
				s.left, s.head = s.length(s.head), s.head[:0]
			}
			at++
			continue
		}
		n := min(s.left, len(p)-at)
		// All of the header has passed, so any part of the body but all of it
		// is inside.
		if n > 1 {
			middle = at + n/2
		}
		at += n
		s.left -= n
	}
	return middle
}

func (s *lengths) complete() bool {
	if len(s.head) < s.header {
		return false
	}
	return s.more == nil || len(s.head) >= s.header+s.more(s.head)
}

// newlines follows what ends with a new line.
type newlines struct{}

func (newlines) take(p []byte) int {
	for at := len(p) / 2; at > 0; at-- {
		if p[at-1] != '\n' {
			return at
		}
	}
	return 0
}

// http follows requests or answers until there is an upgrade.
type http struct {
	head   []byte   // of the first message, so far; nil when it was looked at
	looked bool     // at the first message
	frames *lengths // nil: there was no upgrade
}

func (s *http) take(p []byte) int {
	if s.frames != nil {
		return s.frames.take(p)
	}
	if s.looked {
		return len(p) / 2
	}
	s.head = append(s.head, p...)
	end := bytes.Index(s.head, []byte("\r\n\r\n"))
	if end < 0 {
		return len(p) / 2
	}
	head, rest := s.head[:end], s.head[end+4:]
	s.looked, s.head = true, nil
	if !bytes.Contains(bytes.ToLower(head), []byte("\r\nupgrade: websocket")) {
		return len(p) / 2
	}
	s.frames = webSocket()
	ofHead := len(p) - len(rest)
	if middle := s.frames.take(rest); middle > 0 {
		return ofHead + middle
	}
	return ofHead / 2
}

func webSocket() *lengths {
	return &lengths{header: 2, more: webSocketMore, length: func(h []byte) int {
		switch n := h[1] & 0x7f; n {
		case 126:
			return int(binary.BigEndian.Uint16(h[2:]))
		case 127:
			return int(binary.BigEndian.Uint64(h[2:]))
		default:
			return int(n)
		}
	}}
}

func webSocketMore(h []byte) (more int) {
	switch h[1] & 0x7f {
	case 126:
		more = 2
	case 127:
		more = 8
	}
	if h[1]&0x80 != 0 {
		more += 4 // the mask
	}
	return more
}
