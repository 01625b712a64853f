package eventlogtest

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parleychat/parley/eventlog"
)

func (s *script) trim(before int64) {
	s.t.Helper()
	if err := s.log.Trim(s.ctx, s.part, before); err != nil {
		s.t.Fatalf("Trim before %d: got %v, want no error", before, err)
	}
}

func testTrim(t *testing.T, s *script) {
	const n = 1500
	s.fill(numbers(n)...)
	s.trim(0)
	s.wantBounds(0, n)
	s.trim(1100)
	s.wantBounds(1100, n)
	s.trim(1000) // gone already
	s.wantBounds(1100, n)
	s.wantError("Trim above End", s.log.Trim(s.ctx, s.part, n+1), eventlog.ErrTruncated)
	s.wantBounds(1100, n)

	for range 2 {
		for _, from := range []int64{0, 1099} {
			_, err := follow(s.ctx, s.log, s.part, from, 1)
			s.wantError("Follow of what was trimmed", err, eventlog.ErrTruncated)
		}
		if diff := cmp.Diff(numbers(n)[1100:], values(s.follow(1100, n-1100))); diff != "" {
			t.Fatalf("what is left (-want +got):\n%s", diff)
		}
		s.restart()
		s.wantBounds(1100, n)
	}
}

func testTrimAll(t *testing.T, s *script) {
	s.fill(numbers(10)...)
	s.trim(10)
	s.wantBounds(10, 10)
	if got := s.append("10"); got != 10 {
		t.Fatalf("append after Trim: got offset %d, want 10", got)
	}
	s.trim(11)
	s.restart()
	s.wantBounds(11, 11)
	if got := s.append("11"); got != 11 {
		t.Fatalf("append after Trim and a restart: got offset %d, want 11", got)
	}
	if diff := cmp.Diff([]string{"11"}, values(s.follow(11, 1))); diff != "" {
		t.Errorf("what is left (-want +got):\n%s", diff)
	}
}

// testTrimUnderFollower trims what a follower has not had yet. It may still get
// it, or be told; it may not go on behind the hole.
func testTrimUnderFollower(t *testing.T, s *script) {
	const n = 3000
	s.fill(numbers(n)...)
	s.restart()
	inFn, trimmed := make(chan struct{}), make(chan struct{})
	ended := make(chan error, 1)
	next := int64(0)
	go func() {
		ended <- s.log.Follow(s.ctx, s.part, 0, func(batch []eventlog.Entry) error {
			if next == 0 {
				close(inFn)
				<-trimmed
			}
			for _, e := range batch {
				if e.Offset != next {
					t.Errorf("entry: got offset %d, want %d", e.Offset, next)
				}
				next++
			}
			if next == n {
				return errEnough
			}
			return nil
		})
	}()
	s.wait("the follower has begun", inFn)
	s.trim(n - 1)
	close(trimmed)
	if err := s.receive(ended); !errors.Is(err, eventlog.ErrTruncated) && !(err == errEnough && next == n) {
		t.Errorf("Follow: got %v after %d entries, want %v, or all of them", err, next, eventlog.ErrTruncated)
	}
}
