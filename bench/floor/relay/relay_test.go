//go:build unix

package relay_test

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parleychat/parley/bench/floor/relay"
)

func serve(t *testing.T, batch int) (addr string) {
	t.Helper()
	return serveAs(t, &relay.Server{Batch: batch})
}

func serveAs(t *testing.T, srv *relay.Server) (addr string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ln) }()
	t.Cleanup(func() {
		srv.Close()
		if err := <-served; !errors.Is(err, net.ErrClosed) {
			t.Errorf("Serve: got %v, want net.ErrClosed", err)
		}
	})
	return ln.Addr().String()
}

// client speaks to the relay in packets.
type client struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
}

func dial(t *testing.T, addr string) *client {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(time.Minute))
	c := &client{t, conn, bufio.NewReader(conn)}
	// The key and its answer are the example of RFC 6455, section 1.3.
	fmt.Fprintf(conn, "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")
	resp, err := http.ReadResponse(c.in, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := resp.Header.Get("Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="; resp.StatusCode != 101 || got != want {
		t.Fatalf("upgrade: got %s, accept %q, want 101 and %q", resp.Status, got, want)
	}
	if got := c.read(); !strings.HasPrefix(got, `0{"sid":`) {
		t.Fatalf("first packet: got %s, want Engine.IO's open", got)
	}
	c.write("40")
	c.want(`40{"sid":"floor"}`)
	return c
}

// write sends payload as one masked text frame.
func (c *client) write(payload string) {
	c.t.Helper()
	frame := []byte{0x81, 0x80 | 126}
	frame = binary.BigEndian.AppendUint16(frame, uint16(len(payload)))
	mask := [4]byte{1, 2, 3, 4}
	frame = append(frame, mask[:]...)
	for i := range len(payload) {
		frame = append(frame, payload[i]^mask[i&3])
	}
	if _, err := c.conn.Write(frame); err != nil {
		c.t.Fatal(err)
	}
}

func (c *client) read() string {
	c.t.Helper()
	head := make([]byte, 2)
	if _, err := io.ReadFull(c.in, head); err != nil {
		c.t.Fatal(err)
	}
	n := int(head[1])
	if n == 126 {
		if _, err := io.ReadFull(c.in, head); err != nil {
			c.t.Fatal(err)
		}
		n = int(binary.BigEndian.Uint16(head))
	}
	payload := make([]byte, n)
	if _, err := io.ReadFull(c.in, payload); err != nil {
		c.t.Fatal(err)
	}
	return string(payload)
}

func (c *client) want(packet string) {
	c.t.Helper()
	if got := c.read(); got != packet {
		c.t.Fatalf("got %s, want %s", got, packet)
	}
}

func TestRoom(t *testing.T) {
	for _, batch := range []int{1, 16} {
		t.Run(fmt.Sprint("batch ", batch), func(t *testing.T) {
			addr := serve(t, batch)
			a, b, other := dial(t, addr), dial(t, addr), dial(t, addr)
			for _, c := range []*client{a, b} {
				c.write(`420["joinRoom",{"roomId":7}]`)
				c.want(`430[{"ok":true,"head":{"seq":0}}]`)
			}
			other.write(`421["joinRoom",{"roomId":8}]`)
			other.want(`431[{"ok":true,"head":{"seq":0}}]`)

			a.write(`425["sendMessage",{"roomId":7,"cid":"x"}]`)
			event := `42["receiveMessage",{"seq":1,"kind":"message","roomId":7,"cid":"x"}]`
			a.want(event)
			a.want(`435[{"ok":true,"seq":1}]`)
			b.want(event)

			// Other rooms have numbers of their own and have seen nothing.
			other.write(`42["sendMessage",{"roomId":8,"cid":"y"}]`)
			other.want(`42["receiveMessage",{"seq":1,"kind":"message","roomId":8,"cid":"y"}]`)

			// A socket that leaves is not written to, one that comes gets what follows.
			b.conn.Close()
			late := dial(t, addr)
			late.write(`420["joinRoom",{"roomId":7}]`)
			late.want(`430[{"ok":true,"head":{"seq":1}}]`)
			a.write(`42["sendMessage",{"roomId":7,"cid":"z"}]`)
			event = `42["receiveMessage",{"seq":2,"kind":"message","roomId":7,"cid":"z"}]`
			a.want(event)
			late.want(event)
		})
	}
}

// With a log, what is said is in it before anybody is sent it.
func TestLog(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	addr := serveAs(t, &relay.Server{Log: file})
	a, b := dial(t, addr), dial(t, addr)
	for _, c := range []*client{a, b} {
		c.write(`420["joinRoom",{"roomId":7}]`)
		c.want(`430[{"ok":true,"head":{"seq":0}}]`)
	}
	for i, cid := range []string{"x", "y"} {
		a.write(fmt.Sprintf(`425["sendMessage",{"roomId":7,"cid":%q}]`, cid))
		event := fmt.Sprintf(`42["receiveMessage",{"seq":%d,"kind":"message","roomId":7,"cid":%q}]`, i+1, cid)
		b.want(event)
		logged, err := os.ReadFile(file.Name())
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(logged), fmt.Sprintf(`"cid":%q`, cid)) {
			t.Errorf("sent %s, but the log has %q", cid, logged)
		}
		a.want(event)
		a.want(fmt.Sprintf(`435[{"ok":true,"seq":%d}]`, i+1))
	}
}

// What cannot be forced to the log nobody is sent, and the server ends.
func TestLogFails(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	file.Close()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &relay.Server{Log: file}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ln) }()
	c := dial(t, ln.Addr().String())
	c.write(`420["joinRoom",{"roomId":7}]`)
	c.want(`430[{"ok":true,"head":{"seq":0}}]`)
	c.write(`42["sendMessage",{"roomId":7,"cid":"x"}]`)
	if n, err := c.in.Read(make([]byte, 1)); n != 0 || err == nil {
		t.Errorf("got %d bytes and error %v, want the end of the connection", n, err)
	}
	if err := <-served; !errors.Is(err, os.ErrClosed) {
		t.Errorf("got %v, want why the log failed", err)
	}
}

func TestMetrics(t *testing.T) {
	resp, err := http.Get("http://" + serve(t, 1) + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"go_memstats_heap_alloc_bytes ", "go_memstats_stack_inuse_bytes "} {
		if !strings.Contains(string(b), name) {
			t.Errorf("got %q, want a line %q", b, name)
		}
	}
}

// Whoever speaks no WebSocket, or no Socket.IO, is cut off; others go on.
func TestGarbage(t *testing.T) {
	addr := serve(t, 1)
	honest := dial(t, addr)
	honest.write(`420["joinRoom",{"roomId":1}]`)
	honest.want(`430[{"ok":true,"head":{"seq":0}}]`)
	for _, packet := range []string{"", "9", "41", `42`, `42["x"]`, `42["joinRoom",{}]`, `42["sendMessage",{"roomId":1}]`, `42["joinRoom",[]]`} {
		c := dial(t, addr)
		c.write(packet)
		if n, err := c.in.Read(make([]byte, 1)); n != 0 || err == nil {
			t.Errorf("after %q: got %d bytes and error %v, want the end of the connection", packet, n, err)
		}
	}
	honest.write(`42["sendMessage",{"cid":"x"}]`)
	honest.want(`42["receiveMessage",{"seq":1,"kind":"message","cid":"x"}]`)
}
