//go:build linux

package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parleychat/parley/internal/loadgen"
)

func TestParseCounts(t *testing.T) {
	const table = `    calls syscall
--------- ----------------
      120 write
       10 writev
        5 sendto
        3 epoll_pwait
--------- ----------------
      138 total
`
	got, err := parseCounts(strings.NewReader(table))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(calls{sends: 135, all: 138}, got, cmp.AllowUnexported(calls{})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if _, err := parseCounts(strings.NewReader("")); err == nil {
		t.Error("of nothing: got no error")
	}
}

func TestReportHasMediansAndRatios(t *testing.T) {
	run := func(cpu float64, warnings ...string) result {
		return result{Result: loadgen.Result{Server: &loadgen.ServerUse{CPUPerDelivery: cpu}, Warnings: warnings}}
	}
	w := workload{id: "P0", title: "test", against: "floor", columns: []column{cpuPerDelivery}}
	var b strings.Builder
	servers := []server{{name: "floor"}, {name: "other"}, {name: "broken"}}
	err := w.report(&b, servers, map[string][]result{
		"floor": {run(12), run(8), run(10)},
		"other": {run(15, "late"), run(14), run(16)},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| floor | **10.00** (8.00–12.00) | 1.00 |\n",
		"| other | **15.00** (14.00–16.00) | 1.50 |\n",
		"| broken | not measured | |\n",
		"- other, round 1: late.\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("got\n%swant in it %q", b.String(), want)
		}
	}
}

// TestMeasuredApart: a new report keeps what is measured in other ways.
func TestMeasuredApart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "benchmarks.md")
	if got, err := measuredApart(path); got != "" || err != nil {
		t.Errorf("without a report: got %q, %v", got, err)
	}
	if err := os.WriteFile(path, []byte("# Benchmarks\n\nFormer figures.\n"+apart+"\nby hand\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		kept, err := measuredApart(path)
		if err != nil {
			t.Fatal(err)
		}
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(report(f, about{Apart: kept}, nil, nil, figures{}), f.Close()); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := string(text); !strings.HasSuffix(got, "same for all.\n"+apart+"\nby hand\n") || strings.Contains(got, "Former") {
		t.Errorf("got %s", got)
	}
}

func TestChoose(t *testing.T) {
	got, err := choose("P3,P1")
	if err != nil || len(got) != 2 || got[0].id != "P3" || got[1].id != "P1" {
		t.Errorf("got %v, %v, want P3 and P1", got, err)
	}
	if _, err := choose("P99"); err == nil {
		t.Error("P99: got no error")
	}
}
