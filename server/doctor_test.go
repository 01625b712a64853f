package server_test

import (
	"database/sql"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite" // to change a file by hand

	"github.com/parleychat/parley/server"
)

// findings are what the doctor says.
type findings []server.Finding

func examine(t *testing.T, cfg server.Config) (found findings) {
	t.Helper()
	server.Doctor(t.Context(), cfg, func(f server.Finding) { found = append(found, f) })
	return found
}

func (all findings) want(t *testing.T, check string, level server.Level, text string) {
	t.Helper()
	for _, f := range all {
		if f.Check == check && f.Level == level && strings.Contains(f.Text, text) {
			if level != server.LevelOK && f.Do == "" && f.Check != "data" {
				t.Errorf("%+v does not say what to do", f)
			}
			return
		}
	}
	t.Errorf("got %+v, want %s of %s that says %q", all, level, check, text)
}

// wantHealthy wants no failure.
func (all findings) wantHealthy(t *testing.T) {
	t.Helper()
	for _, f := range all {
		// The machine of the tests may have few descriptors or a full disk.
		if f.Level == server.LevelFail && f.Check != "descriptors" && f.Check != "disk" {
			t.Errorf("got %+v, want nothing wrong", f)
		}
	}
}

func TestDoctorBeforeTheFirstStart(t *testing.T) {
	cfg := config(t)
	found := examine(t, cfg)
	found.wantHealthy(t)
	found.want(t, "data directory", server.LevelOK, "the first start makes it")
	found.want(t, "server", server.LevelOK, "does not run")
	if _, err := os.Stat(cfg.Data); err == nil {
		t.Error("the directory was made")
	}
}

func TestDoctorOfRunningServer(t *testing.T) {
	cfg := config(t)
	n := start(t, cfg)
	ann := n.join("ann@example.org")
	ann.say(ann.room("General"), "one")
	cfg.Listen = n.Addr().String()
	found := examine(t, cfg)
	found.wantHealthy(t)
	found.want(t, "server", server.LevelOK, fmt.Sprintf("process %d", os.Getpid()))
	found.want(t, "address", server.LevelOK, "is served by process")
	found.want(t, "log and store", server.LevelOK, "the log has offsets 0 to 2")
	found.want(t, "data", server.LevelOK, "as this program writes them")

	elsewhere := cfg
	elsewhere.Listen = "127.0.0.1:1"
	examine(t, elsewhere).want(t, "address", server.LevelWarn, "listens on "+cfg.Listen)

	n.Ghost(1)
	examine(t, cfg).want(t, "server", server.LevelFail, "user 1 has no socket, presence has counted 1")
}

func TestDoctorOfData(t *testing.T) {
	cfg := config(t)
	n := start(t, cfg)
	ann := n.join("ann@example.org")
	ann.say(ann.room("General"), "one")
	n.stop()
	found := examine(t, cfg)
	found.wantHealthy(t)
	found.want(t, "log and store", server.LevelOK, "the log has offsets 0 to 2, the store is 0 records behind")

	var late findings
	server.DoctorAt(t.Context(), cfg, time.Now().Add(-time.Hour), func(f server.Finding) { late = append(late, f) })
	late.want(t, "clock", server.LevelFail, "but the last record was taken at")
	var reset findings
	server.DoctorAt(t.Context(), cfg, time.Unix(0, 0), func(f server.Finding) { reset = append(reset, f) })
	reset.want(t, "clock", server.LevelFail, "1970-01-01")

	for _, tc := range []struct{ file, statement, check, want string }{
		{"parley.db", "UPDATE watermarks SET next = 1", "log and store", ""},
		{"parley.db", "UPDATE watermarks SET next = 99", "log and store", "records are missing"},
		{"parley.db", "UPDATE watermarks SET epoch = 'other'", "log and store", "never recorded this log"},
		{"parley.db", "PRAGMA application_id = 7", "data", "another application"},
		{"parley.db", "INSERT INTO schema_versions (version_id, is_applied) VALUES (9999, 1)", "data", "newer"},
		{"log.db", "PRAGMA user_version = 99", "data", "newer version"},
		{"log.db", "PRAGMA user_version = 1", "data", "older Parley"},
	} {
		t.Run(tc.statement, func(t *testing.T) {
			changed := cfg
			changed.Data = filepath.Join(t.TempDir(), "data")
			if err := os.CopyFS(changed.Data, os.DirFS(cfg.Data)); err != nil {
				t.Fatal(err)
			}
			db, err := sql.Open("sqlite", filepath.Join(changed.Data, tc.file))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := db.Exec(tc.statement); err != nil {
				t.Fatal(err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			level := server.LevelFail
			if tc.want == "" {
				level, tc.want = server.LevelOK, "1 records behind the log; the next start stores them"
			}
			examine(t, changed).want(t, tc.check, level, tc.want)
		})
	}
}

func TestDoctorOfConfiguration(t *testing.T) {
	everybody := netip.MustParsePrefix("0.0.0.0/0")
	proxy := netip.MustParsePrefix("127.0.0.1/32")
	for name, tc := range map[string]struct {
		change func(*server.Config)
		check  string
		level  server.Level
		want   string
	}{
		"invalid":            {func(c *server.Config) { c.Listen = "here" }, "configuration", server.LevelFail, "listen"},
		"everybody believed": {func(c *server.Config) { c.TrustProxy = []netip.Prefix{everybody} }, "network", server.LevelFail, "believes everybody"},
		"in the clear":       {func(c *server.Config) { c.Listen = "0.0.0.0:0" }, "network", server.LevelWarn, "without HTTPS"},
		"metrics for all":    {func(c *server.Config) { c.AdminListen = ":3001" }, "network", server.LevelWarn, "metrics and profiles"},
		"proxy not declared": {func(c *server.Config) { c.PublicURL = "https://chat.example.org" }, "network", server.LevelWarn, "trust-proxy is empty"},
		"beside the proxy": {func(c *server.Config) {
			c.PublicURL, c.TrustProxy, c.Listen = "https://chat.example.org", []netip.Prefix{proxy}, "0.0.0.0:0"
		}, "network", server.LevelWarn, "beside the proxy"},
		"behind a proxy": {func(c *server.Config) {
			c.PublicURL, c.TrustProxy = "https://chat.example.org", []netip.Prefix{proxy}
		}, "network", server.LevelOK, "https://chat.example.org"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := config(t)
			tc.change(&cfg)
			examine(t, cfg).want(t, tc.check, tc.level, tc.want)
		})
	}
}

func TestDoctorOfAddress(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	cfg := config(t)
	cfg.Listen = listener.Addr().String()
	examine(t, cfg).want(t, "address", server.LevelFail, "address already in use")
}

func TestDoctorOfDirectory(t *testing.T) {
	cfg := config(t)
	if err := os.WriteFile(cfg.Data, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	examine(t, cfg).want(t, "data directory", server.LevelFail, "is no directory")
	cfg = config(t)
	if err := os.Mkdir(cfg.Data, 0o755); err != nil {
		t.Fatal(err)
	}
	examine(t, cfg).want(t, "data directory", server.LevelWarn, "others may look into")
}
