package sim

import (
	"flag"
	"fmt"
	"runtime"
	"runtime/debug"
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
	s.Report(t)
	for _, what := range s.Unproven() {
		t.Errorf("the series proves nothing: it has never met %q", what)
	}
}
