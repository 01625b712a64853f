package client

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

// maxMessage is the longest message taken from a server, in bytes.
const maxMessage = 16 << 20

// Opcodes of RFC 6455, section 5.2.
const (
	opText  = 0x1
	opClose = 0x8
	opPing  = 0x9
	opPong  = 0xA
)

// webSocket is a WebSocket (RFC 6455) of which the client has asked for no
// extension.
type webSocket struct {
	conn net.Conn
	in   *bufio.Reader

	writing turn // taken for one frame
}

func dialWebSocket(ctx context.Context, dial dialing, base *url.URL) (_ pipe, err error) {
	conn, err := dial(ctx, "tcp", base.Host)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			conn.Close()
		}
	}()
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return nil, err
		}
	}
	ws := &webSocket{conn: conn, in: bufio.NewReader(conn), writing: newTurn()}
	if err := ws.upgrade(base); err != nil {
		return nil, err
	}
	return ws, conn.SetDeadline(time.Time{})
}

// upgrade is the opening handshake (RFC 6455, section 4.1).
func (ws *webSocket) upgrade(base *url.URL) error {
	key := make([]byte, 16)
	rand.Read(key)
	nonce := base64.StdEncoding.EncodeToString(key)
	_, err := fmt.Fprintf(ws.conn, "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\n"+
		"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n\r\n", base.Host, nonce)
	if err != nil {
		return err
	}
	response, err := http.ReadResponse(ws.in, nil)
	if err != nil {
		return fmt.Errorf("upgrade: %w", err)
	}
	sum := sha1.Sum([]byte(nonce + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	if response.StatusCode != http.StatusSwitchingProtocols ||
		response.Header.Get("Sec-WebSocket-Accept") != base64.StdEncoding.EncodeToString(sum[:]) {
		return fmt.Errorf("upgrade: answered %s", response.Status)
	}
	return nil
}

func (ws *webSocket) read() ([]byte, error) {
	for {
		if err := ws.conn.SetReadDeadline(time.Now().Add(silence)); err != nil {
			return nil, err
		}
		op, payload, err := readFrame(ws.in)
		if err != nil {
			return nil, err
		}
		switch op {
		case opText:
			return payload, nil
		case opPing:
			if err := ws.frame(opPong, payload); err != nil {
				return nil, err
			}
		case opClose:
			return nil, ErrEnded
		}
	}
}

// readFrame reads one frame of a server, which has to be final and unmasked.
func readFrame(r io.Reader) (op byte, payload []byte, err error) {
	var head [10]byte
	if _, err := io.ReadFull(r, head[:2]); err != nil {
		return 0, nil, err
	}
	if head[0]&0xF0 != 0x80 || head[1]&0x80 != 0 {
		return 0, nil, errors.New("frame is masked, fragmented or compressed")
	}
	length := uint64(head[1])
	switch length {
	case 126:
		_, err = io.ReadFull(r, head[2:4])
		length = uint64(binary.BigEndian.Uint16(head[2:4]))
	case 127:
		_, err = io.ReadFull(r, head[2:10])
		length = binary.BigEndian.Uint64(head[2:10])
	}
	if err != nil {
		return 0, nil, err
	}
	if length > maxMessage {
		return 0, nil, fmt.Errorf("frame of %d bytes", length)
	}
	payload = make([]byte, length)
	if _, err := io.ReadFull(r, payload); err != nil {
		return 0, nil, err
	}
	return head[0] & 0x0F, payload, nil
}

func (ws *webSocket) write(packet []byte) error { return ws.frame(opText, packet) }

// frame writes one masked frame (RFC 6455, section 5.3).
func (ws *webSocket) frame(op byte, payload []byte) error {
	b := make([]byte, 0, len(payload)+14)
	b = append(b, 0x80|op)
	switch n := len(payload); {
	case n < 126:
		b = append(b, 0x80|byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, 0x80|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 0x80|127), uint64(n))
	}
	var key [4]byte
	rand.Read(key[:])
	b = append(b, key[:]...)
	for i, c := range payload {
		b = append(b, c^key[i&3])
	}
	ws.writing.take()
	defer ws.writing.give()
	if err := ws.conn.SetWriteDeadline(time.Now().Add(connectTimeout)); err != nil {
		return err
	}
	_, err := ws.conn.Write(b)
	return err
}

func (ws *webSocket) close() { ws.conn.Close() }
