package main

import (
	"bytes"
	"context"
	"time"

	"github.com/parleychat/parley/internal/link"
	"github.com/parleychat/parley/internal/people"
)

// cutEach is how many frames are cut on each kind of way, and cutTime how long
// one is waited for.
const (
	cutEach = 2
	cutTime = 15 * time.Second
)

// cutFrames cuts connections to and from a server in the middle of frames.
func (c *campaign) cutFrames(ctx context.Context, n *node) error {
	for _, way := range []struct {
		met  string
		link *link.Link
	}{
		{peopleCut, n.people},
		{brokerCut, n.brokers[c.dice.Below(len(n.brokers))]},
		{databaseCut, n.database},
		{redisCut, n.redis},
	} {
		for range cutEach {
			late, cancel := context.WithTimeout(ctx, cutTime)
			c.crowd.Volley.Ring()
			_, err := way.link.CutInFrame(late)
			cancel()
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if err != nil {
				break // nothing goes that way now
			}
			c.cluster.met.add(way.met, 1)
		}
	}
	return nil
}

// isolate lets a server reach nobody but its people.
func (c *campaign) isolate(ctx context.Context, n *node) error {
	for _, l := range append([]*link.Link{n.database, n.redis}, n.brokers...) {
		l.Block()
		defer l.Mend()
	}
	return c.whole(ctx, c.lasting("server cut off", silence))
}

// blockLink blocks one of a server's ways. Nobody is told.
func (c *campaign) blockLink(ctx context.Context, n *node) error {
	l := c.anyLink(n)
	l.Block()
	defer l.Mend()
	return c.whole(ctx, c.lasting("link blocked", 20*time.Second))
}

// delayLinks makes what goes to and from a server come late.
func (c *campaign) delayLinks(ctx context.Context, n *node) error {
	for _, l := range n.links() {
		l.Delay(c.dice.UpTo(300 * time.Millisecond))
		defer l.Mend()
	}
	return c.whole(ctx, c.lasting("links delayed", 15*time.Second))
}

// throttleLinks lets little through to and from a server.
func (c *campaign) throttleLinks(ctx context.Context, n *node) error {
	for _, l := range n.links() {
		l.Throttle(2<<10 + c.dice.Below(30<<10))
		defer l.Mend()
	}
	return c.whole(ctx, c.lasting("links throttled", 15*time.Second))
}

func (c *campaign) anyLink(n *node) *link.Link {
	links := n.links()
	return links[c.dice.Below(len(links))]
}

// whole lets time pass.
func (c *campaign) whole(ctx context.Context, lasting time.Duration) error {
	if !people.Pause(ctx, lasting) {
		return context.Cause(ctx)
	}
	return nil
}

// loseCommits lets the database commit, and cuts the connection before the server
// is told.
func (c *campaign) loseCommits(ctx context.Context, n *node) error {
	for range cutEach {
		cut := n.database.CutBehind(func(piece []byte) bool { return bytes.HasSuffix(piece, []byte("\x03COMMIT")) })
		if !c.until(ctx, cutTime, func() bool { return isClosed(cut) }) {
			n.database.Mend()
			return errMissed
		}
		c.cluster.met.add(commitLost, 1)
	}
	return nil
}
