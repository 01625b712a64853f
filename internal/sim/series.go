package sim

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parleychat/parley/internal/check"
)

// plans are what runs begin with: every trouble, and of those at a point every
// point.
var plans = makePlans()

func makePlans() (plans []Options) {
	for _, t := range troubles {
		plan := Options{First: t.name, Crowd: t.name == underLoad}
		if t.name != atPoint {
			plans = append(plans, plan)
			continue
		}
		for _, p := range allPoints {
			plan.Point, plan.Deep = string(p), p == midCatchUp
			plans = append(plans, plan)
		}
	}
	return plans
}

// Planned is the run with a seed in a series: the plans take turns, so that each
// comes often enough.
func Planned(seed uint64) Options {
	n := uint64(len(plans))
	opts := plans[seed%n]
	opts.Seed = seed
	opts.Deep = opts.Deep || !opts.Crowd && seed%5 == 4
	opts.Five = !opts.Crowd && seed%3 == 0
	return opts
}

// Series is many runs, with what they have met together.
type Series struct {
	dir         string
	plain, deep *template

	mu     sync.Mutex
	begun  time.Time
	runs   int
	counts map[string]int
}

// NewSeries prepares a series. Its scratch files go with the test.
func NewSeries(t *testing.T) *Series {
	dir, err := os.MkdirTemp(scratch(), "parley-sim-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	s := &Series{dir: dir, counts: make(map[string]int)}
	s.plain, s.deep = newTemplates(t, dir)
	s.begun = time.Now()
	return s
}

// stuck is how long, in real time, a run may take: one that takes longer waits
// for something that virtual time does not know of.
const stuck = 5 * time.Minute

// Run makes one run and judges it. What a failed one leaves is kept, and t says
// where.
func (s *Series) Run(t *testing.T, opts Options) {
	t.Helper()
	var r *run
	var verdict *check.Verdict
	watch := time.AfterFunc(stuck, func() {
		debug.SetTraceback("all")
		panic(fmt.Sprintf("sim: the run with seed %d is stuck: somebody waits for what no virtual time brings, such as a mutex", opts.Seed))
	})
	err := inBubble(t, func(t *testing.T) (err error) {
		tmpl := s.plain
		if opts.Deep {
			tmpl = s.deep
		}
		r = newRun(opts, s.dir, tmpl)
		if err := r.play(t.Context()); err != nil {
			return err
		}
		verdict, err = r.judge()
		return err
	})
	watch.Stop()
	if r == nil {
		t.Fatal(err)
	}
	if err == nil && verdict.OK() && len(r.problems) == 0 {
		s.add(r, verdict)
		if err := os.RemoveAll(r.dir); err != nil {
			t.Error(err)
		}
		return
	}
	t.Errorf("seed %d: %s", opts.Seed, r.keep(verdict, err))
}

// inBubble runs fn in virtual time. That a bubble does not end is an error as
// any other.
func inBubble(t *testing.T, fn func(*testing.T) error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = errors.Join(err, fmt.Errorf("the bubble did not end: %v\n%s", cause, inBubbles()))
		}
	}()
	synctest.Test(t, func(t *testing.T) { err = fn(t) })
	return err
}

// inBubbles are the stacks of the goroutines that are in a bubble.
func inBubbles() string {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	var b strings.Builder
	for stack := range strings.SplitSeq(string(stacks), "\n\n") {
		if first, _, _ := strings.Cut(stack, "\n"); strings.Contains(first, "synctest bubble") {
			fmt.Fprintf(&b, "%s\n\n", stack)
		}
	}
	return b.String()
}

// keep writes down everything about a failed run and says what is wrong.
func (r *run) keep(verdict *check.Verdict, failure error) string {
	var b strings.Builder
	if failure != nil {
		fmt.Fprintf(&b, "%v\n", failure)
	}
	for _, problem := range r.problems {
		fmt.Fprintf(&b, "PROBLEM %s\n", problem)
	}
	if verdict != nil {
		verdict.WriteTo(&b)
	}
	dir, err := os.MkdirTemp("", fmt.Sprintf("parley-sim-seed-%d-", r.opts.Seed))
	if err != nil {
		return b.String() + err.Error()
	}
	_ = r.history.Close()
	_ = r.stores.Close()
	for name, content := range map[string][]byte{
		"clients.jsonl": r.clients.Bytes(), "stores.jsonl": r.dumps.Bytes(),
		"server.log": r.serverLog.Bytes(), "verdict": []byte(b.String()),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			fmt.Fprintf(&b, "%v\n", err)
		}
	}
	fmt.Fprintf(&b, "kept in %s\n", dir)
	return b.String()
}

// add counts what a good run has met.
func (s *Series) add(r *run, verdict *check.Verdict) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.runs++
	for what, n := range r.counted() {
		s.counts[what] += n
	}
	c := &verdict.Counts
	for what, n := range map[string]int{
		"sends ok": c.SendsOK, "sends of unknown outcome": c.SendsUnknown, "retries answered duplicate": c.RetriesDuplicate,
		"unknown and there": c.UnknownVisible, "unknown and not there": c.UnknownLost,
		"resumes": c.Resumes, "resumes that missed something": c.ResumesMissed,
		"pages": c.Pages, "gaps": c.Gaps, "snapshots": c.Snapshots, "snapshots behind the log": c.StoredBehind,
		"events given": c.Events + c.Resumed, "lines": c.Lines,
	} {
		s.counts[what] += n
	}
	for code, n := range c.Closes {
		s.counts["close: "+code] += n
	}
	for code, n := range c.Refusals {
		s.counts["refusal: "+code] += n
	}
	for why, n := range r.files.Voids() {
		s.counts["void: "+why] += n
	}
	s.counts["virtual seconds"] += int(r.lasted.Seconds())
}

// required is what a series has to have met at least once, besides every
// trouble and every point to be killed at.
var required = []string{
	"sends ok", "sends of unknown outcome", "retries answered duplicate", "unknown and there",
	"resumes that missed something", "pages", "gaps", "snapshots behind the log",
	"close: ", "close: slow", "close: client", "close: draining",
	"refusal: unavailable", "refusal: cid_conflict", "refusal: forbidden",
	"void: copy", "void: cid_conflict", "void: stale",
	"cid from several devices at once", "cid from five devices at once", "cid of somebody else", "cid used for another text", "change: edit", "change: delete", "given up after a refusal", "sender's clock wrong",
	"append done, told unknown", "append lost, told unknown", "append late, told unknown", "append doubled", "append with a rival",
	"append refused", "append refused: disk full", "store away", "store done, told away",
}

// Unproven is what the series has not met and should have.
func (s *Series) Unproven() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	want := slices.Clone(required)
	for _, t := range troubles {
		want = append(want, "fault: "+t.name)
	}
	for _, p := range allPoints {
		want = append(want, "kill "+string(p))
	}
	return slices.DeleteFunc(want, func(what string) bool { return s.counts[what] > 0 })
}

// Report prints what the series has met.
func (s *Series) Report(t *testing.T) {
	s.mu.Lock()
	defer s.mu.Unlock()
	took := time.Since(s.begun)
	t.Logf("%d good runs in %v, %.1f a second", s.runs, took.Round(time.Millisecond), float64(s.runs)/took.Seconds())
	for _, what := range slices.Sorted(maps.Keys(s.counts)) {
		t.Logf("%9d %s", s.counts[what], what)
	}
}
