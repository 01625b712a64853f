package server_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/parleychat/parley/e2e/rig"
	"github.com/parleychat/parley/protocol"
	"github.com/parleychat/parley/server"
)

func reversed(s string) string {
	b := []byte(s)
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
	return string(b)
}

// ofOrigins runs a server that some pages of other origins may call.
func ofOrigins(t *testing.T) (*node, *client) {
	t.Helper()
	cfg := config(t)
	cfg.PublicURL = "https://chat.example.org/"
	cfg.AllowOrigins = []string{"https://app.example.org", "HTTP://Old.example.org:80"}
	n := start(t, cfg)
	return n, n.join("ann@example.org")
}

func pagesOfOtherOrigins(t *testing.T) {
	_, ann := ofOrigins(t)
	for origin, want := range map[string]string{
		"https://chat.example.org":          "https://chat.example.org",
		"https://app.example.org":           "https://app.example.org",
		"http://old.example.org":            "http://old.example.org",
		"https://app.example.org:444":       "",
		"http://app.example.org":            "",
		"https://app.example.org.evil.test": "",
		"https://evilapp.example.org":       "",
		"https://evil.test":                 "",
		"null":                              "",
		"*":                                 "",
	} {
		t.Run(origin, func(t *testing.T) {
			read := ann.do("GET", "/api/v1/rooms", nil, header{"Origin", origin})
			asked := ann.do("OPTIONS", "/api/v1/rooms", nil, header{"Origin", origin}, header{"Access-Control-Request-Method", "POST"})
			for _, answer := range []*answer{read, asked} {
				if got := answer.header.Get("Access-Control-Allow-Origin"); got != want {
					t.Errorf("%s: got Access-Control-Allow-Origin %q, want %q", answer.call, got, want)
				}
				if got := answer.header.Get("Access-Control-Allow-Credentials"); got != "" {
					t.Errorf("%s: pages of other origins may send cookies: %q", answer.call, got)
				}
				if got := answer.header.Get("Vary"); got != "Origin" {
					t.Errorf("%s: got Vary %q, want Origin", answer.call, got)
				}
			}
			if want == "" {
				asked.want(http.StatusForbidden)
			} else {
				asked.want(http.StatusNoContent)
			}
		})
	}
}

func callsForOtherSites(t *testing.T) {
	n, _ := ofOrigins(t)
	for _, path := range []string{"register", "login", "refresh", "logout", "setup", "reset"} {
		for _, foreign := range [][]header{
			{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.test"}},
			{{"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example.org"}},
			{{"Origin", "https://evil.test"}},
			{{"Origin", "null"}},
		} {
			n.client().do("POST", "/api/v1/"+path, credentials("ann@example.org"), foreign...).wantCode(403, "forbidden")
		}
	}
	for _, own := range [][]header{
		{{"Sec-Fetch-Site", "same-origin"}, {"Origin", n.URL()}},
		{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://app.example.org"}},
		{{"Origin", "https://chat.example.org"}},
		{},
	} {
		n.client().do("POST", "/api/v1/login", credentials("ann@example.org"), own...).want(http.StatusOK)
	}
	t.Run("cookie", refreshCookie)
}

func socketsOfOtherOrigins(t *testing.T) {
	n, _ := ofOrigins(t)
	for origin, want := range map[string]int{
		"https://app.example.org":           http.StatusOK,
		n.URL():                             http.StatusOK,
		"https://evil.test":                 http.StatusForbidden,
		"https://app.example.org.evil.test": http.StatusForbidden,
		"null":                              http.StatusForbidden,
	} {
		answer := n.client().do("GET", "/socket.io/?EIO=4&transport=polling", nil, header{"Origin", origin})
		if answer.status != want && (want == http.StatusOK || answer.status < 400) {
			t.Errorf("origin %s: got %d %s, want %d", origin, answer.status, answer.body, want)
		}
		if sid := sessionID.FindStringSubmatch(answer.body); sid != nil {
			n.client().do("POST", "/socket.io/?EIO=4&transport=polling&sid="+sid[1], "1").want(http.StatusOK)
		}
		if want == http.StatusForbidden {
			if _, err := n.sockets().TryConnect(t, rig.How{Header: http.Header{"Origin": {origin}}}); err == nil {
				t.Errorf("origin %s: a WebSocket was opened", origin)
			}
		}
	}
}

var sessionID = regexp.MustCompile(`"sid":"([^"]+)"`)

func refreshCookie(t *testing.T) {
	cfg := config(t)
	cfg.TrustProxy = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	n := start(t, cfg)
	plain := n.client().do("POST", "/api/v1/register", credentials("ann@example.org")).header.Get("Set-Cookie")
	for _, want := range []string{"HttpOnly", "SameSite=Strict", "Path=/api/v1/", "Max-Age=25"} {
		if !strings.Contains(plain, want) {
			t.Errorf("got cookie %q, want %s", plain, want)
		}
	}
	if strings.Contains(plain, "Secure") {
		t.Errorf("got cookie %q over plain HTTP, which no browser would send back", plain)
	}
	secure := n.client().do("POST", "/api/v1/login", credentials("ann@example.org"), header{"X-Forwarded-Proto", "https"}).header.Get("Set-Cookie")
	if !strings.Contains(secure, "; Secure") {
		t.Errorf("got cookie %q over TLS, want Secure", secure)
	}
	n.stop()
	cfg.PublicURL = "https://chat.example.org"
	public := start(t, cfg).client().do("POST", "/api/v1/login", credentials("ann@example.org")).header.Get("Set-Cookie")
	if !strings.Contains(public, "; Secure") {
		t.Errorf("got cookie %q with an https --public-url, want Secure", public)
	}
}

// A client that is not behind a trusted proxy cannot give itself another
// address with each attempt; one behind it is told from the others.
func forwardedAddress(t *testing.T) {
	attempts := func(t *testing.T, trusted string, forwardedFor func(i int) string) (limited int) {
		cfg := config(t)
		if trusted != "" {
			cfg.TrustProxy = []netip.Prefix{netip.MustParsePrefix(trusted)}
		}
		n, clock := startWithClock(t, cfg)
		clock.stop()
		for i := range 35 {
			answer := n.client().do("POST", "/api/v1/register", map[string]string{"email": "x"}, header{"X-Forwarded-For", forwardedFor(i)})
			if answer.status == http.StatusTooManyRequests {
				limited++
			}
		}
		return limited
	}
	one := func(int) string { return "203.0.113.9" }
	many := func(i int) string { return fmt.Sprintf("203.0.113.%d", i) }
	spoofed := func(i int) string { return fmt.Sprintf("203.0.113.%d, 198.51.100.7", i) }
	if got := attempts(t, "127.0.0.0/8", one); got != 5 {
		t.Errorf("one client behind a proxy: got %d of 35 limited, want 5", got)
	}
	if got := attempts(t, "127.0.0.0/8", many); got != 0 {
		t.Errorf("many clients behind a proxy: got %d of 35 limited, want none", got)
	}
	if got := attempts(t, "127.0.0.0/8", spoofed); got != 5 {
		t.Errorf("one client that writes addresses before its own: got %d of 35 limited, want 5", got)
	}
	if got := attempts(t, "10.0.0.0/8", one); got != 0 {
		t.Errorf("a loopback peer that is no trusted proxy: got %d limited, want none: what it tells is not believed", got)
	}
}

// A21 as well: what every answer says to browsers and caches.
func answerHeaders(t *testing.T) {
	n := start(t, config(t))
	ann := n.join("ann@example.org")
	ann.room("General")
	for _, path := range []string{
		"/api/chat", "/api/chat/1/messages", "/api/v1/me", "/api/v1/rooms", "/api/v1/rooms/1", "/api/v1/rooms/1/messages",
		"/api/v1/nothing", "/api/nothing", "/healthz", "/readyz",
	} {
		got := ann.do("GET", path, nil).header
		for name, want := range map[string]string{
			"Cache-Control":           "no-store",
			"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
			"Referrer-Policy":         "no-referrer",
			"X-Content-Type-Options":  "nosniff",
			"X-Frame-Options":         "DENY",
		} {
			if got.Get(name) != want {
				t.Errorf("%s: got %s %q, want %q", path, name, got.Get(name), want)
			}
		}
		if got.Get("X-Request-Id") == "" || got.Get("Server") != "" {
			t.Errorf("%s: got request id %q and server %q, want an id and no server", path, got.Get("X-Request-Id"), got.Get("Server"))
		}
	}
}

func nothingExtraOnThePublicPort(t *testing.T) {
	n := start(t, config(t))
	ann, nobody := n.join("ann@example.org"), n.client()
	for _, path := range []string{"/debug/pprof/", "/debug/vars", "/metrics", "/admin", "/api/admin", "/api/v1/admin"} {
		answer := nobody.do("GET", path, nil)
		if answer.status == http.StatusOK && !strings.Contains(answer.body, "<html") && !strings.Contains(answer.body, "<!doctype") {
			t.Errorf("%s answers %.80q", path, answer.body)
		}
	}
	for _, call := range n.calls() {
		if strings.HasPrefix(call.path, "/api/v1/admin/") {
			nobody.do(call.method, call.path, call.body).wantCode(401, "unauthorized")
			ann.do(call.method, call.path, call.body).wantCode(403, "forbidden")
		}
	}
}

func noDefaultAccount(t *testing.T) {
	n := start(t, config(t))
	c := n.client()
	for _, name := range []string{"admin", "admin@example.org", "root@localhost", "admin@localhost"} {
		for _, password := range []string{"admin", "password", "parley", ""} {
			answer := c.do("POST", "/api/v1/login", map[string]string{"email": name, "password": password})
			if answer.status != http.StatusUnauthorized {
				t.Errorf("%s %s: got %d, want 401", name, password, answer.status)
			}
		}
	}
	var page protocol.AccountList
	n.owner("owner@example.org").do("GET", "/api/v1/admin/users", nil).want(http.StatusOK).into(&page)
	if len(page.Users) != 1 || page.Users[0].Email != "owner@example.org" {
		t.Errorf("a new server has the accounts %+v, want the one that was made", page.Users)
	}
}

// S6 and A49 as well: neither secrets nor what people write reach the log, the
// answers show no traces, and garbage writes nothing.
func noTraces(t *testing.T) {
	n := start(t, config(t))
	ann := n.join("ann@example.org")
	room := ann.room("Canary room")
	ann.say(room, "canary message")
	bad := n.client()
	before := len(n.log.String())
	for _, body := range []string{"", "{", "[]", `{"email":1}`, "\x00", strings.Repeat("[", 10_000), `{"email":"canary@example.org","password":"canary password"}`} {
		for _, path := range []string{"/api/login", "/api/v1/login", "/api/register", "/api/v1/rooms", "/api/chat", "/api/v1/refresh"} {
			answer := bad.do("POST", path, body)
			for _, trace := range []string{"goroutine ", ".go:", "<html", "panic"} {
				if strings.Contains(answer.body, trace) {
					t.Errorf("%s: the answer shows %q: %s", answer.call, trace, answer.body)
				}
			}
		}
	}
	if after := n.log.String()[before:]; strings.Count(after, "\n") > 0 {
		t.Errorf("garbage wrote to the log:\n%s", after)
	}
	n.stop()
	key, err := os.ReadFile(n.cfg.Data + "/jwt.key")
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{
		password, ann.token, strings.Split(ann.token, ".")[2], "canary message", "canary password", "argon2id", strings.TrimSpace(string(key)), "ann@example.org",
	} {
		if strings.Contains(n.log.String(), secret) {
			t.Errorf("the log contains %q", secret)
		}
	}
}

// A30 and A40 as well: requests that are no requests, too large, or too slow.
func hostileConnections(t *testing.T) {
	n := start(t, config(t))
	for _, tc := range []struct {
		name, request string
		want          string // of the status line
	}{
		{"A10 huge address", "GET /" + strings.Repeat("x", 1<<20) + " HTTP/1.1\r\nHost: x\r\n\r\n", "431"},
		{"A10 1,000 headers", "GET /healthz HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("X-Header-Of-Mine: something\r\n", 1000) + "\r\n", "431"},
		{"A10 no HTTP", "hello\r\n\r\n", "400"},
		{"A10 no host", "GET / HTTP/1.1\r\n\r\n", "400"},
		{"A53 NUL in a header", "GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: a\x00b\r\n\r\n", "400"},
		{"A30 more than 2^63", "POST /api/login HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n{}", "400"},
	} {
		t.Run(tc.name, func(t *testing.T) { wantStatus(t, n, tc.request, tc.want) })
	}
	n.client().do("GET", "/healthz", nil).want(http.StatusOK)
	t.Run("slow", slowConnections)
}

// wantStatus sends a request and wants one of these statuses, between which
// stands a |.
func wantStatus(t *testing.T, n *node, request, want string) {
	t.Helper()
	if status := converse(t, n.Addr().String(), request); !slices.Contains(strings.Split(want, "|"), status) {
		t.Errorf("got status %q, want %q", status, want)
	}
}

// slowConnections are waited for no longer than the server says. The times are
// short, and long enough for a slow machine to read what does come.
func slowConnections(t *testing.T) {
	cfg := config(t)
	n := &node{t: t, cfg: cfg, log: new(logText)}
	var err error
	if n.Server, err = server.New(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	n.HTTP().ReadHeaderTimeout = time.Second
	n.HTTP().ReadTimeout = 2 * time.Second
	n.run()
	const post = "POST /api/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: "
	for _, tc := range []struct{ name, request, want string }{
		{"A30 2^63 declared", post + "9223372036854775807\r\n\r\n{}", "400|413"},
		{"A40 half a header", "GET /healthz HTTP/1.1\r\nHos", "400|408"},
		{"A40 half a body", post + "100\r\n\r\n{\"em", "400"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel() // with the others, for all of them wait
			wantStatus(t, n, tc.request, tc.want)
		})
	}
	t.Run("A40 a WebSocket outlives the limits of requests", func(t *testing.T) {
		t.Parallel()
		conn, err := net.Dial("tcp", n.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", n.Addr())
		reader := bufio.NewReader(conn)
		if line, err := reader.ReadString('\n'); err != nil || !strings.Contains(line, " 101 ") {
			t.Fatalf("upgrade: got %q, %v", line, err)
		}
		if err := conn.SetReadDeadline(time.Now().Add(3 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, reader); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("after more than the time for a request: got %v, want the connection to be there", err)
		}
	})
}

// askOnce sends a request and gives the status of the answer.
func askOnce(t *testing.T, addr, request string) string {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if fields := strings.Fields(line); err == nil && len(fields) > 1 {
		return fields[1]
	}
	return ""
}

// converse sends a request, waits for the connection to end, and gives the
// status of the answer, "" when there was none.
func converse(t *testing.T, addr, request string) string {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	// The server may hang up before it has read everything.
	if _, err := io.WriteString(conn, request); err != nil && !errors.Is(err, syscall.EPIPE) && !errors.Is(err, syscall.ECONNRESET) {
		t.Fatal(err)
	}
	text, err := io.ReadAll(conn)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal("the connection stayed open")
	}
	fields := bytes.Fields(text)
	if len(fields) < 2 {
		return ""
	}
	return string(fields[1])
}
