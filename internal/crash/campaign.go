package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/parleychat/parley/internal/check"
	"github.com/parleychat/parley/internal/failpoint"
)

// healTime is how long everything may take to be right again after the last
// fault, on a machine that has time for it.
const healTime = 30 * time.Second

// options say what to do.
type options struct {
	bin        string
	kills      int // at random moments
	pointKills int // at each failpoint, which bin must have
	sends      int // acknowledged ones to reach, with a crowd, killing all along
	seed       uint64
	clients    int
	duration   time.Duration
	heal       time.Duration // [healTime], or what a busy machine needs
	diskFull   bool
	dir        string // empty: a temporary one, removed after a good run
	out        io.Writer
}

// campaign is one run.
type campaign struct {
	opts    options
	shape   shape
	dir     string
	dice    *dice
	server  *server
	rest    rest
	history *check.Writer // what clients saw
	stores  *check.Writer // what the files held, while no server ran
	files   fileHistory

	people   []*person
	devices  []*device
	rooms    []int64
	founders founders

	progress progress
	volley   bell          // send now
	quiet    chan struct{} // closed: finish what you are at, then only listen

	mu       sync.Mutex
	problems []string // what is wrong beside the histories
	kills    int
	died     map[failpoint.Point]int // by point: how often the server ended there
	begun    time.Time
	fault    time.Time     // the last one
	slowest  time.Duration // from a fault to the first acknowledgement

	startsFull string // what came of a start with the disk full
}

// run makes a campaign and judges it. Its error says that there was nothing to
// judge.
func run(ctx context.Context, opts options) (*report, error) {
	c := &campaign{opts: opts, shape: opts.shape(), dice: newDice(opts.seed), quiet: make(chan struct{}), begun: time.Now(), died: make(map[failpoint.Point]int)}
	c.progress.changed = make(chan struct{})
	c.volley.next = make(chan struct{})
	if err := c.prepareDir(); err != nil {
		return nil, err
	}
	fmt.Fprintf(opts.out, "campaign in %s, seed %d\n", c.dir, opts.seed)
	r, err := c.judged(ctx)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w (histories and logs are in %s)", err, c.dir)
	case r.good() && opts.dir == "":
		r.dir = ""
		return r, os.RemoveAll(c.dir)
	}
	return r, nil
}

func (c *campaign) judged(ctx context.Context) (*report, error) {
	if err := c.record(ctx); err != nil {
		return nil, err
	}
	return c.report()
}

// Names of the files in the campaign's directory.
const (
	historyFile = "clients.jsonl"
	storesFile  = "stores.jsonl"
	serverLog   = "server.log"
	dataDir     = "data"
)

func (c *campaign) prepareDir() (err error) {
	if c.dir = c.opts.dir; c.dir == "" {
		c.dir, err = os.MkdirTemp("", "parley-crash-")
	} else {
		err = os.MkdirAll(c.dir, 0o700)
	}
	return err
}

// record writes the histories.
func (c *campaign) record(ctx context.Context) (err error) {
	history, err := os.Create(filepath.Join(c.dir, historyFile))
	if err != nil {
		return err
	}
	defer history.Close()
	stores, err := os.Create(filepath.Join(c.dir, storesFile))
	if err != nil {
		return err
	}
	defer stores.Close()
	c.history, c.stores = check.NewWriter(history), check.NewWriter(stores)
	defer func() { err = errors.Join(err, c.history.Close(), c.stores.Close()) }()

	data := filepath.Join(c.dir, dataDir)
	var disk *disk
	if c.opts.diskFull {
		if disk, err = mountDisk(data); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, disk.unmount()) }()
	}
	if c.server, err = newServer(c.opts.bin, data, filepath.Join(c.dir, serverLog)); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.server.close()) }()
	return c.play(ctx, disk)
}

// play is the campaign from the first start to the last stop.
func (c *campaign) play(ctx context.Context, disk *disk) error {
	ctx, cancel := context.WithCancelCause(ctx)
	var clients sync.WaitGroup
	defer clients.Wait()
	defer cancel(nil)
	c.server.died = func(err error) { cancel(fmt.Errorf("the server ended by itself: %w", err)) }

	if err := c.start(ctx); err != nil {
		return err
	}
	if err := c.enroll(ctx); err != nil {
		return err
	}
	for _, d := range c.devices {
		clients.Go(func() { d.run(ctx) })
	}
	clients.Go(func() { c.founders.run(ctx, c) })
	if err := c.harm(ctx, disk); err != nil {
		return errors.Join(err, context.Cause(ctx))
	}
	if err := c.settle(ctx); err != nil {
		return errors.Join(err, context.Cause(ctx))
	}
	// The rest is seen by nobody: the files are looked at when they rest.
	if err := c.history.Close(); err != nil {
		return err
	}
	cancel(nil)
	clients.Wait()
	if err := c.server.stop(); err != nil {
		c.problem("the server did not stop in good order: %v", err)
	}
	if behind, err := c.lastSnapshot(); err != nil {
		return err
	} else if behind > 0 {
		c.problem("after a stop in good order the store lacks %d records of the log", behind)
	}
	return nil
}

// harm does to the server what this campaign is for.
func (c *campaign) harm(ctx context.Context, disk *disk) error {
	switch {
	case disk != nil:
		return c.fillOften(ctx, disk)
	case c.opts.sends > 0:
		return c.killAllAlong(ctx)
	}
	if err := c.killAtPoints(ctx); err != nil {
		return err
	}
	return c.killOften(ctx)
}

// settle lets everybody finish and catch up, and reads everything anew.
func (c *campaign) settle(ctx context.Context) error {
	close(c.quiet)
	late, cancel := context.WithTimeoutCause(ctx, c.opts.heal, fmt.Errorf("not healed %v after the last fault", c.opts.heal))
	defer cancel()
	if err := c.drained(late); err != nil {
		return err
	}
	heads, err := c.readAll(ctx)
	if err != nil {
		return err
	}
	if err := c.caughtUp(late, heads); err != nil {
		return err
	}
	return c.founders.verify(ctx, c)
}

// drained waits until nobody has anything more to do: the rooms have their last
// event.
func (c *campaign) drained(ctx context.Context) error {
	for _, d := range c.devices {
		select {
		case <-d.settled:
		case <-ctx.Done():
			return fmt.Errorf("%s has not joined its rooms again: %w", d.name, context.Cause(ctx))
		}
		for _, p := range d.places {
			select {
			case <-p.finished:
			case <-ctx.Done():
				return fmt.Errorf("the outbox of %s for room %d is not empty: %w", d.name, p.room, context.Cause(ctx))
			}
		}
	}
	return nil
}

// caughtUp waits until every device has reached every head.
func (c *campaign) caughtUp(ctx context.Context, heads map[int64]uint64) error {
	for _, d := range c.devices {
		for _, p := range d.places {
			if err := c.progress.wait(ctx, func() bool { return p.reached(heads[p.room]) }); err != nil {
				return fmt.Errorf("%s did not reach the head %d of room %d: %w", d.name, heads[p.room], p.room, err)
			}
		}
	}
	return nil
}

func (c *campaign) problem(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.problems = append(c.problems, fmt.Sprintf(format, args...))
}
