package main

import (
	"context"
	"fmt"
	"time"

	"github.com/parleychat/parley/internal/people"
)

// start starts the server and waits until it serves.
func (c *campaign) start(ctx context.Context) error {
	p, err := c.server.begin()
	if err != nil {
		return err
	}
	return c.server.ready(ctx, p)
}

// moreKills is how many times as often as was asked for the server is killed at
// most, until what kills are for has been met.
const moreKills = 10

// killOften kills the server at random moments until that was often enough.
func (c *campaign) killOften(ctx context.Context) error {
	pace := c.opts.duration / time.Duration(max(c.opts.kills, 1))
	before := c.kills
	for kills := 0; kills < c.opts.kills || !c.crowd.Progress.Now().Enough() && kills < moreKills*c.opts.kills; kills = c.kills - before {
		if err := c.served(ctx, 10+c.dice.Below(60)); err != nil {
			return err
		}
		if !people.Pause(ctx, pace+c.dice.UpTo(500*time.Millisecond)) {
			return context.Cause(ctx)
		}
		if c.dice.In(0.8) {
			c.fireVolley(ctx)
		}
		if err := c.killNow(ctx); err != nil {
			return err
		}
	}
	return c.served(ctx, 50)
}

// fireVolley makes everybody send at once, and returns in the middle of it. An
// acknowledgement takes milliseconds, and what can go wrong inside the server
// takes less: only with many under way does a kill meet it.
func (c *campaign) fireVolley(ctx context.Context) {
	before := c.crowd.Progress.Now().Acks
	c.crowd.Volley.Ring()
	if c.dice.In(0.3) {
		people.Pause(ctx, c.dice.UpTo(15*time.Millisecond))
		return
	}
	acks := before + 1 + c.dice.Below(len(c.crowd.Devices))
	late, cancel := context.WithTimeout(ctx, time.Second) // so many may not come
	defer cancel()
	_ = c.crowd.Progress.Wait(late, func() bool { return c.crowd.Progress.Now().Acks >= acks })
}

// served waits until the server, after whatever was done to it, has acknowledged
// so many sends.
func (c *campaign) served(ctx context.Context, acks int) error {
	before := c.crowd.Progress.Now().Acks
	ctx, cancel := context.WithTimeoutCause(ctx, c.opts.heal, &stuckError{fmt.Sprintf("no send was acknowledged %v after the last fault", c.opts.heal)})
	defer cancel()
	if err := c.crowd.Progress.Wait(ctx, func() bool { return c.crowd.Progress.Now().Acks > before }); err != nil {
		return err
	}
	if !c.fault.IsZero() {
		c.slowest = max(c.slowest, time.Since(c.fault))
	}
	return c.crowd.Progress.Wait(ctx, func() bool { return c.crowd.Progress.Now().Acks >= before+acks })
}

// killNow kills the server, looks at its files, and starts it again. Sometimes
// that start is killed too.
func (c *campaign) killNow(ctx context.Context) error {
	p := c.server.running()
	for {
		if err := c.killAndLook(p, "kill"); err != nil {
			return err
		}
		if !people.Pause(ctx, c.dice.UpTo(200*time.Millisecond)) {
			return context.Cause(ctx)
		}
		var err error
		if p, err = c.server.begin(); err != nil {
			return err
		}
		if !c.dice.In(0.15) {
			// Sends meet people who are coming back.
			c.crowd.Volley.Ring()
			return c.server.ready(ctx, p)
		}
		people.Pause(ctx, c.dice.UpTo(150*time.Millisecond))
	}
}
