package engineio

import (
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"

	"github.com/parleychat/parley/socketio/wsframe"
)

// readSize is how much is read from a connection at once, in bytes.
const readSize = 16 << 10

var readBuffers = sync.Pool{New: func() any { return new([readSize]byte) }}

// wsConn is a WebSocket connection after its handshake. It belongs to the one
// goroutine that reads it; only conn, raw and fd are used by others.
type wsConn struct {
	conn net.Conn
	raw  syscall.RawConn // nil if conn must be written to by waiting
	fd   int32           // of raw, or noFD; it is ours until the session has ended, see [Session.end]

	frames  wsframe.Reader
	partial []byte // the beginning of a frame whose end has not arrived

	own   *[ownSize]byte        // what is read into if raw is nil
	ready func(fd uintptr) bool // readable, bound once
	err   error                 // set by readable, like buf and n
	buf   *[readSize]byte       // given back when handled
	n     int32                 // bytes in buf
	heard uint8                 // messages that have come, up to introduction
	renew bool                  // the reader is to go on as a new goroutine
}

// introduction is how many messages a client begins with, before it is quiet:
// it connects to its namespaces and joins its rooms.
const introduction = 4

// ownSize is how much is read at once from a connection that holds its buffer
// while it waits, in bytes. TLS has a buffer of its own behind it.
const ownSize = 1 << 10

func newWSConn(conn net.Conn, limit int) *wsConn {
	c := &wsConn{conn: conn, raw: rawConn(conn), fd: noFD, frames: wsframe.NewReader(limit)}
	if c.raw != nil && c.raw.Control(func(fd uintptr) { c.fd = int32(fd) }) != nil {
		c.raw = nil // closed already, which reading will find out
	}
	if c.raw == nil {
		c.own = new([ownSize]byte)
	} else {
		c.ready = c.readable
	}
	return c
}

// openWebSocket answers a handshake with a WebSocket and the open packet. Both
// are the first thing in the session's queue, so they leave in one write, and
// whatever the receiver queues already comes behind them.
func (s *Server) openWebSocket(w http.ResponseWriter, r *http.Request) {
	key, refusal := webSocketKey(r)
	if refusal != nil {
		s.refuse(w, refusal)
		return
	}
	id, err := s.newSessionID()
	if err != nil {
		s.refuse(w, errUnavailable)
		return
	}
	session, refusal := s.newSession(r)
	if refusal != nil {
		s.refuse(w, refusal)
		return
	}
	c, early, err := s.takeOver(w)
	if err != nil {
		s.abandon(session)
		s.refuse(w, errBadRequest)
		return
	}
	var packet [256]byte
	hello := wsframe.Encode(wsframe.Text, s.openPacket(packet[:0], id, false))
	session.attachLocked(c)
	session.appendLocked(switchingProtocols(key, hello))
	s.admit(session, r)
	session.Flush()
	s.wg.Add(1)
	go session.read(c, early)
}

// takeOver takes the connection over from net/http. early is what the peer has
// sent already.
func (s *Server) takeOver(w http.ResponseWriter) (c *wsConn, early []byte, err error) {
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return nil, nil, err
	}
	if n := buffered.Reader.Buffered(); n > 0 {
		early = make([]byte, n)
		// They are in memory, so reading them cannot fail.
		_, _ = io.ReadFull(buffered.Reader, early)
	}
	setSendBuffer(conn, s.config.SendBuffer)
	return newWSConn(conn, s.config.MaxPayload), early, nil
}

// switchingProtocols is the answer of RFC 6455, section 4.2.2, with a frame
// right behind it.
func switchingProtocols(key string, frame []byte) []byte {
	const head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
	answer := make([]byte, 0, len(head)+32+len(frame))
	answer = append(append(answer, head...), acceptKey(key)...)
	return append(append(answer, "\r\n\r\n"...), frame...)
}

// webSocketKey checks the request of section 4.2.1 and returns its key.
func webSocketKey(r *http.Request) (string, *refusal) {
	keys := r.Header["Sec-Websocket-Key"]
	if r.Method != http.MethodGet || !r.ProtoAtLeast(1, 1) || r.ProtoMajor != 1 || len(keys) != 1 ||
		!headerHasToken(r.Header["Connection"], "upgrade") || !headerHasToken(r.Header["Upgrade"], "websocket") {
		return "", errBadRequest
	}
	if version := r.Header["Sec-Websocket-Version"]; len(version) != 1 || version[0] != "13" {
		return "", errWebSocketVersion
	}
	var nonce [18]byte
	if len(keys[0]) != 24 {
		return "", errBadRequest
	}
	if n, err := base64.StdEncoding.Decode(nonce[:], []byte(keys[0])); err != nil || n != 16 {
		return "", errBadRequest
	}
	return keys[0], nil
}

func headerHasToken(values []string, token string) bool {
	for _, value := range values {
		for part := range strings.SplitSeq(value, ",") {
			if strings.EqualFold(strings.TrimSpace(part), token) {
				return true
			}
		}
	}
	return false
}

// acceptKey is Sec-WebSocket-Accept for a Sec-WebSocket-Key.
func acceptKey(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// read is the goroutine of a WebSocket session: it waits for bytes and hands
// them on until the connection ends. While it waits it holds no buffer, unless
// the connection is one that can only be read by waiting.
//
// A stack that handling a message has made larger never shrinks back to the
// 2 KiB a goroutine begins with, which is all that waiting takes. So after each
// of the messages with which a client introduces itself, and after each pong,
// the last that a quiet connection hears, a new goroutine goes on waiting.
func (s *Session) read(c *wsConn, early []byte) {
	err := s.consume(c, early)
	for err == nil {
		var data []byte
		if data, err = c.receive(); err == nil {
			err = s.consume(c, data)
		}
		c.giveBack()
		if c.renew && err == nil {
			c.renew = false
			go s.read(c, nil)
			return
		}
	}
	s.readEnded(c, err)
	s.server.wg.Done()
}

// readEnded is the end of reading.
func (s *Session) readEnded(c *wsConn, err error) {
	c.partial = nil

	s.mu.Lock()
	s.hungUp = true
	state, writing := s.state, s.writing
	s.mu.Unlock()
	switch {
	case state == open:
		// The peer is gone without a word.
		s.abort(lossReason(err))
	case !writing || !errors.Is(err, errPeerClosed):
		s.end()
	}
	// Otherwise the answer to the peer's close frame is on its way, and whoever
	// writes it ends the connection.
}

// errPeerClosed ends reading after the peer's close frame.
var errPeerClosed = errors.New("engineio: peer closed the WebSocket")

func lossReason(err error) Reason {
	if errors.Is(err, io.EOF) {
		return ReasonTransportClose
	}
	return ReasonTransportError
}

// receive waits for bytes. They are good until giveBack.
func (c *wsConn) receive() ([]byte, error) {
	if c.raw == nil {
		n, err := c.conn.Read(c.own[:])
		if n > 0 {
			return c.own[:n], nil // an error will come again
		}
		return nil, err
	}
	if err := c.raw.Read(c.ready); err != nil {
		return nil, err
	}
	if c.err != nil {
		return nil, c.err
	}
	return c.buf[:c.n], nil
}

// readable is called by RawConn.Read when there may be something to read. It
// takes a buffer only for as long as it takes to find out.
func (c *wsConn) readable(fd uintptr) bool {
	buf := readBuffers.Get().(*[readSize]byte)
	n, err, ok := rawRead(fd, buf[:])
	if !ok {
		readBuffers.Put(buf)
		return false
	}
	c.buf, c.n, c.err = buf, int32(n), err
	return true
}

func (c *wsConn) giveBack() {
	if c.buf != nil {
		readBuffers.Put(c.buf)
		c.buf = nil
	}
}

// consume handles the frames in data and keeps the beginning of one that is
// not complete. It returns an error when nothing more is to be read.
func (s *Session) consume(c *wsConn, data []byte) error {
	if len(data) == 0 {
		return nil
	}
	if len(c.partial) > 0 {
		c.partial = append(c.partial, data...)
		data = c.partial
	}
	rest, err := s.handleFrames(c, data)
	if err != nil {
		return err
	}
	switch {
	case len(rest) == 0:
		c.partial = nil
	case len(c.partial) > 0:
		c.partial = c.partial[:copy(c.partial, rest)]
	default:
		c.partial = append([]byte(nil), rest...)
	}
	return nil
}

// handleFrames gives the receiver the messages in data and returns what is
// left. Once the session is closing the peer's words no longer count and are
// dropped, until it hangs up.
func (s *Session) handleFrames(c *wsConn, data []byte) ([]byte, error) {
	s.in.Lock()
	defer s.in.Unlock()
	defer s.recoverLocked()
	for len(data) > 0 {
		if !s.isOpen() {
			return nil, nil
		}
		m, n, err := c.frames.Next(data)
		if err != nil {
			s.close(frameReason(err), closeFrame, nil)
			return nil, nil
		}
		if n == 0 {
			return data, nil
		}
		data = data[n:]
		if err := s.handleMessage(c, m); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func (s *Session) isOpen() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state == open
}

// handleMessage acts on one message or control frame.
func (s *Session) handleMessage(c *wsConn, m wsframe.Message) error {
	switch m.Op {
	case wsframe.Continuation:
		return nil
	case wsframe.Text:
		s.handlePacket(c, m.Payload)
	case wsframe.Binary:
		s.deliver(m.Payload, true)
	case wsframe.Ping:
		s.reply(wsframe.Encode(wsframe.Pong, m.Payload))
	case wsframe.Close:
		s.mu.Lock()
		s.hungUp = true
		s.mu.Unlock()
		s.close(ReasonTransportClose, closeFrame, nil)
		return errPeerClosed
	}
	return nil
}

func (s *Session) handlePacket(c *wsConn, payload []byte) {
	p, err := parsePacket(payload)
	switch {
	case err != nil:
		s.close(ReasonParseError, closeFrame, nil)
	case p.kind == packetMessage:
		if c.heard < introduction {
			c.heard++
			c.renew = true
		}
		s.deliver(p.data, false)
	case p.kind == packetPong:
		if s.pong() {
			c.frames.Refill()
			c.renew = true
		}
	case p.kind == packetClose:
		s.close(ReasonTransportClose, closeFrame, nil)
	default:
		s.close(ReasonParseError, closeFrame, nil)
	}
}

func (s *Session) deliver(data []byte, binary bool) {
	if err := s.receiver.Message(data, binary); err != nil {
		s.close(ReasonParseError, closeFrame, nil)
	}
}

// reply queues a control frame, unless the peer does not even read those.
func (s *Session) reply(frame []byte) {
	s.mu.Lock()
	if s.state == open && s.buffered <= s.server.config.MaxQueue {
		s.appendLocked(frame)
	}
	s.mu.Unlock()
	s.Flush()
}

func frameReason(err error) Reason {
	switch {
	case errors.Is(err, wsframe.ErrTooLarge):
		return ReasonPayloadTooLarge
	case errors.Is(err, wsframe.ErrFlood):
		return ReasonFlood
	default:
		return ReasonParseError
	}
}
