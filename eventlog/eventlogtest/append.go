package eventlogtest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/parleychat/parley/eventlog"
)

func testEmpty(t *testing.T, s *script) {
	if got := s.log.Partitions(); got < 1 {
		t.Errorf("Partitions: got %d, want 1 at least", got)
	}
	if got := s.log.Epoch(); got == "" {
		t.Error("Epoch: got none")
	}
	s.wantBounds(0, 0)
}

func testVerbatim(t *testing.T, s *script) {
	everyByte := make([]byte, 256)
	for i := range everyByte {
		everyByte[i] = byte(i)
	}
	records := []eventlog.Record{
		{},
		{Value: []byte("a value alone")},
		{Key: []byte("a key alone")},
		{Key: everyByte, Value: everyByte, Headers: []eventlog.Header{{Key: string(everyByte), Value: everyByte}}},
		{Headers: []eventlog.Header{{Key: "twice", Value: []byte("1")}, {Key: "twice", Value: []byte("2")}, {Key: "", Value: nil}, {Key: "a"}}},
		{Headers: slices.Repeat([]eventlog.Header{{Key: "h", Value: []byte("v")}}, 1000)},
		{Value: bytes.Repeat([]byte{0}, eventlog.MaxRecord)},
		{Key: []byte("k"), Headers: []eventlog.Header{{Key: "h", Value: bytes.Repeat([]byte("v"), 1000)}}, Value: bytes.Repeat([]byte("x"), 60_000)},
	}
	var want []eventlog.Entry
	for i, rec := range records {
		pos, err := eventlog.AppendWait(s.ctx, s.log, s.part, rec)
		if err != nil {
			t.Fatalf("append record %d: got %v, want no error", i, err)
		}
		wantPos := eventlog.Position{Epoch: s.log.Epoch(), Partition: s.part, Offset: int64(i)}
		if diff := cmp.Diff(wantPos, pos); diff != "" {
			t.Fatalf("position of record %d (-want +got):\n%s", i, diff)
		}
		want = append(want, eventlog.Entry{Position: pos, Record: rec})
	}
	same := cmp.Options{ // nil and empty are the same
		cmp.Comparer(bytes.Equal),
		cmp.FilterValues(func(a, b []eventlog.Header) bool { return len(a)+len(b) == 0 }, cmp.Ignore()),
	}
	live := s.follow(0, len(records))
	if diff := cmp.Diff(want, live, same, cmpopts.IgnoreFields(eventlog.Entry{}, "Time")); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
	s.restart()
	again := s.follow(0, len(records))
	if diff := cmp.Diff(live, again, same); diff != "" {
		t.Errorf("entries after a restart, with their times (-before +after):\n%s", diff)
	}
}

func testTooLarge(t *testing.T, s *script) {
	for _, rec := range []eventlog.Record{
		{Value: make([]byte, eventlog.MaxRecord+1)},
		{Key: []byte("k"), Value: make([]byte, eventlog.MaxRecord)},
		{Headers: []eventlog.Header{{Value: make([]byte, eventlog.MaxRecord)}}},
		{Headers: make([]eventlog.Header, eventlog.MaxRecord/8+1)},
	} {
		_, err := eventlog.AppendWait(s.ctx, s.log, s.part, rec)
		s.wantError(fmt.Sprintf("append of %d bytes", rec.Size()), err, eventlog.ErrNotAppended, eventlog.ErrTooLarge)
	}
	s.wantBounds(0, 0)
}

func testNoSuchPartition(t *testing.T, s *script) {
	for _, part := range []int32{-1, s.log.Partitions()} {
		_, err := eventlog.AppendWait(s.ctx, s.log, part, eventlog.Record{})
		s.wantError("Append", err, eventlog.ErrNotAppended, eventlog.ErrNoPartition)
		_, err = s.log.Begin(s.ctx, part)
		s.wantError("Begin", err, eventlog.ErrNoPartition)
		_, err = s.log.End(s.ctx, part)
		s.wantError("End", err, eventlog.ErrNoPartition)
		s.wantError("Trim", s.log.Trim(s.ctx, part, 0), eventlog.ErrNoPartition)
		_, err = follow(s.ctx, s.log, part, 0, 1)
		s.wantError("Follow", err, eventlog.ErrNoPartition)
	}
}

func testOrder(t *testing.T, s *script) {
	const n = 2000
	var answered []int64 // only touched by done, whose calls come one after another
	answers := make(chan error, n)
	var want []string
	for i := range n {
		want = append(want, strconv.Itoa(i))
		s.log.Append(s.part, eventlog.Record{Value: []byte(want[i])}, func(pos eventlog.Position, err error) {
			answered = append(answered, pos.Offset)
			answers <- err
		})
	}
	for range n {
		if err := s.receive(answers); err != nil {
			t.Fatalf("append: got %v, want no error", err)
		}
	}
	for i, offset := range answered {
		if offset != int64(i) {
			t.Fatalf("answer %d: got offset %d, want %d", i, offset, i)
		}
	}
	if diff := cmp.Diff(want, values(s.follow(0, n))); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

// testBurst hands over more at once than an implementation writes at once.
func testBurst(t *testing.T, s *script) {
	var want []string
	for i := range 100 {
		want = append(want, fmt.Sprintf("%d %s", i, make([]byte, 60_000)))
	}
	s.fill(want...)
	for i, got := range values(s.follow(0, len(want))) {
		if got != want[i] {
			t.Errorf("record %d: got another one of %d bytes", i, len(got))
		}
	}
}

func testConcurrentAppenders(t *testing.T, s *script) {
	const appenders, each = 32, 100
	var group sync.WaitGroup
	for a := range appenders {
		group.Go(func() {
			for i := range each {
				rec := eventlog.Record{Key: []byte{byte(a)}, Value: []byte{byte(i)}}
				if _, err := eventlog.AppendWait(s.ctx, s.log, s.part, rec); err != nil {
					t.Errorf("append %d of appender %d: got %v, want no error", i, a, err)
					return
				}
			}
		})
	}
	group.Wait()
	if t.Failed() {
		return
	}
	s.wantBounds(0, appenders*each)
	var next [appenders]byte
	for i, e := range s.follow(0, appenders*each) {
		if e.Offset != int64(i) {
			t.Fatalf("entry %d: got offset %d, want %d", i, e.Offset, i)
		}
		appender := e.Key[0]
		if e.Value[0] != next[appender] {
			t.Fatalf("entry %d of appender %d: got its record %d, want %d", i, appender, e.Value[0], next[appender])
		}
		next[appender]++
	}
}

func testDoneOutside(t *testing.T, s *script) {
	var mu sync.Mutex
	answers := make(chan error, 3)
	done := func(_ eventlog.Position, err error) {
		mu.Lock() // the test hangs here if Append is waiting for this
		defer mu.Unlock()
		answers <- err
	}
	mu.Lock()
	s.log.Append(s.part, eventlog.Record{Value: []byte("taken")}, done)
	s.log.Append(s.part, eventlog.Record{Value: make([]byte, eventlog.MaxRecord+1)}, done)
	s.log.Append(-1, eventlog.Record{Value: []byte("refused")}, done)
	mu.Unlock()
	failures := 0
	for range 3 {
		if s.receive(answers) != nil {
			failures++
		}
	}
	if failures != 2 {
		t.Errorf("answers: got %d errors, want 2", failures)
	}
}

func testDoneMayAppend(t *testing.T, s *script) {
	const n = 200
	answers := make(chan error, 1)
	var chain func(i int) func(eventlog.Position, error)
	chain = func(i int) func(eventlog.Position, error) {
		return func(_ eventlog.Position, err error) {
			if err != nil || i == n {
				answers <- err
				return
			}
			s.log.Append(s.part, eventlog.Record{Value: []byte(strconv.Itoa(i))}, chain(i+1))
		}
	}
	chain(0)(eventlog.Position{}, nil)
	if err := s.receive(answers); err != nil {
		t.Fatalf("append: got %v, want no error", err)
	}
	s.wantBounds(0, n)
}

func testEnd(t *testing.T, s *script) {
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 50 {
				pos, err := eventlog.AppendWait(s.ctx, s.log, s.part, eventlog.Record{})
				if err != nil {
					t.Errorf("append: got %v, want no error", err)
					return
				}
				end, err := s.log.End(s.ctx, s.part)
				if err != nil || end <= pos.Offset {
					t.Errorf("End after an append at %d: got %d and %v, want more", pos.Offset, end, err)
					return
				}
			}
		})
	}
	group.Wait()
}

// testCloseDuringAppend answers two questions for each record: is it there, and
// what was said.
func testCloseDuringAppend(t *testing.T, s *script) {
	const appenders = 16
	type told struct {
		value string
		pos   eventlog.Position
		err   error
	}
	var (
		mu       sync.Mutex
		answers  []told
		appended [appenders]int
		stop     atomic.Bool
		group    sync.WaitGroup
	)
	underWay := make(chan struct{})
	var once sync.Once
	for a := range appenders {
		group.Go(func() {
			for i := 0; !stop.Load(); i++ {
				value := fmt.Sprintf("%d/%d", a, i)
				appended[a]++
				_, err := appendAndNote(s, value, func(pos eventlog.Position, err error) {
					mu.Lock()
					defer mu.Unlock()
					answers = append(answers, told{value, pos, err})
					if len(answers) == 500 {
						once.Do(func() { close(underWay) })
					}
				})
				if errors.Is(err, eventlog.ErrClosed) {
					return
				}
			}
		})
	}
	s.wait("500 records are answered", underWay)
	s.close()
	stop.Store(true)
	group.Wait()

	s.open()
	end, err := s.log.End(s.ctx, s.part)
	if err != nil {
		t.Fatalf("End: got %v, want no error", err)
	}
	found := make(map[string]int64)
	for _, e := range s.follow(0, int(end)) {
		if at, twice := found[string(e.Value)]; twice {
			t.Errorf("record %s: found at %d and %d", e.Value, at, e.Offset)
		}
		found[string(e.Value)] = e.Offset
	}
	total := 0
	for _, n := range appended {
		total += n
	}
	mu.Lock()
	defer mu.Unlock()
	if len(answers) != total {
		t.Errorf("answers: got %d, want one for each of %d", len(answers), total)
	}
	for _, a := range answers {
		at, there := found[a.value]
		switch {
		case a.err == nil && (!there || at != a.pos.Offset):
			t.Errorf("record %s: answered with offset %d, found %v at %d", a.value, a.pos.Offset, there, at)
		case errors.Is(a.err, eventlog.ErrNotAppended) && there:
			t.Errorf("record %s: answered %v, found at %d", a.value, a.err, at)
		}
	}
}

// appendAndNote is AppendWait with done told of every answer.
func appendAndNote(s *script, value string, done func(eventlog.Position, error)) (eventlog.Position, error) {
	answer := make(chan error, 1)
	var at eventlog.Position
	s.log.Append(s.part, eventlog.Record{Value: []byte(value)}, func(pos eventlog.Position, err error) {
		done(pos, err)
		at = pos
		answer <- err
	})
	err := <-answer
	return at, err
}

func testClosed(t *testing.T, s *script) {
	s.append("before")
	log := s.log
	if err := log.Close(); err != nil {
		t.Fatalf("Close: got %v, want no error", err)
	}
	_, err := eventlog.AppendWait(s.ctx, log, s.part, eventlog.Record{Value: []byte("after")})
	s.wantError("Append", err, eventlog.ErrNotAppended, eventlog.ErrClosed)
	_, err = log.Begin(s.ctx, s.part)
	s.wantError("Begin", err, eventlog.ErrClosed)
	_, err = log.End(s.ctx, s.part)
	s.wantError("End", err, eventlog.ErrClosed)
	s.wantError("Trim", log.Trim(s.ctx, s.part, 1), eventlog.ErrClosed)
	_, err = follow(s.ctx, log, s.part, 0, 2)
	s.wantError("Follow", err, eventlog.ErrClosed)
	if err := log.Close(); err != nil {
		t.Errorf("second Close: got %v, want no error", err)
	}
	s.open()
	if diff := cmp.Diff([]string{"before"}, values(s.follow(0, 1))); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	s.wantBounds(0, 1)
}

func testRestart(t *testing.T, s *script) {
	epoch := s.log.Epoch()
	var want []string
	for i := range 5 {
		value := fmt.Sprintf("run %d", i)
		if got := s.append(value); got != int64(i) {
			t.Fatalf("append in run %d: got offset %d, want %d", i, got, i)
		}
		want = append(want, value)
		s.restart()
		if got := s.log.Epoch(); got != epoch {
			t.Fatalf("epoch in run %d: got %q, want %q", i, got, epoch)
		}
		s.wantBounds(0, int64(i+1))
		if diff := cmp.Diff(want, values(s.follow(0, len(want)))); diff != "" {
			t.Fatalf("records in run %d (-want +got):\n%s", i, diff)
		}
	}
}
