package admin_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/parleychat/parley/admin"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type count struct {
	To   int    `json:"to"`
	Fail string `json:"fail,omitempty"`
	Hang bool   `json:"hang,omitempty"`
}

// commands count up to a number.
func commands(ended chan<- error) admin.Commands {
	return admin.Commands{
		"count": admin.Typed(func(ctx context.Context, request count, answer *admin.Answer) error {
			for i := range request.To {
				if err := answer.Tell(map[string]int{"n": i + 1}); err != nil {
					return err
				}
			}
			if request.Hang {
				if err := answer.Flush(); err != nil {
					return err
				}
				<-ctx.Done()
				ended <- ctx.Err()
				return ctx.Err()
			}
			if request.Fail != "" {
				return errors.New(request.Fail)
			}
			return nil
		}),
		"long": admin.Typed(func(_ context.Context, _ struct{}, answer *admin.Answer) error {
			return answer.Tell(strings.Repeat("é", 1<<20))
		}),
	}
}

// serve answers in dir until the test ends or stop is called.
func serve(t *testing.T, dir string, commands admin.Commands) (stop func()) {
	t.Helper()
	s, err := admin.Listen(dir, commands, "1.2.3", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	var stopped bool
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	}
	t.Cleanup(stop)
	return stop
}

func dial(t *testing.T, dir string) *admin.Client {
	t.Helper()
	c, err := admin.Dial(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// The same commands answer alike over the socket and without.
func TestCall(t *testing.T) {
	commands := commands(nil)
	dir := t.TempDir()
	serve(t, dir, commands)
	for name, caller := range map[string]admin.Caller{"socket": dial(t, dir), "in process": commands} {
		t.Run(name, func(t *testing.T) {
			var got []int
			each := func(line []byte) error {
				var value struct{ N int }
				err := json.Unmarshal(line, &value)
				got = append(got, value.N)
				return err
			}
			if err := caller.Call(t.Context(), "count", count{To: 10_000}, each); err != nil {
				t.Fatal(err)
			}
			if len(got) != 10_000 || !slices.IsSorted(got) || got[9_999] != 10_000 {
				t.Errorf("got %d lines, want 1 to 10000", len(got))
			}
			got = nil
			err := caller.Call(t.Context(), "count", count{To: 3, Fail: "no \"more\"\nthan é"}, each)
			if err == nil || err.Error() != "no \"more\"\nthan é" || len(got) != 3 {
				t.Errorf("a failure after 3 lines: got %v after %d lines", err, len(got))
			}
			enough := errors.New("enough")
			if err := caller.Call(t.Context(), "count", count{To: 3}, func([]byte) error { return enough }); !errors.Is(err, enough) {
				t.Errorf("an end from our side: got %v, want %v", err, enough)
			}
			var long string
			if err := caller.Call(t.Context(), "long", struct{}{}, admin.Into(&long)); err != nil || len(long) != 2<<20 {
				t.Errorf("a long line: got %d bytes, %v", len(long), err)
			}
			if err := caller.Call(t.Context(), "count", map[string]int{"upTo": 3}, each); err == nil || !strings.Contains(err.Error(), "upTo") {
				t.Errorf("an unknown member: got %v, want an error that names it", err)
			}
			if err := caller.Call(t.Context(), "sing", struct{}{}, each); err == nil || !strings.Contains(err.Error(), `"sing"`) {
				t.Errorf("an unknown command: got %v", err)
			}
		})
	}
}

// A command ends when whoever asked has gone, and when the server stops.
func TestEnds(t *testing.T) {
	ended := make(chan error, 1)
	dir := t.TempDir()
	stop := serve(t, dir, commands(ended))
	ctx, cancel := context.WithCancel(t.Context())
	err := dial(t, dir).Call(ctx, "count", count{To: 1, Hang: true}, func([]byte) error { cancel(); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: got %v, want %v", err, context.Canceled)
	}
	awaitEnd(t, ended)

	client := dial(t, dir)
	err = client.Call(t.Context(), "count", count{To: 1, Hang: true}, func([]byte) error { go stop(); return nil })
	if err == nil || !strings.Contains(err.Error(), "went away") {
		t.Errorf("a server that stops: got %v, want to hear of it", err)
	}
	awaitEnd(t, ended)
	stop()
	if _, err := os.Lstat(filepath.Join(dir, admin.SocketName)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the socket is left behind: %v", err)
	}
	if _, err := admin.Dial(t.Context(), dir); !errors.Is(err, admin.ErrNoServer) {
		t.Errorf("after the end: got %v, want %v", err, admin.ErrNoServer)
	}
}

func awaitEnd(t *testing.T, ended <-chan error) {
	t.Helper()
	select {
	case <-ended:
	case <-time.After(time.Minute):
		t.Fatal("the command goes on")
	}
}

func TestSocket(t *testing.T) {
	long := t.TempDir()
	for len(long) < 300 {
		long = filepath.Join(long, strings.Repeat("d", 60))
	}
	dirs := map[string]string{"short": t.TempDir()}
	if runtime.GOOS == "linux" {
		dirs["long"] = long
	}
	for name, dir := range dirs {
		t.Run(name, func(t *testing.T) {
			if err := os.MkdirAll(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			// A socket that a process left which is no more, and half of one.
			for _, stale := range []string{admin.SocketName, admin.SocketName + ".new"} {
				if err := os.WriteFile(filepath.Join(dir, stale), nil, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if name == "short" {
				if _, err := admin.Dial(t.Context(), dir); !errors.Is(err, admin.ErrNoServer) {
					t.Errorf("a stale socket: got %v, want %v", err, admin.ErrNoServer)
				}
			}
			serve(t, dir, commands(nil))
			info, err := os.Lstat(filepath.Join(dir, admin.SocketName))
			if err != nil || info.Mode() != fs.ModeSocket|0o600 {
				t.Fatalf("got %v, %v, want a socket of mode 0600", info, err)
			}
			client := dial(t, dir)
			if client.Version() != "1.2.3" || client.Pid() != os.Getpid() {
				t.Errorf("got version %s of process %d", client.Version(), client.Pid())
			}
			if err := client.Call(t.Context(), "count", count{To: 1}, func([]byte) error { return nil }); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestDialRefuses(t *testing.T) {
	if _, err := admin.Dial(t.Context(), filepath.Join(t.TempDir(), "none")); err == nil || !strings.Contains(err.Error(), "--data") {
		t.Errorf("no directory: got %v, want what to do", err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := admin.Dial(t.Context(), file); err == nil || !strings.Contains(err.Error(), "is no directory") {
		t.Errorf("a file: got %v", err)
	}

	// Somebody who speaks another version.
	dir := t.TempDir()
	listener, err := net.Listen("unix", filepath.Join(dir, admin.SocketName))
	if err != nil {
		t.Fatal(err)
	}
	other := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Parley-Admin", "99")
		fmt.Fprint(w, "something else")
	})}
	served := make(chan error)
	go func() { served <- other.Serve(listener) }()
	if _, err := admin.Dial(t.Context(), dir); err == nil || !strings.Contains(err.Error(), `version "99"`) {
		t.Errorf("another version: got %v, want both versions named", err)
	}
	other.Close()
	<-served

	if os.Getuid() == 0 || runtime.GOOS == "windows" {
		return // may do everything
	}
	dir = t.TempDir()
	serve(t, dir, commands(nil))
	if err := os.Chmod(filepath.Join(dir, admin.SocketName), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := admin.Dial(t.Context(), dir); err == nil || !strings.Contains(err.Error(), "run this as the user") {
		t.Errorf("somebody else's: got %v", err)
	}
}
