package rig

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/parleychat/parley/socketio/wsframe"
)

// websocketWire is a connection that has become a WebSocket (RFC 6455), by hand,
// so that nothing stands between a test and the server.
type websocketWire struct {
	conn net.Conn
	r    *bufio.Reader

	mu sync.Mutex // one writer at a time
}

// dialWebSocket asks the server at addr for a WebSocket at this path and query.
func dialWebSocket(addr, path string, header http.Header) (*websocketWire, error) {
	conn, err := net.DialTimeout("tcp", addr, Patience)
	if err != nil {
		return nil, err
	}
	w := &websocketWire{conn: conn, r: bufio.NewReader(conn)}
	if err := w.handshake(addr, path, header); err != nil {
		conn.Close()
		return nil, err
	}
	return w, nil
}

func (w *websocketWire) handshake(addr, path string, header http.Header) error {
	req, err := http.NewRequest("GET", "http://"+addr+path, nil)
	if err != nil {
		return err
	}
	for name, values := range header {
		req.Header[name] = values
	}
	req.Header.Set("Connection", "Upgrade")
	req.Header.Set("Upgrade", "websocket")
	req.Header.Set("Sec-WebSocket-Version", "13")
	req.Header.Set("Sec-WebSocket-Key", "cGFybGV5IGVuZCB0byBlbg==")
	if err := w.conn.SetDeadline(time.Now().Add(Patience)); err != nil {
		return err
	}
	if err := req.Write(w.conn); err != nil {
		return err
	}
	resp, err := http.ReadResponse(w.r, req)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusSwitchingProtocols {
		body, _ := io.ReadAll(io.LimitReader(resp.Body, 1000))
		resp.Body.Close()
		return fmt.Errorf("WebSocket refused: %s %s", resp.Status, body)
	}
	return w.conn.SetDeadline(time.Time{})
}

// Frame is a masked frame of a client, with any first byte (FIN, reserved bits
// and opcode) and any declared length, right or wrong (RFC 6455, section 5.2).
func Frame(first byte, declared uint64, payload []byte) []byte {
	b := []byte{first, 0x80}
	switch {
	case declared <= 125:
		b[1] |= byte(declared)
	case declared <= 0xFFFF:
		b[1] |= 126
		b = binary.BigEndian.AppendUint16(b, uint16(declared))
	default:
		b[1] |= 127
		b = binary.BigEndian.AppendUint64(b, declared)
	}
	var key [4]byte
	binary.BigEndian.PutUint32(key[:], rand.Uint32())
	b = append(b, key[:]...)
	start := len(b)
	b = append(b, payload...)
	wsframe.Mask(b[start:], key)
	return b
}

// appendFrame appends a final frame, as a client sends it.
func appendFrame(dst []byte, op wsframe.Opcode, payload []byte) []byte {
	return append(dst, Frame(0x80|byte(op), uint64(len(payload)), payload)...)
}

func (w *websocketWire) send(packets ...string) error {
	var frames []byte
	for _, packet := range packets {
		frames = appendFrame(frames, wsframe.Text, []byte(packet))
	}
	return w.raw(frames)
}

// raw writes bytes as they are, right or wrong.
func (w *websocketWire) raw(b []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.conn.SetWriteDeadline(time.Now().Add(Patience)); err != nil {
		return err
	}
	_, err := w.conn.Write(b)
	return err
}

// receive reads the next text message; control frames of the server are
// answered or passed over.
func (w *websocketWire) receive() ([]string, error) {
	for {
		op, payload, err := w.frame()
		if err != nil {
			return nil, err
		}
		switch op {
		case wsframe.Text:
			return []string{string(payload)}, nil
		case wsframe.Ping:
			if err := w.raw(appendFrame(nil, wsframe.Pong, payload)); err != nil {
				return nil, err
			}
		case wsframe.Pong:
		case wsframe.Close:
			// Answered and hung up, as a client has to (RFC 6455, 5.5.1); that
			// the server has hung up already is no news then.
			_ = w.raw(appendFrame(nil, wsframe.Close, payload))
			w.close()
			return nil, closeError(payload)
		default:
			return nil, fmt.Errorf("the server sent a frame of opcode %d", op)
		}
	}
}

func closeError(payload []byte) error {
	if len(payload) < 2 {
		return io.EOF
	}
	return fmt.Errorf("%w: closed with %d %s", io.EOF, binary.BigEndian.Uint16(payload), payload[2:])
}

// frame reads one frame of the server: final and not masked.
func (w *websocketWire) frame() (wsframe.Opcode, []byte, error) {
	var head [10]byte
	if _, err := io.ReadFull(w.r, head[:2]); err != nil {
		return 0, nil, err
	}
	if head[0]&0xF0 != 0x80 || head[1]&0x80 != 0 {
		return 0, nil, fmt.Errorf("frame of the server begins with % x, want a final, unmasked one", head[:2])
	}
	length := uint64(head[1])
	switch length {
	case 126:
		if _, err := io.ReadFull(w.r, head[2:4]); err != nil {
			return 0, nil, err
		}
		length = uint64(binary.BigEndian.Uint16(head[2:]))
	case 127:
		if _, err := io.ReadFull(w.r, head[2:10]); err != nil {
			return 0, nil, err
		}
		length = binary.BigEndian.Uint64(head[2:])
	}
	payload := make([]byte, length)
	_, err := io.ReadFull(w.r, payload)
	return wsframe.Opcode(head[0] & 0x0F), payload, err
}

func (w *websocketWire) leave() error {
	normal := []byte{0x03, 0xE8} // 1000
	return w.raw(append(appendFrame(nil, wsframe.Text, []byte("41")), appendFrame(nil, wsframe.Close, normal)...))
}

func (w *websocketWire) close() { w.conn.Close() }
