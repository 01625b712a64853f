package rig

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// child is a process of ours. It never outlives the test.
type child struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended and its output is complete
}

// environment is that of the test without what would configure a Parley.
func environment(extra ...string) []string {
	var env []string
	for _, pair := range os.Environ() {
		if name, _, _ := strings.Cut(pair, "="); strings.HasPrefix(name, "PARLEY_") || name == "PORT" {
			continue
		}
		env = append(env, pair)
	}
	return append(env, extra...)
}

// spawn starts the command and makes sure of its end.
func spawn(t testing.TB, cmd *exec.Cmd) *child {
	t.Helper()
	dieWithTest(cmd)
	// Whatever a grandchild holds open must not keep Wait waiting.
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", cmd.Path, err)
	}
	c := &child{cmd: cmd, done: make(chan struct{})}
	go func() {
		defer close(c.done)
		_ = cmd.Wait() // how it ended is in cmd.ProcessState
	}()
	t.Cleanup(func() {
		c.kill()
		<-c.done
	})
	return c
}

func (c *child) kill() {
	if err := c.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		panic("kill a child: " + err.Error())
	}
}

func (c *child) running() bool {
	select {
	case <-c.done:
		return false
	default:
		return true
	}
}

// wait returns the exit code, -1 when a signal ended the process.
func (c *child) wait(t testing.TB) int {
	t.Helper()
	select {
	case <-c.done:
	case <-time.After(Patience):
		t.Fatalf("%s runs %v after it had to end", c.cmd.Path, Patience)
	}
	return c.cmd.ProcessState.ExitCode()
}

// output collects what a process writes.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// tail is the end of a text, for messages.
func tail(text string, lines int) string {
	all := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
