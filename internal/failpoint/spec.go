//go:build failpoints

package failpoint

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// action is what a point does.
type action string

const (
	kill   action = "kill"
	linger action = "linger"
	pause  action = "pause"
	fail   action = "fail"
)

// plan is an action and when it is due.
type plan struct {
	action action
	from   int64 // the first pass at which it is
	onward bool  // and at every later one
}

// acts reports whether the action is due at this pass, counted from 1.
func (p plan) acts(pass int64) bool { return pass == p.from || p.onward && pass > p.from }

// parse reads point=action[@pass],…
func parse(spec string) (map[Point]plan, error) {
	plans := make(map[Point]plan)
	if spec == "" {
		return plans, nil
	}
	for part := range strings.SplitSeq(spec, ",") {
		name, what, found := strings.Cut(part, "=")
		if !found {
			return nil, fmt.Errorf("failpoint %q: write point=action or point=action@pass", part)
		}
		point := Point(name)
		if !slices.Contains(Points(), point) {
			return nil, fmt.Errorf("failpoint %q: there is no such point", name)
		}
		p, err := parsePlan(what)
		if err != nil {
			return nil, fmt.Errorf("failpoint %s: %w", name, err)
		}
		plans[point] = p
	}
	return plans, nil
}

func parsePlan(text string) (plan, error) {
	what, at, counted := strings.Cut(text, "@")
	p := plan{action: action(what), from: 1, onward: !counted}
	if !slices.Contains([]action{kill, linger, pause, fail}, p.action) {
		return plan{}, fmt.Errorf("%q is no action; there are kill, linger, pause and fail", what)
	}
	if !counted {
		return p, nil
	}
	at, p.onward = strings.CutSuffix(at, "+")
	n, err := strconv.ParseInt(at, 10, 64)
	if err != nil || n < 1 {
		return plan{}, fmt.Errorf("%q is no pass; the first is 1", at)
	}
	p.from = n
	return p, nil
}
