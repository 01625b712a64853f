package engineio

import (
	"errors"
	"net/http"
	"time"

	"github.com/parleychat/parley/socketio/wsframe"
)

// upgrade serves a WebSocket that names a polling session. Whatever happens to
// it, the session goes on by polling until the WebSocket has said the probe and
// the upgrade packet.
func (s *Session) upgrade(w http.ResponseWriter, r *http.Request) {
	key, refusal := webSocketKey(r)
	if refusal != nil {
		s.server.refuse(w, refusal)
		return
	}
	s.mu.Lock()
	busy := s.state != open || s.ws != nil || s.poll.upgrading
	s.poll.upgrading = s.poll.upgrading || !busy
	s.mu.Unlock()
	c, early, err := s.server.takeOver(w)
	if err != nil {
		if !busy {
			s.giveUpUpgrade()
		}
		s.server.refuse(w, errBadRequest)
		return
	}
	c.conn.SetDeadline(time.Now().Add(s.server.config.UpgradeTimeout))
	if busy {
		// The protocol wants a second WebSocket closed, not refused.
		c.conn.Write(switchingProtocols(key, wsframe.EncodeClose(wsframe.ClosePolicy, "session has a WebSocket")))
		c.conn.Close()
		return
	}
	if _, err := c.conn.Write(switchingProtocols(key, nil)); err != nil {
		c.conn.Close()
		s.giveUpUpgrade()
		return
	}
	s.mu.Lock()
	alive := s.state == open
	if alive {
		s.poll.probe = c
		s.server.wg.Add(1)
	}
	s.mu.Unlock()
	if !alive {
		c.conn.Close()
		return
	}
	go s.readProbe(c, early)
}

// giveUpUpgrade lets another WebSocket try.
func (s *Session) giveUpUpgrade() {
	s.mu.Lock()
	s.poll.probe = nil
	s.poll.upgrading, s.poll.probed = false, false
	s.mu.Unlock()
}

var errProbe = errors.New("engineio: WebSocket did not keep to the upgrade")

// readProbe is the goroutine of a WebSocket until it takes over; then it is the
// session's reader.
func (s *Session) readProbe(c *wsConn, early []byte) {
	rest, err := s.probing(c, early)
	if err == nil {
		err = c.conn.SetDeadline(time.Time{})
	}
	if err != nil || !s.switchTo(c) {
		c.conn.Close()
		s.giveUpUpgrade()
		s.server.wg.Done()
		return
	}
	s.server.counters.upgraded.Add(1)
	s.Flush()
	s.read(c, rest)
}

// probing says pong to the probe and waits for the upgrade packet, until the
// connection's deadline. It returns what the peer sent behind that.
func (s *Session) probing(c *wsConn, data []byte) ([]byte, error) {
	data = append([]byte(nil), data...)
	probed := false
	for {
		m, n, err := c.frames.Next(data)
		if err != nil {
			return nil, err
		}
		if n == 0 {
			if data, err = readMore(c, data); err != nil {
				return nil, err
			}
			continue
		}
		data = data[n:]
		switch {
		case m.Op == wsframe.Text && !probed && string(m.Payload) == "2probe":
			probed = true
			s.mu.Lock()
			s.poll.probed = true
			s.poll.wakeLocked()
			s.mu.Unlock()
			if _, err := c.conn.Write(probePongFrame); err != nil {
				return nil, err
			}
		case m.Op == wsframe.Text && probed && len(m.Payload) == 1 && m.Payload[0] == packetUpgrade:
			return data, nil
		case m.Op == wsframe.Ping:
			if _, err := c.conn.Write(wsframe.Encode(wsframe.Pong, m.Payload)); err != nil {
				return nil, err
			}
		case m.Op == wsframe.Continuation, m.Op == wsframe.Pong:
		default:
			return nil, errProbe
		}
	}
}

// maxProbe bounds what a WebSocket may send before it has taken over, in bytes.
const maxProbe = 4 << 10

func readMore(c *wsConn, data []byte) ([]byte, error) {
	if len(data) >= maxProbe {
		return nil, errProbe
	}
	buf := readBuffers.Get().(*[readSize]byte)
	defer readBuffers.Put(buf)
	n, err := c.conn.Read(buf[:])
	return append(data, buf[:n]...), err
}

// switchTo makes c the session's transport. A session that is closing switches
// too: the client has stopped to poll, and could not hear its farewell there.
func (s *Session) switchTo(c *wsConn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state == ended {
		return false
	}
	s.attachLocked(c)
	s.poll.probe = nil
	s.poll.wakeLocked()
	return true
}
