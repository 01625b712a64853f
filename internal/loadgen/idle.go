package loadgen

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// idle weighs the server with First and with all Sockets: what it weighs
// without any is not theirs, so the slope between the two is the price of one.
func (r *run) idle(ctx context.Context) (Result, error) {
	var res Result
	begin, err := r.moment()
	if err != nil {
		return res, err
	}
	for _, n := range []int{r.cfg.First, r.cfg.Sockets} {
		if err := r.open(ctx, n); err != nil {
			return res, err
		}
		w, err := r.weigh(ctx)
		if err != nil {
			return res, err
		}
		res.Weighings = append(res.Weighings, w)
	}
	end, err := r.moment()
	if err != nil {
		return res, err
	}
	weighings := res.Weighings
	res = r.between(begin, end)
	res.Weighings = weighings
	a, b := weighings[0], weighings[1]
	slope := func(a, b int64, sockets int) float64 { return float64(b-a) / 1024 / float64(sockets) }
	res.AnonPerSocket = slope(a.Anon, b.Anon, b.Sockets-a.Sockets)
	res.HeapPerSocket = slope(a.Heap, b.Heap, b.Sockets-a.Sockets)
	res.StackPerSocket = slope(a.Stack, b.Stack, b.Sockets-a.Sockets)
	return res, nil
}

func (r *run) weigh(ctx context.Context) (Weighing, error) {
	w := Weighing{Sockets: len(r.sockets)}
	if err := pauseFor(ctx, r.cfg.Settle); err != nil {
		return w, err
	}
	if r.cfg.PID != 0 {
		u, err := ReadUsage(r.cfg.PID)
		if err != nil {
			return w, err
		}
		w.Anon = u.Anon
	}
	if r.cfg.MetricsURL == "" {
		return w, nil
	}
	metrics, err := r.metrics(ctx)
	if err != nil {
		return w, err
	}
	w.Heap = metrics["go_memstats_heap_alloc_bytes"]
	w.Stack = metrics["go_memstats_stack_inuse_bytes"]
	return w, nil
}

// metrics reads the samples without labels of Prometheus' text format.
func (r *run) metrics(ctx context.Context) (map[string]int64, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.cfg.MetricsURL, nil)
	if err != nil {
		return nil, fmt.Errorf("loadgen: metrics: %w", err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("loadgen: metrics: %w", err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, 8<<20))
	if err != nil {
		return nil, fmt.Errorf("loadgen: metrics: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("loadgen: metrics: %s answered %s", r.cfg.MetricsURL, resp.Status)
	}
	samples := make(map[string]int64)
	for line := range strings.Lines(string(b)) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), " ")
		if v, err := strconv.ParseFloat(value, 64); ok && err == nil {
			samples[name] = int64(v)
		}
	}
	return samples, nil
}
