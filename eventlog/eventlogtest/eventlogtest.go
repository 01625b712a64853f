// Package eventlogtest is the conformance suite of package eventlog: the
// promises of [eventlog.Log], one test for each, for any implementation.
package eventlogtest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/parleychat/parley/eventlog"
)

// Reopen opens a log: an empty one the first time, after that the same one
// again, after the earlier [eventlog.Log] was closed.
type Reopen func() (eventlog.Log, error)

// Run runs the suite. fresh is called for each test and has to lead to a log of
// its own, which may have any number of partitions.
func Run(t *testing.T, fresh func(t *testing.T) Reopen) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, *script)
	}{
		{"Empty", testEmpty},
		{"RecordsComeBackAsTheyWere", testVerbatim},
		{"TooLarge", testTooLarge},
		{"NoSuchPartition", testNoSuchPartition},
		{"OrderOfOneAppender", testOrder},
		{"BurstOfLargeRecords", testBurst},
		{"ConcurrentAppenders", testConcurrentAppenders},
		{"DoneIsNotCalledWithinAppend", testDoneOutside},
		{"DoneMayAppend", testDoneMayAppend},
		{"EndIsAboveWhatIsDurable", testEnd},
		{"FollowBeginsExactlyAt", testFollowFrom},
		{"FollowWaitsAtTheEnd", testFollowWaits},
		{"FollowOutsideOfTheLog", testFollowOutside},
		{"FollowStops", testFollowStops},
		{"FollowBatchesAreBounded", testFollowBounded},
		{"FollowersMeetAppendersWithoutASeam", testSeam},
		{"Trim", testTrim},
		{"TrimAll", testTrimAll},
		{"TrimUnderAFollower", testTrimUnderFollower},
		{"RestartKeeps", testRestart},
		{"CloseDuringAppend", testCloseDuringAppend},
		{"Closed", testClosed},
		{"CloseEndsFollowers", testCloseEndsFollowers},
		{"Own", testOwn},
		{"OwnChangesHands", testOwnChangesHands},
		{"OwnGivesUp", testOwnGivesUp},
		{"OwnFails", testOwnFails},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := &script{t: t, reopen: fresh(t)}
			var cancel context.CancelFunc
			s.ctx, cancel = context.WithTimeout(t.Context(), patience)
			defer cancel()
			s.open()
			defer s.close()
			test.run(t, s)
		})
	}
}

// patience is how long a test waits for what has to happen. It ends a test that
// has failed already; nothing is measured with it.
const patience = time.Minute

// script holds a log and says what a test does with it. Its methods end the
// test when something fails, so they belong to the test's goroutine.
type script struct {
	t      *testing.T
	ctx    context.Context
	reopen Reopen
	log    eventlog.Log
	part   int32 // the partition the test is about, the last one
}

func (s *script) open() {
	s.t.Helper()
	log, err := s.reopen()
	if err != nil {
		s.t.Fatalf("open: got %v, want no error", err)
	}
	s.log = log
	s.part = log.Partitions() - 1
}

func (s *script) close() {
	s.t.Helper()
	if err := s.log.Close(); err != nil {
		s.t.Errorf("Close: got %v, want no error", err)
	}
}

// restart closes the log and opens it again.
func (s *script) restart() {
	s.t.Helper()
	s.close()
	s.open()
}

// append appends a record of the value and returns its offset.
func (s *script) append(value string) int64 {
	s.t.Helper()
	pos, err := eventlog.AppendWait(s.ctx, s.log, s.part, eventlog.Record{Value: []byte(value)})
	if err != nil {
		s.t.Fatalf("append %q: got %v, want no error", value, err)
	}
	return pos.Offset
}

// fill appends records with the given values, all at once, and waits for all.
func (s *script) fill(values ...string) {
	s.t.Helper()
	answers := make(chan error, len(values))
	for _, value := range values {
		s.log.Append(s.part, eventlog.Record{Value: []byte(value)}, func(_ eventlog.Position, err error) {
			answers <- err
		})
	}
	for range values {
		if err := s.receive(answers); err != nil {
			s.t.Fatalf("append: got %v, want no error", err)
		}
	}
}

// receive waits for an answer.
func (s *script) receive(answers <-chan error) error {
	s.t.Helper()
	select {
	case err := <-answers:
		return err
	case <-s.ctx.Done():
		s.t.Fatal("waiting for an answer: got none")
		return nil
	}
}

// wait waits until the channel is closed.
func (s *script) wait(what string, happened <-chan struct{}) {
	s.t.Helper()
	select {
	case <-happened:
	case <-s.ctx.Done():
		s.t.Fatalf("waiting until %s: it did not happen", what)
	}
}

var errEnough = errors.New("enough entries")

// follow returns the n entries that Follow delivers from the offset from on.
func (s *script) follow(from int64, n int) []eventlog.Entry {
	s.t.Helper()
	entries, err := follow(s.ctx, s.log, s.part, from, n)
	if err != nil {
		s.t.Fatalf("follow from %d: got %d entries and %v, want %d", from, len(entries), err, n)
	}
	return entries
}

func follow(ctx context.Context, log eventlog.Log, partition int32, from int64, n int) ([]eventlog.Entry, error) {
	if n == 0 {
		return nil, nil
	}
	var entries []eventlog.Entry
	err := log.Follow(ctx, partition, from, func(batch []eventlog.Entry) error {
		// The slice is only valid now, its entries for ever.
		entries = append(entries, batch...)
		if len(entries) >= n {
			return errEnough
		}
		return nil
	})
	if err != errEnough {
		return entries, err
	}
	return entries[:n], nil
}

// wantBounds checks the first kept and the next offset.
func (s *script) wantBounds(begin, end int64) {
	s.t.Helper()
	gotBegin, err := s.log.Begin(s.ctx, s.part)
	if err != nil {
		s.t.Fatalf("Begin: got %v, want no error", err)
	}
	gotEnd, err := s.log.End(s.ctx, s.part)
	if err != nil {
		s.t.Fatalf("End: got %v, want no error", err)
	}
	if gotBegin != begin || gotEnd != end {
		s.t.Fatalf("Begin and End: got %d and %d, want %d and %d", gotBegin, gotEnd, begin, end)
	}
}

// wantError checks that an error is one of a kind.
func (s *script) wantError(what string, err error, kinds ...error) {
	s.t.Helper()
	for _, kind := range kinds {
		if !errors.Is(err, kind) {
			s.t.Errorf("%s: got %v, want %v", what, err, kind)
		}
	}
}

func values(entries []eventlog.Entry) []string {
	var texts []string
	for _, e := range entries {
		texts = append(texts, string(e.Value))
	}
	return texts
}
