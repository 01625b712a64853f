package server

import (
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A74: a configuration that cannot be meant is refused, with what to write.
func TestValidate(t *testing.T) {
	good := Default()
	good.NodeID = "node-1"
	if err := good.Validate(); err != nil {
		t.Errorf("the default: %v", err)
	}
	for _, tc := range []struct {
		name   string
		change func(*Config)
		want   string
	}{
		{"listen without a port", func(c *Config) { c.Listen = "127.0.0.1" }, "listen"},
		{"listen with an empty port", func(c *Config) { c.Listen = "127.0.0.1:" }, "listen"},
		{"listen with a named port", func(c *Config) { c.Listen = ":http" }, "listen"},
		{"listen with a port beyond all", func(c *Config) { c.Listen = ":65536" }, "listen"},
		{"admin-listen without a port", func(c *Config) { c.AdminListen = "127.0.0.1" }, "admin-listen"},
		{"admin-listen where people listen", func(c *Config) { c.AdminListen = c.Listen }, "address of their own"},
		{"no data", func(c *Config) { c.Data = " " }, "data"},
		{"database of another kind", func(c *Config) { c.DB = "postgres://parley:secret@db/parley" }, "mysql://user:password@host"},
		{"database without a user", func(c *Config) { c.DB = "mysql://db/parley" }, "no user"},
		{"database without a name", func(c *Config) { c.DB = "mysql://parley:secret@db" }, "no name"},
		{"database with a raw password", func(c *Config) { c.DB = "mysql://parley:sec%ret@db/parley" }, "%25"},
		{"database with a parameter", func(c *Config) { c.DB = "mysql://parley:secret@db/parley?parseTime=true" }, "parseTime"},
		{"node with a slash", func(c *Config) { c.NodeID = "a/b" }, "node-id"},
		{"show-email", func(c *Config) { c.ShowEmail = "all" }, "show-email"},
		{"registration", func(c *Config) { c.Registration = "maybe" }, "registration"},
		{"retention", func(c *Config) { c.LogRetention = -1 }, "log-retention"},
		{"public URL without a scheme", func(c *Config) { c.PublicURL = "chat.example.org" }, "public-url"},
		{"public URL with a path", func(c *Config) { c.PublicURL = "https://example.org/chat" }, "public-url"},
		{"public URL with a password", func(c *Config) { c.PublicURL = "https://a:b@example.org" }, "public-url"},
		{"every origin", func(c *Config) { c.AllowOrigins = []string{"*"} }, "name each origin"},
		{"null origin", func(c *Config) { c.AllowOrigins = []string{"null"} }, "name each origin"},
		{"origin with a path", func(c *Config) { c.AllowOrigins = []string{"https://example.org/"} }, "allow-origin"},
		{"origin without a scheme", func(c *Config) { c.AllowOrigins = []string{"example.org"} }, "allow-origin"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := good
			tc.change(&c)
			if err := c.Validate(); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want an error about %s", err, tc.want)
			} else if strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "sec%ret") {
				t.Errorf("%v tells the password", err)
			}
		})
	}
	t.Run("everything wrong is told at once", func(t *testing.T) {
		c := Config{Listen: "x", AllowOrigins: []string{"*"}, Registration: "x", ShowEmail: "x"}
		if err := c.Validate(); err == nil || strings.Count(err.Error(), "\n") < 4 {
			t.Errorf("got %v, want a line for each mistake", err)
		}
	})
}

func TestOrigins(t *testing.T) {
	c := Config{
		PublicURL:    "https://Chat.Example.org/",
		AllowOrigins: []string{"http://localhost:5173", "https://chat.example.org", "https://app.example.org:443", "capacitor://localhost"},
	}
	want := []string{"https://chat.example.org", "http://localhost:5173", "https://app.example.org", "capacitor://localhost"}
	if diff := cmp.Diff(want, c.origins()); diff != "" {
		t.Errorf("origins (-want +got):\n%s", diff)
	}
}

// A node that nobody has named has a name of its own, which it keeps.
func TestMadeNodeID(t *testing.T) {
	first, second := &dataDir{path: t.TempDir()}, &dataDir{path: t.TempDir()}
	id := first.nodeID()
	if err := checkNodeID(id); err != nil {
		t.Error(err)
	}
	if again := first.nodeID(); again != id {
		t.Errorf("at the next start: got %s, want %s", again, id)
	}
	if other := second.nodeID(); other == id {
		t.Errorf("two nodes of one host are both %s", id)
	}
	if err := os.WriteFile(first.file(nodeFile), []byte("no name\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := checkNodeID(first.nodeID()); err != nil {
		t.Errorf("from a damaged file: %v", err)
	}
	if got, want := cleanNodeID("my host/ä"), "my-host---"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Connections of loopback peers are not counted; those of one customer of a
// provider are, together.
func TestAddressCounted(t *testing.T) {
	of := func(remote string) netip.Addr {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = remote
		return addressCounted(r)
	}
	for _, loopback := range []string{"127.0.0.1:1000", "127.9.9.9:1000", "[::1]:1000", "[::ffff:127.0.0.1]:1000"} {
		if got := of(loopback); got.IsValid() {
			t.Errorf("%s is counted as %s, want it not counted", loopback, got)
		}
	}
	for _, tc := range []struct {
		a, b string
		same bool
	}{
		{"192.0.2.1:1000", "192.0.2.1:1001", true},
		{"192.0.2.1:1000", "[::ffff:192.0.2.1]:1001", true},
		{"192.0.2.1:1000", "192.0.2.2:1000", false},
		{"[2001:db8::1]:1000", "[2001:db8::ffff:0:0:9]:1000", true},
		{"[2001:db8::1]:1000", "[2001:db8:0:1::1]:1000", false},
	} {
		if got := of(tc.a).IsValid() && of(tc.a) == of(tc.b); got != tc.same {
			t.Errorf("%s and %s count together: got %v, want %v", tc.a, tc.b, got, tc.same)
		}
	}
}
