package rig

import (
	"sync"
	"testing"
)

// Together runs fn n times at once, waits for all, and fails the test with
// what went wrong.
func Together(t testing.TB, n int, fn func(i int) error) {
	t.Helper()
	errs := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { errs[i] = fn(i) })
	}
	all.Wait()
	for i, err := range errs {
		if err != nil {
			t.Errorf("%d of %d: %v", i, n, err)
		}
	}
	if t.Failed() {
		t.FailNow()
	}
}
