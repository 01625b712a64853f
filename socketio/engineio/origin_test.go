package engineio

import (
	"net/http"
	"strings"
	"testing"

	"github.com/parleychat/parley/socketio/internal/testclient"
)

func TestOrigin(t *testing.T) {
	w := start(t, Config{AllowOrigin: AllowList("https://chat.example.org", "http://localhost:5173", "https://Second.example.org:443")})
	own := w.http.URL
	tests := []struct {
		origin  []string
		allowed bool
		named   bool // in the answer
	}{
		{nil, true, false},
		{[]string{own}, true, false},
		{[]string{strings.Replace(own, "http:", "https:", 1)}, true, false}, // behind a proxy
		{[]string{"https://chat.example.org"}, true, true},
		{[]string{"https://CHAT.example.org:443"}, true, true},
		{[]string{"https://second.example.org"}, true, true},
		{[]string{"http://localhost:5173"}, true, true},

		{[]string{"null"}, false, false},
		{[]string{""}, false, false},
		{[]string{"*"}, false, false},
		{[]string{"http://chat.example.org"}, false, false},
		{[]string{"https://chat.example.org:8443"}, false, false},
		{[]string{"https://chat.example.org.evil.test"}, false, false},
		{[]string{"https://evilchat.example.org"}, false, false},
		{[]string{"https://chat.example.org/"}, false, false},
		{[]string{"https://chat.example.org?"}, false, false},
		{[]string{"https://chat.example.org#"}, false, false},
		{[]string{"https://chat.example.org@evil.test"}, false, false},
		{[]string{"https://user@chat.example.org"}, false, false},
		{[]string{"https://chat.example.org\x00.evil.test"}, false, false},
		{[]string{"https://сhat.example.org"}, false, false}, // Cyrillic
		{[]string{"https://chat.example.org."}, false, false},
		{[]string{"//chat.example.org"}, false, false},
		{[]string{"file://"}, false, false},
		{[]string{"http://localhost:5174"}, false, false},
		{[]string{"ftp" + own[4:]}, false, false},
		{[]string{"https://chat.example.org", "https://evil.test"}, false, false},
		{[]string{"https://chat.example.org https://evil.test"}, false, false},
	}
	for _, test := range tests {
		header := http.Header{}
		if test.origin != nil {
			if strings.ContainsAny(test.origin[0], "\x00") {
				continue // Go's client refuses to send it; parseOrigin is tested below
			}
			header["Origin"] = test.origin
		}
		for _, method := range []string{"GET", "OPTIONS"} {
			resp := testclient.Response(t, method, w.url+"?EIO=4&transport=polling", "", header)
			resp.Body.Close()
			if got := resp.StatusCode < 300; got != test.allowed {
				t.Errorf("%s with Origin %q: got status %d, want allowed %v", method, test.origin, resp.StatusCode, test.allowed)
			}
			want := ""
			if test.named {
				want = test.origin[0]
			}
			if got := resp.Header.Get("Access-Control-Allow-Origin"); got != want {
				t.Errorf("%s with Origin %q: Access-Control-Allow-Origin: got %q, want %q", method, test.origin, got, want)
			}
			if got := resp.Header.Get("Vary"); test.origin != nil && got != "Origin" {
				t.Errorf("%s with Origin %q: Vary: got %q, want Origin", method, test.origin, got)
			}
			if got := resp.Header.Get("Access-Control-Allow-Credentials"); got != "" {
				t.Errorf("%s with Origin %q: credentials are allowed", method, test.origin)
			}
		}
		ws, resp := testclient.TryDial(t, w.url+"?EIO=4&transport=websocket", header)
		if got := ws != nil; got != test.allowed {
			t.Errorf("WebSocket with Origin %q: got status %d, want allowed %v", test.origin, resp.StatusCode, test.allowed)
		}
	}
	if _, ok := parseOrigin("https://chat.example.org\x00.evil.test"); ok {
		t.Error("an origin with NUL was parsed")
	}
}

func TestOriginByDefault(t *testing.T) {
	w := start(t, Config{})
	for origin, want := range map[string]int{w.http.URL: 200, "https://example.org": 403, "null": 403} {
		status, _ := testclient.Do(t, "GET", w.url+"?EIO=4&transport=polling", "", http.Header{"Origin": {origin}})
		if status != want {
			t.Errorf("Origin %q: got %d, want %d", origin, status, want)
		}
	}
}

func TestPreflight(t *testing.T) {
	w := start(t, Config{AllowOrigin: AllowList("https://a.test"), AllowCredentials: true})
	resp := testclient.Response(t, "OPTIONS", w.url, "", http.Header{
		"Origin":                         {"https://a.test"},
		"Access-Control-Request-Method":  {"POST"},
		"Access-Control-Request-Headers": {"authorization, content-type"},
	})
	resp.Body.Close()
	for name, want := range map[string]string{
		"Access-Control-Allow-Origin":      "https://a.test",
		"Access-Control-Allow-Credentials": "true",
		"Access-Control-Allow-Methods":     "GET, POST",
		"Access-Control-Allow-Headers":     "authorization, content-type",
	} {
		if got := resp.Header.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if resp.StatusCode != 204 {
		t.Errorf("status: got %d, want 204", resp.StatusCode)
	}
	resp = testclient.Response(t, "OPTIONS", w.url, "", http.Header{
		"Origin":                         {"https://a.test"},
		"Access-Control-Request-Headers": {"x: y\tz"},
	})
	resp.Body.Close()
	if got := resp.Header.Get("Access-Control-Allow-Headers"); got != "" {
		t.Errorf("header names that are none: got %q, want nothing", got)
	}
}
