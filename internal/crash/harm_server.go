package main

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"time"

	"github.com/parleychat/parley/internal/failpoint"
	"github.com/parleychat/parley/internal/people"
)

// silence is the longest for which a server is paused: whoever reads it the
// papers that it knows has long been replaced then.
const silence = 30 * time.Second

func (c *campaign) killNode(ctx context.Context, n *node) error {
	if err := n.kill(n.running()); err != nil {
		return err
	}
	c.countKill()
	if !people.Pause(ctx, c.lasting("server killed", 8*time.Second)) {
		return context.Cause(ctx)
	}
	c.crowd.Volley.Ring()
	return c.startNode(ctx, n)
}

func (c *campaign) countKill() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kills++
}

// pauseNode stops a server for a while, often for longer than what it knows of
// others is good.
func (c *campaign) pauseNode(ctx context.Context, n *node) error {
	p := n.running()
	return c.paused(ctx, c.lasting("server paused", silence), p.pause, p.resume)
}

func (c *campaign) rollNode(ctx context.Context, n *node) error {
	if err := n.stop(); err != nil {
		return fmt.Errorf("%s did not stop in good order: %w", n.name, err)
	}
	return c.startNode(ctx, n)
}

// rollAll exchanges all servers, one after another.
func (c *campaign) rollAll(ctx context.Context, _ *node) error {
	for _, n := range c.cluster.nodes {
		if err := c.rollNode(ctx, n); err != nil {
			return err
		}
		c.crowd.Volley.Ring()
	}
	return nil
}

// guardText is the first statement of a recorder's transaction, with the
// partition.
var guardText = regexp.MustCompile(`UPDATE watermarks SET next = \d+ WHERE epoch = '[^']*' AND partition_no = (\d+) AND`)

// overtakeRecorder lets a server be replaced as the recorder of a partition in
// the middle of storing, and find that out: the first statement of a transaction
// is kept back, the server paused until somebody else has recorded what it was
// about to, and woken up to the answer before it hears from a broker that the
// partition is no longer its own.
func (c *campaign) overtakeRecorder(ctx context.Context, n *node) error {
	partitions := make(chan int, 1)
	held := n.database.Hold(func(piece []byte) bool {
		match := guardText.FindSubmatch(piece)
		if match == nil {
			return false
		}
		if partition, err := strconv.Atoi(string(match[1])); err == nil {
			select {
			case partitions <- partition:
			default:
			}
		}
		return true
	})
	defer n.database.Mend()
	if !c.until(ctx, 30*time.Second, func() bool { return isClosed(held) }) {
		return errMissed // it records nothing
	}
	p := n.running()
	before, err := c.watermark(ctx, <-partitions)
	if err != nil {
		return errMissed // the database is away
	}
	if err := p.pause(); err != nil {
		return err
	}
	overtaken := c.until(ctx, time.Minute, func() bool {
		now, err := c.watermark(ctx, before.partition)
		return err == nil && now.next > before.next
	})
	fenced, err := c.fences(n)
	for _, l := range n.brokers {
		l.Block()
		defer l.Mend()
	}
	n.database.Mend()
	// The database answers a server that sleeps.
	people.Pause(ctx, 500*time.Millisecond)
	if err := p.resume(); err != nil {
		return err
	}
	if err != nil || !overtaken {
		return errMissed
	}
	if !c.until(ctx, 20*time.Second, func() bool {
		now, err := c.fences(n)
		return err == nil && now > fenced
	}) {
		return errMissed
	}
	return nil
}

// until waits until something is so. It reports false if it was not in time.
// Meanwhile people are made to send.
func (c *campaign) until(ctx context.Context, atMost time.Duration, so func() bool) bool {
	for end := time.Now().Add(atMost); time.Now().Before(end); {
		if so() {
			return true
		}
		c.crowd.Volley.Ring()
		if !people.Pause(ctx, 200*time.Millisecond) {
			return false
		}
	}
	return so()
}

func isClosed(done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
		return false
	}
}

// mark is up to where a partition is stored.
type mark struct {
	partition int
	next      int64
}

func (c *campaign) watermark(ctx context.Context, partition int) (m mark, err error) {
	m.partition = partition
	err = c.cluster.db.AsRoot(func(_ context.Context, db *sql.DB) error {
		return db.QueryRowContext(ctx, "SELECT next FROM "+c.cluster.database+".watermarks WHERE partition_no = ?", partition).Scan(&m.next)
	})
	return m, err
}

// fences counts how often the server has found a partition recorded by somebody
// else.
func (c *campaign) fences(n *node) (int, error) {
	log, err := os.ReadFile(n.log.Name())
	return bytes.Count(log, []byte(fencedLine)), err
}

// loseFiles kills a server, and starts it on a disk that has nothing.
func (c *campaign) loseFiles(ctx context.Context, n *node) error {
	if err := n.kill(n.running()); err != nil {
		return err
	}
	c.countKill()
	if err := os.RemoveAll(n.data); err != nil {
		return err
	}
	return c.startNode(ctx, n)
}

// pointsOfClusters are the failpoints that a server of a cluster passes.
var pointsOfClusters = []failpoint.Point{
	failpoint.RecorderBegins, failpoint.RecorderStored, failpoint.RecorderDone,
	failpoint.Applied, failpoint.FanOut, failpoint.CatchUpBegun, failpoint.CatchUpSent,
	failpoint.RoomReserved, failpoint.RoomAppended, failpoint.AccountInserted, failpoint.AccountStored,
	failpoint.RefreshInserted, failpoint.RefreshRotated,
}

// endedAt is how the end at a point is counted.
func endedAt(point failpoint.Point) string { return "server ended at " + string(point) }

// endAtPoint replaces a server by one that ends at a point, of which it is the
// turn, and starts it again.
func (c *campaign) endAtPoint(ctx context.Context, n *node) error {
	point := pointsOfClusters[0]
	for _, other := range pointsOfClusters {
		if c.cluster.met.of(endedAt(other)) < c.cluster.met.of(endedAt(point)) {
			point = other
		}
	}
	if err := n.kill(n.running()); err != nil {
		return err
	}
	c.countKill()
	n.take(c.programs.newer) // an older one may have no points
	how := [2]string{"linger", "kill"}[c.cluster.met.of(endedAt(point))%2]
	doomed, err := n.beginDoomed(fmt.Sprintf("PARLEY_FAILPOINTS=%s=%s@%d", point, how, 1+c.dice.Below(max(latest[point]/3, 1))))
	if err != nil {
		return err
	}
	there := c.until(ctx, time.Minute, func() bool { return isClosed(doomed.ended) })
	if err := n.kill(doomed); err != nil {
		return err
	}
	if err := c.startNode(ctx, n); err != nil {
		return err
	}
	if !there || !doomed.killed() {
		return errMissed
	}
	c.cluster.met.add(endedAt(point), 1)
	return nil
}
