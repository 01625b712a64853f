//go:build linux

package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/parleychat/parley/internal/loadgen"
)

// workload is one line of docs/benchmarks.md's tables: what is run, and which
// figures of it are told. Ratios are taken of the first figure.
type workload struct {
	id      string
	title   string
	against string // the server that the ratios are to
	config  loadgen.Config
	trace   bool // count system calls with strace instead of measuring time
	// servers are the names of those that it is about; nil: the usual ones.
	servers []string
	// measure is how it is run; nil: by the load generator.
	measure func(context.Context, server, workload) (result, error)
	columns []column
}

type column struct {
	title  string
	format string
	value  func(result) float64
}

// takes reports whether a server is measured.
func (w workload) takes(s server) bool {
	if w.servers == nil {
		return !s.unusual
	}
	return slices.Contains(w.servers, s.name)
}

// result is one run, with what strace counted if it was asked to, or how the
// server started, or what reading history cost.
type result struct {
	loadgen.Result
	calls calls
	start started
	reads reads
}

var (
	cpuPerDelivery    = column{"µs CPU per delivery", "%.2f", func(r result) float64 { return r.Server.CPUPerDelivery }}
	writesPerDelivery = column{"writes per delivery (kernel's count)", "%.3f", func(r result) float64 { return r.Server.WritesPerDelivery }}
	p50               = column{"p50 ms", "%.2f", func(r result) float64 { return r.Delivery.P50 }}
	p99               = column{"p99 ms", "%.2f", func(r result) float64 { return r.Delivery.P99 }}
	frameBytes        = column{"bytes per frame", "%.0f", func(r result) float64 { return r.BytesPerDelivery }}
	perSecond         = column{"deliveries/s", "%.0f", func(r result) float64 { return r.DeliveriesPerSecond }}
	generatorCores    = column{"generator's cores", "%.2f", func(r result) float64 { return r.Generator.Cores }}
	tracedSends       = column{"socket write calls per delivery (strace)", "%.3f", func(r result) float64 {
		return float64(r.calls.sends) / float64(r.Deliveries)
	}}
	tracedFrames = column{"frames per write call (strace)", "%.1f", func(r result) float64 {
		return float64(r.Deliveries) / float64(r.calls.sends)
	}}
	tracedOther = column{"other calls per delivery", "%.3f", func(r result) float64 {
		return float64(r.calls.all-r.calls.sends) / float64(r.Deliveries)
	}}
)

var paced = []column{cpuPerDelivery, writesPerDelivery, p50, p99, frameBytes, generatorCores}

var workloads = []workload{
	{
		id: "P1", title: "one room of 1,000, 20 messages/s", against: "floor",
		config:  loadgen.Config{Workload: loadgen.OneRoom, Rate: 20, Duration: 8 * time.Second},
		columns: paced,
	},
	{
		id: "P1b", title: "one room of 1,000, 50 messages/s", against: "floor",
		config:  loadgen.Config{Workload: loadgen.OneRoom, Rate: 50, Duration: 6 * time.Second},
		columns: paced,
	},
	{
		id: "P2", title: "one room of 1,000, saturated", against: "floor-16",
		config:  loadgen.Config{Workload: loadgen.Saturated, Duration: 6 * time.Second},
		columns: []column{perSecond, cpuPerDelivery, writesPerDelivery, frameBytes, generatorCores},
	},
	{
		id: "P3", title: "100 rooms of 10, 1,000 messages/s in all", against: "floor",
		servers: []string{"floor", "floor-16", syncedName, nodeName, parleyName},
		config:  loadgen.Config{Workload: loadgen.ManyRooms, Rate: 1000, Duration: 6 * time.Second},
		columns: paced,
	},
	{
		id: "P4", title: "from sender to receiver, 500 rooms of 2, 2,500 messages/s in all", against: syncedName,
		servers: []string{syncedName, nodeName, parleyName},
		config:  loadgen.Config{Workload: loadgen.ManyRooms, Rooms: 500, Rate: 2500, Duration: 6 * time.Second},
		columns: []column{p50, p99, cpuPerDelivery, generatorCores},
	},
	{
		id: "P8", title: "idle connections, 2,000 to 15,000", against: "floor",
		config: loadgen.Config{Workload: loadgen.Idle},
		columns: []column{
			{"KiB of user-space memory per connection", "%.2f", func(r result) float64 { return r.AnonPerSocket }},
			{"MiB with 2,000", "%.1f", func(r result) float64 { return float64(r.Weighings[0].Anon) / (1 << 20) }},
			{"MiB with 15,000", "%.1f", func(r result) float64 { return float64(r.Weighings[1].Anon) / (1 << 20) }},
		},
	},
	{
		id: "P9", title: "5,000 full connects at once, 64 under way", against: "floor",
		config: loadgen.Config{Workload: loadgen.Storm},
		columns: []column{
			{"µs CPU per connect", "%.0f", func(r result) float64 { return r.Server.CPUPerConnect }},
			{"connects/s", "%.0f", func(r result) float64 { return r.ConnectsPerSecond }},
			{"p99 ms", "%.1f", func(r result) float64 { return r.Connect.P99 }},
			generatorCores,
		},
	},
	{
		id: "P10", title: "history: pages of 50 over HTTP, of a room with 200,000 messages", against: parleyName,
		servers: []string{parleyName}, measure: measureHistory(200_000, 4),
		columns: []column{
			{"µs CPU per read, latest page", "%.0f", func(r result) float64 { return microseconds(r.reads.latest.cpu) }},
			{"anywhere in the room", "%.0f", func(r result) float64 { return microseconds(r.reads.deep.cpu) }},
			{"anywhere ÷ latest", "%.2f", func(r result) float64 { return float64(r.reads.deep.cpu) / float64(r.reads.latest.cpu) }},
			{"p50 ms, latest", "%.2f", func(r result) float64 { return milliseconds(r.reads.latest.p50) }},
			{"anywhere", "%.2f", func(r result) float64 { return milliseconds(r.reads.deep.p50) }},
			{"KiB per page", "%.1f", func(r result) float64 { return float64(r.reads.pageBytes) / 1024 }},
		},
	},
	{
		id: "P12", title: "1,000 people join one room at once", against: "floor",
		config: loadgen.Config{Workload: loadgen.Join, Settle: 2 * time.Second},
		columns: []column{
			{"ms until all have a message", "%.0f", func(r result) float64 { return r.JoinedMillis }},
			{"s of CPU until then", "%.3f", func(r result) float64 { return r.Server.CPUSeconds }},
			{"bytes of presence per person", "%.0f", func(r result) float64 { return r.PresencePerSocket }},
			generatorCores,
		},
	},
	{
		id: "P13", title: "start, with data of earlier runs", against: "floor", measure: measureStart,
		columns: []column{
			{"ms to the first accepted connection", "%.0f", func(r result) float64 { return milliseconds(r.start.accepted) }},
			{"ms until it serves", "%.0f", func(r result) float64 { return milliseconds(r.start.ready) }},
			{"MiB of the program's file", "%.1f", func(r result) float64 { return float64(r.start.program) / (1 << 20) }},
		},
	},
	{
		id: "S1", title: "system calls: one room of 1,000, 5 messages/s", against: "floor", trace: true,
		config:  loadgen.Config{Workload: loadgen.OneRoom, Rate: 5, Duration: 6 * time.Second},
		columns: []column{tracedSends, tracedOther},
	},
	{
		id: "S2", title: "system calls: one room of 1,000, saturated", against: "floor-16", trace: true,
		config:  loadgen.Config{Workload: loadgen.Saturated, Duration: 5 * time.Second},
		columns: []column{tracedFrames, tracedOther},
	},
	{
		id: "S3", title: "system calls: 100 rooms of 10, 200 messages/s in all", against: "floor", trace: true,
		config:  loadgen.Config{Workload: loadgen.ManyRooms, Rate: 200, Duration: 6 * time.Second},
		columns: []column{tracedSends, tracedOther},
	},
}

// A run in which 1 % of the sends left later than lateSends was starved of the
// machine by something else, and is made again, up to tries times in all.
const (
	lateSends = 100 // ms
	tries     = 3
)

// figures are the results by workload and server, in the order of the rounds,
// and what failed.
type figures struct {
	results map[string]map[string][]result
	failed  []error
}

// measureAll runs everything. A run that fails is told and left out; the end of
// ctx ends the rounds, and what was measured until then is kept.
func measureAll(ctx context.Context, servers []server, table []workload, rounds int) figures {
	all := figures{results: make(map[string]map[string][]result)}
	for _, w := range table {
		all.results[w.id] = make(map[string][]result)
	}
	for round := range rounds {
		for _, w := range table {
			for _, s := range servers {
				if !w.takes(s) {
					continue
				}
				res, err := measureUndisturbed(ctx, s, w)
				if ctx.Err() != nil {
					all.failed = append(all.failed, fmt.Errorf("interrupted in round %d of %s: later rounds are missing", round+1, w.id))
					return all
				}
				if err != nil {
					err = fmt.Errorf("round %d, %s, %s: %w", round+1, w.id, s.name, err)
					fmt.Fprintln(os.Stderr, err)
					all.failed = append(all.failed, err)
					continue
				}
				fmt.Fprintf(os.Stderr, "round %d  %-4s %-15s %s\n", round+1, w.id, s.name, w.line(res))
				all.results[w.id][s.name] = append(all.results[w.id][s.name], res)
			}
		}
	}
	return all
}

// measureUndisturbed gives the first run that was not starved, or the last.
func measureUndisturbed(ctx context.Context, s server, w workload) (result, error) {
	measure := w.measure
	if measure == nil {
		measure = measureLoad
	}
	for try := 1; ; try++ {
		res, err := measure(ctx, s, w)
		if err != nil || w.trace || res.SendLag == nil || res.SendLag.P99 < lateSends || try == tries {
			return res, err
		}
		fmt.Fprintf(os.Stderr, "again: %s, %s: 1 %% of the sends left %.0f ms late or more\n", w.id, s.name, res.SendLag.P99)
	}
}

// measureLoad runs one workload against a fresh process. A run in which a message
// was lost, doubled or out of order measures nothing and is an error.
func measureLoad(ctx context.Context, s server, w workload) (result, error) {
	r, err := s.start(ctx)
	if err != nil {
		return result{}, err
	}
	defer r.stop()
	cfg := w.config
	cfg.URL, cfg.PID, cfg.Stage = r.url, r.cmd.Process.Pid, s.stage
	var t tracer
	if w.trace {
		t.pid = cfg.PID
		cfg.Measuring = t.measuring
	}
	res, err := loadgen.Run(ctx, cfg)
	if err != nil {
		return result{}, err
	}
	if !res.OK() {
		return result{}, fmt.Errorf("rules broken: %+v", res.Violations)
	}
	if res.Sent > 0 && res.Delivery == nil {
		return result{}, fmt.Errorf("no message was delivered; refused: %v", res.Refused)
	}
	return result{Result: res, calls: t.counted}, nil
}

func (w workload) line(r result) string {
	text := ""
	for _, c := range w.columns {
		text += fmt.Sprintf(c.format+" %s, ", c.value(r), c.title)
	}
	for _, warning := range r.Warnings {
		text += "WARNING " + warning
	}
	return text
}
