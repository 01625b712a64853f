package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/parleychat/parley/internal/people"
)

// exhaust leaves a server no descriptor beside those that it has open.
func (c *campaign) exhaust(ctx context.Context, n *node) error {
	p := n.running()
	open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", p.cmd.Process.Pid))
	if err != nil {
		return err
	}
	var before unix.Rlimit
	if err := unix.Prlimit(p.cmd.Process.Pid, unix.RLIMIT_NOFILE, nil, &before); err != nil {
		return err
	}
	tight := before
	tight.Cur = uint64(len(open))
	if err := unix.Prlimit(p.cmd.Process.Pid, unix.RLIMIT_NOFILE, &tight, nil); err != nil {
		return err
	}
	n.people.Cut() // all come back at once
	people.Pause(ctx, c.lasting("descriptors exhausted", 10*time.Second))
	if err := unix.Prlimit(p.cmd.Process.Pid, unix.RLIMIT_NOFILE, &before, nil); err != nil {
		return err
	}
	return context.Cause(ctx)
}
