package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/parleychat/parley/internal/check"
	"github.com/parleychat/parley/internal/failpoint"
	"github.com/parleychat/parley/internal/people"
)

// patience is how long a server may take to come by a point. It is waited for
// in vain only if nothing leads there any more.
const patience = 3 * time.Minute

// latest is at which pass of a point a server ends at the latest, chosen so
// that a server under load comes there within a second or two. Where it is not
// named, at the first.
var latest = map[failpoint.Point]int{
	failpoint.LogAppended: 30, failpoint.LogDurable: 30, failpoint.LogAnswered: 30,
	failpoint.Applied: 60, failpoint.FanOut: 60, failpoint.CatchUpBegun: 12, failpoint.CatchUpSent: 24,
	failpoint.RecorderBegins: 20, failpoint.RecorderStored: 20, failpoint.RecorderDone: 20,
	failpoint.DrainClosed: 4, failpoint.RoomReserved: 2, failpoint.RoomAppended: 2,
	failpoint.AccountInserted: 2, failpoint.AccountStored: 2, failpoint.RefreshInserted: 2, failpoint.RefreshRotated: 2,
}

// hasPoints tells whether a program was built with failpoints.
func hasPoints(program string) error {
	code, err := os.ReadFile(program)
	if err == nil && !bytes.Contains(code, []byte("PARLEY_FAILPOINTS")) {
		err = fmt.Errorf("%s has no failpoints; build it with -tags failpoints", program)
	}
	return err
}

// killAtPoints lets servers end at every failpoint, in any order.
func (c *campaign) killAtPoints(ctx context.Context) error {
	if c.opts.pointKills == 0 {
		return nil
	}
	if err := hasPoints(c.server.bin); err != nil {
		return err
	}
	for _, point := range c.pointsToDieAt() {
		if err := c.killAt(ctx, point); err != nil {
			return fmt.Errorf("kill at %s: %w", point, err)
		}
	}
	return nil
}

// pointsToDieAt is every point as often as was asked for, shuffled.
func (c *campaign) pointsToDieAt() []failpoint.Point {
	var points []failpoint.Point
	for range c.opts.pointKills {
		points = append(points, failpoint.Points()...)
	}
	for i := range points {
		k := i + c.dice.Below(len(points)-i)
		points[i], points[k] = points[k], points[i]
	}
	return points
}

// killAt replaces the server by one that ends at a point, lets that one serve
// until it has, and starts another. Every other time, from the first on, the
// server lingers there: what it does elsewhere meanwhile must not count on what
// is behind the point.
func (c *campaign) killAt(ctx context.Context, point failpoint.Point) error {
	if isTrim(point) {
		// There has to be something to trim.
		if err := c.served(ctx, 20); err != nil {
			return err
		}
		if !people.Pause(ctx, trimAfter+time.Second) {
			return context.Cause(ctx)
		}
	}
	if err := c.killAndLook(c.server.running(), "kill"); err != nil {
		return err
	}
	pass := 1 + c.dice.Below(max(latest[point], 1))
	how := [2]string{"linger", "kill"}[c.died[point]%2]
	for {
		there, err := c.endAt(ctx, point, how, pass)
		if err != nil {
			return err
		}
		if there {
			c.died[point]++
			return c.start(ctx)
		}
		pass = 1
	}
}

// endAt lets a server serve until it has ended at a pass of a point. It reports
// false if the server stopped in good order before: too few people were there
// to be sent away.
func (c *campaign) endAt(ctx context.Context, point failpoint.Point, how string, pass int) (there bool, err error) {
	c.history.Write(check.Line{What: check.Fault, Fault: string(point), More: true})
	doomed, err := c.server.beginDoomed(
		fmt.Sprintf("PARLEY_FAILPOINTS=%s=%s@%d", point, how, pass),
		"PARLEY_LOG_RETENTION="+retention(point))
	if err != nil {
		return false, err
	}
	if err := c.awaitEnd(ctx, doomed, point); err != nil {
		return false, err
	}
	if !doomed.killed() && (point != failpoint.DrainClosed || doomed.err != nil) {
		return false, c.server.endedByItself(doomed)
	}
	return doomed.killed(), c.ended(string(point))
}

// trimAfter is how long the log keeps its records where trimming is the point.
// The server trims within a second or so of its start, and what it has taken by
// then must stay: nobody has looked at that yet.
const trimAfter = 5 * time.Second

func isTrim(point failpoint.Point) bool {
	return point == failpoint.LogTrimming || point == failpoint.LogTrimmed
}

// retention makes the log be trimmed where that is the point.
func retention(point failpoint.Point) string {
	if isTrim(point) {
		return trimAfter.String()
	}
	return "forever"
}

// awaitEnd keeps everybody busy until the server has ended at the point.
func (c *campaign) awaitEnd(ctx context.Context, p *process, point failpoint.Point) error {
	late := time.NewTimer(patience)
	defer late.Stop()
	volley := time.NewTicker(100 * time.Millisecond)
	defer volley.Stop()
	before := c.crowd.Progress.Now().Acks
	stopping := false
	for {
		select {
		case <-p.ended:
			return nil
		case <-late.C:
			return errors.Join(fmt.Errorf("the server has not come there within %v", patience), c.server.kill(p))
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-volley.C:
			c.crowd.Volley.Ring()
		}
		if point == failpoint.DrainClosed && !stopping && c.crowd.Progress.Now().Acks > before {
			// Everybody has come back by now, or is coming.
			stopping = true
			if err := c.server.askToStop(p); err != nil {
				return err
			}
		}
	}
}

// ended notes a fault of the server that runs no more, and looks at its files.
func (c *campaign) ended(fault string) error {
	c.fault = time.Now()
	c.history.Write(check.Line{What: check.Fault, Fault: fault})
	c.kills++
	return c.snapshot()
}

// killAndLook kills a server and looks at its files.
func (c *campaign) killAndLook(p *process, fault string) error {
	if p == nil {
		return errors.New("there is no server to kill")
	}
	c.history.Write(check.Line{What: check.Fault, Fault: fault})
	if err := c.server.kill(p); err != nil {
		return err
	}
	c.fault = time.Now()
	c.kills++
	return c.snapshot()
}
