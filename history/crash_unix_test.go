//go:build unix

package history_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/history"
	"github.com/parleychat/parley/internal/services"
	"github.com/parleychat/parley/store"
)

// Where the child kills itself, with SIGKILL, and where its world lies.
const (
	crashAt  = "PARLEY_TEST_CRASH_AT"
	crashDir = "PARLEY_TEST_CRASH_DIR"
)

// TestMain lets the test binary be the process that is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		fmt.Fprintln(os.Stderr, crash(dir, os.Getenv(crashAt)))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// crash records until its second commit, at which it dies.
func crash(dir, at string) error {
	log, err := eventlog.OpenSQLite(filepath.Join(dir, "log.db"), eventlog.SQLiteOptions{})
	if err != nil {
		return err
	}
	sql, err := store.Open(context.Background(), services.StoreThere(filepath.Join(dir, "store.db")))
	if err != nil {
		return err
	}
	die := func() {
		if err := syscall.Kill(os.Getpid(), syscall.SIGKILL); err != nil {
			panic(err)
		}
		select {}
	}
	hooked, commits := &hookedStore{Store: sql}, 0
	hooked.onCommit(func(_ store.Batch, commit func() error) error {
		if commits++; commits < 2 {
			return commit()
		}
		switch at {
		case "before the inserts":
			die()
		case "after the commit":
			if err := commit(); err != nil {
				return err
			}
			die()
		}
		// Somewhere in the transaction.
		after, err := time.ParseDuration(at)
		if err != nil {
			return err
		}
		time.AfterFunc(after, die)
		for err == nil {
			err = commit()
		}
		select {} // committed; the second time it was fenced
	})
	return history.NewRecorder(history.RecorderConfig{Log: log, Store: hooked}).Run(context.Background())
}

// TestKilledRecorder is fault F8: whatever moment a recorder is killed at, the
// store holds exactly a prefix of the log, and the next one makes it whole.
func TestKilledRecorder(t *testing.T) {
	for _, at := range []string{"before the inserts", "3ms", "8ms", "15ms", "after the commit"} {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			w := openWorld(t, dir)
			r := w.newRoom(t, chat.PublicRoom, w.bo)
			var pending sync.WaitGroup
			for i := range 1700 {
				ev := r.put(t, &pending, said(w.bo, fmt.Sprint("m", i)))
				if i%5 == 0 {
					r.put(t, &pending, edit(ev, "changed"))
				}
			}
			pending.Wait()
			w.close()

			child := exec.CommandContext(t.Context(), os.Args[0])
			child.Env = append(os.Environ(), crashDir+"="+dir, crashAt+"="+at)
			output, err := child.CombinedOutput()
			status, ok := child.ProcessState.Sys().(syscall.WaitStatus)
			if !ok || !status.Signaled() || status.Signal() != syscall.SIGKILL {
				t.Fatalf("child: got %v, want killed by SIGKILL\n%s", err, output)
			}

			again := openWorld(t, dir)
			defer again.close()
			r.w = again
			again.records = w.records
			next, err := again.store.Watermark(t.Context(), again.rawLog.Epoch(), 0)
			if err != nil {
				t.Fatal(err)
			}
			// One room: the record at an offset has the next seq.
			opening, err := again.store.LoadState(t.Context(), again.rawLog.Epoch(), 0, r.id)
			if err != nil {
				t.Fatal(err)
			}
			if stored := int64(opening.State.Head.Seq); stored != next || stored != 1000 && stored != 2000 {
				t.Errorf("stored events: got %d with watermark %d, want 1000 or 2000 and the same", stored, next)
			}
			if want := r.events[next-1].Cursor(); opening.State.Head.Cursor() != want {
				t.Errorf("stored head: got %v, want %v", opening.State.Head.Cursor(), want)
			}
			again.storeAll(t)
			r.wantStored(t)
		})
	}
}
