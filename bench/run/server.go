//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/parleychat/parley/internal/loadgen"
)

// server is a program to be measured.
type server struct {
	name  string
	stage loadgen.Stage
	// command is the program that listens on that port of 127.0.0.1.
	command func(ctx context.Context, port int) *exec.Cmd
	// ready is a path that answers 200 when the server serves; "" asks only
	// for an open port.
	ready string
	// data is the directory that it keeps its data in, "" without one.
	data string
	// unusual: it is measured only by workloads that name it.
	unusual bool
}

// bare is a server of bench/: it takes -listen, or as node's the port alone.
func bare(name, program string, args ...string) server {
	return server{name: name, stage: loadgen.Bare{}, command: func(ctx context.Context, port int) *exec.Cmd {
		if program == "node" {
			return exec.CommandContext(ctx, program, append(args, fmt.Sprint(port))...)
		}
		return exec.CommandContext(ctx, program, append(args, "-listen", fmt.Sprintf("127.0.0.1:%d", port))...)
	}}
}

const (
	parleyName = "Parley"
	nodeName   = "node Socket.IO"
	syncedName = "floor-synced"
)

// synced is the floor that forces to a file what is said. Each process goes on
// behind what the last one has left.
func synced(program, file string) server {
	s := bare(syncedName, program, "-log", file)
	s.unusual = true
	return s
}

// parleyServer keeps its data from one start to the next, and with it the
// people that the stage has registered.
func parleyServer(program, data string) server {
	return server{name: parleyName, stage: &loadgen.Parley{}, ready: "/readyz", data: data, command: func(ctx context.Context, port int) *exec.Cmd {
		return exec.CommandContext(ctx, program, "serve", "--data", data, "--listen", fmt.Sprintf("127.0.0.1:%d", port))
	}}
}

const (
	startTimeout = 20 * time.Second
	stopTimeout  = 30 * time.Second
)

// running is a server's process.
type running struct {
	cmd *exec.Cmd
	url string
	out *os.File // what it printed, for when it fails

	accepted, ready time.Duration // after the start
}

func (s server) start(ctx context.Context) (*running, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	out, err := os.CreateTemp("", "parley-bench-*.log")
	if err != nil {
		return nil, err
	}
	cmd := s.command(ctx, port)
	cmd.Stdout, cmd.Stderr = out, out
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = stopTimeout
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("start %s: %w", s.name, err), out.Close(), os.Remove(out.Name()))
	}
	r := &running{cmd: cmd, url: fmt.Sprintf("http://127.0.0.1:%d", port), out: out}
	if err := r.awaitReady(ctx, s, begun); err != nil {
		printed, _ := os.ReadFile(out.Name())
		return nil, errors.Join(fmt.Errorf("%s: %w; it printed %.2000s", s.name, err, printed), r.stop())
	}
	return r, nil
}

// awaitReady asks again until the server serves: there is nobody to tell us.
func (r *running) awaitReady(ctx context.Context, s server, begun time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	if err := again(ctx, r.accepts); err != nil {
		return fmt.Errorf("no connection: %w", err)
	}
	r.accepted = time.Since(begun)
	if s.ready != "" {
		if err := again(ctx, func() bool { return serves(ctx, r.url+s.ready) }); err != nil {
			return fmt.Errorf("not ready: %w", err)
		}
	}
	r.ready = time.Since(begun)
	return nil
}

// again asks each millisecond, until ctx ends.
func again(ctx context.Context, done func() bool) error {
	for !done() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Millisecond):
		}
	}
	return nil
}

func (r *running) accepts() bool {
	conn, err := net.Dial("tcp", strings.TrimPrefix(r.url, "http://"))
	if err == nil {
		conn.Close()
	}
	return err == nil
}

func serves(ctx context.Context, url string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// stop asks the server to end and waits for it.
func (r *running) stop() error {
	r.cmd.Process.Signal(syscall.SIGTERM)
	kill := time.AfterFunc(stopTimeout, func() { r.cmd.Process.Kill() })
	defer kill.Stop()
	r.cmd.Wait() // how it ends is not what is measured
	return errors.Join(r.out.Close(), os.Remove(r.out.Name()))
}

func freePort() (int, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return ln.Addr().(*net.TCPAddr).Port, ln.Close()
}
