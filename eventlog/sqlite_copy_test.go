package eventlog_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/parleychat/parley/eventlog"
)

// A copy has the same records, and goes on by itself.
func TestCopy(t *testing.T) {
	log := openLog(t, filepath.Join(t.TempDir(), "log.db"), eventlog.SQLiteOptions{TailBytes: 1})
	for i := range 2500 {
		rec := eventlog.Record{Key: []byte("k"), Headers: []eventlog.Header{{Key: "n", Value: fmt.Append(nil, i)}}, Value: fmt.Append(nil, "record ", i)}
		log.Append(0, rec, func(eventlog.Position, error) {})
	}
	last := appendValue(t, log, "the last")
	if err := log.Trim(t.Context(), 0, 10); err != nil {
		t.Fatal(err)
	}
	want, err := readAll(t, log)
	if err != nil {
		t.Fatal(err)
	}

	for _, before := range []int64{10, 11, 1010, last + 1} {
		path := filepath.Join(t.TempDir(), "copy ?.db")
		if err := log.CopyTo(t.Context(), path, before); err != nil {
			t.Fatalf("CopyTo before %d: %v", before, err)
		}
		if _, err := os.Stat(path + "-wal"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a WAL stays beside the copy: %v", err)
		}
		copied := openLog(t, path, eventlog.SQLiteOptions{})
		got, err := readAll(t, copied)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want[:before-10], got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("copy before %d (-want +got):\n%s", before, diff)
		}
		if copied.Epoch() != log.Epoch() {
			t.Errorf("epoch: got %s, want %s", copied.Epoch(), log.Epoch())
		}
		if next := appendValue(t, copied, "next"); next != before {
			t.Errorf("the copy goes on at %d, want %d", next, before)
		}
	}
}

func TestCopyRefuses(t *testing.T) {
	dir := t.TempDir()
	log := openLog(t, filepath.Join(dir, "log.db"), eventlog.SQLiteOptions{})
	appendValue(t, log, "one")
	there := filepath.Join(dir, "there")
	if err := os.WriteFile(there, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := log.CopyTo(t.Context(), there, 1); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a file that exists: got %v, want %v", err, fs.ErrExist)
	}
	if text, err := os.ReadFile(there); string(text) != "mine" {
		t.Errorf("the file that existed: got %q, %v", text, err)
	}
	if err := log.CopyTo(t.Context(), filepath.Join(dir, "beyond"), 2); !errors.Is(err, eventlog.ErrTruncated) {
		t.Errorf("beyond the end: got %v, want %v", err, eventlog.ErrTruncated)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := log.CopyTo(ended, filepath.Join(dir, "interrupted"), 1); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: got %v, want %v", err, context.Canceled)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "interrupted*")); len(left) > 0 {
		t.Errorf("an interrupted copy leaves %v, %v", left, err)
	}
}

// RenewSQLite gives later records another epoch and leaves earlier ones theirs,
// through restarts, copies and further renewals.
func TestRenew(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log.db")
	var want []eventlog.Position
	var last eventlog.Renewed
	for range 3 {
		log := openLog(t, path, eventlog.SQLiteOptions{})
		if last.Epoch != "" && log.Epoch() != last.Epoch {
			t.Errorf("Epoch: got %s, want %s", log.Epoch(), last.Epoch)
		}
		for range 2 {
			pos, err := eventlog.AppendWait(t.Context(), log, 0, eventlog.Record{Value: []byte("x")})
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, pos)
		}
		closeLog(t, log)
		renewed, err := eventlog.RenewSQLite(path)
		if err != nil {
			t.Fatal(err)
		}
		if renewed.Former != log.Epoch() || renewed.Epoch == renewed.Former || renewed.Next != int64(len(want)) {
			t.Errorf("Renew: got %+v, want after epoch %s at %d", renewed, log.Epoch(), len(want))
		}
		// Once more, with nothing written in between.
		if last, err = eventlog.RenewSQLite(path); err != nil {
			t.Fatal(err)
		}
	}
	positions := func(log *eventlog.SQLite) (all []eventlog.Position) {
		entries, err := readAll(t, log)
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			all = append(all, entry.Position)
		}
		return all
	}
	log := openLog(t, path, eventlog.SQLiteOptions{})
	if diff := cmp.Diff(want, positions(log)); diff != "" {
		t.Errorf("positions (-want +got):\n%s", diff)
	}
	copied := filepath.Join(t.TempDir(), "copy.db")
	if err := log.CopyTo(t.Context(), copied, int64(len(want))); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, positions(openLog(t, copied, eventlog.SQLiteOptions{}))); diff != "" {
		t.Errorf("positions in a copy (-want +got):\n%s", diff)
	}
}
