package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/parleychat/parley/internal/services"
	"github.com/parleychat/parley/store"
)

// TestSilentServer: a database server that hangs is told from one that is slow.
// What waits for the one is given up, long before its time is over; what waits
// for the other goes on.
func TestSilentServer(t *testing.T) {
	db := services.PrivateMariaDB(t)
	cfg := quietly(db.NewDatabase(t))
	open := func(silence time.Duration) *store.Store {
		s, err := store.Open(t.Context(), store.Listening(cfg, 50*time.Millisecond, silence))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		s.WaitForEver()
		return s
	}
	patient := open(time.Minute)
	var one int
	// Meanwhile it is asked some ten times.
	if err := patient.Peek(t.Context(), []any{&one}, `SELECT SLEEP(1) + 1`); err != nil || one != 1 {
		t.Errorf("a slow reading: got %d, %v", one, err)
	}

	s := open(time.Second)
	if err := db.Pause(); err != nil {
		t.Fatal(err)
	}
	for name, call := range map[string]func() error{
		"a reading": func() error { return s.Peek(t.Context(), []any{&one}, `SELECT 1`) },
		"a writing": func() error { return s.WriteTwice(t.Context(), `SELECT ?`, 1, 2, func() {}) },
	} {
		if err := call(); !errors.Is(err, store.ErrSilent) || !store.IsOutage(err) || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s of a server that hangs: got %v, want that it is silent", name, err)
		}
	}
	if err := db.Resume(); err != nil {
		t.Fatal(err)
	}
	if err := patient.Peek(t.Context(), []any{&one}, `SELECT 2`); err != nil || one != 2 {
		t.Errorf("a reading when it goes on: got %d, %v", one, err)
	}
}

// TestGreetingIsNoAnswer: a server that greets whoever connects, and answers
// nothing that it is asked, is silent.
func TestGreetingIsNoAnswer(t *testing.T) {
	db := services.PrivateMariaDB(t)
	name, err := db.Create()
	if err != nil {
		t.Fatal(err)
	}
	proxy := services.NewProxy(t, db.Addr())
	s, err := store.Open(t.Context(), store.Listening(quietly(db.URLVia(proxy.Addr(), name)), 50*time.Millisecond, 200*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	s.WaitForEver()
	held := make(chan struct{})
	proxy.Judge(func(int, []byte) services.Verdict {
		<-held
		return services.Pass
	})
	defer close(held)
	// Meanwhile others connect all the time, and are greeted.
	connecting, stop := context.WithCancel(t.Context())
	defer stop()
	go func() {
		for connecting.Err() == nil {
			late, cancel := context.WithTimeout(connecting, 20*time.Millisecond)
			_ = s.Ping(late)
			cancel()
		}
	}()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var one int
	if err := s.Peek(ctx, []any{&one}, `SELECT 1`); !errors.Is(err, store.ErrSilent) {
		t.Errorf("a reading of a server that only greets: got %v, want that it is silent", err)
	}
}
