package check

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"
)

// crowd is the load of the benchmarks: devices in one room, of which each sends
// in turn, and all are given every event.
const crowd = 10

// deliver says a history in which devices are given n events in all, line by
// line.
func deliver(n int, say func(*Line)) {
	clock := int64(0)
	add := func(line Line) {
		clock++
		line.T = clock
		say(&line)
	}
	for d := range crowd {
		name := fmt.Sprintf("d%d", d)
		add(Line{What: Connect, Device: name, Event: Event{User: int64(d)}})
		add(Line{What: Connected, Device: name})
		add(Line{What: Join, Device: name, Room: 1, Call: int64(d + 1)})
		add(Line{What: Joined, Device: name, Room: 1, Call: int64(d + 1)})
	}
	event := func(k int) Event {
		return Event{Seq: uint64(k + 1), ID: fmt.Sprintf("id-%020d", k), CID: fmt.Sprintf("cid-%032d", k), User: int64(k % crowd),
			Hash: fmt.Sprintf("%016x", k), Kind: KindMessage, Cursor: fmt.Sprintf("%d.abcdef", k+1)}
	}
	for k := range n / crowd {
		sender, ev := fmt.Sprintf("d%d", k%crowd), event(k)
		call := int64(crowd + k + 1)
		add(Line{What: Send, Device: sender, Room: 1, Call: call, Event: Event{User: ev.User, CID: ev.CID, Hash: ev.Hash}})
		for d := range crowd {
			add(Line{What: Got, Device: fmt.Sprintf("d%d", d), Room: 1, Phase: Live, Event: ev})
		}
		add(Line{What: Answered, Device: sender, Room: 1, Call: call, Outcome: OK, Event: Event{Seq: ev.Seq, ID: ev.ID, Cursor: ev.Cursor}})
	}
	for k := range n / crowd {
		add(Line{What: Final, Device: "r", Room: 1, Event: event(k)})
	}
}

func delivered(n int) []Line {
	lines := make([]Line, 0, n+n/4)
	deliver(n, func(line *Line) { lines = append(lines, *line) })
	return lines
}

// TestManyEvents reads a long history as it is read from a file, and says how
// long it took and what it took in memory: PARLEY_CHECK_EVENTS is how many
// events devices are given. The memory is for the events of the rooms; ten times
// as many deliveries of the same events take no more.
func TestManyEvents(t *testing.T) {
	events := 20_000
	if text := os.Getenv("PARLEY_CHECK_EVENTS"); text != "" {
		var err error
		if events, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	reader, writer := io.Pipe()
	go func() {
		buffered := bufio.NewWriterSize(writer, 1<<16)
		enc := json.NewEncoder(buffered)
		var err error
		deliver(events, func(line *Line) { err = errors.Join(err, enc.Encode(line)) })
		writer.CloseWithError(errors.Join(err, buffered.Flush()))
	}()
	before, begun := heap(), time.Now()
	j := New()
	if err := j.Read("h", reader); err != nil {
		t.Fatal(err)
	}
	v := j.Verdict()
	if !v.OK() || v.Counts.Events != events/crowd*crowd || v.Counts.Final != events/crowd {
		t.Fatalf("got %d events, %d in the end and %v", v.Counts.Events, v.Counts.Final, v.Violations)
	}
	took, kept := time.Since(begun), heap()-before
	t.Logf("%d events in %d lines: %v, %d ns a line; %d MiB kept, %d bytes for each of %d messages",
		events, v.Counts.Lines, took.Round(time.Millisecond), took.Nanoseconds()/int64(v.Counts.Lines), kept>>20, kept/int64(v.Counts.Final), v.Counts.Final)
	const perMessage, fixed = 4 << 10, 16 << 20
	if most := int64(v.Counts.Final)*perMessage + fixed; kept > most {
		t.Errorf("the judge keeps %d bytes, want at most %d", kept, most)
	}
	runtime.KeepAlive(j)
}

// heap is how much memory is in use.
func heap() int64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
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
