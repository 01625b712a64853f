package rig

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/parleychat/parley/internal/services"
)

// Server is one Parley: a binary, a data directory and a port. It keeps both
// over restarts, and its log too.
type Server struct {
	t    testing.TB
	URL  string
	Addr string // host:port
	Data string
	// Env is added to the environment of every start.
	Env []string

	log     output
	process *child
}

// Option changes a server before its first start.
type Option func(*Server)

// WithData uses this data directory instead of a new one.
func WithData(dir string) Option { return func(s *Server) { s.Data = dir } }

// WithEnv sets environment variables, each NAME=value.
func WithEnv(env ...string) Option {
	return func(s *Server) { s.Env = append(s.Env, env...) }
}

// Serve starts a server and waits until it is ready. It ends with the test,
// which shows the end of its log if it fails.
func Serve(t testing.TB, options ...Option) *Server {
	t.Helper()
	s := NewServer(t, options...)
	s.Start()
	return s
}

// NewServer is a server that is not started yet. It ends with the test, which
// shows the end of its log if it fails.
func NewServer(t testing.TB, options ...Option) *Server {
	t.Helper()
	s := &Server{t: t, Data: filepath.Join(t.TempDir(), "parley-data")}
	for _, option := range options {
		option(s)
	}
	s.Addr = FreeAddr(t)
	s.URL = "http://" + s.Addr
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("end of the server's log:\n%s", tail(s.Log(), 40))
		}
	})
	return s
}

// FreeAddr is an address of this machine that nobody listens on, see
// [services.FreeAddr].
func FreeAddr(t testing.TB) string {
	t.Helper()
	addr, err := services.FreeAddr()
	if err != nil {
		t.Fatal(err)
	}
	return addr
}

// Start starts the server that was stopped or killed, and waits until it is
// ready.
func (s *Server) Start() {
	s.t.Helper()
	s.Launch()
	s.AwaitReady()
}

// Launch starts the server and does not wait.
func (s *Server) Launch() {
	s.t.Helper()
	if s.process != nil && s.process.running() {
		s.t.Fatal("the server runs already")
	}
	cmd := exec.Command(Binary(s.t), "serve")
	cmd.Env = environment(append([]string{"PARLEY_LISTEN=" + s.Addr, "PARLEY_DATA=" + s.Data}, s.Env...)...)
	cmd.Stdout, cmd.Stderr = &s.log, &s.log
	s.process = spawn(s.t, cmd)
}

// AwaitReady waits until a server that was launched can serve people.
func (s *Server) AwaitReady() {
	s.t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: Patience}
	giveUp := time.Now().Add(Patience)
	for status := ""; ; {
		resp, err := client.Get(s.URL + "/readyz")
		if err == nil {
			status = resp.Status
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return
			}
		}
		select {
		case <-s.process.done:
			s.t.Fatalf("the server ended instead of getting ready: %v\n%s", s.process.cmd.ProcessState, tail(s.Log(), 20))
		case <-time.After(5 * time.Millisecond):
		}
		if time.Now().After(giveUp) {
			s.t.Fatalf("the server is not ready after %v: %q, %v", Patience, status, err)
		}
	}
}

// Kill ends the process at once, as kill -9 does.
func (s *Server) Kill() {
	s.t.Helper()
	s.process.kill()
	s.process.wait(s.t)
}

// Pause stops the process where it is, until Continue, as a machine does that
// sleeps.
func (s *Server) Pause() { s.signal(syscall.SIGSTOP) }

// Continue lets a process go on that was paused.
func (s *Server) Continue() { s.signal(syscall.SIGCONT) }

func (s *Server) signal(signal syscall.Signal) {
	s.t.Helper()
	if err := s.process.cmd.Process.Signal(signal); err != nil {
		s.t.Fatalf("signal the server: %v", err)
	}
}

// Interrupt sends the signal of Ctrl-C's polite relative and does not wait.
func (s *Server) Interrupt() {
	s.t.Helper()
	s.signal(syscall.SIGTERM)
}

// Wait waits for the end of the process and returns its exit code, -1 when a
// signal ended it.
func (s *Server) Wait() int {
	s.t.Helper()
	return s.process.wait(s.t)
}

// Stop asks the server to stop and wants exit code 0.
func (s *Server) Stop() {
	s.t.Helper()
	s.Interrupt()
	if code := s.Wait(); code != 0 {
		s.t.Fatalf("stopped server: exit code %d, want 0\n%s", code, tail(s.Log(), 20))
	}
}

// Restart stops and starts the server.
func (s *Server) Restart() {
	s.t.Helper()
	s.Stop()
	s.Start()
}

// Pid is the process of the present start.
func (s *Server) Pid() int { return s.process.cmd.Process.Pid }

// Running reports whether the process lives.
func (s *Server) Running() bool { return s.process.running() }

// Log is everything that the server has written, in all of its lives.
func (s *Server) Log() string { return s.log.String() }

// Usage is what a process holds.
type Usage struct {
	Memory      int64 // resident, bytes
	Peak        int64 // the most that was resident, bytes
	Descriptors int
	Threads     int
}

// Usage reads what the process holds from /proc.
func (s *Server) Usage() Usage {
	s.t.Helper()
	dir := fmt.Sprintf("/proc/%d", s.Pid())
	status, err := os.ReadFile(dir + "/status")
	if err != nil {
		Missing(s.t, "the resources of a process cannot be read: %v", err)
	}
	descriptors, err := os.ReadDir(dir + "/fd")
	if err != nil {
		s.t.Fatalf("descriptors of the server: %v", err)
	}
	usage := Usage{Descriptors: len(descriptors)}
	for line := range strings.Lines(string(status)) {
		var n int64
		if _, err := fmt.Sscanf(line, "VmRSS: %d kB", &n); err == nil {
			usage.Memory = n << 10
		}
		if _, err := fmt.Sscanf(line, "VmHWM: %d kB", &n); err == nil {
			usage.Peak = n << 10
		}
		if _, err := fmt.Sscanf(line, "Threads: %d", &n); err == nil {
			usage.Threads = int(n)
		}
	}
	return usage
}

// Parley runs the binary with these arguments and nothing configured but env,
// to its end.
func Parley(t testing.TB, env []string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errOut output
	cmd := exec.Command(Binary(t), args...)
	cmd.Dir = t.TempDir()
	cmd.Env = environment(env...)
	cmd.Stdout, cmd.Stderr = &out, &errOut
	code = spawn(t, cmd).wait(t)
	return code, out.String(), errOut.String()
}
