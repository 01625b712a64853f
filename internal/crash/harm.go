package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/parleychat/parley/internal/check"
	"github.com/parleychat/parley/internal/people"
)

// harm is something bad that is done to a part of a cluster. It ends by itself.
type harm struct {
	what string
	part part
	// do does it, to n where the part is a server. It fails with [errMissed] if
	// it could not be done, which then does not count.
	do func(c *campaign, ctx context.Context, n *node) error
}

// part is what a harm is done to. Nothing else is done to it meanwhile, so that
// two of three brokers, or all servers, are never gone at once.
type part string

const (
	aServer    part = "server" // any of those to which nothing is done, if others are left
	allServers part = "all servers"
	theBrokers part = "brokers"
	theDB      part = "database"
	theRedis   part = "redis"
	everybody  part = "people"
)

var errMissed = errors.New("there was no opportunity")

// harms are all that can always be done.
var harms = []harm{
	{"server killed", aServer, (*campaign).killNode},
	{"server paused", aServer, (*campaign).pauseNode},
	{"server restarted", aServer, (*campaign).rollNode},
	{"rolling restart", allServers, (*campaign).rollAll},
	{"recorder overtaken", aServer, (*campaign).overtakeRecorder},
	{"broker killed", theBrokers, (*campaign).killBroker},
	{"broker paused", theBrokers, (*campaign).pauseBroker},
	{"database killed", theDB, (*campaign).killDatabase},
	{"database paused", theDB, (*campaign).pauseDatabase},
	{"database read-only", theDB, (*campaign).lockDatabase},
	{"redis killed", theRedis, (*campaign).killRedis},
	{"redis paused", theRedis, (*campaign).pauseRedis},
	{"redis flushed", theRedis, (*campaign).flushRedis},
	{"frames cut", aServer, (*campaign).cutFrames},
	{"server cut off", aServer, (*campaign).isolate},
	{"link blocked", aServer, (*campaign).blockLink},
	{"links delayed", aServer, (*campaign).delayLinks},
	{"links throttled", aServer, (*campaign).throttleLinks},
	{"everybody cut", everybody, (*campaign).cutEverybody},
	{"database crowded", theDB, (*campaign).crowdDatabase},
	{"commits' answers lost", aServer, (*campaign).loseCommits},
	{"redis evicting", theRedis, (*campaign).evictRedis},
	{"redis poisoned", theRedis, (*campaign).poisonRedis},
	{"server without its files", aServer, (*campaign).loseFiles},
	{"descriptors exhausted", aServer, (*campaign).exhaust},
	{"reader stalled", aServer, (*campaign).stall},
}

// again is how often what has to be met, and was not, is brought about once more.
const again = 5

// harmCluster does something bad again and again, up to three things at a time,
// until the duration is over, everything bad was done, and everything was met
// that has to be.
func (c *campaign) harmCluster(ctx context.Context) error {
	todo := c.chosenHarms()
	kinds := slices.Clone(todo)
	c.shuffle(todo)
	begun, told := time.Now(), time.Now()
	for attempts := 0; ; {
		if err := c.calm(ctx); err != nil {
			return err
		}
		if len(todo) == 0 && time.Since(begun) >= c.opts.duration {
			attempts++
			todo = c.leadingTo(c.clusterLacks())
			if len(todo) == 0 || attempts > again {
				return c.served(ctx, 50)
			}
		}
		now := c.together(&todo, kinds)
		if err := c.inflictAll(ctx, now); err != nil {
			return err
		}
		c.fault = time.Now()
		c.crowd.Volley.Ring()
		if time.Since(told) > 30*time.Second {
			told = time.Now()
			c.tell()
		}
	}
}

// leadingTo are harms of this campaign that lead to what is missing, and those
// that are missing themselves.
func (c *campaign) leadingTo(missing []string) (lead []harm) {
	for _, h := range c.chosenHarms() {
		if slices.ContainsFunc(missing, func(what string) bool { return what == h.what || slices.Contains(wanted[what], h.what) }) {
			lead = append(lead, h)
		}
	}
	return lead
}

// calm waits until people are served again, and looks at everything.
func (c *campaign) calm(ctx context.Context) error {
	if err := c.served(ctx, 10+c.dice.Below(20)); err != nil {
		return err
	}
	if _, err := c.lookAtCluster(ctx, false); err != nil {
		return err
	}
	c.cluster.met.add(handedOver, c.cluster.group.handedOver(ctx))
	if err := c.measure(ctx, false); err != nil {
		return err
	}
	return c.awaitLooks(ctx)
}

// awaitLooks lets time pass, a third of it in all, until who is online has to be
// right again, and everybody was asked.
func (c *campaign) awaitLooks(ctx context.Context) error {
	pause := time.Until(c.cluster.weather.settles()) + 3*lookEvery
	if c.opts.hurried || c.cluster.waited+pause > time.Since(c.begun)/3 {
		return nil
	}
	c.cluster.waited += pause
	return c.whole(ctx, pause)
}

// unsettles is how long after the end of a harm who is online may be wrong: as
// long as it takes to miss a server's heartbeat, or that of a peer who was cut
// off without a word.
func (c *campaign) unsettles(h harm) time.Duration {
	switch h.part {
	case theRedis:
		return c.bound(10 * time.Second)
	case aServer, allServers:
		if slices.Contains([]string{"server cut off", "link blocked", "links throttled", "links delayed"}, h.what) {
			return c.bound(50 * time.Second)
		}
	}
	return c.bound(ghostTime)
}

// chosenHarms are those of this campaign.
func (c *campaign) chosenHarms() []harm {
	if len(c.opts.harms) == 0 {
		return slices.Clone(c.possible())
	}
	var chosen []harm
	for _, what := range c.opts.harms {
		i := slices.IndexFunc(c.possible(), func(h harm) bool { return h.what == what })
		if i < 0 {
			panic("crash: no harm is called " + what)
		}
		chosen = append(chosen, c.all[i])
	}
	return chosen
}

func (c *campaign) shuffle(hs []harm) {
	order := c.dice.Order(len(hs))
	for i, h := range slices.Clone(hs) {
		hs[order[i]] = h
	}
}

// together picks what is done at the same time: one thing that was not done yet,
// if any is left, and up to two others, of which it takes off what was not done.
func (c *campaign) together(todo *[]harm, kinds []harm) []harm {
	n := 1 + c.dice.Below(3)
	if c.opts.oneByOne {
		n = 1
	}
	var now []harm
	for range n {
		h := kinds[c.dice.Below(len(kinds))]
		if len(*todo) > 0 {
			h, *todo = (*todo)[0], (*todo)[1:]
		}
		now = append(now, h)
	}
	return now
}

// inflictAll does some things at about the same time. What is in the way of
// another is done after it.
func (c *campaign) inflictAll(ctx context.Context, now []harm) error {
	errs := make([]error, len(now))
	var all sync.WaitGroup
	for i, h := range now {
		delay := time.Duration(0)
		if i > 0 {
			delay = c.dice.UpTo(3 * time.Second)
		}
		all.Go(func() {
			if !people.Pause(ctx, delay) {
				errs[i] = context.Cause(ctx)
				return
			}
			if err := c.inflict(ctx, h); err != nil {
				errs[i] = fmt.Errorf("%s: %w", h.what, err)
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

// inflict does one thing as soon as nothing is in its way.
func (c *campaign) inflict(ctx context.Context, h harm) error {
	cl := c.cluster
	n, taken := cl.take(h.part, c.dice)
	for !taken {
		if !people.Pause(ctx, 100*time.Millisecond) {
			return context.Cause(ctx)
		}
		n, taken = cl.take(h.part, c.dice)
	}
	defer cl.leave(h.part, n)
	c.fireVolley(ctx)
	cl.weather.begins(c.history, h.what)
	err := h.do(c, ctx, n)
	cl.weather.ends(c.history, h.what, c.unsettles(h))
	if errors.Is(err, errMissed) {
		cl.met.add("no opportunity for "+h.what, 1)
		return nil
	}
	if err == nil {
		cl.met.add(h.what, 1)
	}
	return err
}

// occupied are the parts to which something is done.
type occupied struct {
	mu    sync.Mutex
	parts map[part]bool
	nodes map[*node]bool
}

// take takes a part to do something to it. It reports false if something is done
// to it already.
func (cl *cluster) take(p part, dice *people.Dice) (*node, bool) {
	o := &cl.busy
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.parts == nil {
		o.parts, o.nodes = make(map[part]bool), make(map[*node]bool)
	}
	switch p {
	case aServer:
		if o.parts[allServers] || len(o.nodes) >= len(cl.nodes)-1 {
			return nil, false
		}
		for _, i := range dice.Order(len(cl.nodes)) {
			if n := cl.nodes[i]; !o.nodes[n] {
				o.nodes[n] = true
				return n, true
			}
		}
		return nil, false
	case allServers:
		if len(o.nodes) > 0 {
			return nil, false
		}
	}
	if o.parts[p] {
		return nil, false
	}
	o.parts[p] = true
	return nil, true
}

func (cl *cluster) leave(p part, n *node) {
	o := &cl.busy
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.nodes, n)
	delete(o.parts, p)
}

// weather knows what is being done to the cluster.
type weather struct {
	mu     sync.Mutex
	active int
	calmed time.Time // when the last thing ended
	right  time.Time // when who is online has to be right again
}

// begins writes down that something is done from now on.
func (w *weather) begins(history *check.Writer, what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.active++
	history.Write(check.Line{What: check.Fault, Fault: what, More: true})
}

// ends writes down that it was done; others may go on.
func (w *weather) ends(history *check.Writer, what string, unsettles time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.active--
	w.calmed = time.Now()
	if right := w.calmed.Add(unsettles); right.After(w.right) {
		w.right = right
	}
	history.Write(check.Line{What: check.Fault, Fault: what, Within: int64(unsettles)})
	if w.active > 0 {
		history.Write(check.Line{What: check.Fault, Fault: "others", More: true})
	}
}

// settles is when who is online has to be right again.
func (w *weather) settles() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.right
}

// calm is for how long nothing was done.
func (w *weather) calm() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.active > 0 {
		return 0
	}
	return time.Since(w.calmed)
}

// stillHarmed is for how long after a harm somebody may still wait for an answer
// that was lost in it.
const stillHarmed = 30 * time.Second

// impatient takes that a device has waited 20 s for an answer.
func (c *campaign) impatient(device string) {
	if c.cluster.weather.calm() > stillHarmed {
		c.problem("%s waited in vain for an answer, and nothing was done to anybody", device)
		return
	}
	c.cluster.met.add("answer waited for in vain", 1)
}

// lasting is how long something goes on: the first time for the longest, or what
// fits into the campaign, later mostly for less.
func (c *campaign) lasting(what string, longest time.Duration) time.Duration {
	longest = min(longest, max(c.opts.duration/6, 2*time.Second))
	if c.cluster.met.of(what) == 0 || c.dice.In(0.15) {
		return longest
	}
	return 100*time.Millisecond + c.dice.UpTo(longest/3)
}
