//go:build linux

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// calls is what strace counted.
type calls struct {
	sends int64 // write, writev, sendto and sendmsg: what can reach a socket
	all   int64
}

// tracer attaches strace to a process while the load generator measures. The
// process runs many times slower meanwhile, so its counts are exact and its
// times worthless.
type tracer struct {
	pid     int
	cmd     *exec.Cmd
	printed bytes.Buffer // strace's table; whole when ended is closed
	ended   chan struct{}
	counted calls
}

func (t *tracer) measuring(begins bool) error {
	if begins {
		return t.attach()
	}
	return t.detach()
}

// attach returns when strace says that it is there.
func (t *tracer) attach() error {
	t.cmd = exec.Command("strace", "-f", "-c", "-U", "calls,name", "-p", strconv.Itoa(t.pid))
	stderr, err := t.cmd.StderrPipe()
	if err != nil {
		return err
	}
	if err := t.cmd.Start(); err != nil {
		return fmt.Errorf("strace: %w", err)
	}
	attached := make(chan error, 1)
	t.ended = make(chan struct{})
	lines := bufio.NewReader(stderr)
	go func() {
		defer close(t.ended)
		line, err := lines.ReadString('\n')
		if err == nil && !strings.Contains(line, "attached") {
			err = fmt.Errorf("strace: %s", strings.TrimSpace(line))
		}
		attached <- err
		io.Copy(&t.printed, lines)
	}()
	return <-attached
}

func (t *tracer) detach() error {
	if t.cmd == nil || t.cmd.Process == nil {
		return nil
	}
	if err := t.cmd.Process.Signal(syscall.SIGINT); err != nil {
		return fmt.Errorf("strace: %w", err)
	}
	<-t.ended
	t.cmd.Wait() // ends by the signal
	var err error
	t.counted, err = parseCounts(&t.printed)
	return err
}

// parseCounts reads strace's table of "calls name" lines.
func parseCounts(r io.Reader) (calls, error) {
	var c calls
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		if len(f) != 2 || f[1] == "total" {
			continue
		}
		n, err := strconv.ParseInt(f[0], 10, 64)
		if err != nil {
			continue // a heading
		}
		c.all += n
		switch f[1] {
		case "write", "writev", "sendto", "sendmsg":
			c.sends += n
		}
	}
	if c.all == 0 {
		return c, fmt.Errorf("strace counted nothing")
	}
	return c, lines.Err()
}
