package eventlogtest

import (
	"context"
	"errors"
	"sync"
	"testing"
)

func testOwn(t *testing.T, s *script) {
	n := int(s.log.Partitions())
	ctx, cancel := context.WithCancel(s.ctx)
	owned := make(chan int32, n)
	var running sync.WaitGroup
	running.Add(n)
	ended := make(chan error, 1)
	go func() {
		ended <- s.log.Own(ctx, "group", func(ctx context.Context, part int32) error {
			defer running.Done()
			owned <- part
			<-ctx.Done()
			return ctx.Err()
		})
	}()
	seen := make(map[int32]bool)
	for range n {
		select {
		case part := <-owned:
			if seen[part] || part < 0 || int(part) >= n {
				t.Errorf("owned: got partition %d, want each of %d once", part, n)
			}
			seen[part] = true
		case <-s.ctx.Done():
			t.Fatalf("owned: got %d partitions, want %d", len(seen), n)
		}
	}
	cancel()
	s.wantError("Own whose ctx ended", s.receive(ended), context.Canceled)
	running.Wait() // hangs if Own has not called run for each
}

// testOwnChangesHands gives everything up and expects that another owner of the
// group gets it.
func testOwnChangesHands(t *testing.T, s *script) {
	n := int(s.log.Partitions())
	first, giveUp := context.WithCancel(s.ctx)
	defer giveUp()
	second, stop := context.WithCancel(s.ctx)
	defer stop()
	own := func(ctx context.Context, started chan<- int32, ended chan<- error) {
		ended <- s.log.Own(ctx, "group", func(ctx context.Context, part int32) error {
			started <- part
			<-ctx.Done()
			return ctx.Err()
		})
	}
	started, ended := make(chan int32, n), make(chan error, 2)
	go own(first, started, ended)
	for range n {
		<-started
	}
	gone, goAway := context.WithCancel(s.ctx)
	goAway()
	err := s.log.Own(gone, "group", func(context.Context, int32) error { return errors.New("run of an ended ctx") })
	s.wantError("Own with an ended ctx", err, context.Canceled)
	startedAgain := make(chan int32, n)
	go own(second, startedAgain, ended)
	giveUp()
	seen := make(map[int32]bool)
	for len(seen) < n {
		select {
		case part := <-startedAgain:
			seen[part] = true
		case <-s.ctx.Done():
			t.Fatalf("second owner: got %d partitions, want %d", len(seen), n)
		}
	}
	stop()
	for range 2 {
		s.wantError("Own whose ctx ended", s.receive(ended), context.Canceled)
	}
}

func testOwnFails(t *testing.T, s *script) {
	mine := errors.New("mine")
	err := s.log.Own(s.ctx, "group", func(ctx context.Context, part int32) error {
		if part == s.part {
			return mine
		}
		<-ctx.Done()
		return ctx.Err()
	})
	s.wantError("Own with a failing run", err, mine)
}

// testOwnGivesUp lets run return: the partitions go to another owner, while the
// first one stays and is not asked again.
func testOwnGivesUp(t *testing.T, s *script) {
	n := int(s.log.Partitions())
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	var gaveUp sync.WaitGroup
	gaveUp.Add(n)
	ended := make(chan error, 2)
	go func() {
		ended <- s.log.Own(ctx, "group", func(context.Context, int32) error {
			gaveUp.Done() // panics when a partition comes a second time
			return nil
		})
	}()
	gaveUp.Wait()
	taken := make(chan int32, n)
	go func() {
		ended <- s.log.Own(ctx, "group", func(ctx context.Context, part int32) error {
			taken <- part
			<-ctx.Done()
			return ctx.Err()
		})
	}()
	for range n {
		select {
		case <-taken:
		case err := <-ended:
			t.Fatalf("Own ended with %v before its ctx", err)
		case <-s.ctx.Done():
			t.Fatal("second owner: did not get what was given up")
		}
	}
	cancel()
	for range 2 {
		s.wantError("Own whose ctx ended", s.receive(ended), context.Canceled)
	}
}
