package main

import (
	"context"
	"fmt"
	"time"

	"github.com/parleychat/parley/internal/check"
	"github.com/parleychat/parley/internal/people"
)

// fills is how often the disk is filled. The last time the server is killed
// while it is full, and started while it is full.
const fills = 3

// fillOften fills the disk and frees it.
func (c *campaign) fillOften(ctx context.Context, d *disk) error {
	for n := range fills {
		if err := c.served(ctx, 40); err != nil {
			return err
		}
		if err := c.fillOnce(ctx, d, n == fills-1); err != nil {
			return fmt.Errorf("disk filled for the %d. time: %w", n+1, err)
		}
	}
	return c.served(ctx, 40)
}

func (c *campaign) fillOnce(ctx context.Context, d *disk, kill bool) (err error) {
	c.history.Write(check.Line{What: check.Fault, Fault: "disk full"})
	before := c.crowd.Progress.Now().Unavailable
	if err := d.fill(); err != nil {
		return err
	}
	refused, cancel := context.WithTimeoutCause(ctx, c.opts.heal, fmt.Errorf("sends are not refused as unavailable %v after the disk was full", c.opts.heal))
	defer cancel()
	if err := c.crowd.Progress.Wait(refused, func() bool { return c.crowd.Progress.Now().Unavailable >= before+20 }); err != nil {
		return err
	}
	if !people.Pause(ctx, c.dice.UpTo(2*time.Second)) {
		return context.Cause(ctx)
	}
	var p *process
	if kill {
		if p, err = c.killFull(ctx); err != nil {
			return err
		}
	}
	c.history.Write(check.Line{What: check.Fault, Fault: "disk free"})
	if err := d.free(); err != nil {
		return err
	}
	c.fault = time.Now()
	return c.goOn(ctx, p)
}

// killFull kills the server while the disk is full, and starts it. Such a start
// serves or waits, and does not end.
func (c *campaign) killFull(ctx context.Context) (*process, error) {
	c.history.Write(check.Line{What: check.Fault, Fault: "kill"})
	if err := c.server.kill(c.server.running()); err != nil {
		return nil, err
	}
	c.kills++
	if err := c.snapshot(); err != nil {
		return nil, err
	}
	p, err := c.server.begin()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, startTime, fmt.Errorf("%v after a start with a full disk the server neither serves nor says that it waits", startTime))
	defer cancel()
	for c.startsFull == "" {
		said, err := c.server.saysThatItWaits()
		if err != nil {
			return nil, err
		}
		if said {
			c.startsFull = "waits until there is space"
		} else if c.server.url(p) != "" {
			c.startsFull = "serves"
		} else if !people.Pause(ctx, 10*time.Millisecond) {
			return nil, context.Cause(ctx)
		}
	}
	return p, nil
}

// goOn goes on with a server that was started while the disk was full, if one
// was.
func (c *campaign) goOn(ctx context.Context, p *process) error {
	if p == nil {
		return nil
	}
	return c.server.ready(ctx, p)
}
