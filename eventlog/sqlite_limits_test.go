package eventlog_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/parleychat/parley/eventlog"
)

// TestBusy holds up the writer in a done, so that the queue fills.
func TestBusy(t *testing.T) {
	log := openLog(t, filepath.Join(t.TempDir(), "log.db"), eventlog.SQLiteOptions{QueueBytes: 100_000})
	held, release := make(chan struct{}), make(chan struct{})
	log.Append(0, eventlog.Record{}, func(eventlog.Position, error) {
		close(held)
		<-release
	})
	<-held
	const n = 20
	answers := make(chan error, n)
	for range n {
		log.Append(0, eventlog.Record{Value: make([]byte, 10_000)}, func(_ eventlog.Position, err error) { answers <- err })
	}
	// 9 fit, the others are answered though the writer hangs.
	for range n - 9 {
		if err := <-answers; !errors.Is(err, eventlog.ErrBusy) || !errors.Is(err, eventlog.ErrNotAppended) {
			t.Fatalf("append to a full queue: got %v, want %v", err, eventlog.ErrBusy)
		}
	}
	close(release)
	for range 9 {
		if err := <-answers; err != nil {
			t.Errorf("append that was accepted: got %v, want no error", err)
		}
	}
	if got := appendValue(t, log, "room again"); got != 10 {
		t.Errorf("append: got offset %d, want 10", got)
	}
}

// TestOneRecordAlwaysFits has a bound below one record.
func TestOneRecordAlwaysFits(t *testing.T) {
	log := openLog(t, filepath.Join(t.TempDir(), "log.db"), eventlog.SQLiteOptions{QueueBytes: 1})
	appendValue(t, log, "more than one byte")
}

// TestFullDatabase lets SQLite refuse to grow the file. Nothing of the
// transaction may stay, and there is service again afterwards.
func TestFullDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log.db")
	log := openLog(t, path, eventlog.SQLiteOptions{})
	appendValue(t, log, "first")
	if err := log.WriterExec(`PRAGMA max_page_count = 100`); err != nil {
		t.Fatal(err)
	}
	acknowledged := fillUntilFull(t, log)
	for range 3 {
		_, err := eventlog.AppendWait(t.Context(), log, 0, eventlog.Record{Value: make([]byte, 60_000)})
		if !errors.Is(err, eventlog.ErrFull) || !errors.Is(err, eventlog.ErrNotAppended) {
			t.Fatalf("append to a full log: got %v, want %v", err, eventlog.ErrFull)
		}
	}
	if err := log.WriterExec(`PRAGMA max_page_count = 1000000`); err != nil {
		t.Fatal(err)
	}
	wantAfterFull(t, log, path, acknowledged+1)
}

// fillUntilFull appends from several goroutines until each was refused, and
// returns how many were acknowledged.
func fillUntilFull(t *testing.T, log *eventlog.SQLite) (acknowledged int64) {
	t.Helper()
	var (
		group sync.WaitGroup
		mu    sync.Mutex
	)
	for a := range 8 {
		group.Go(func() {
			for i := 0; ; i++ {
				rec := eventlog.Record{Key: fmt.Appendf(nil, "%d/%d", a, i), Value: make([]byte, 3000)}
				_, err := eventlog.AppendWait(t.Context(), log, 0, rec)
				switch {
				case errors.Is(err, eventlog.ErrFull) && errors.Is(err, eventlog.ErrNotAppended):
					return
				case err != nil:
					t.Errorf("append: got %v, want %v", err, eventlog.ErrFull)
					return
				}
				mu.Lock()
				acknowledged++
				mu.Unlock()
			}
		})
	}
	group.Wait()
	return acknowledged
}

// wantAfterFull checks that exactly the acknowledged records are there, that
// one more can be appended, and the same after opening again.
func wantAfterFull(t *testing.T, log *eventlog.SQLite, path string, acknowledged int64) {
	t.Helper()
	if got := appendValue(t, log, "space again"); got != acknowledged {
		t.Errorf("append with space again: got offset %d, want %d, the number of acknowledged records", got, acknowledged)
	}
	for range 2 {
		entries, err := readAll(t, log)
		if err != nil {
			t.Fatalf("reading: got %v, want no error", err)
		}
		seen := make(map[string]bool)
		for _, e := range entries {
			if len(e.Key) > 0 && seen[string(e.Key)] {
				t.Errorf("record %s: found twice", e.Key)
			}
			seen[string(e.Key)] = true
		}
		if got := int64(len(entries)); got != acknowledged+1 {
			t.Errorf("records: got %d, want %d", got, acknowledged+1)
		}
		closeLog(t, log)
		log = openLog(t, path, eventlog.SQLiteOptions{})
	}
}

// TestWALIsBounded appends a lot while followers read the file all the time.
// Without care some reader is always in the way of beginning the WAL anew.
func TestWALIsBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log.db")
	log := openLog(t, path, eventlog.SQLiteOptions{TailBytes: 1})
	appendValue(t, log, "first")
	stop := make(chan struct{})
	var followers, appenders sync.WaitGroup
	for range 6 {
		followers.Go(func() {
			for {
				err := log.Follow(t.Context(), 0, 0, func(batch []eventlog.Entry) error {
					select {
					case <-stop:
						return errEnough
					default:
					}
					if batch[len(batch)-1].Offset > 500 {
						return errors.New("from the beginning again")
					}
					return nil
				})
				if err == errEnough {
					return
				}
			}
		})
	}
	for range 8 {
		appenders.Go(func() {
			for range 100 {
				if _, err := eventlog.AppendWait(t.Context(), log, 0, eventlog.Record{Value: make([]byte, 60_000)}); err != nil {
					t.Errorf("append: got %v, want no error", err)
					return
				}
			}
		})
	}
	appenders.Wait()
	// A follower that waits for a next record sees stop with this one.
	close(stop)
	appendValue(t, log, "last")
	followers.Wait()
	info, err := os.Stat(path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	// 48 MB were written; the first piece of the WAL's index holds 4,062 pages.
	if limit := int64(4062 * (4096 + 24)); info.Size() > limit {
		t.Errorf("WAL: got %d bytes, want no more than %d", info.Size(), limit)
	}
}
