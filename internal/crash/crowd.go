package main

import (
	"context"
	"time"

	"github.com/parleychat/parley/internal/people"
)

// servedFor is the mean time for which a crowd is served between two kills.
const servedFor = 15 * time.Second

// killAllAlong kills the server now and then until a crowd has had as many
// sends acknowledged as was asked for, or time is up.
func (c *campaign) killAllAlong(ctx context.Context) error {
	begun := time.Now()
	told := begun
	for c.crowd.Progress.Now().Acks < c.opts.sends || !c.crowd.Progress.Now().Enough() {
		if c.opts.duration > 0 && time.Since(begun) > c.opts.duration {
			break
		}
		if err := c.served(ctx, 1); err != nil {
			return err
		}
		if !people.Pause(ctx, time.Second+c.dice.UpTo(2*servedFor)) {
			return context.Cause(ctx)
		}
		if err := c.killNow(ctx); err != nil {
			return err
		}
		if time.Since(told) > time.Minute {
			told = time.Now()
			c.tell()
		}
	}
	return c.served(ctx, 50)
}
