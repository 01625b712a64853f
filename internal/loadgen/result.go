package loadgen

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// Result is what a run found. Figures that a workload does not have are zero
// and left out of JSON and table. Durations are in the unit of their name.
type Result struct {
	Workload Workload `json:"workload"`
	URL      string   `json:"url"`
	Sockets  int      `json:"sockets"`
	Rooms    int      `json:"rooms"`
	People   int      `json:"people"`

	// Of the measured part of the run.
	Seconds             float64 `json:"seconds"`
	Deliveries          int64   `json:"deliveries,omitempty"`
	DeliveriesPerSecond float64 `json:"deliveriesPerSecond,omitempty"`
	BytesPerDelivery    float64 `json:"bytesPerDelivery,omitempty"` // the WebSocket frame

	// Of the whole run.
	Sent    int64          `json:"sent,omitempty"`
	Refused map[string]int `json:"refused,omitempty"` // sends not accepted, by code

	// Of measured messages, in milliseconds.
	Delivery *Latency `json:"deliveryMs,omitempty"` // planned time to each receiver
	Answer   *Latency `json:"answerMs,omitempty"`   // write to acknowledgement
	SendLag  *Latency `json:"sendLagMs,omitempty"`  // planned time to write: the generator's own lateness

	// Connect is from TCP to the joined room, of all sockets, in milliseconds.
	Connect           *Latency `json:"connectMs,omitempty"`
	ConnectsPerSecond float64  `json:"connectsPerSecond,omitempty"`

	// Of Join: from the first joinRoom until every socket has the message that
	// was sent behind the last answer, and what a socket was told in all of who is
	// here.
	JoinedMillis      float64 `json:"joinedMs,omitempty"`
	PresencePerSocket float64 `json:"presenceBytesPerSocket,omitempty"`

	Server    *ServerUse   `json:"server,omitempty"`
	Generator GeneratorUse `json:"generator"`
	Weighings []Weighing   `json:"weighings,omitempty"`
	// Of the last weighing against the first, in KiB a socket.
	AnonPerSocket  float64 `json:"anonKiBPerSocket,omitempty"`
	HeapPerSocket  float64 `json:"heapKiBPerSocket,omitempty"`
	StackPerSocket float64 `json:"stackKiBPerSocket,omitempty"`

	Violations []Violation `json:"violations,omitempty"`
	Warnings   []string    `json:"warnings,omitempty"` // reasons to distrust the figures
}

// ServerUse is what the server's process used in the measured part.
type ServerUse struct {
	CPUSeconds        float64 `json:"cpuSeconds"`
	CPUPerDelivery    float64 `json:"cpuMicrosPerDelivery,omitempty"`
	CPUPerConnect     float64 `json:"cpuMicrosPerConnect,omitempty"`
	Writes            int64   `json:"writes"`
	WritesPerDelivery float64 `json:"writesPerDelivery,omitempty"`
	Reads             int64   `json:"reads"`
}

// GeneratorUse is what this process used in the measured part.
type GeneratorUse struct {
	CPUSeconds float64 `json:"cpuSeconds,omitempty"`
	Cores      float64 `json:"cores,omitempty"` // CPU time over wall time
}

// Weighing is the server's memory with so many idle sockets, in bytes.
type Weighing struct {
	Sockets int   `json:"sockets"`
	Anon    int64 `json:"anon,omitempty"`
	Heap    int64 `json:"heap,omitempty"`  // live heap, if the server tells
	Stack   int64 `json:"stack,omitempty"` // goroutines' stacks, if the server tells
}

// OK reports whether every rule was kept.
func (r Result) OK() bool { return len(r.Violations) == 0 }

// conclude fills in what is known at the end, with the readers gone.
func (r *run) conclude(res *Result) {
	res.Workload, res.URL = r.cfg.Workload, r.cfg.URL
	res.Sockets, res.Rooms, res.People = r.cfg.Sockets, r.cfg.Rooms, len(r.tokens)
	res.Sent = r.ledger.size
	var delivery, answer Histogram
	for _, t := range r.tallies() {
		delivery.Merge(&t.latency)
		answer.Merge(&t.answers)
	}
	res.Delivery, res.Answer = summaryOf(&delivery), summaryOf(&answer)
	res.Connect = summaryOf(&r.connects)
	r.ledger.judge(&r.faults)
	r.faults.mu.Lock()
	res.Violations = slices.Clone(r.faults.broken)
	res.Refused = r.faults.refused
	r.faults.mu.Unlock()
	res.warn()
}

func summaryOf(h *Histogram) *Latency {
	if h.n == 0 {
		return nil
	}
	l := h.summary()
	return &l
}

// warn tells where the generator, not the server, may be what was measured.
func (r *Result) warn() {
	if cores := runtime.GOMAXPROCS(0); r.Generator.Cores > 0.8*float64(cores) {
		r.Warnings = append(r.Warnings, fmt.Sprintf("the generator used %.2f of %d cores: it may be the limit", r.Generator.Cores, cores))
	}
	if r.SendLag != nil && r.SendLag.P99 > 10 {
		r.Warnings = append(r.Warnings, fmt.Sprintf("1 %% of the sends left %.0f ms late or more: latencies include that", r.SendLag.P99))
	}
	for code, n := range r.Refused {
		r.Warnings = append(r.Warnings, fmt.Sprintf("%d sends were answered %q: less load than planned", n, code))
	}
	slices.Sort(r.Warnings)
}

// WriteTable writes the result for people, a name and a value a line.
func (r Result) WriteTable(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := func(name, format string, args ...any) { fmt.Fprintf(tw, name+"\t"+format+"\n", args...) }
	row("workload", "%s: %d sockets of %d people in %d rooms at %s", r.Workload, r.Sockets, r.People, r.Rooms, r.URL)
	if r.Deliveries > 0 {
		row("deliveries", "%d in %.1f s: %.0f a second, %.0f bytes each", r.Deliveries, r.Seconds, r.DeliveriesPerSecond, r.BytesPerDelivery)
	}
	latency := func(name string, l *Latency) {
		if l != nil {
			row(name, "p50 %.2f  p90 %.2f  p99 %.2f  p99.9 %.2f  max %.2f ms", l.P50, l.P90, l.P99, l.P999, l.Max)
		}
	}
	latency("delivery", r.Delivery)
	latency("answer", r.Answer)
	latency("send lag", r.SendLag)
	latency("connect", r.Connect)
	if r.ConnectsPerSecond > 0 {
		row("connects", "%.0f a second", r.ConnectsPerSecond)
	}
	if r.JoinedMillis > 0 {
		row("joined", "%.0f ms until all had a message, %.0f bytes of presence each", r.JoinedMillis, r.PresencePerSocket)
	}
	if s := r.Server; s != nil {
		row("server CPU", "%.2f s", s.CPUSeconds)
		if r.Deliveries > 0 {
			row("per delivery", "%.2f µs CPU, %.3f writes", s.CPUPerDelivery, s.WritesPerDelivery)
		}
		if s.CPUPerConnect > 0 {
			row("per connect", "%.0f µs CPU", s.CPUPerConnect)
		}
	}
	for _, g := range r.Weighings {
		row(fmt.Sprintf("%d sockets", g.Sockets), "%.1f MiB anonymous, %.1f MiB live heap, %.1f MiB stacks", mib(g.Anon), mib(g.Heap), mib(g.Stack))
	}
	if len(r.Weighings) > 0 {
		row("per socket", "%.2f KiB anonymous, %.2f KiB live heap, %.2f KiB stacks", r.AnonPerSocket, r.HeapPerSocket, r.StackPerSocket)
	}
	if r.Generator.CPUSeconds > 0 {
		row("generator", "%.2f cores", r.Generator.Cores)
	}
	if r.Sent > 0 {
		row("checked", "%d messages: %s", r.Sent, r.verdict())
	}
	for _, warning := range r.Warnings {
		row("warning", "%s", warning)
	}
	return tw.Flush()
}

func (r Result) verdict() string {
	if r.OK() {
		return "every one once and in order at every socket"
	}
	var broken []string
	for _, v := range r.Violations {
		broken = append(broken, fmt.Sprintf("BROKEN %q %d times, first: %s", v.Rule, v.Count, v.First))
	}
	return strings.Join(broken, "; ")
}

func mib(n int64) float64 { return float64(n) / (1 << 20) }

func perSecond(n int64, d time.Duration) float64 {
	if d <= 0 {
		return 0
	}
	return float64(n) / d.Seconds()
}
