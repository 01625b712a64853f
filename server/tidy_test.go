package server

import "testing"

func TestStormIsOver(t *testing.T) {
	type tick struct {
		made, sockets int64
		over          bool
	}
	for name, ticks := range map[string][]tick{
		"nobody":           {{0, 0, false}, {0, 0, false}},
		"a few":            {{tidyLeast - 1, tidyLeast - 1, false}, {tidyLeast - 1, tidyLeast - 1, false}},
		"enough":           {{tidyLeast, tidyLeast, false}, {tidyLeast, tidyLeast, true}, {tidyLeast, tidyLeast, false}},
		"still coming":     {{1000, 1000, false}, {2000, 2000, false}, {2001, 2001, false}, {2001, 2001, true}},
		"slowly":           {{300, 300, false}, {300, 300, false}, {600, 600, false}, {600, 600, true}},
		"all gone again":   {{1000, 1000, false}, {1000, 0, true}},
		"few among many":   {{100_000, 100_000, false}, {100_000, 100_000, true}, {109_999, 100_000, false}, {109_999, 100_000, false}},
		"a tenth of many":  {{100_000, 100_000, false}, {100_000, 100_000, true}, {110_000, 100_000, false}, {110_000, 100_000, true}},
		"the same again":   {{500, 500, false}, {500, 500, true}, {1000, 500, false}, {1000, 500, true}},
		"more, not enough": {{500, 500, false}, {500, 500, true}, {999, 500, false}, {999, 500, false}},
	} {
		t.Run(name, func(t *testing.T) {
			var storm storm
			for i, tick := range ticks {
				if got := storm.over(tick.made, tick.sockets); got != tick.over {
					t.Errorf("tick %d with %d made, %d there: got over %v, want %v", i, tick.made, tick.sockets, got, tick.over)
				}
			}
		})
	}
}
