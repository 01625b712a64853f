// Package testclient is a client that says exactly what a test tells it to,
// right or wrong: WebSocket frames and polling requests by hand. Whatever it
// waits for, it waits for at most [Patience], and then fails the test.
package testclient

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/parleychat/parley/socketio/wsframe"
)

// Patience is how long a test waits for what has to happen.
const Patience = time.Minute

// HTTP is a client that makes a new connection for every request, so that no
// test depends on what an earlier one left open.
var HTTP = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: Patience}

// WS is the client's end of a WebSocket.
type WS struct {
	t    testing.TB
	Conn net.Conn
	r    *bufio.Reader
}

// Dial makes the WebSocket handshake at an http URL and fails the test unless
// it is answered with 101. The connection is closed with the test.
func Dial(t testing.TB, url string, header http.Header) *WS {
	t.Helper()
	ws, resp := TryDial(t, url, header)
	if ws == nil {
		t.Fatalf("WebSocket at %s: got status %d, want 101", url, resp.StatusCode)
	}
	return ws
}

// TryDial is Dial for a handshake that may be refused: then it returns nil and
// the answer.
func TryDial(t testing.TB, rawURL string, header http.Header) (*WS, *http.Response) {
	t.Helper()
	u, err := url.Parse(rawURL)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", u.Host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return Handshake(t, conn, rawURL, header)
}

// Handshake is TryDial over a connection that is there already.
func Handshake(t testing.TB, conn net.Conn, rawURL string, header http.Header) (*WS, *http.Response) {
	t.Helper()
	req, err := http.NewRequest("GET", rawURL, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header = http.Header{
		"Upgrade":               {"websocket"},
		"Connection":            {"Upgrade"},
		"Sec-WebSocket-Version": {"13"},
		"Sec-WebSocket-Key":     {"dGhlIHNhbXBsZSBub25jZQ=="},
	}
	for name, values := range header {
		if len(values) == 0 {
			delete(req.Header, name)
		} else {
			req.Header[name] = values
		}
	}
	conn.SetDeadline(time.Now().Add(Patience))
	if err := req.Write(conn); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(conn)
	resp, err := http.ReadResponse(r, req)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusSwitchingProtocols {
		return nil, resp
	}
	//lint:ignore SA1008 the header is written as it stands
	if got, want := resp.Header.Get("Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="; header["Sec-WebSocket-Key"] == nil && got != want {
		t.Fatalf("Sec-WebSocket-Accept: got %q, want %q", got, want)
	}
	return &WS{t, conn, r}, resp
}

// Frame builds a client's frame.
func Frame(fin bool, op wsframe.Opcode, payload []byte) []byte {
	b := []byte{byte(op)}
	if fin {
		b[0] |= 0x80
	}
	switch n := len(payload); {
	case n <= 125:
		b = append(b, 0x80|byte(n))
	case n <= 0xFFFF:
		b = binary.BigEndian.AppendUint16(append(b, 0x80|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 0x80|127), uint64(n))
	}
	key := [4]byte{0xA1, 0xB2, 0xC3, 0xD4}
	b = append(b, key[:]...)
	start := len(b)
	b = append(b, payload...)
	wsframe.Mask(b[start:], key)
	return b
}

// Raw writes bytes as they are.
func (c *WS) Raw(b []byte) {
	c.t.Helper()
	c.Conn.SetWriteDeadline(time.Now().Add(Patience))
	if _, err := c.Conn.Write(b); err != nil {
		c.t.Fatalf("write: %v", err)
	}
}

// Send writes text messages, in one piece.
func (c *WS) Send(messages ...string) {
	c.t.Helper()
	var b []byte
	for _, m := range messages {
		b = append(b, Frame(true, wsframe.Text, []byte(m))...)
	}
	c.Raw(b)
}

// SendBinary writes a binary message.
func (c *WS) SendBinary(b []byte) {
	c.t.Helper()
	c.Raw(Frame(true, wsframe.Binary, b))
}

// Frame reads one frame; ok is false when the connection has ended instead.
func (c *WS) Frame() (op wsframe.Opcode, payload []byte, ok bool) {
	c.t.Helper()
	c.Conn.SetReadDeadline(time.Now().Add(Patience))
	var head [2]byte
	if _, err := io.ReadFull(c.r, head[:]); err != nil {
		var timeout net.Error
		if errors.As(err, &timeout) && timeout.Timeout() {
			c.t.Fatalf("no frame after %v", Patience)
		}
		return 0, nil, false
	}
	if head[0]&0xF0 != 0x80 || head[1]&0x80 != 0 {
		c.t.Fatalf("frame begins with % x, want a final, unmasked one", head)
	}
	n := uint64(head[1])
	var long [8]byte
	switch n {
	case 126:
		c.full(long[6:])
		n = binary.BigEndian.Uint64(long[:])
	case 127:
		c.full(long[:])
		n = binary.BigEndian.Uint64(long[:])
	}
	payload = make([]byte, n)
	c.full(payload)
	return wsframe.Opcode(head[0] & 0x0F), payload, true
}

func (c *WS) full(b []byte) {
	c.t.Helper()
	if _, err := io.ReadFull(c.r, b); err != nil {
		c.t.Fatalf("inside a frame: %v", err)
	}
}

// Next reads one text message.
func (c *WS) Next() string {
	c.t.Helper()
	op, payload, ok := c.Frame()
	if !ok || op != wsframe.Text {
		c.t.Fatalf("got frame %d %q (open: %v), want a text message", op, payload, ok)
	}
	return string(payload)
}

// Expect reads these text messages.
func (c *WS) Expect(want ...string) {
	c.t.Helper()
	for _, w := range want {
		if got := c.Next(); got != w {
			c.t.Fatalf("got %q, want %q", got, w)
		}
	}
}

// ExpectBinary reads this binary message.
func (c *WS) ExpectBinary(want []byte) {
	c.t.Helper()
	op, got, ok := c.Frame()
	if !ok || op != wsframe.Binary || string(got) != string(want) {
		c.t.Fatalf("got frame %d %q (open: %v), want binary %q", op, got, ok, want)
	}
}

// ExpectClose reads a close frame with the code and then the end of the
// connection, and hangs up.
func (c *WS) ExpectClose(want wsframe.CloseCode) {
	c.t.Helper()
	op, payload, ok := c.Frame()
	if !ok || op != wsframe.Close || len(payload) < 2 {
		c.t.Fatalf("got frame %d %q (open: %v), want a close frame", op, payload, ok)
	}
	if got := wsframe.CloseCode(binary.BigEndian.Uint16(payload)); got != want {
		c.t.Fatalf("got close code %d (%s), want %d", got, payload[2:], want)
	}
	c.ExpectEnd()
}

// ExpectEnd reads the end of the connection and hangs up.
func (c *WS) ExpectEnd() {
	c.t.Helper()
	if op, payload, ok := c.Frame(); ok {
		c.t.Fatalf("got frame %d %q, want the end", op, payload)
	}
	c.Conn.Close()
}

// Open is the packet that opens a session.
type Open struct {
	SID          string   `json:"sid"`
	Upgrades     []string `json:"upgrades"`
	PingInterval int      `json:"pingInterval"`
	PingTimeout  int      `json:"pingTimeout"`
	MaxPayload   int      `json:"maxPayload"`
}

// ParseOpen reads the packet that opens a session.
func ParseOpen(t testing.TB, packet string) Open {
	t.Helper()
	var open Open
	if !strings.HasPrefix(packet, "0") {
		t.Fatalf("got %q, want an open packet", packet)
	}
	if err := json.Unmarshal([]byte(packet[1:]), &open); err != nil {
		t.Fatalf("open packet %q: %v", packet, err)
	}
	return open
}

// Do makes a request and returns its status and body.
func Do(t testing.TB, method, url, body string, header http.Header) (int, string) {
	t.Helper()
	resp := Response(t, method, url, body, header)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// Response makes a request and returns the answer, whose body is still to read.
func Response(t testing.TB, method, url, body string, header http.Header) *http.Response {
	t.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range header {
		req.Header[name] = values
	}
	resp, err := HTTP.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

// Polling is a polling session.
type Polling struct {
	t      testing.TB
	URL    string // with the session id
	Open   Open
	Header http.Header
}

// Poll opens a polling session at an http URL, which ends in the path.
func Poll(t testing.TB, url string, header http.Header) *Polling {
	t.Helper()
	url += "?EIO=4&transport=polling"
	status, body := Do(t, "GET", url, "", header)
	if status != http.StatusOK {
		t.Fatalf("handshake: got %d %s, want 200", status, body)
	}
	open := ParseOpen(t, body)
	return &Polling{t, url + "&sid=" + open.SID, open, header}
}

// Get polls and returns status and body.
func (p *Polling) Get() (int, string) {
	p.t.Helper()
	return Do(p.t, "GET", p.URL, "", p.Header)
}

// Later begins to poll and returns a function that waits for the answer.
func (p *Polling) Later() (wait func() (int, string)) {
	type answer struct {
		status int
		body   []byte
		err    error
	}
	done := make(chan answer, 1)
	go func() {
		req, err := http.NewRequest("GET", p.URL, nil)
		if err != nil {
			done <- answer{err: err}
			return
		}
		for name, values := range p.Header {
			req.Header[name] = values
		}
		resp, err := HTTP.Do(req)
		if err != nil {
			done <- answer{err: err}
			return
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		done <- answer{resp.StatusCode, body, err}
	}()
	return func() (int, string) {
		p.t.Helper()
		a := Receive(p.t, done)
		if a.err != nil {
			p.t.Fatalf("GET: %v", a.err)
		}
		return a.status, string(a.body)
	}
}

// Post sends packets and returns status and body.
func (p *Polling) Post(body string) (int, string) {
	p.t.Helper()
	return Do(p.t, "POST", p.URL, body, p.Header)
}

// Send posts packets and wants "ok".
func (p *Polling) Send(body string) {
	p.t.Helper()
	if status, got := p.Post(body); status != http.StatusOK || got != "ok" {
		p.t.Fatalf("POST %q: got %d %q, want 200 ok", body, status, got)
	}
}

// Expect polls and wants this body.
func (p *Polling) Expect(want string) {
	p.t.Helper()
	if status, got := p.Get(); status != http.StatusOK || got != want {
		p.t.Fatalf("GET: got %d %q, want 200 %q", status, got, want)
	}
}

// ExpectGone polls and wants the session to be unknown.
func (p *Polling) ExpectGone() {
	p.t.Helper()
	if status, got := p.Get(); status != http.StatusBadRequest {
		p.t.Fatalf("GET: got %d %q, want 400", status, got)
	}
}

// WebSocketURL is where the session can be upgraded.
func (p *Polling) WebSocketURL() string {
	return strings.Replace(p.URL, "transport=polling", "transport=websocket", 1)
}

// Receive waits for a value.
func Receive[T any](t testing.TB, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(Patience):
		t.Fatalf("nothing after %v", Patience)
		panic("unreachable")
	}
}
