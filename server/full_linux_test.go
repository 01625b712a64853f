package server_test

import (
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/parleychat/parley/server"
)

// smallDisk mounts one for the test.
func smallDisk(t *testing.T, path string) {
	t.Helper()
	if err := os.MkdirAll(path, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("tmpfs", path, "tmpfs", 0, "mode=0700,size=16m"); err != nil {
		if os.Getenv("PARLEY_TEST_REQUIRED") != "" {
			t.Fatalf("required, but a small file system cannot be mounted: %v", err)
		}
		t.Skipf("SKIPPED: a start on a full disk: a small file system can be mounted by root on Linux only: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(path, 0); err != nil {
			t.Error(err)
		}
	})
}

// fill leaves no byte on the disk of a directory, but for a number of them.
func fill(t *testing.T, dir string, but int) (free func()) {
	t.Helper()
	filler := filepath.Join(dir, "filler")
	file, err := os.Create(filler)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	size := 0
	for n := 1 << 20; n > 0; {
		wrote, err := file.Write(make([]byte, n))
		if size += wrote; errors.Is(err, syscall.ENOSPC) {
			n /= 2
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if err := file.Truncate(int64(size - but)); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.Remove(filler); err != nil {
			t.Fatal(err)
		}
	}
}

// A server that is started on a full disk is alive, says what it waits for, and
// goes on by itself when there is space: the first time, with part of what it
// makes on the disk already, and later.
func TestStartOnFullDisk(t *testing.T) {
	for name, tc := range map[string]struct {
		but    int
		former bool
	}{
		"first": {}, "first, some space": {but: 40 << 10}, "later": {former: true}, "later, some space": {but: 36 << 10, former: true},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := config(t)
			smallDisk(t, cfg.Data)
			if tc.former {
				start(t, cfg).stop()
			}
			free := fill(t, cfg.Data, tc.but)
			cfg.Listen = freeAddr(t)
			log := new(logText)
			cfg.Logger = slog.New(slog.NewJSONHandler(log, nil))
			type made struct {
				server *server.Server
				err    error
			}
			opened := make(chan made, 1)
			go func() {
				s, err := server.New(t.Context(), cfg)
				opened <- made{s, err}
			}()
			c := &client{t: t, url: "http://" + cfg.Listen, http: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
			await(t, "an answer", func() bool {
				if len(opened) > 0 {
					m := <-opened
					t.Fatalf("the start came to %v, want that it waits", m.err)
				}
				answer, err := c.http.Get(c.url + "/healthz")
				if err == nil {
					answer.Body.Close()
				}
				return err == nil && answer.StatusCode == http.StatusOK
			})
			var ready struct {
				Ready bool
				Parts map[string]string
			}
			c.do("GET", "/readyz", nil).want(http.StatusServiceUnavailable).into(&ready)
			if ready.Ready || !strings.Contains(ready.Parts["disk"], "full") {
				t.Errorf("got %+v, want the full disk as the reason", ready)
			}
			await(t, "the reason in the log", func() bool { return strings.Contains(log.String(), "waiting for the disk to have space") })
			free()
			m := <-opened
			if m.err != nil {
				t.Fatal(m.err)
			}
			n := &node{Server: m.server, t: t, cfg: cfg, log: log}
			n.run()
			if err := n.AwaitReady(t.Context()); err != nil {
				t.Fatal(err)
			}
			ann := n.join("ann@example.org")
			ann.say(ann.room("General"), "at last")
			n.stop()
		})
	}
}
