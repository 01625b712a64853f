package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/parleychat/parley/internal/people/client"
	"github.com/parleychat/parley/protocol"
)

// cutEverybody cuts all sockets at once, so that everybody comes back at once.
func (c *campaign) cutEverybody(context.Context, *node) error {
	for _, n := range c.cluster.nodes {
		n.people.Cut()
	}
	return nil
}

// stalled is how many characters more are in each message while somebody does
// not read, and how long that is waited for.
const (
	stalledBulk = 4000
	stalledTime = 30 * time.Second
)

// stall lets somebody ask for everything that is said in a room and then read
// nothing of it, until the server has had enough of that.
func (c *campaign) stall(ctx context.Context, n *node) error {
	host := n.host()
	if host == "" {
		return errMissed
	}
	before, err := c.slowCloses(ctx, n)
	if err != nil {
		return errMissed
	}
	conn, err := client.Dial(ctx, "http://"+host, client.Polling, protocol.Auth{Token: c.cluster.lobby.watcher.Token})
	if err != nil {
		return errMissed
	}
	defer conn.Close()
	for i, room := range c.crowd.Rooms {
		if c.crowd.Private[room] {
			continue
		}
		if err := conn.Emit(protocol.JoinRoom, int64(i+1), protocol.JoinRequest{RoomRef: protocol.RoomRef{RoomID: room}, Preview: true}); err != nil {
			return errMissed
		}
	}
	c.crowd.Bulk.Store(stalledBulk)
	defer c.crowd.Bulk.Store(0)
	if !c.until(ctx, stalledTime, func() bool {
		now, err := c.slowCloses(ctx, n)
		return err == nil && now > before
	}) {
		return errMissed
	}
	c.cluster.met.add(slowClosed, 1)
	return nil
}

// slowCloses is how many sockets a server has closed because they did not read.
func (c *campaign) slowCloses(ctx context.Context, n *node) (int, error) {
	metrics, err := n.metrics(ctx)
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(metrics)) {
		if text, found := strings.CutPrefix(line, `parley_problems_total{code="slow"} `); found {
			return strconv.Atoi(strings.TrimSpace(text))
		}
	}
	return 0, fmt.Errorf("%s does not tell how many sockets were slow", n.name)
}
