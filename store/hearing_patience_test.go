package store

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// TestSilenceIsWaitedForOnce: of several transactions, one after another, only the
// first waits until a silent server is asked, until that answers again.
func TestSilenceIsWaitedForOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		times := hearingTimes{patience: 2 * time.Second, silence: 3 * time.Second}
		h := newHearing(times, func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		})
		wait := func() time.Duration {
			begun := time.Now()
			asking, ended := h.until(t.Context())
			defer ended()
			<-asking.Done()
			if cause := context.Cause(asking); !errors.Is(cause, errSilent) {
				t.Errorf("got %v, want that the server is silent", cause)
			}
			return time.Since(begun)
		}
		for i, want := range []time.Duration{times.patience + times.silence, times.silence, times.silence} {
			if got := wait(); got != want {
				t.Errorf("transaction %d of a silent server waits %v, want %v", i, got, want)
			}
		}
		h.last.Store(int64(time.Since(h.begun))) // it answers somebody
		if got, want := wait(), times.patience+times.silence; got != want {
			t.Errorf("a transaction of a server that has answered since waits %v, want %v", got, want)
		}
	})
}
