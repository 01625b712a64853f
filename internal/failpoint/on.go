//go:build failpoints

package failpoint

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"
)

// Enabled reports whether this program has the points.
const Enabled = true

// ErrInjected is what a point fails with.
var ErrInjected = errors.New("failpoint: made to fail")

// armed are the points that do something; nil: none.
var armed atomic.Pointer[map[Point]*trigger]

// trigger is what one point does.
type trigger struct {
	plan
	dir    string
	passes atomic.Int64
}

func init() {
	if err := Arm(os.Getenv("PARLEY_FAILPOINTS"), os.Getenv("PARLEY_FAILPOINTS_DIR")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

// Arm chooses what the points do, in place of what was chosen before, and
// counts their passes from 1 again. An empty spec disarms all. spec and dir are
// as in the environment.
func Arm(spec, dir string) error {
	plans, err := parse(spec)
	if err != nil {
		return err
	}
	triggers := make(map[Point]*trigger, len(plans))
	for point, p := range plans {
		if p.action == pause && dir == "" {
			return fmt.Errorf("failpoint %s: pause needs a directory in PARLEY_FAILPOINTS_DIR", point)
		}
		triggers[point] = &trigger{plan: p, dir: dir}
	}
	armed.Store(&triggers)
	return nil
}

// Pass ends the process or waits, if that was chosen for this pass of the
// point.
func Pass(p Point) { act(p) }

// Fail is Pass that returns [ErrInjected] if that was chosen.
func Fail(p Point) error {
	if act(p) == fail {
		return fmt.Errorf("%w at %s", ErrInjected, p)
	}
	return nil
}

// act does what was chosen and returns it, "" for nothing.
func act(p Point) action {
	t := (*armed.Load())[p]
	if t == nil {
		return ""
	}
	pass := t.passes.Add(1)
	if !t.acts(pass) {
		return ""
	}
	if t.action != fail {
		fmt.Fprintf(os.Stderr, "failpoint %s: %s at pass %d\n", p, t.action, pass)
	}
	switch t.action {
	case kill:
		end()
	case linger:
		time.Sleep(moment)
		end()
	case pause:
		wait(filepath.Join(t.dir, string(p)))
	}
	return t.action
}

// moment is how long a process lives that lingers: long enough, on a busy
// machine too, for the rest of it to do what it may not do before the point is
// passed.
const moment = 100 * time.Millisecond

// end is kill -9. Nothing runs after it in this goroutine.
func end() {
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Kill()
	}
	if err != nil {
		panic("failpoint: the process cannot end itself: " + err.Error())
	}
	select {}
}

// poll is how often a paused point looks whether it may go on.
const poll = 2 * time.Millisecond

// wait makes the file and returns when it is gone.
func wait(path string) {
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		panic("failpoint: pause: " + err.Error())
	}
	for {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return
		}
		time.Sleep(poll)
	}
}
