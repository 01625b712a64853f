package sim

import (
	"context"
	"fmt"
	"github.com/parleychat/parley/internal/people"
	"github.com/parleychat/parley/internal/sim/memnet"
	"slices"
	"time"
)

// trouble is one kind of fault. do makes it, and returns when it is over, or
// when others may come beside it.
type trouble struct {
	name   string
	weight int // 0: only where it is asked for, it is long
	do     func(*run, context.Context) error
}

// bulkChars are added to a message to make it a long one, of four bytes each.
const bulkChars = 9_000

// Names of troubles that a plan has to know.
const (
	atPoint   = "kill at a point"
	underLoad = "reader stopped under load"
)

// troubles are all kinds. Their names are counted, and a series in which one did
// not come proves nothing.
var troubles = []trouble{
	{"answers lost", 4, (*run).loseAnswers},
	{"appends refused", 3, (*run).refuseAppends},
	{"disk full", 2, (*run).fillDisk},
	{"copies of another node", 4, (*run).copyRecords},
	{"slow log", 2, (*run).slowLog},
	{"log stalled", 2, (*run).stallLog},
	{"store away", 4, (*run).loseStore},
	{"slow store", 2, (*run).slowStore},
	{"kill", 4, (*run).killNow},
	{"kill, and kill the next", 1, (*run).killTwice},
	{atPoint, 6, (*run).killAtPoint},
	{"stop", 1, (*run).stopNow},
	{"clock stepped", 2, (*run).stepClock},
	{"connection reset", 4, (*run).resetOne},
	{"connection cut in a frame", 4, (*run).cutInFrame},
	{"reader slow", 2, (*run).holdOne},
	{"all connections reset", 2, (*run).resetAll},
	{"connection half open", 2, (*run).silenceOne},
	{"log stalled behind a storm of copies", 0, (*run).stormCopies},
	{underLoad, 0, (*run).flood},
	{"long quiet", 0, (*run).longQuiet},
}

// disturb makes faults, one after another or beside each other, while people
// talk; then it takes all of them back.
func (r *run) disturb(ctx context.Context) error {
	if !people.Pause(ctx, r.dice.UpTo(2*time.Second)) {
		return context.Cause(ctx)
	}
	for i := range 1 + r.dice.Below(3) {
		t := r.pick(i == 0)
		r.fault(t.name)
		if err := t.do(r, ctx); err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
		if r.dice.In(0.6) {
			r.fault("healed")
			r.heal()
		}
		if r.dice.In(0.4) {
			r.crowd.Volley.Ring()
		}
		if !people.Pause(ctx, r.dice.About(700*time.Millisecond)) {
			return context.Cause(ctx)
		}
	}
	r.fault("healed")
	r.heal()
	r.lateCopies()
	if !people.Pause(ctx, r.dice.UpTo(time.Second)) {
		return context.Cause(ctx)
	}
	return nil
}

// pick chooses a kind, by weight unless the first is given.
func (r *run) pick(first bool) trouble {
	sum := 0
	for _, t := range troubles {
		if first && t.name == r.opts.First {
			return t
		}
		sum += t.weight
	}
	n := r.dice.Below(sum)
	for _, t := range troubles {
		if n -= t.weight; n < 0 {
			return t
		}
	}
	panic("sim: the weights of troubles do not add up")
}

// ordinary is how log and store are when nothing is wrong: all of it takes time,
// or nothing could come in between.
func (r *run) ordinary() {
	r.logFaults.set(func(f *logFaults) { *f = logFaults{delay: r.dice.UpTo(20 * time.Millisecond)} })
	r.storeFaults.set(func(f *storeFaults) { *f = storeFaults{delay: r.dice.UpTo(20 * time.Millisecond)} })
}

// heal ends what goes on by itself. Connections that are silent are found dead
// now, as those of a machine that is up again.
func (r *run) heal() {
	r.ordinary()
	r.crowd.Bulk.Store(0)
	if n := r.node.Load(); n != nil {
		n.log.flow()
	}
	for _, conn := range r.silenced {
		conn.Reset()
	}
	r.silenced = nil
}

// lateCopies waits until no copy of a record is under way any more: the rooms'
// last events are to come from people.
func (r *run) lateCopies() {
	close(r.hurry)
	r.copies.Wait()
}

// lasting lets a fault last a while.
func (r *run) lasting(ctx context.Context, mean time.Duration) error {
	r.crowd.Volley.Ring()
	if !people.Pause(ctx, 200*time.Millisecond+r.dice.About(mean)) {
		return context.Cause(ctx)
	}
	return nil
}

// untilMet lets a fault last until it has hit something of each kind.
func (r *run) untilMet(ctx context.Context, kinds ...string) error {
	before := r.counted()
	for range 60 {
		if err := r.lasting(ctx, 100*time.Millisecond); err != nil {
			return err
		}
		now := r.counted()
		if !slices.ContainsFunc(kinds, func(kind string) bool { return now[kind] == before[kind] }) {
			break
		}
	}
	return r.lasting(ctx, time.Second)
}

func (r *run) loseAnswers(ctx context.Context) error {
	r.logFaults.set(func(f *logFaults) {
		f.lost, f.never = 0.1+0.4*float64(r.dice.Below(3))/2, 0.1
	})
	return r.untilMet(ctx, "append done, told unknown", "append lost, told unknown")
}

func (r *run) refuseAppends(ctx context.Context) error {
	r.logFaults.set(func(f *logFaults) { f.refused = 0.2 + 0.8*float64(r.dice.Below(2)) })
	return r.untilMet(ctx, "append refused")
}

func (r *run) fillDisk(ctx context.Context) error {
	r.logFaults.set(func(f *logFaults) { f.full = true })
	err := r.untilMet(ctx, "append refused: disk full")
	r.logFaults.set(func(f *logFaults) { f.full = false })
	return err
}

func (r *run) copyRecords(ctx context.Context) error {
	r.logFaults.set(func(f *logFaults) { f.doubled, f.late, f.rival = 0.2, 0.1, 0.1 })
	return r.untilMet(ctx, "append doubled", "append late, told unknown", "append with a rival")
}

func (r *run) slowLog(ctx context.Context) error {
	r.logFaults.set(func(f *logFaults) { f.delay = 100*time.Millisecond + r.dice.UpTo(300*time.Millisecond) })
	return r.lasting(ctx, 2*time.Second)
}

func (r *run) stallLog(ctx context.Context) error {
	n := r.node.Load()
	n.log.stall()
	defer n.log.flow()
	return r.lasting(ctx, 3*time.Second)
}

// stormCopies stalls the followers while another node appends one message so
// often that what is judged meanwhile is judged too long ago.
func (r *run) stormCopies(ctx context.Context) error {
	n := r.node.Load()
	n.log.stall()
	defer n.log.flow()
	r.logFaults.set(func(f *logFaults) { f.storm = true })
	r.crowd.Volley.Ring()
	for range 5 {
		if !people.Pause(ctx, 200*time.Millisecond) {
			return context.Cause(ctx)
		}
		r.crowd.Volley.Ring()
	}
	return nil
}

func (r *run) loseStore(ctx context.Context) error {
	r.storeFaults.set(func(f *storeFaults) {
		f.refused, f.lost = 0.2+0.8*float64(r.dice.Below(2)), 0.3*float64(r.dice.Below(2))
	})
	if err := r.untilMet(ctx, "store away"); err != nil {
		return err
	}
	r.storeFaults.set(func(f *storeFaults) { f.refused, f.lost = 0, 0.5 })
	return r.untilMet(ctx, "store done, told away")
}

func (r *run) slowStore(ctx context.Context) error {
	r.storeFaults.set(func(f *storeFaults) { f.delay = 50*time.Millisecond + r.dice.UpTo(150*time.Millisecond) })
	return r.lasting(ctx, 2*time.Second)
}

func (r *run) killNow(ctx context.Context) error {
	r.crowd.Volley.Ring()
	if !people.Pause(ctx, r.dice.About(40*time.Millisecond)) {
		return context.Cause(ctx)
	}
	return r.replace(ctx)
}

// killAtPoint waits until the node has come to a point and kills it there. If it
// does not come, it is killed elsewhere.
func (r *run) killAtPoint(ctx context.Context) error {
	at := point(r.opts.Point)
	if at == "" {
		at = allPoints[r.dice.Below(len(allPoints))]
	}
	if at == midOpening {
		// A node that has just started opens its rooms.
		if err := r.replace(ctx); err != nil {
			return err
		}
	}
	n := r.node.Load()
	there := n.points.arm(at)
	if at == midCatchUp {
		r.crowd.Forget.Store(true)
		defer r.crowd.Forget.Store(false)
		r.resetEvery(n)
	}
	for range 3 {
		r.crowd.Volley.Ring()
		late := time.NewTimer(time.Second)
		select {
		case <-there:
			late.Stop()
			r.met("kill " + string(at))
			return r.replace(ctx)
		case <-late.C:
		case <-ctx.Done():
			late.Stop()
			return context.Cause(ctx)
		}
	}
	n.points.disarm()
	r.met("kill where nobody came: " + string(at))
	return r.replace(ctx)
}

// killTwice kills the next life too, while it is beginning.
func (r *run) killTwice(ctx context.Context) error {
	if err := r.killNow(ctx); err != nil {
		return err
	}
	people.Pause(ctx, r.dice.UpTo(500*time.Millisecond))
	return r.replace(ctx)
}

// replace kills the node and starts another one on what it has left.
func (r *run) replace(ctx context.Context) error {
	dir := r.nextDir()
	r.fault("kill -9")
	if err := r.kill(r.node.Swap(nil), dir); err != nil {
		return err
	}
	if r.dice.In(0.5) && !people.Pause(ctx, r.dice.UpTo(2*time.Second)) {
		return context.Cause(ctx)
	}
	if r.dice.In(0.3) {
		r.clock.step(r.dice.UpTo(20*time.Minute) - 10*time.Minute)
	}
	n, err := r.startNode(ctx, dir)
	if err != nil {
		return err
	}
	r.node.Store(n)
	r.crowd.Volley.Ring() // sends meet people who are coming back
	return nil
}

func (r *run) stopNow(ctx context.Context) error {
	r.heal() // a stop is good only if it can be
	n := r.node.Load()
	if err := n.stop(); err != nil {
		return err
	}
	r.node.Store(nil)
	next, err := r.startNode(ctx, n.dir)
	if err != nil {
		return err
	}
	r.node.Store(next)
	return nil
}

func (r *run) stepClock(ctx context.Context) error {
	r.clock.step(r.dice.UpTo(10*time.Minute) - 5*time.Minute)
	return r.lasting(ctx, time.Second)
}

// one picks a connection of a device; nil if it has none.
func (r *run) one() *memnet.Conn { return r.links[r.dice.Below(len(r.links))].Load() }

func (r *run) resetOne(context.Context) error {
	if link := r.one(); link != nil {
		link.Reset()
	}
	return nil
}

// cutInFrame breaks a connection in the middle of what the server sends, or of
// what it is sent.
func (r *run) cutInFrame(ctx context.Context) error {
	if link := r.one(); link != nil {
		if r.dice.In(0.6) {
			link = link.Peer()
		}
		link.BreakAfter(1 + r.dice.Below(600))
	}
	return r.lasting(ctx, 300*time.Millisecond)
}

// silenceOne makes a connection half open, mostly until the server has given it
// up by its heartbeat.
func (r *run) silenceOne(ctx context.Context) error {
	if link := r.one(); link != nil {
		r.held.Add(1)
		link.Silence()
		r.silenced = append(r.silenced, link)
	}
	if err := r.lasting(ctx, 2*time.Second); err != nil {
		return err
	}
	r.crowd.Hush.Store(true)
	defer r.crowd.Hush.Store(false)
	if !people.Pause(ctx, r.dice.UpTo(time.Minute)) {
		return context.Cause(ctx)
	}
	return nil
}

func (r *run) holdOne(ctx context.Context) error {
	if link := r.one(); link != nil {
		r.held.Add(1)
		link.Hold(r.dice.UpTo(5 * time.Second))
	}
	return r.lasting(ctx, 3*time.Second)
}

func (r *run) resetAll(context.Context) error {
	r.resetEvery(r.node.Load())
	return nil
}

func (r *run) resetEvery(n *node) {
	for _, conn := range n.listener.Conns() {
		conn.Reset()
	}
}

// flood stops readers while everybody writes long messages, until there is more
// than the server queues for one socket: it gives them up as slow. Then they read
// again, to be told.
func (r *run) flood(ctx context.Context) error {
	// Whoever is not subscribed is not sent anything.
	late, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if err := r.crowd.Joined(late); err != nil {
		return err
	}
	var held []*memnet.Conn
	for i, latest := range r.links {
		if link := latest.Load(); link != nil && i%2 == 0 {
			r.held.Add(1)
			link.Hold(time.Minute)
			held = append(held, link)
		}
	}
	r.crowd.Bulk.Store(bulkChars)
	defer r.crowd.Bulk.Store(0)
	before := r.crowd.Bulky.Load()
	for range 100 {
		r.crowd.Volley.Ring()
		if !people.Pause(ctx, 100*time.Millisecond) {
			return context.Cause(ctx)
		}
		if (r.crowd.Bulky.Load()-before)*bulkChars*4 > 1<<20+3*memnet.DefaultWindow {
			break
		}
	}
	for _, link := range held {
		link.Hold(0)
	}
	return nil
}

// longQuiet lets so much time pass that rooms are closed, what the node remembers
// of cids is forgotten, and heartbeats are due many times.
func (r *run) longQuiet(ctx context.Context) error {
	r.crowd.Hush.Store(true)
	defer r.crowd.Hush.Store(false)
	if !people.Pause(ctx, 3*time.Minute+r.dice.UpTo(10*time.Minute)) {
		return context.Cause(ctx)
	}
	return nil
}
