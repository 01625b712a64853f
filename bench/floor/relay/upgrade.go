//go:build unix

package relay

import (
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
)

// maxRequest is the largest upgrade request taken, in bytes.
const maxRequest = 8 << 10

// keySuffix is the GUID of RFC 6455, section 4.2.2.
const keySuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

var errRequest = errors.New("no upgrade request")

// upgrade answers the request at the front of b. The 101 and Engine.IO's open
// packet leave in one write.
func (p *peer) upgrade(b []byte) (size int, err error) {
	end := bytes.Index(b, []byte("\r\n\r\n"))
	if end < 0 {
		if len(b) > maxRequest {
			return 0, errRequest
		}
		return 0, nil
	}
	head := string(b[:end])
	if strings.HasPrefix(head, "GET /metrics ") {
		return 0, errors.Join(io.EOF, p.metrics())
	}
	key := header(head, "sec-websocket-key")
	if key == "" {
		return 0, errRequest
	}
	sum := sha1.Sum([]byte(key + keySuffix))
	answer := "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
		base64.StdEncoding.EncodeToString(sum[:]) + "\r\n\r\n"
	err = p.write(appendFrame([]byte(answer), opText, openPacket))
	p.upgraded.Store(true)
	return end + 4, err
}

// header gives the value of the named header, "" without one.
func header(head, lowerName string) string {
	for line := range strings.SplitSeq(head, "\r\n") {
		name, value, ok := strings.Cut(line, ":")
		if ok && strings.EqualFold(name, lowerName) {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// metrics answers with the two figures of the Go runtime that memory per
// connection is made of, after a collection.
func (p *peer) metrics() error {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	_, err := fmt.Fprintf(p.conn, "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nConnection: close\r\n\r\n"+
		"go_memstats_heap_alloc_bytes %d\ngo_memstats_stack_inuse_bytes %d\n", m.HeapAlloc, m.StackInuse)
	return err
}
