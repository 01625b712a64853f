package rig

import (
	"sync"
	"testing"
	"time"
)

// Eventually asks again and again until something that nobody announces has
// happened.
func Eventually(t testing.TB, what string, happened func() bool) {
	t.Helper()
	giveUp := time.Now().Add(Patience)
	for !happened() {
		if time.Now().After(giveUp) {
			t.Fatalf("%s did not happen in %v", what, Patience)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

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
