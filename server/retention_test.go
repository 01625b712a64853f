package server

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parleychat/parley/eventlog"
)

func TestRetentionText(t *testing.T) {
	for text, want := range map[string]Retention{
		"30d": Retention(30 * day), "1d": Retention(day), "12h": Retention(12 * time.Hour), "90m": Retention(90 * time.Minute),
		"forever": Forever, " 7d ": Retention(7 * day), "36h": Retention(36 * time.Hour),
	} {
		var got Retention
		if err := got.UnmarshalText([]byte(text)); err != nil || got != want {
			t.Errorf("%q: got %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "0", "0d", "-1d", "30", "d", "30 days", "1.5d", "100001d", "-5h", "99999999999999999999d", "never"} {
		var got Retention
		if err := got.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q: got %v, want an error", text, got)
		}
	}
	for r, want := range map[Retention]string{Forever: "forever", DefaultRetention: "30d", Retention(90 * time.Minute): "1h30m0s"} {
		if got := r.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func FuzzRetention(f *testing.F) {
	f.Add("30d")
	f.Add("forever")
	f.Add("1h30m")
	f.Fuzz(func(t *testing.T, text string) {
		var r, again Retention
		if r.UnmarshalText([]byte(text)) != nil {
			return
		}
		if r < 0 {
			t.Errorf("%q is %d", text, r)
		}
		if err := again.UnmarshalText([]byte(r.String())); err != nil || again != r {
			t.Errorf("%q is written as %q, which is read as %v, %v", text, r, again, err)
		}
	})
}

type storedUpTo int64

func (s storedUpTo) ForcedWatermark(context.Context, string, int32) (int64, error) {
	return int64(s), nil
}

// The log forgets what is old and stored, and nothing else.
func TestTrim(t *testing.T) {
	log, err := eventlog.OpenSQLite(filepath.Join(t.TempDir(), "log.db"), eventlog.SQLiteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	for range 10 {
		if _, err := eventlog.AppendWait(t.Context(), log, 0, eventlog.Record{Value: []byte("x")}); err != nil {
			t.Fatal(err)
		}
	}
	now := time.Now()
	for _, step := range []struct {
		name   string
		stored int64
		now    time.Time
		want   int64 // where the log begins afterwards
	}{
		{"young records stay", 10, now.Add(29 * day), 0},
		{"old ones that are not stored stay", 0, now.Add(31 * day), 0},
		{"old ones go as far as they are stored", 4, now.Add(31 * day), 4},
		{"again there is nothing to do", 4, now.Add(31 * day), 4},
		{"all that are old and stored go", 10, now.Add(31 * day), 10},
	} {
		trimmer := &trimmer{log: log, store: storedUpTo(step.stored), keep: DefaultRetention, now: func() time.Time { return step.now }, logger: slog.New(slog.DiscardHandler)}
		if err := trimmer.trim(t.Context(), 0); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		got, err := log.Begin(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		if got != step.want {
			t.Errorf("%s: the log begins at %d, want %d", step.name, got, step.want)
		}
	}
	// What is appended next is numbered on.
	pos, err := eventlog.AppendWait(t.Context(), log, 0, eventlog.Record{Value: []byte("x")})
	if err != nil || pos.Offset != 10 {
		t.Errorf("after trimming: got offset %d, %v, want 10", pos.Offset, err)
	}
}

func TestTrimFollowsItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, keep := range []Retention{Forever, DefaultRetention} {
		log, err := eventlog.OpenSQLite(filepath.Join(t.TempDir(), "log.db"), eventlog.SQLiteOptions{})
		if err != nil {
			t.Fatal(err)
		}
		trimmer := &trimmer{log: log, store: storedUpTo(0), keep: keep, now: time.Now, logger: slog.New(slog.DiscardHandler)}
		if err := trimmer.run(ctx); err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("run: %v", err)
		}
		if err := log.Close(); err != nil {
			t.Error(err)
		}
	}
}

// emptyLog has one partition and no record.
type emptyLog struct{ eventlog.Log }

func (emptyLog) Partitions() int32                           { return 1 }
func (emptyLog) Epoch() string                               { return "epoch" }
func (emptyLog) Begin(context.Context, int32) (int64, error) { return 0, nil }
func (emptyLog) Trim(context.Context, int32, int64) error    { return nil }

// askedStore counts how often the trimmer has come.
type askedStore struct{ times atomic.Int64 }

func (s *askedStore) ForcedWatermark(context.Context, string, int32) (int64, error) {
	s.times.Add(1)
	return 0, nil
}

// TestTrimsWhatItRecords: a partition is trimmed soon after it has fallen to the
// server, which is a moment after its start, then each hour, and by nobody when
// it is gone.
func TestTrimsWhatItRecords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		store, ours := new(askedStore), new(atomic.Bool)
		trimmer := &trimmer{
			log: emptyLog{}, store: store, keep: DefaultRetention, now: time.Now, logger: slog.New(slog.DiscardHandler),
			ours: func(int32) bool { return ours.Load() },
		}
		ended := make(chan error, 1)
		go func() { ended <- trimmer.run(ctx) }()
		for _, step := range []struct {
			ours bool
			wait time.Duration
			want int64 // how often it has come by then
		}{{false, 2 * trimEvery, 0}, {true, 2 * askEvery, 1}, {true, trimEvery, 2}, {false, 2 * trimEvery, 2}, {true, 2 * askEvery, 3}} {
			ours.Store(step.ours)
			time.Sleep(step.wait)
			if got := store.times.Load(); got != step.want {
				t.Errorf("ours %v for %v: trimmed %d times by then, want %d", step.ours, step.wait, got, step.want)
			}
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
