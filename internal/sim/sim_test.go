package sim

import (
	"flag"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

var (
	seed     = flag.Uint64("sim.seed", 0, "make this one run of the series and no other")
	runs     = flag.Uint64("sim.runs", 40, "how many runs the series has")
	from     = flag.Uint64("sim.from", 1, "the series' first seed")
	duration = flag.Duration("sim.duration", 0, "how long the series goes on, instead of -sim.runs")
)

// TestSeries: whatever happens to a node, nothing that was promised is broken;
// and the series has met all that it is for.
func TestSeries(t *testing.T) {
	// There is much garbage and enough memory for it.
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	s := NewSeries(t)
	if *seed != 0 {
		s.Run(t, Planned(*seed))
		s.Report(t)
		return
	}
	begun := time.Now()
	var next atomic.Uint64
	more := func(n uint64) bool {
		if *duration > 0 {
			return time.Since(begun) < *duration
		}
		return n < *runs
	}
	t.Run("runs", func(t *testing.T) {
		for worker := range runtime.GOMAXPROCS(0) {
			t.Run(fmt.Sprint(worker), func(t *testing.T) {
				t.Parallel()
				for n := next.Add(1) - 1; more(n) && !t.Failed(); n = next.Add(1) - 1 {
					s.Run(t, Planned(*from+n))
				}
			})
		}
	})
	// The seeds are always the same, what comes of them is not quite: what is met
	// a few times may once be met in none of the runs, and then in one of the next.
	for n := uint64(0); n < *runs && *duration == 0 && len(s.Unproven()) > 0 && !t.Failed(); n++ {
		s.Run(t, Planned(*from+*runs+n))
	}
	s.Report(t)
	for _, what := range s.Unproven() {
		t.Errorf("the series proves nothing: it has never met %q", what)
	}
}

// TestProvesNothing: a series that has not met something says so.
func TestProvesNothing(t *testing.T) {
	s := &Series{counts: make(map[string]int)}
	for _, what := range s.Unproven() {
		s.counts[what] = 1
	}
	if len(s.counts) < len(troubles)+len(allPoints)+len(required) {
		t.Errorf("an empty series lacks %d things, want every trouble, point and requirement", len(s.counts))
	}
	delete(s.counts, "kill "+string(afterAppend))
	if got, want := s.Unproven(), []string{"kill after append"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestGoroutineLeft: a goroutine that does not end is a failure, with its stack.
func TestGoroutineLeft(t *testing.T) {
	err := inBubble(t, func(*testing.T) error {
		go func() { <-make(chan bool) }()
		return nil
	})
	if err == nil || !strings.Contains(err.Error(), "TestGoroutineLeft") {
		t.Errorf("got %v, want the stack of who is left", err)
	}
}
