package eventlog_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/parleychat/parley/eventlog"
)

// replaceDescriptors lets all descriptors of this process that are the file
// path lead to another file, so that what a program has open fails under it. It
// returns how to undo that.
func replaceDescriptors(t *testing.T, path, other string) (restore func()) {
	t.Helper()
	replacement, err := os.OpenFile(other, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer replacement.Close()
	descriptors, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	saved := make(map[int]int) // a copy of the original by descriptor
	for _, d := range descriptors {
		if target, err := os.Readlink("/proc/self/fd/" + d.Name()); err != nil || target != path {
			continue
		}
		number, err := strconv.Atoi(d.Name())
		if err != nil {
			t.Fatal(err)
		}
		if saved[number], err = syscall.Dup(number); err != nil {
			t.Fatal(err)
		}
		duplicate(t, int(replacement.Fd()), number)
	}
	if len(saved) == 0 {
		t.Fatalf("no descriptor of %s", path)
	}
	return func() {
		for number, original := range saved {
			duplicate(t, original, number)
			syscall.Close(original)
		}
	}
}

func duplicate(t *testing.T, from, to int) {
	t.Helper()
	if err := syscall.Dup3(from, to, syscall.O_CLOEXEC); err != nil {
		t.Fatal(err)
	}
}

// TestSyncFails lets the WAL become /dev/null, which takes every write and
// refuses fsync: the commit fails at its very last step.
func TestSyncFails(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log.db")
	log := openLog(t, path, eventlog.SQLiteOptions{})
	appendValue(t, log, "first")
	ended := make(chan error, 1)
	var followed []string
	atEnd := make(chan struct{})
	go func() {
		ended <- log.Follow(context.Background(), 0, 0, func(batch []eventlog.Entry) error {
			for _, e := range batch {
				followed = append(followed, string(e.Value))
			}
			close(atEnd)
			return nil
		})
	}()
	<-atEnd
	restore := replaceDescriptors(t, path+"-wal", "/dev/null")

	_, err := eventlog.AppendWait(t.Context(), log, 0, eventlog.Record{Value: []byte("lost")})
	if !errors.Is(err, eventlog.ErrUnknown) || errors.Is(err, eventlog.ErrNotAppended) {
		t.Errorf("append whose commit fails: got %v, want %v", err, eventlog.ErrUnknown)
	}
	if reason := <-log.Fatal(); !errors.Is(reason, eventlog.ErrFailed) {
		t.Errorf("Fatal: got %v, want %v", reason, eventlog.ErrFailed)
	}
	if err := <-ended; !errors.Is(err, eventlog.ErrFailed) || len(followed) != 1 {
		t.Errorf("Follow: got %v after %q, want %v after the first record", err, followed, eventlog.ErrFailed)
	}
	_, err = eventlog.AppendWait(t.Context(), log, 0, eventlog.Record{Value: []byte("after")})
	if !errors.Is(err, eventlog.ErrNotAppended) || !errors.Is(err, eventlog.ErrFailed) || errors.Is(err, eventlog.ErrUnknown) {
		t.Errorf("append after that: got %v, want %v and %v", err, eventlog.ErrNotAppended, eventlog.ErrFailed)
	}
	if err := log.Trim(t.Context(), 0, 1); !errors.Is(err, eventlog.ErrFailed) {
		t.Errorf("Trim after that: got %v, want %v", err, eventlog.ErrFailed)
	}
	if _, err := log.End(t.Context(), 0); !errors.Is(err, eventlog.ErrFailed) {
		t.Errorf("End after that: got %v, want %v", err, eventlog.ErrFailed)
	}
	restore()
	log.Close()

	log = openLog(t, path, eventlog.SQLiteOptions{})
	if got := appendValue(t, log, "after opening again"); got != 1 {
		t.Errorf("append after opening again: got offset %d, want 1", got)
	}
}

// TestCheckpointFails lets the file itself fail under the log, which is noticed
// when the WAL is moved into it.
func TestCheckpointFails(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log.db")
	log := openLog(t, path, eventlog.SQLiteOptions{})
	restore := replaceDescriptors(t, path, "/dev/null")
	acknowledged := int64(0)
	for i := 0; ; i++ {
		_, err := eventlog.AppendWait(t.Context(), log, 0, eventlog.Record{Key: fmt.Append(nil, i), Value: make([]byte, 60_000)})
		if err != nil {
			if !errors.Is(err, eventlog.ErrNotAppended) {
				t.Errorf("append after a failed checkpoint: got %v, want %v", err, eventlog.ErrNotAppended)
			}
			break
		}
		acknowledged++
	}
	if reason := <-log.Fatal(); !errors.Is(reason, eventlog.ErrFailed) {
		t.Errorf("Fatal: got %v, want %v", reason, eventlog.ErrFailed)
	}
	restore()
	log.Close()

	log = openLog(t, path, eventlog.SQLiteOptions{})
	entries, err := readAll(t, log)
	if got := int64(len(entries)); got != acknowledged || err != nil {
		t.Errorf("records after opening again: got %d and %v, want %d", got, err, acknowledged)
	}
}

// TestFullFile lets only the file be full, /dev/full, while the WAL could still
// grow. It may not do so without end.
func TestFullFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log.db")
	log := openLog(t, path, eventlog.SQLiteOptions{})
	restore := replaceDescriptors(t, path, "/dev/full")
	acknowledged := fillUntilFull(t, log)
	info, err := os.Stat(path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	if limit := int64(4062 * (4096 + 24)); info.Size() > limit {
		t.Errorf("WAL: got %d bytes, want no more than %d", info.Size(), limit)
	}
	restore()
	wantAfterFull(t, log, path, acknowledged)
}

// TestFullDisk fills a small file system, for real.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=40m"); err != nil {
		t.Skipf("cannot mount a small file system: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Errorf("unmount: %v", err)
		}
	})
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 24<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "log.db")
	log := openLog(t, path, eventlog.SQLiteOptions{})
	acknowledged := fillUntilFull(t, log)
	for range 20 {
		_, err := eventlog.AppendWait(t.Context(), log, 0, eventlog.Record{Value: make([]byte, 60_000)})
		if !errors.Is(err, eventlog.ErrFull) || !errors.Is(err, eventlog.ErrNotAppended) {
			t.Fatalf("append to a full disk: got %v, want %v", err, eventlog.ErrFull)
		}
	}
	select {
	case reason := <-log.Fatal():
		t.Fatalf("Fatal: got %v, want none", reason)
	default:
	}
	entries, err := readAll(t, log)
	if got := int64(len(entries)); got != acknowledged || err != nil {
		t.Errorf("records on a full disk: got %d and %v, want %d", got, err, acknowledged)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	wantAfterFull(t, log, path, acknowledged)
}
