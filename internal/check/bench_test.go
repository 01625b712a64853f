package check

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"
)

// delivered is a history in which devices are given n events in all.
func delivered(n int) []Line {
	const devices = 10
	lines := make([]Line, 0, n+n/4)
	add := func(line Line) {
		line.T = int64(len(lines))
		lines = append(lines, line)
	}
	for d := range devices {
		name := fmt.Sprintf("d%d", d)
		add(Line{What: Connect, Device: name, Event: Event{User: int64(d)}})
		add(Line{What: Connected, Device: name})
		add(Line{What: Join, Device: name, Room: 1, Call: int64(d + 1)})
		add(Line{What: Joined, Device: name, Room: 1, Call: int64(d + 1)})
	}
	var order []Event
	for k := range n / devices {
		sender := fmt.Sprintf("d%d", k%devices)
		ev := Event{Seq: uint64(k + 1), ID: fmt.Sprintf("id%d", k), CID: fmt.Sprintf("c%d", k), User: int64(k % devices),
			Hash: "0123456789abcdef", Kind: KindMessage, Cursor: fmt.Sprintf("%d.abcdef", k+1)}
		call := int64(devices + k + 1)
		add(Line{What: Send, Device: sender, Room: 1, Call: call, Event: Event{User: ev.User, CID: ev.CID, Hash: ev.Hash}})
		for d := range devices {
			add(Line{What: Got, Device: fmt.Sprintf("d%d", d), Room: 1, Phase: Live, Event: ev})
		}
		add(Line{What: Answered, Device: sender, Room: 1, Call: call, Outcome: OK, Event: Event{Seq: ev.Seq, ID: ev.ID, Cursor: ev.Cursor}})
		order = append(order, ev)
	}
	for _, ev := range order {
		add(Line{What: Final, Device: "r", Room: 1, Event: ev})
	}
	return lines
}

// BenchmarkJudge judges events that devices were given; ns/event shows whether
// time grows with their number alone.
func BenchmarkJudge(b *testing.B) {
	for _, events := range []int{10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(events), func(b *testing.B) {
			lines := delivered(events)
			for b.Loop() {
				if v := judge(b, lines); !v.OK() || v.Counts.Events != events {
					b.Fatalf("got %d events and %v", v.Counts.Events, v.Violations)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(events), "ns/event")
		})
	}
}

// BenchmarkRead reads such a history from its JSON.
func BenchmarkRead(b *testing.B) {
	const events = 10_000
	var file bytes.Buffer
	enc := json.NewEncoder(&file)
	for _, line := range delivered(events) {
		if err := enc.Encode(&line); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(file.Len()))
	for b.Loop() {
		if err := New().Read("h", bytes.NewReader(file.Bytes())); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(events), "ns/event")
}
