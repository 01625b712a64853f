//go:build linux

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"text/template"
	"time"
)

// about is where and how the figures were made.
type about struct {
	Date, Commit, Kernel, CPU, Go, Node string
	Load                                string // averages of 1, 5 and 15 minutes at the end
	Cores, Rounds                       int
	Names                               string
	Parley                              bool   // was measured too
	Apart                               string // what [measuredApart] found
}

func describe(ctx context.Context, root string, servers []server, rounds int) (about, error) {
	a := about{Date: time.Now().Format("2 January 2006"), Go: runtime.Version(), Cores: runtime.NumCPU(), Rounds: rounds}
	var names []string
	for _, s := range servers {
		names = append(names, s.name)
		a.Parley = a.Parley || s.name == parleyName
	}
	a.Names = strings.Join(names, ", ")
	var err error
	if a.Commit, err = output(ctx, "git", "-C", root, "describe", "--always", "--dirty", "--exclude=*"); err != nil {
		return a, err
	}
	if a.Kernel, err = output(ctx, "uname", "-sr"); err != nil {
		return a, err
	}
	if a.Node, err = output(ctx, "node", "--version"); err != nil {
		return a, err
	}
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return a, err
	}
	for line := range strings.Lines(string(info)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			a.CPU = strings.TrimSpace(value)
		}
	}
	return a, nil
}

// loadAverage is of the last 1, 5 and 15 minutes.
func loadAverage() (string, error) {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "", err
	}
	averages := strings.Fields(string(b))
	return strings.Join(averages[:min(3, len(averages))], ", "), nil
}

var heading = template.Must(template.New("").Parse(`# Benchmarks

Written by ` + "`go run ./bench/run`" + `; run it again rather than edit it. The numbers are
worth something as ratios between servers that ran in the same minutes on the
same machine, not by themselves.

- **Measured** on {{.Date}} at commit {{.Commit}}: {{.Names}}.
- **Machine**: {{.Cores}} cores of {{.CPU}}, {{.Kernel}}, {{.Go}}, node {{.Node}}. The load
  generator and whatever else the machine does share these cores; load average at
  the end {{.Load}}.
- **Rounds**: {{.Rounds}} asked for, interleaved: in a round every workload meets each server in turn,
  each time in a fresh process. A figure is the median, with least and most behind it.
- **floor** is a bare WebSocket upgrade in Go and one write(2) per delivery,
  **floor-16** the same with up to 16 frames in one write: no accounts, no log, no
  history, no acknowledgements, no care for slow readers. **floor-synced** is the floor,
  but what is said is appended to a file and forced to the disk before anybody is sent
  it, all that waits at once; it stands where durability is what is paid for. **node Socket.IO** is version 4.8 with
  one room per socket and nothing else.{{if .Parley}} Parley authenticates, checks, stores each
  message durably before anyone sees it, and acknowledges it.{{end}}
- **CPU time** is the server's, user and kernel, from /proc/PID/task/*/schedstat;
  writes come from /proc/PID/io at full speed (this count includes writes to files),
  or from strace, under which the server is many times slower: those counts are
  exact, a saturated server's batches larger than at full speed.
- **Disturbed** runs, in which the generator itself came to send 1 % of the messages
  more than 100 ms late, are made again, twice at most; what still was late is told
  under its table.
- **Latency** counts from the moment a message was planned for (open loop) to each receiver.
- **Checked** in every run, else it does not count: every socket got every
  message of its room once, in the order of one contiguous numbering that is the
  same for all.
`))

// report writes docs/benchmarks.md.
func report(out io.Writer, a about, servers []server, table []workload, all figures) error {
	if err := heading.Execute(out, a); err != nil {
		return err
	}
	for _, w := range table {
		if err := w.report(out, servers, all.results[w.id]); err != nil {
			return err
		}
	}
	var b strings.Builder
	if len(all.failed) > 0 {
		b.WriteString("\n## Left out\n\n")
	}
	for _, err := range all.failed {
		fmt.Fprintf(&b, "- %.300s\n", err)
	}
	b.WriteString(a.Apart)
	_, err := io.WriteString(out, b.String())
	return err
}

func (w workload) report(out io.Writer, servers []server, results map[string][]result) error {
	var b strings.Builder
	fmt.Fprintf(&b, "\n## %s: %s\n\n| |", w.id, w.title)
	for _, c := range w.columns {
		fmt.Fprintf(&b, " %s |", c.title)
	}
	fmt.Fprintf(&b, " first figure ÷ %s |\n|---|%s---|\n", w.against, strings.Repeat("---|", len(w.columns)))
	for _, s := range servers {
		if !w.takes(s) {
			continue
		}
		if len(results[s.name]) == 0 {
			fmt.Fprintf(&b, "| %s | not measured |%s\n", s.name, strings.Repeat(" |", len(w.columns)))
			continue
		}
		fmt.Fprintf(&b, "| %s |", s.name)
		for _, c := range w.columns {
			low, mid, high := spread(results[s.name], c.value)
			fmt.Fprintf(&b, " **"+c.format+"** ("+c.format+"–"+c.format+") |", mid, low, high)
		}
		fmt.Fprintf(&b, " %s |\n", w.ratio(results[s.name], results[w.against]))
	}
	if !w.trace { // under strace the generator's doubts are about times
		doubts := warnings(results)
		if len(doubts) > 0 {
			b.WriteString("\nDoubts of the load generator:\n\n")
		}
		for _, doubt := range doubts {
			fmt.Fprintf(&b, "- %s\n", doubt)
		}
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// ratio of the first figure's medians; nothing if there is nothing to compare with.
func (w workload) ratio(own, base []result) string {
	if len(base) == 0 {
		return ""
	}
	_, a, _ := spread(own, w.columns[0].value)
	_, b, _ := spread(base, w.columns[0].value)
	return fmt.Sprintf("%.2f", a/b)
}

func spread(results []result, value func(result) float64) (low, median, high float64) {
	values := make([]float64, len(results))
	for i, r := range results {
		values[i] = value(r)
	}
	slices.Sort(values)
	n := len(values)
	return values[0], (values[(n-1)/2] + values[n/2]) / 2, values[n-1]
}

// warnings are what the load generator says against its own figures.
func warnings(results map[string][]result) []string {
	var lines []string
	for name, rs := range results {
		for i, r := range rs {
			for _, warning := range r.Warnings {
				lines = append(lines, fmt.Sprintf("%s, round %d: %s.", name, i+1, warning))
			}
		}
	}
	slices.Sort(lines)
	return lines
}
