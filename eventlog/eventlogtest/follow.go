package eventlogtest

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parleychat/parley/eventlog"
)

func numbers(n int) []string {
	var texts []string
	for i := range n {
		texts = append(texts, strconv.Itoa(i))
	}
	return texts
}

func testFollowFrom(t *testing.T, s *script) {
	const n = 40
	s.fill(numbers(n)...)
	for round := range 2 { // as it was appended, and as it is found later
		for from := range n {
			entries := s.follow(int64(from), n-from)
			if diff := cmp.Diff(numbers(n)[from:], values(entries)); diff != "" {
				t.Fatalf("round %d, from %d (-want +got):\n%s", round, from, diff)
			}
			for i, e := range entries {
				if want := (eventlog.Position{Epoch: s.log.Epoch(), Partition: s.part, Offset: int64(from + i)}); e.Position != want {
					t.Fatalf("round %d, from %d: got position %v, want %v", round, from, e.Position, want)
				}
			}
		}
		s.restart()
	}
}

func testFollowWaits(t *testing.T, s *script) {
	s.append("0")
	got := make(chan string)
	ctx, cancel := context.WithCancel(s.ctx)
	ended := make(chan error, 1)
	go func() {
		ended <- s.log.Follow(ctx, s.part, 1, func(batch []eventlog.Entry) error {
			for _, e := range batch {
				got <- string(e.Value)
			}
			return nil
		})
	}()
	for i := 1; i < 20; i++ {
		want := strconv.Itoa(i)
		s.append(want)
		select {
		case value := <-got:
			if value != want {
				t.Fatalf("entry: got %q, want %q", value, want)
			}
		case <-s.ctx.Done():
			t.Fatalf("entry %q: got none", want)
		}
	}
	cancel()
	s.wantError("Follow, waiting when its ctx ended", s.receive(ended), context.Canceled)
}

func testFollowOutside(t *testing.T, s *script) {
	s.fill(numbers(3)...)
	for _, from := range []int64{-1, 4, 1 << 40} {
		_, err := follow(s.ctx, s.log, s.part, from, 1)
		s.wantError("Follow from "+strconv.FormatInt(from, 10), err, eventlog.ErrTruncated)
	}
}

func testFollowStops(t *testing.T, s *script) {
	s.fill(numbers(3)...)
	mine := errors.New("mine")
	calls := 0
	err := s.log.Follow(s.ctx, s.part, 0, func([]eventlog.Entry) error {
		calls++
		return mine
	})
	if err != mine || calls != 1 {
		t.Errorf("Follow with a failing fn: got %v after %d calls, want %v after 1", err, calls, mine)
	}

	ctx, cancel := context.WithCancel(s.ctx)
	calls = 0
	err = s.log.Follow(ctx, s.part, 0, func([]eventlog.Entry) error {
		calls++
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) || calls != 1 {
		t.Errorf("Follow whose ctx ends in fn: got %v after %d calls, want %v after 1", err, calls, context.Canceled)
	}
	err = s.log.Follow(ctx, s.part, 0, func([]eventlog.Entry) error {
		t.Error("fn was called after ctx had ended")
		return nil
	})
	s.wantError("Follow with an ended ctx", err, context.Canceled)
}

func testFollowBounded(t *testing.T, s *script) {
	const small, large = 2500, 40
	s.fill(numbers(small)...)
	big := string(make([]byte, 60_000))
	for range large {
		s.append(big)
	}
	s.restart()
	s.fill(numbers(small)...)
	seen := 0
	err := s.log.Follow(s.ctx, s.part, 0, func(batch []eventlog.Entry) error {
		bytes := 0
		for _, e := range batch {
			bytes += e.Size()
		}
		if len(batch) == 0 || len(batch) > 1000 || bytes > 1<<20+eventlog.MaxRecord {
			t.Errorf("batch: got %d entries of %d bytes, want 1 to 1,000 and not much above 1 MiB", len(batch), bytes)
		}
		if seen += len(batch); seen >= 2*small+large {
			return errEnough
		}
		return nil
	})
	if err != errEnough {
		t.Fatalf("Follow: got %v, want %v", err, errEnough)
	}
}

// testSeam lets followers begin and lag at all kinds of moments, while others
// append. Each must see every offset from its own on.
func testSeam(t *testing.T, s *script) {
	const appenders, each, followers = 8, 400, 12
	const total = appenders * each
	var group sync.WaitGroup
	for range appenders {
		group.Go(func() {
			for i := range each {
				rec := eventlog.Record{Value: make([]byte, i%300)}
				if _, err := eventlog.AppendWait(s.ctx, s.log, s.part, rec); err != nil {
					t.Errorf("append: got %v, want no error", err)
					return
				}
			}
		})
	}
	for f := range followers {
		group.Go(func() {
			for from := int64(0); from < total && !t.Failed(); {
				from = s.followSome(from, 50*(f+1))
			}
		})
	}
	group.Wait()
}

// followSome follows until n more entries have come, or all, and returns where
// it stopped. It is called by many goroutines.
func (s *script) followSome(from int64, n int) int64 {
	const total = 3200
	next := from
	err := s.log.Follow(s.ctx, s.part, from, func(batch []eventlog.Entry) error {
		for _, e := range batch {
			if e.Offset != next {
				s.t.Errorf("following from %d: got offset %d, want %d", from, e.Offset, next)
				return errEnough
			}
			next++
		}
		if next >= from+int64(n) || next >= total {
			return errEnough
		}
		return nil
	})
	if err != errEnough {
		s.t.Errorf("Follow from %d: got %v, want %v", from, err, errEnough)
	}
	return next
}

func testCloseEndsFollowers(t *testing.T, s *script) {
	s.fill(numbers(3)...)
	const followers = 4
	ended := make(chan error, followers)
	var atEnd sync.WaitGroup
	atEnd.Add(followers)
	for range followers {
		go func() {
			ended <- s.log.Follow(s.ctx, s.part, 2, func([]eventlog.Entry) error {
				atEnd.Done()
				return nil
			})
		}()
	}
	atEnd.Wait()
	s.close()
	for range followers {
		s.wantError("Follow", s.receive(ended), eventlog.ErrClosed)
	}
	s.open()
}
