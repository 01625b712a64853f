package history

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// TestOneReadingForAll: who asks for the same at once waits for one reading,
// which goes on when the first of them leaves.
func TestOneReadingForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reader := NewReader(nil, nil)
		readings, leave := 0, make(chan struct{})
		read := func(ctx context.Context) (*rows, error) {
			readings++
			<-leave
			return &rows{head: 7}, ctx.Err()
		}
		first, leaves := context.WithCancel(t.Context())
		left := make(chan error, 1)
		go func() {
			_, err := reader.once(first, "page", read)
			left <- err
		}()
		synctest.Wait()
		answers := make(chan *rows, 5)
		for range cap(answers) {
			go func() {
				got, err := reader.once(t.Context(), "page", read)
				if err != nil {
					t.Errorf("read: %v", err)
				}
				answers <- got
			}()
		}
		synctest.Wait()
		leaves()
		if err := <-left; !errors.Is(err, context.Canceled) {
			t.Errorf("the one who left: got %v, want %v", err, context.Canceled)
		}
		close(leave)
		for range cap(answers) {
			if got := <-answers; got == nil || got.head != 7 {
				t.Errorf("rows: got %+v, want those of head 7", got)
			}
		}
		if readings != 1 {
			t.Errorf("readings: got %d, want 1", readings)
		}
	})
}

// TestReadingEnds: a store that never answers does not hold a reading for ever.
func TestReadingEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		_, err := NewReader(nil, nil).once(t.Context(), "page", func(ctx context.Context) (*rows, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		})
		if took := time.Since(began); err == nil || took != readTimeout {
			t.Errorf("got %v after %v, want an error after %v", err, took, readTimeout)
		}
	})
}
