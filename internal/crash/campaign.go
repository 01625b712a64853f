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
	"github.com/parleychat/parley/internal/people"
)

// healTime is how long everything may take to be right again after the last
// fault, on a machine that has time for it.
const healTime = 30 * time.Second

// options say what to do.
type options struct {
	bin        string
	old        string // an older program, to be mixed with it; empty: none
	kills      int    // at random moments
	pointKills int    // at each failpoint, which bin must have
	sends      int    // acknowledged ones to reach, with a crowd, killing all along
	seed       uint64
	clients    int
	duration   time.Duration
	heal       time.Duration // [healTime], or what a busy machine needs
	diskFull   bool
	nodes      int      // servers over Kafka, MariaDB and Redis, all harmed for the duration; 0: one server of its own
	harms      []string // of a cluster, by name; empty: all
	hurried    bool     // not waiting, now and then, until who is online has to be right
	oneByOne   bool     // one harm at a time
	page       string   // file for the report of a cluster's campaign; empty: none
	dir        string   // empty: a temporary one, removed after a good run
	out        io.Writer
}

// campaign is one run.
type campaign struct {
	opts    options
	shape   shape
	dir     string
	dice    *people.Dice
	server  *server       // nil with a cluster
	cluster *cluster      // nil with one server
	history *check.Writer // what clients saw
	files   people.Files  // what they held, while no server ran
	copied  int64         // bytes of them when they were looked at last

	crowd    *people.Crowd
	founders founders
	owners   map[int64]int64  // by room: who made it
	tokens   sync.Map         // by token: whose it is
	signedIn []*people.Device // with sessions of their own
	wardens  []*warden
	programs programs
	looking
	stranger *account // who reads everything in the end; nil: not there yet

	mu       sync.Mutex
	problems []string // what is wrong beside the histories
	stuck    bool     // it ended early, because nobody was served any more
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
	c := &campaign{opts: opts, shape: opts.shape(), dice: people.NewDice(opts.seed), begun: time.Now(), programs: programs{older: opts.old, newer: opts.bin}, owners: make(map[int64]int64), died: make(map[failpoint.Point]int)}
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
	if ctx.Err() != nil { // a server that ended by itself was interrupted, too
		return nil, context.Cause(ctx)
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
	c.history, c.files.Lines = check.NewWriter(history), check.NewWriter(stores)
	defer func() { err = errors.Join(err, c.history.Close(), c.files.Lines.Close()) }()
	c.crowd = people.NewCrowd(c.dice, c.history)
	c.crowd.Habits, c.crowd.Problem, c.crowd.Server = c.shape.habits, c.problem, c.address
	c.crowd.REST.Saw = c.heard

	if c.opts.nodes > 0 {
		return c.recordCluster(ctx)
	}
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
	c.server.died = cancel

	if err := c.start(ctx); err != nil {
		return err
	}
	if err := c.live(ctx, &clients, func() error { return c.harm(ctx, disk) }); err != nil {
		return err
	}
	cancel(nil)
	clients.Wait()
	if c.stuck {
		return c.lookAtRemains()
	}
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

// lookAtRemains reads what a server that is stuck has left.
func (c *campaign) lookAtRemains() error {
	if err := c.server.end(); err != nil {
		return err
	}
	_, err := c.lastSnapshot()
	return err
}

// live lets people use what was started, while harm is done to it, and then
// finish and catch up. What comes behind it is seen by nobody. When they cannot
// any more, because nobody is served, it ends early: the campaign is stuck.
func (c *campaign) live(ctx context.Context, clients *sync.WaitGroup, harm func() error) error {
	if err := c.enroll(ctx); err != nil {
		return err
	}
	clients.Go(func() { c.crowd.Run(ctx) })
	clients.Go(func() { c.founders.run(ctx, c) })
	var wardens sync.WaitGroup
	if c.cluster != nil {
		clients.Go(func() { c.frequent(ctx) })
		wardens.Go(func() { c.endSessions(ctx) })
		for _, w := range c.wardens {
			wardens.Go(func() { c.governOften(ctx, w) })
		}
	}
	err := harm()
	if err == nil {
		err = c.settle(ctx, &wardens)
	}
	if err != nil {
		if err := c.endStuck(errors.Join(err, context.Cause(ctx))); err != nil {
			return err
		}
	}
	return c.history.Close()
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
func (c *campaign) settle(ctx context.Context, wardens *sync.WaitGroup) error {
	c.crowd.Finish()
	wardens.Wait()
	late, cancel := context.WithTimeoutCause(ctx, c.opts.heal, &stuckError{fmt.Sprintf("not everybody has caught up %v after the last fault", c.opts.heal)})
	defer cancel()
	if err := c.crowd.Drained(late); err != nil {
		return err
	}
	reader, err := c.reader(ctx)
	if err != nil {
		return err
	}
	heads, err := c.crowd.ReadAll(ctx, reader)
	if err != nil {
		return err
	}
	if err := c.crowd.CaughtUp(late, heads); err != nil {
		return err
	}
	if c.cluster != nil {
		if err := c.measure(ctx, true); err != nil {
			return err
		}
		if err := c.searchPlaces(ctx); err != nil {
			return err
		}
	}
	return c.founders.verify(ctx, c)
}

// address is where the server is, or one of them, once it serves.
func (c *campaign) address(ctx context.Context) (string, error) {
	if c.cluster != nil {
		return c.cluster.address(ctx, c.dice)
	}
	return c.server.address(ctx)
}

// reader is a person who was never here.
func (c *campaign) reader(ctx context.Context) (people.Reader, error) {
	base, err := c.address(ctx)
	if err != nil {
		return people.Reader{}, err
	}
	if c.stranger == nil {
		err = c.addStranger(ctx, base)
	}
	return people.Reader{REST: &c.crowd.REST, Token: c.stranger.Token}, err
}

func (c *campaign) addStranger(ctx context.Context, base string) error {
	c.stranger = &account{Person: people.Person{Name: "reader"}}
	return c.register(ctx, base, c.stranger)
}

// heard looks through what a person was answered.
func (c *campaign) heard(token string, raw []byte) {
	if person, known := c.tokens.Load(token); known {
		c.crowd.Heard(person.(int64), raw)
	}
}

func (c *campaign) problem(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.problems = append(c.problems, fmt.Sprintf(format, args...))
}
