package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parleychat/parley/internal/check"
	"github.com/parleychat/parley/internal/failpoint"
	"github.com/parleychat/parley/internal/services"
)

// The servers, built once for all tests: as people run it, and with failpoints.
var program, faulty string

func TestMain(m *testing.M) { os.Exit(testMain(m)) }

func testMain(m *testing.M) int {
	dir, err := os.MkdirTemp("", "parley-program-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	program, faulty = filepath.Join(dir, "parley"), filepath.Join(dir, "parley-faulty")
	build(program)
	build(faulty, "-tags", "failpoints")
	return m.Run()
}

func build(program string, flags ...string) {
	args := append([]string{"build", "-o", program}, flags...)
	build := exec.Command("go", append(args, "github.com/parleychat/parley/cmd/parley")...)
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		panic("build the server: " + err.Error())
	}
}

// play runs a campaign, which has to be good. The histories of a bad one are
// kept where its report says.
func play(t *testing.T, opts options) *report {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
	defer cancel()
	opts.out, opts.heal = t.Output(), 3*time.Minute
	if opts.bin == "" {
		opts.bin = program
	}
	r, err := run(ctx, opts)
	if err != nil {
		t.Fatal(err)
	}
	r.print(t.Output())
	if !r.good() {
		t.Error("got a broken promise, a problem or a run that proves nothing; see above")
	}
	return r
}

// TestKilled: nothing that was promised is broken by SIGKILL under load.
func TestKilled(t *testing.T) {
	t.Parallel()
	r := play(t, options{kills: 5, seed: 1, clients: 12})
	if r.kills < 5 {
		t.Errorf("got %d kills, want 5 at least", r.kills)
	}
	if _, err := os.Stat(r.dir); r.dir != "" && err == nil && r.good() {
		t.Errorf("a good run has left %s behind", r.dir)
	}
}

// TestKilledAtPoints: nor by an end in the middle of anything.
func TestKilledAtPoints(t *testing.T) {
	t.Parallel()
	r := play(t, options{bin: faulty, pointKills: 1, seed: 1, clients: 12})
	for _, point := range failpoint.Points() {
		if r.died[point] != 1 {
			t.Errorf("the server ended %d times at %s, want once", r.died[point], point)
		}
	}
}

// TestDiskFull: a full disk is refusals and nothing else, until there is space.
func TestDiskFull(t *testing.T) {
	disk, err := mountDisk(filepath.Join(t.TempDir(), "disk"))
	if err != nil {
		if os.Getenv("PARLEY_TEST_REQUIRED") != "" {
			t.Fatalf("required, but a small file system cannot be mounted: %v", err)
		}
		t.Skipf("SKIPPED: the full disk: a small file system can be mounted by root on Linux only: %v", err)
	}
	if err := disk.unmount(); err != nil {
		t.Fatal(err)
	}
	r := play(t, options{kills: 1, seed: 1, clients: 12, diskFull: true})
	if got := r.verdict.Counts.Faults["disk full"]; got != fills {
		t.Errorf("the disk was filled %d times, want %d", got, fills)
	}
}

// TestCluster: nor by what several servers, and what they rest on, suffer. Each
// of these leads to something that has to be met, or the campaign fails.
func TestCluster(t *testing.T) {
	t.Parallel() // most of its time it waits
	services.NeedCluster(t)
	harms := []string{"server killed", "broker killed", "database read-only", "redis killed", "frames cut", "everybody cut", "recorder overtaken"}
	r := play(t, options{nodes: 3, seed: 1, clients: 10, oneByOne: true, hurried: true, harms: harms})
	page := filepath.Join(t.TempDir(), "campaign.md")
	if err := r.writePage(page, options{nodes: 3, clients: 10}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for effect, by := range wanted {
		leads := slices.ContainsFunc(by, func(what string) bool { return slices.Contains(harms, what) })
		if strings.Contains(string(text), "| "+effect+" |") != leads {
			t.Errorf("the page says how often there was a %s: %t, want %t:\n%s", effect, !leads, leads, text)
		}
	}
}

// TestServerThatEnds: a server that ends by itself is no campaign.
func TestServerThatEnds(t *testing.T) {
	no, err := exec.LookPath("false")
	if err != nil {
		t.Skipf("SKIPPED: a program that fails: %v", err)
	}
	_, err = run(t.Context(), options{bin: no, kills: 1, clients: 2, out: t.Output(), dir: t.TempDir()})
	if err == nil || !strings.Contains(err.Error(), "the server ended") {
		t.Errorf("got %v, want that the server ended", err)
	}
}

// TestServerThatIsStuck: one that serves people, and then never again, has
// broken a promise; the histories are judged by what it has left.
func TestServerThatIsStuck(t *testing.T) {
	for name, tc := range map[string]struct{ then, want string }{
		"ends":         {"echo 'parley: the log is gone' >&2; exit 1", "exit status 1), and said: parley: the log is gone"},
		"is not ready": {`echo '{"level":"ERROR","msg":"the log is red"}' >&2; exec sleep 600`, "the log is red"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			script := filepath.Join(dir, "server")
			started := filepath.Join(dir, "started")
			text := fmt.Sprintf("#!/bin/sh\nif [ -e %[1]s ]; then\n%[2]s\nfi\ntouch %[1]s\nexec %[3]s \"$@\"\n", started, tc.then, program)
			if err := os.WriteFile(script, []byte(text), 0o700); err != nil {
				t.Fatal(err)
			}
			r, err := run(t.Context(), options{bin: script, kills: 1, seed: 1, clients: 4, heal: 3 * time.Minute, out: t.Output(), dir: filepath.Join(dir, "kept")})
			if err != nil {
				t.Fatal(err)
			}
			if r.good() || len(r.verdict.Broken) != 1 || r.verdict.Broken["I18"] != 1 {
				t.Fatalf("got %v, want I18 alone", r.verdict.Violations)
			}
			if got := r.verdict.Violations[0].Text; !strings.Contains(got, tc.want) {
				t.Errorf("got %q, want %q in it", got, tc.want)
			}
		})
	}
}

// TestProvesNothing: a run that met none of what it is for is not good.
func TestProvesNothing(t *testing.T) {
	c := &campaign{}
	met := check.Counts{
		SendsOK: 1, SendsUnknown: 1, Changes: 1, RetriesDuplicate: 1, ResumesMissed: 1, Pages: 1, Snapshots: 1,
		Closes: map[string]int{"": 1}, Refusals: map[string]int{"unavailable": 1},
	}
	c.founders.made = make([]founded, 1)
	if got := c.unproven(&met); got != nil {
		t.Errorf("got %v, want nothing missing", got)
	}
	met.SendsUnknown, met.RetriesDuplicate, met.ResumesMissed = 0, 0, 0
	want := []string{"resume that had missed something", "retry answered duplicate", "send of unknown outcome"}
	got := c.unproven(&met)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("missing (-want +got):\n%s", diff)
	}
	if r := (&report{verdict: check.New().Verdict(), unproven: got}); r.good() {
		t.Error("got a good report, want one that proves nothing")
	}
}

// TestCommandLine: what cannot be run is refused before anything is started.
func TestCommandLine(t *testing.T) {
	for _, args := range [][]string{{"-kills", "0"}, {"-point-kills", "-1"}, {"-clients", "1"}, {"now"}, {"-speed", "9"}, {"-nodes", "1"}, {"-old", "parley"}, {"-nodes", "3", "-harms", "earthquake"}, {"-page", "campaign.md"}} {
		if got := command(t.Context(), args); got != 2 {
			t.Errorf("%v: got exit code %d, want 2", args, got)
		}
	}
	if got := command(t.Context(), []string{"-judge", t.TempDir()}); got != 1 {
		t.Errorf("an empty directory to judge: got exit code %d, want 1", got)
	}
}
