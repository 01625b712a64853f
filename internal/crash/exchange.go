package main

import (
	"bytes"
	"context"
	"fmt"
	"sync"
)

// programs are the two of a campaign that mixes an older and a newer one.
type programs struct {
	older, newer string
}

// exchange stops a server and starts the other program in its place.
func (c *campaign) exchange(ctx context.Context, n *node) error {
	if err := n.stop(); err != nil {
		return fmt.Errorf("%s did not stop in good order: %w", n.name, err)
	}
	if n.program() == c.programs.newer {
		n.take(c.programs.older)
	} else {
		n.take(c.programs.newer)
	}
	if err := c.startNode(ctx, n); err != nil {
		return err
	}
	if c.bothRun() {
		c.cluster.met.add(sideBySide, 1)
	}
	return nil
}

// startOlder starts a server as the older program. One that is older than the
// tables says so and does not start; the newer one is taken then.
func (c *campaign) startOlder(ctx context.Context, n *node) error {
	p, err := n.beginDoomed()
	if err != nil {
		return err
	}
	err = n.ready(ctx, p)
	if err == nil {
		n.insist(p)
		return nil
	}
	said, logErr := n.logOf(p)
	if logErr != nil || !isClosed(p.ended) || !bytes.Contains(said, []byte("has a newer schema")) {
		return err
	}
	c.cluster.met.add("older program that refused the tables of the newer", 1)
	n.take(c.programs.newer)
	return c.startNode(ctx, n)
}

func (c *campaign) bothRun() bool {
	older := 0
	for _, n := range c.cluster.nodes {
		if n.program() == c.programs.older {
			older++
		}
	}
	return older > 0 && older < len(c.cluster.nodes)
}

// exchangeAll exchanges one server after another for the other program.
func (c *campaign) exchangeAll(ctx context.Context, _ *node) error {
	for _, i := range c.dice.Order(len(c.cluster.nodes)) {
		if err := c.exchange(ctx, c.cluster.nodes[i]); err != nil {
			return err
		}
		c.crowd.Volley.Ring()
	}
	return nil
}

// exchanges are what is done only if there are two programs.
var exchanges = []harm{
	{"program exchanged", aServer, (*campaign).exchange},
	{"all programs exchanged", allServers, (*campaign).exchangeAll},
}

// atPoints is what is done only by a program with failpoints.
var atPoints = harm{"server ended at a point", aServer, (*campaign).endAtPoint}

// possible are all harms that can be done with the programs at hand.
func (c *campaign) possible() []harm {
	c.looked.Do(func() {
		c.all = append(c.all, harms...)
		if c.opts.old != "" {
			c.all = append(c.all, exchanges...)
		}
		if c.opts.bin != "" && hasPoints(c.opts.bin) == nil {
			c.all = append(c.all, atPoints)
		}
	})
	return c.all
}

// looking is that it was looked what is possible, once.
type looking struct {
	looked sync.Once
	all    []harm
}
