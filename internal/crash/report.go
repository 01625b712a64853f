package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/parleychat/parley/internal/check"
	"github.com/parleychat/parley/internal/failpoint"
)

// report is what a campaign came to.
type report struct {
	dir      string // where everything was kept; empty: nothing was
	verdict  *check.Verdict
	problems []string // what is wrong beside the histories
	unproven []string // what it should have met and has not
	kills    int
	died     map[failpoint.Point]int
	founded  int
	slowest  time.Duration
	full     string         // what came of a start with the disk full
	cluster  *clusterReport // nil with one server
	took     time.Duration
	seed     uint64
}

// good reports whether the campaign proves something, and nothing was wrong.
func (r *report) good() bool {
	return r.verdict != nil && r.verdict.OK() && len(r.problems) == 0 && len(r.unproven) == 0
}

func (r *report) print(w io.Writer) {
	fmt.Fprintf(w, "kills     %d; at most %v from a fault to the next acknowledgement\n", r.kills, r.slowest.Round(time.Millisecond))
	for _, point := range slices.Sorted(maps.Keys(r.died)) {
		fmt.Fprintf(w, "ended at  %-17s %d times\n", point, r.died[point])
	}
	fmt.Fprintf(w, "founded   %d accounts with a room each\n", r.founded)
	if r.cluster != nil {
		for _, line := range r.cluster.text() {
			fmt.Fprintln(w, line)
		}
	}
	if r.full != "" {
		fmt.Fprintf(w, "disk full a start then: %s\n", r.full)
	}
	r.verdict.WriteTo(w)
	for _, problem := range r.problems {
		fmt.Fprintf(w, "PROBLEM   %s\n", problem)
	}
	for _, missing := range r.unproven {
		fmt.Fprintf(w, "UNPROVEN  there was no %s\n", missing)
	}
	if r.dir != "" {
		fmt.Fprintf(w, "kept      %s\n", r.dir)
	}
}

// judge reads the histories of a campaign.
func judge(dir string) (*check.Verdict, error) {
	judge := check.New()
	for _, name := range []string{historyFile, storesFile} {
		if err := judgeFile(judge, filepath.Join(dir, name)); err != nil {
			return nil, err
		}
	}
	return judge.Verdict(), nil
}

func judgeFile(judge *check.Judge, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	return judge.Read(filepath.Base(path), file)
}

// tell says how far the campaign is.
func (c *campaign) tell() {
	n := c.crowd.Progress.Now()
	fmt.Fprintf(c.opts.out, "%v: %d sends acknowledged, %d unknown, %d retries answered duplicate, %d resumes had missed something, %d kills\n",
		time.Since(c.begun).Round(time.Second), n.Acks, n.Unknown, n.Duplicates, n.Missed, c.kills)
}

// report is what the campaign came to.
func (c *campaign) report() (*report, error) {
	verdict, err := judge(c.dir)
	if err != nil {
		return nil, err
	}
	if err := c.readLog(); err != nil {
		return nil, err
	}
	var unproven []string
	if !c.stuck { // then that is what it shows
		unproven = c.unproven(&verdict.Counts)
	}
	cluster, err := c.clusterReport()
	if err != nil {
		return nil, err
	}
	return &report{
		dir: c.dir, verdict: verdict, problems: c.problems, unproven: unproven,
		kills: c.kills, died: c.died, slowest: c.slowest, founded: len(c.founders.made), full: c.startsFull,
		cluster: cluster, took: time.Since(c.begun), seed: c.opts.seed,
	}, nil
}

// readLog looks for errors in the server's log: whatever is done to it from
// outside, it finds nothing wrong with itself.
func (c *campaign) readLog() (err error) {
	if c.cluster != nil {
		return c.readClusterLogs()
	}
	log, err := os.Open(filepath.Join(c.dir, serverLog))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	lines := bufio.NewScanner(log)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if isError(lines.Bytes()) {
			c.problem("the server's log has an error: %.500s", lines.Bytes())
		}
	}
	return lines.Err()
}

// unproven is what a campaign has to have met and has not.
func (c *campaign) unproven(n *check.Counts) (missing []string) {
	met := map[string]int{
		"send acknowledged":                n.SendsOK,
		"resume that had missed something": n.ResumesMissed,
		"page":                             n.Pages,
		"edit or deletion":                 n.Changes,
		"snapshot":                         n.Snapshots,
		"account with a room":              len(c.founders.made),
	}
	switch {
	case c.cluster != nil:
		missing = append(missing, c.clusterLacks()...)
		met["word of a private room, where it may be"] = n.WordsSeen
		met["search for words where they may not be"] = n.Searches
		met["measurement of what servers use"] = n.Measured
		met["room of which it is known who could read it"] = n.Governed
		if !c.opts.hurried {
			met["socket whose session was ended"] = n.Closes["revoked"]
			for _, governed := range []string{kickedOnce, bannedOnce} {
				met[governed] = c.cluster.met.all()[governed]
			}
			met["person who had to be shown as online"] = n.Shown
			met["person who must not be shown as online"] = n.Absent
		}
	case c.opts.diskFull:
		met["send refused as unavailable"] = n.Refusals["unavailable"]
	default:
		met[unknown] = n.SendsUnknown
		met[duplicate] = n.RetriesDuplicate
		met[connectionCut] = n.Closes[""]
	}
	if n.SendsOK < c.opts.sends {
		missing = append(missing, fmt.Sprintf("time for %d acknowledged sends", c.opts.sends))
	}
	for _, what := range slices.Sorted(maps.Keys(met)) {
		if met[what] == 0 {
			missing = append(missing, what)
		}
	}
	return missing
}
