//go:build unix

package services

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Redis is a server on this machine that keeps nothing on its disk: killed, it
// comes back empty. Its methods may be called from any goroutine.
type Redis struct {
	dir      string // of everything it has
	addr     string // empty: to be chosen
	options  []string
	guardian *guardian

	mu      sync.Mutex
	process *exec.Cmd // nil: not running
}

// StartRedis makes a server that asks for [Password] and waits until it
// answers. Options are those of redis-server, such as --maxmemory 4mb, each
// word by itself.
func StartRedis(options ...string) (_ *Redis, err error) {
	if _, err := program("redis-server"); err != nil {
		return nil, errors.New("there is no Redis here (install redis-server)")
	}
	dir, err := os.MkdirTemp("", "parley-redis-")
	if err != nil {
		return nil, err
	}
	r := &Redis{dir: dir, options: options}
	if r.guardian, err = watch(dir); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	for range 3 {
		// Somebody else may get the port first.
		if r.addr, err = FreeAddr(); err != nil {
			break
		}
		if err = r.Start(); err == nil {
			return r, nil
		}
		if err := r.Kill(); err != nil {
			break
		}
	}
	return nil, errors.Join(err, r.Stop())
}

// PrivateRedis is a server of this test alone, which may break it. Without
// Redis the test is skipped, or fails when nothing may be skipped. A server
// starts in a few milliseconds, so there is none for several tests.
func PrivateRedis(t testing.TB, options ...string) *Redis {
	t.Helper()
	r, err := StartRedis(options...)
	need(t, err)
	t.Cleanup(func() {
		if err := r.Stop(); err != nil {
			t.Errorf("stop Redis: %v", err)
		}
	})
	return r
}

// Addr is where the server listens: host:port. It stays the same.
func (r *Redis) Addr() string { return r.addr }

// URL is the server's address as operators write it.
func (r *Redis) URL() string { return r.URLVia(r.addr) }

// URLVia is URL for whoever reaches the server at another address, such as a
// proxy's.
func (r *Redis) URLVia(addr string) string {
	address := url.URL{Scheme: "redis", User: url.UserPassword("", Password), Host: addr}
	return address.String()
}

func (r *Redis) logFile() string { return filepath.Join(r.dir, "log") }

// Start starts the server, after Kill empty, and waits until it answers.
func (r *Redis) Start() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	path, err := program("redis-server")
	if err != nil {
		return err
	}
	host, port, err := net.SplitHostPort(r.addr)
	if err != nil {
		return err
	}
	log, err := os.OpenFile(r.logFile(), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	process := exec.Command(path, append([]string{
		"--bind", host, "--port", port, "--dir", r.dir, "--save", "", "--appendonly", "no", "--requirepass", Password,
	}, r.options...)...)
	process.Stdout, process.Stderr = log, log
	process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for the tests
	if err := process.Start(); err != nil {
		return err
	}
	r.process = process
	r.guardian.guard(process.Process.Pid)
	return r.untilReady()
}

// untilReady waits until the server that was started answers. Another one at
// the same port does not know its process.
func (r *Redis) untilReady() error {
	ours := fmt.Sprintf("process_id:%d\r", r.process.Process.Pid)
	for deadline := time.Now().Add(startTime); ; time.Sleep(10 * time.Millisecond) {
		info, err := r.Do("INFO", "server")
		if err == nil && strings.Contains(info, ours) {
			return nil
		}
		pid, waited := syscall.Wait4(r.process.Process.Pid, nil, syscall.WNOHANG, nil)
		ended := waited == nil && pid == r.process.Process.Pid
		if ended {
			r.process = nil
			r.guardian.forget()
		}
		if ended || time.Now().After(deadline) {
			text, _ := os.ReadFile(r.logFile())
			return fmt.Errorf("Redis does not start: %w\n%s", errors.Join(err, errors.New(info)), text[max(0, len(text)-4000):])
		}
	}
}

// Do runs a command with redis-cli, a client that is not ours, and gives what
// the server answered. An answer that is an error is one here too.
func (r *Redis) Do(command ...string) (string, error) {
	host, port, err := net.SplitHostPort(r.addr)
	if err != nil {
		return "", err
	}
	client := exec.Command("redis-cli", append([]string{"-e", "-h", host, "-p", port}, command...)...)
	client.Env = append(os.Environ(), "REDISCLI_AUTH="+Password)
	output, err := client.CombinedOutput()
	text := strings.TrimSuffix(string(output), "\n")
	if err != nil {
		return "", fmt.Errorf("redis-cli %s: %w: %s", strings.Join(command, " "), err, text)
	}
	return text, nil
}

// Kill ends the server as kill -9 does, and with it everything it knew.
func (r *Redis) Kill() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.process == nil {
		return nil
	}
	if err := r.process.Process.Kill(); err != nil {
		return err
	}
	_ = r.process.Wait() // says that it was killed
	r.process = nil
	r.guardian.forget()
	return nil
}

// Pause stops the server where it is, until Resume.
func (r *Redis) Pause() error { return r.signal(syscall.SIGSTOP) }

// Resume lets a paused server go on.
func (r *Redis) Resume() error { return r.signal(syscall.SIGCONT) }

func (r *Redis) signal(s syscall.Signal) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.process == nil {
		return os.ErrProcessDone
	}
	return r.process.Process.Signal(s)
}

// Stop ends the server and removes everything that it had.
func (r *Redis) Stop() error {
	return errors.Join(r.Kill(), r.guardian.dismiss(), os.RemoveAll(r.dir))
}
