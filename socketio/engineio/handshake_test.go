package engineio

import (
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parleychat/parley/socketio/internal/testclient"
)

func TestHandshakeRefused(t *testing.T) {
	w := start(t, Config{})
	tests := []struct {
		method, query string
		status        int
		body          string
	}{
		{"GET", "?transport=polling", 400, `{"code":5,"message":"Unsupported protocol version"}`},
		{"GET", "?EIO=3&transport=polling", 400, `{"code":5,"message":"Unsupported protocol version"}`},
		{"GET", "?EIO=abc&transport=polling", 400, `{"code":5,"message":"Unsupported protocol version"}`},
		{"GET", "?EIO=4", 400, `{"code":0,"message":"Transport unknown"}`},
		{"GET", "?EIO=4&transport=abc", 400, `{"code":0,"message":"Transport unknown"}`},
		{"POST", "?EIO=4&transport=polling", 400, `{"code":2,"message":"Bad handshake method"}`},
		{"PUT", "?EIO=4&transport=polling", 400, `{"code":2,"message":"Bad handshake method"}`},
		{"GET", "?EIO=4&transport=polling&sid=unknown", 400, `{"code":1,"message":"Session ID unknown"}`},
		{"GET", "?EIO=4&transport=polling&sid=", 400, `{"code":1,"message":"Session ID unknown"}`},
		{"GET", "?EIO=4&transport=websocket&sid=unknown", 400, `{"code":1,"message":"Session ID unknown"}`},
		{"GET", "?EIO=4&transport=websocket", 400, `{"code":3,"message":"Bad request"}`},
		{"POST", "?EIO=4&transport=websocket", 400, `{"code":2,"message":"Bad handshake method"}`},
		{"GET", "?EIO=4&transport=polling&sid=" + strings.Repeat("x", 100_000), 400, `{"code":1,"message":"Session ID unknown"}`},
		{"GET", "", 400, `{"code":0,"message":"Transport unknown"}`},
		{"GET", "?EIO=4;transport=polling&%zz", 400, `{"code":0,"message":"Transport unknown"}`},
	}
	for _, test := range tests {
		resp := testclient.Response(t, test.method, w.url+test.query, "", nil)
		status, body := testclient.Do(t, test.method, w.url+test.query, "", nil)
		resp.Body.Close()
		if status != test.status || body != test.body {
			t.Errorf("%s %.60s: got %d %s, want %d %s", test.method, test.query, status, body, test.status, test.body)
		}
		if got, want := resp.Header.Get("Content-Type"), "application/json"; got != want {
			t.Errorf("%s %.60s: Content-Type: got %q, want %q", test.method, test.query, got, want)
		}
	}
	if got := w.server.Stats().Opened; got != 0 {
		t.Errorf("sessions opened: got %d, want 0", got)
	}
}

func TestHandshakeWithManyHeaders(t *testing.T) {
	w := start(t, Config{})
	for size, want := range map[int]int{100: 200, 10_000: 431} {
		header := http.Header{}
		for i := range 1000 {
			header.Set("X-"+strconv.Itoa(i), strings.Repeat("x", size))
		}
		if status, _ := testclient.Do(t, "GET", w.url+"?EIO=4&transport=polling", "", header); status != want {
			t.Errorf("1,000 headers of %d bytes: got %d, want %d", size, status, want)
		}
	}
}

func TestHandshakePolling(t *testing.T) {
	w := start(t, Config{SessionIDPrefix: "node-1."})
	resp := testclient.Response(t, "GET", w.url+"?EIO=4&transport=polling", "", nil)
	resp.Body.Close()
	if got, want := resp.Header.Get("Content-Type"), "text/plain; charset=UTF-8"; got != want {
		t.Errorf("Content-Type: got %q, want %q", got, want)
	}
	if got, want := resp.Header.Get("Cache-Control"), "no-store"; got != want {
		t.Errorf("Cache-Control: got %q, want %q", got, want)
	}
	p, _ := w.poll(t)
	want := testclient.Open{SID: p.Open.SID, Upgrades: []string{"websocket"}, PingInterval: 25000, PingTimeout: 20000, MaxPayload: 1000000}
	if diff := cmp.Diff(want, p.Open); diff != "" {
		t.Errorf("open packet (-want +got):\n%s", diff)
	}
	if random, ok := strings.CutPrefix(p.Open.SID, "node-1."); !ok || len(random) != 24 {
		t.Errorf("session id %q: want the prefix and 24 characters, which are 144 bits", p.Open.SID)
	}
}

func TestHandshakeWebSocket(t *testing.T) {
	w := start(t, Config{})
	ws := testclient.Dial(t, w.url+"?EIO=4&transport=websocket", nil)
	got := testclient.ParseOpen(t, ws.Next())
	want := testclient.Open{SID: got.SID, Upgrades: []string{}, PingInterval: 25000, PingTimeout: 20000, MaxPayload: 1000000}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("open packet (-want +got):\n%s", diff)
	}
}

func TestHandshakeWebSocketRefused(t *testing.T) {
	w := start(t, Config{})
	tests := []struct {
		name   string
		query  string
		header http.Header
		status int
	}{
		{"no EIO", "?transport=websocket", nil, 400},
		{"EIO 3", "?EIO=3&transport=websocket", nil, 400},
		{"unknown session", "?EIO=4&transport=websocket&sid=abc", nil, 400},
		{"unknown transport", "?EIO=4&transport=ws", nil, 400},
		{"no Upgrade", "?EIO=4&transport=websocket", http.Header{"Upgrade": {}}, 400},
		{"no Connection", "?EIO=4&transport=websocket", http.Header{"Connection": {"keep-alive"}}, 400},
		{"other Upgrade", "?EIO=4&transport=websocket", http.Header{"Upgrade": {"h2c"}}, 400},
		{"version 8", "?EIO=4&transport=websocket", http.Header{"Sec-WebSocket-Version": {"8"}}, 426},
		{"no key", "?EIO=4&transport=websocket", http.Header{"Sec-WebSocket-Key": {}}, 400},
		{"short key", "?EIO=4&transport=websocket", http.Header{"Sec-WebSocket-Key": {"c2hvcnQ="}}, 400},
		{"key that is not base64", "?EIO=4&transport=websocket", http.Header{"Sec-WebSocket-Key": {"!!!!!!!!!!!!!!!!!!!!!!=="}}, 400},
		{"two keys", "?EIO=4&transport=websocket", http.Header{"Sec-WebSocket-Key": {"dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZQ=="}}, 400},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			ws, resp := testclient.TryDial(t, w.url+test.query, test.header)
			if ws != nil || resp.StatusCode != test.status {
				t.Errorf("got status %d, want %d", resp.StatusCode, test.status)
			}
		})
	}
	if got := w.server.NumSessions(); got != 0 {
		t.Errorf("sessions: got %d, want 0", got)
	}
}

func TestHandshakeTakesListsOfTokens(t *testing.T) {
	w := start(t, Config{})
	ws := testclient.Dial(t, w.url+"?EIO=4&transport=websocket", http.Header{
		"Connection": {"keep-alive, upgrade"}, "Upgrade": {"WebSocket"},
	})
	testclient.ParseOpen(t, ws.Next())
}

func TestSessionsPerAddress(t *testing.T) {
	w := start(t, Config{
		MaxPerAddress: 2,
		Address: func(r *http.Request) netip.Addr {
			addr, _ := netip.ParseAddr(r.Header.Get("X-Real-IP"))
			return addr
		},
	})
	from := func(addr string) http.Header { return http.Header{"X-Real-Ip": {addr}} }
	poll := func(addr string) int {
		status, _ := testclient.Do(t, "GET", w.url+"?EIO=4&transport=polling", "", from(addr))
		return status
	}
	ws := testclient.Dial(t, w.url+"?EIO=4&transport=websocket", from("192.0.2.1"))
	if got := poll("192.0.2.1"); got != 200 {
		t.Errorf("second session: got %d, want 200", got)
	}
	if got := poll("192.0.2.1"); got != 429 {
		t.Errorf("third session: got %d, want 429", got)
	}
	if _, resp := testclient.TryDial(t, w.url+"?EIO=4&transport=websocket", from("192.0.2.1")); resp.StatusCode != 429 {
		t.Errorf("third session, by WebSocket: got %d, want 429", resp.StatusCode)
	}
	if got := poll("192.0.2.2"); got != 200 {
		t.Errorf("session of another address: got %d, want 200", got)
	}
	for range 3 {
		if got := poll("unknown"); got != 200 {
			t.Errorf("session of no address: got %d, want 200", got)
		}
	}
	ws.Conn.Close()
	w.next(t).expectClosed(t, ReasonTransportClose)
	eventually(t, "the place is free again", func() bool { return w.server.NumSessions() == 5 })
	if got := poll("192.0.2.1"); got != 200 {
		t.Errorf("session after another has ended: got %d, want 200", got)
	}
}

func TestPeerAddress(t *testing.T) {
	for remote, want := range map[string]string{
		"192.0.2.7:1234":              "192.0.2.7",
		"[::ffff:192.0.2.7]:1234":     "192.0.2.7",
		"[2001:db8:1:2:3:4:5:6]:1234": "2001:db8:1:2::",
		"[fe80::1%eth0]:1234":         "fe80::",
		"@":                           "invalid IP",
	} {
		if got := peerAddress(&http.Request{RemoteAddr: remote}).String(); got != want {
			t.Errorf("peerAddress(%q): got %s, want %s", remote, got, want)
		}
	}
}

func TestConfigRefused(t *testing.T) {
	open := func(*Session, *http.Request) Receiver { return nil }
	for name, config := range map[string]Config{
		"no Open":           {},
		"short time":        {Open: open, PingInterval: 1},
		"negative time":     {Open: open, FarewellTimeout: -1},
		"negative limit":    {Open: open, MaxQueue: -1},
		"long prefix":       {Open: open, SessionIDPrefix: strings.Repeat("x", 33)},
		"prefix with quote": {Open: open, SessionIDPrefix: `"`},
	} {
		if _, err := New(config); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
}
