package api

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
)

// A12: what X-Forwarded-For is believed to say.
func TestBehindProxies(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, tc := range []struct {
		name   string
		peer   string
		values []string
		want   string
	}{
		{"not a proxy", "192.0.2.1:1234", []string{"198.51.100.1"}, "192.0.2.1"},
		{"a proxy", "10.0.0.1:1234", []string{"198.51.100.1"}, "198.51.100.1"},
		{"a proxy with IPv6", "[fd00::1]:1234", []string{"2001:db8::7"}, "2001:db8::7"},
		{"a proxy written as IPv4 in IPv6", "[::ffff:10.0.0.1]:1234", []string{"198.51.100.1"}, "198.51.100.1"},
		{"two proxies", "10.0.0.1:1234", []string{"198.51.100.1, 10.9.9.9"}, "198.51.100.1"},
		{"two headers", "10.0.0.1:1234", []string{"198.51.100.1", "10.9.9.9"}, "198.51.100.1"},
		{"what the client wrote before", "10.0.0.1:1234", []string{"1.2.3.4, 198.51.100.1"}, "198.51.100.1"},
		{"a proxy that tells nothing", "10.0.0.1:1234", nil, "10.0.0.1"},
		{"no address", "10.0.0.1:1234", []string{"unknown"}, "10.0.0.1"},
		{"no address before the client's", "10.0.0.1:1234", []string{"unknown, 198.51.100.1"}, "198.51.100.1"},
		{"only proxies", "10.0.0.1:1234", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		{"with a port", "10.0.0.1:1234", []string{"198.51.100.1:5555"}, "198.51.100.1"},
		{"IPv6 with a port", "10.0.0.1:1234", []string{"[2001:db8::7]:5555"}, "2001:db8::7"},
		{"IPv6 in brackets", "10.0.0.1:1234", []string{"[2001:db8::7]"}, "2001:db8::7"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var got string
			handler := BehindProxies(trusted, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = RemoteAddr(r).String() }))
			r := httptest.NewRequest("GET", "/", nil)
			r.RemoteAddr = tc.peer
			r.Header["X-Forwarded-For"] = tc.values
			handler.ServeHTTP(httptest.NewRecorder(), r)
			if got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

func TestOverTLS(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for _, tc := range []struct {
		peer   string
		values []string
		want   bool
	}{
		{"10.0.0.1:1", []string{"https"}, true},
		{"10.0.0.1:1", []string{"HTTPS"}, true},
		{"10.0.0.1:1", []string{"http, https"}, true},
		{"10.0.0.1:1", []string{"https, http"}, false},
		{"10.0.0.1:1", nil, false},
		{"192.0.2.1:1", []string{"https"}, false},
	} {
		var got bool
		handler := BehindProxies(trusted, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = OverTLS(r) }))
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = tc.peer
		r.Header["X-Forwarded-Proto"] = tc.values
		handler.ServeHTTP(httptest.NewRecorder(), r)
		if got != tc.want {
			t.Errorf("%s %q: got %v, want %v", tc.peer, tc.values, got, tc.want)
		}
	}
}

// Whatever a client writes, the address is one that a proxy saw, or the peer's.
func FuzzForwardedFor(f *testing.F) {
	f.Add("198.51.100.1, 10.0.0.2")
	f.Add("[::1]:80,,")
	isTrusted := func(addr netip.Addr) bool { return netip.MustParsePrefix("10.0.0.0/8").Contains(addr) }
	peer := netip.MustParseAddr("10.0.0.1")
	f.Fuzz(func(t *testing.T, client string) {
		seen := netip.MustParseAddr("198.51.100.1")
		if got := forwardedFor([]string{client + "," + seen.String()}, peer, isTrusted); got != seen {
			t.Errorf("a client that writes %q is %s, want %s", client, got, seen)
		}
		if got := forwardedFor([]string{client}, peer, isTrusted); !got.IsValid() {
			t.Errorf("%q gives no address", client)
		}
	})
}
