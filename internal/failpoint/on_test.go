//go:build failpoints

package failpoint_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parleychat/parley/internal/failpoint"
)

func arm(t *testing.T, spec, dir string) {
	t.Helper()
	if err := failpoint.Arm(spec, dir); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := failpoint.Arm("", ""); err != nil {
			t.Error(err)
		}
	})
}

// fails tells at which of n passes the point fails, as "-+" and so on.
func fails(p failpoint.Point, n int) string {
	var seen strings.Builder
	for range n {
		if err := failpoint.Fail(p); errors.Is(err, failpoint.ErrInjected) {
			seen.WriteByte('+')
		} else {
			seen.WriteByte('-')
		}
	}
	return seen.String()
}

func TestPasses(t *testing.T) {
	for spec, want := range map[string]string{
		"":                                       "----",
		"applied=fail":                           "++++",
		"applied=fail@1":                         "+---",
		"applied=fail@3":                         "--+-",
		"applied=fail@3+":                        "--++",
		"log-durable=fail":                       "----",
		"log-durable=fail@2,applied=fail@2":      "-+--",
		"log-durable=kill,applied=fail@4":        "---+",
		"room-reserved=fail,account-stored=kill": "----",
	} {
		arm(t, spec, "")
		if got := fails(failpoint.Applied, 4); got != want {
			t.Errorf("%q: got %s, want %s", spec, got, want)
		}
	}
}

func TestArmRefuses(t *testing.T) {
	for _, spec := range []string{"applied", "applied=", "applied=stop", "applied=kill@", "applied=kill@0", "applied=kill@x", "nowhere=kill", "applied=pause", ","} {
		if err := failpoint.Arm(spec, ""); err == nil {
			t.Errorf("%q: got nil, want an error", spec)
		}
	}
}

// A paused point says that it is there, and goes on when it is let.
func TestPause(t *testing.T) {
	dir := t.TempDir()
	arm(t, "applied=pause@1", dir)
	gone := make(chan struct{})
	go func() {
		failpoint.Pass(failpoint.Applied)
		failpoint.Pass(failpoint.Applied)
		close(gone)
	}()
	meeting := filepath.Join(dir, string(failpoint.Applied))
	deadline := time.Now().Add(time.Minute)
	for {
		if _, err := os.Stat(meeting); err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the point did not come to the meeting")
		}
		time.Sleep(time.Millisecond)
	}
	select {
	case <-gone:
		t.Error("the point went on while it was to wait")
	default:
	}
	if err := os.Remove(meeting); err != nil {
		t.Fatal(err)
	}
	<-gone
}

// TestKill runs this test again as a process that ends itself.
func TestKill(t *testing.T) {
	if os.Getenv("PARLEY_FAILPOINTS") != "" {
		failpoint.Pass(failpoint.Applied)
		failpoint.Pass(failpoint.Applied)
		t.Fatal("still there")
	}
	for action, lives := range map[string]time.Duration{"kill": 0, "linger": 100 * time.Millisecond} {
		child := exec.Command(os.Args[0], "-test.run=^TestKill$")
		child.Env = append(os.Environ(), "PARLEY_FAILPOINTS=applied="+action+"@2")
		begun := time.Now()
		out, err := child.CombinedOutput()
		if err == nil || child.ProcessState.ExitCode() != -1 {
			t.Errorf("%s: got %v, want the end by a signal", action, err)
		}
		if took := time.Since(begun); took < lives {
			t.Errorf("%s: it ended after %v, want not before %v", action, took, lives)
		}
		if got, want := string(out), "failpoint applied: "+action+" at pass 2\n"; got != want {
			t.Errorf("%s: it said %q, want %q", action, got, want)
		}
	}
}
