package check

import (
	"maps"
	"slices"
	"testing"
)

// stuckHistory is a sound history of a server that serves nobody in the end.
func stuckHistory(seed uint64) []Line {
	lines := newWorld(seed).history(120)
	return getsStuck(lines, slices.IndexFunc(lines, a(Final)))
}

// getsStuck makes the server serve nobody any more instead of the dumps, of
// which line i is the first.
func getsStuck(lines []Line, i int) []Line {
	lines = slices.Insert(lines, i, Line{T: lines[i].T, What: Stuck, Fault: "exit status 1"})
	return slices.DeleteFunc(lines, a(Final))
}

func a(what What) func(Line) bool { return func(l Line) bool { return l.What == what } }

// TestStuck: a server that serves nobody any more has broken one promise, and
// those besides of which answers and log bear witness.
func TestStuck(t *testing.T) {
	for name, tc := range map[string]struct {
		breaks func(lines []Line) []Line
		want   []string
	}{
		"and nothing else": {func(lines []Line) []Line { return lines }, []string{"I18"}},
		"and what was acknowledged is lost": {func(lines []Line) []Line {
			// The last answer's record, and what came behind it.
			answer := lastIndex(lines, func(l Line) bool { return l.What == Answered && l.Outcome == OK && l.ID != "" })
			id := lines[answer].ID
			lost := lines[slices.IndexFunc(lines, func(l Line) bool { return l.What == Logged && l.ID == id })]
			return slices.DeleteFunc(lines, func(l Line) bool {
				return l.What == Stored || l.What == Former || l.What == Snapshot || l.What == UpTo ||
					l.What == Logged && l.Partition == lost.Partition && l.Offset >= lost.Offset
			})
		}, []string{"I1", "I18", "I5"}},
		"and the store is ahead of the log": {func(lines []Line) []Line {
			lines[lastIndex(lines, a(UpTo))].Watermark += 1000
			return lines
		}, []string{"I16", "I18"}},
		"and one cid was answered as new twice": {func(lines []Line) []Line {
			for i := range lines {
				if answeredOK(lines, i) && lines[i].Duplicate && accepted(lines, i) > 1 {
					lines[i].Duplicate = false
					return lines
				}
			}
			return nil
		}, []string{"I10", "I18"}},
	} {
		t.Run(name, func(t *testing.T) {
			broken := 0
			for seed := range uint64(20) {
				lines := tc.breaks(stuckHistory(seed))
				if lines == nil {
					continue
				}
				broken++
				v := judge(t, lines)
				if got := slices.Sorted(maps.Keys(v.Broken)); !slices.Equal(got, tc.want) {
					t.Fatalf("seed %d: got %v, want %v: %v", seed, got, tc.want, v.Violations)
				}
			}
			if broken < 5 {
				t.Errorf("only %d histories could be broken so", broken)
			}
		})
	}
}

func lastIndex(lines []Line, fits func(Line) bool) int {
	for i := len(lines) - 1; i >= 0; i-- {
		if fits(lines[i]) {
			return i
		}
	}
	return -1
}
