package sim

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing/synctest"
	"time"

	"github.com/parleychat/parley/internal/check"
	"github.com/parleychat/parley/internal/people"
	"github.com/parleychat/parley/internal/people/client"
	"github.com/parleychat/parley/internal/sim/memnet"
)

// base is where every node of a run is found.
const base = "http://sim"

// healTime is how long everything may take to be right again after the last
// fault.
const healTime = 30 * time.Second

// Options say what to run.
type Options struct {
	Seed uint64
	// First is the trouble that comes first, and Point where the node is killed
	// if that is one at a point; by chance when they are empty.
	First string
	Point string // one of allPoints
	Deep  bool   // one room has a long past
	Crowd bool   // everybody in one room, over good links
	Five  bool   // somebody has five devices
}

// run is one life of a small system, in a bubble of virtual time.
type run struct {
	opts  Options
	dice  *people.Dice
	tmpl  *template
	dir   string // of this run
	begun time.Time

	// The node, and what stands between its parts.
	node        atomic.Pointer[node] // nil while none runs
	lives       int                  // data directories so far
	clock       clock
	logFaults   guarded[logFaults]
	storeFaults guarded[storeFaults]
	hurry       chan struct{}  // closed: copies of records that are late come now
	copies      sync.WaitGroup // those that are under way
	aside       sync.WaitGroup // what winds down by itself

	// What is done to connections.
	silenced []*memnet.Conn
	held     atomic.Int64 // how many were silenced or held

	// Who takes part, see gather.
	crowd *people.Crowd
	links []*link     // of their devices
	near  people.REST // of the reader, over a good one

	// What is kept of it.
	history, stores *check.Writer
	clients, dumps  bytes.Buffer // written by them
	serverLog       lockedBuffer
	files           people.Files
	lasted          time.Duration // of virtual time
	mu              sync.Mutex    // guards problems and counts
	problems        []string
	counts          map[string]int
}

func newRun(opts Options, dir string, tmpl *template) *run {
	r := &run{
		opts: opts, dice: people.NewDice(opts.Seed), tmpl: tmpl, dir: filepath.Join(dir, fmt.Sprintf("run-%d", opts.Seed)),
		counts: make(map[string]int), hurry: make(chan struct{}), begun: time.Now(),
	}
	r.serverLog.run = r
	r.history, r.stores = check.NewWriter(&r.clients), check.NewWriter(&r.dumps)
	r.files.Lines = r.stores
	r.crowd = people.NewCrowd(r.dice, r.history)
	r.crowd.Server = func(context.Context) (string, error) { return base, nil }
	r.crowd.Problem, r.crowd.Impatient, r.crowd.Met = r.problem, r.impatient, r.met
	r.crowd.REST.Client.Transport = &http.Transport{DialContext: r.dial, MaxIdleConnsPerHost: 4, DisableCompression: true}
	r.near.Client.Transport = &http.Transport{DialContext: r.dialNear, DisableCompression: true}
	return r
}

// end waits until nothing of the run is left.
func (r *run) end() {
	r.crowd.REST.Client.CloseIdleConnections()
	r.near.Client.CloseIdleConnections()
	r.aside.Wait()
	// A server that is cut short leaves goroutines that end at their next tick.
	time.Sleep(time.Second)
}

// calm waits until everybody else waits for something.
func (r *run) calm() { synctest.Wait() }

// now is the virtual time since the beginning.
func (r *run) now() time.Duration { return time.Since(r.begun) }

// problem notes what is wrong beside the histories.
func (r *run) problem(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.problems = append(r.problems, fmt.Sprintf("%v: ", r.now())+fmt.Sprintf(format, args...))
}

// impatient notes that an answer did not come in time. That is the network's
// fault if there is one.
func (r *run) impatient(who string) {
	if r.held.Load() == 0 {
		r.problem("%s waited too long for an answer", who)
	}
	r.met("device lost patience")
}

// met counts something that a series has to have met.
func (r *run) met(what string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.counts[what]++
}

// fault notes a fault, for the judge and for the counters.
func (r *run) fault(what string) {
	r.met("fault: " + what)
	r.history.Write(check.Line{What: check.Fault, Fault: what})
}

// play is a run from its first start to its last stop.
func (r *run) play(ctx context.Context) (err error) {
	if err := os.Mkdir(r.dir, 0o700); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	var clients sync.WaitGroup
	defer r.end()
	defer clients.Wait()
	defer func() {
		cancel()
		if n := r.node.Swap(nil); n != nil {
			err = errors.Join(err, n.stop())
		}
	}()
	if err := r.begin(ctx); err != nil {
		return err
	}
	clients.Go(func() { r.crowd.Run(ctx) })
	if err := r.disturb(ctx); err != nil {
		return err
	}
	if err := r.settle(ctx); err != nil {
		return err
	}
	// The rest is seen by nobody: the files are looked at when they rest.
	if err := r.history.Close(); err != nil {
		return err
	}
	cancel()
	clients.Wait()
	n := r.node.Swap(nil)
	if err := n.stop(); err != nil {
		return fmt.Errorf("the server did not stop in good order: %w", err)
	}
	behind, err := r.look(n.dir)
	if err != nil {
		return err
	}
	if behind > 0 {
		r.problem("after a stop in good order the store lacks %d records of the log", behind)
	}
	return r.stores.Close()
}

// begin starts the node and gathers the people.
func (r *run) begin(ctx context.Context) error {
	dir := r.nextDir()
	if err := copyDir(r.tmpl.dir, dir); err != nil {
		return err
	}
	n, err := r.startNode(ctx, dir)
	if err != nil {
		return err
	}
	r.node.Store(n)
	r.ordinary()
	r.gather()
	return nil
}

// nextDir names the directory of the next life.
func (r *run) nextDir() string {
	r.lives++
	return filepath.Join(r.dir, fmt.Sprintf("data-%d", r.lives))
}

// settle lets everybody finish and catch up, and reads everything anew.
func (r *run) settle(ctx context.Context) error {
	r.crowd.Finish()
	late, cancel := context.WithTimeoutCause(ctx, healTime, fmt.Errorf("not healed %v after the last fault", healTime))
	defer cancel()
	if err := r.crowd.Drained(late); err != nil {
		return err
	}
	heads, err := r.crowd.ReadAll(late, r.reader())
	if err != nil {
		return err
	}
	if err := r.crowd.CaughtUp(late, heads); err != nil {
		return err
	}
	r.lasted = r.now()
	return nil
}

// reader is somebody who was never here and has much to read in little time.
func (r *run) reader() people.Reader {
	return people.Reader{REST: &r.near, Dialer: client.Dialer{DialContext: r.dialNear}, Token: r.tmpl.people[len(r.tmpl.people)-1].token}
}

// look writes down what the files of a node hold that does not run.
func (r *run) look(dir string) (behind int64, err error) { return r.files.Look(dir, true) }

// judge reads the histories.
func (r *run) judge() (*check.Verdict, error) {
	judge := check.New()
	if err := judge.Read("clients", bytes.NewReader(r.clients.Bytes())); err != nil {
		return nil, err
	}
	if err := judge.Read("stores", bytes.NewReader(r.dumps.Bytes())); err != nil {
		return nil, err
	}
	return judge.Verdict(), nil
}

// counted are what the run has met.
func (r *run) counted() map[string]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.counts)
}

// lockedBuffer keeps what a server logs, with the run's time in front.
type lockedBuffer struct {
	run *run
	mu  sync.Mutex
	bytes.Buffer
}

// Write implements [io.Writer].
func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	fmt.Fprintf(&b.Buffer, "%v ", b.run.now())
	return b.Buffer.Write(p)
}
