package eventlog_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/eventlog/eventlogtest"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(crashChild); path != "" {
		appendUntilKilled(path, os.Getenv(crashRun))
	}
	goleak.VerifyTestMain(m)
}

func TestSQLite(t *testing.T) {
	for name, options := range map[string]eventlog.SQLiteOptions{
		"Defaults": {},
		// Next to nothing in memory: followers live on the file.
		"SmallTail": {TailBytes: 1},
	} {
		t.Run(name, func(t *testing.T) {
			eventlogtest.Run(t, func(t *testing.T) eventlogtest.Reopen {
				path := filepath.Join(t.TempDir(), "log.db")
				return func() (eventlog.Log, error) {
					return eventlog.OpenSQLite(path, options)
				}
			})
		})
	}
}

// TestSecondWriter opens a file twice, which the lock of the directory should
// have prevented. The offsets would be the same: the second one is refused.
func TestSecondWriter(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log.db")
	first := openLog(t, path, eventlog.SQLiteOptions{})
	second := openLog(t, path, eventlog.SQLiteOptions{})
	appendValue(t, first, "of the first")
	_, err := eventlog.AppendWait(t.Context(), second, 0, eventlog.Record{Value: []byte("of the second")})
	if !errors.Is(err, eventlog.ErrNotAppended) {
		t.Errorf("append of a second writer: got %v, want %v", err, eventlog.ErrNotAppended)
	}
	if reason := <-second.Fatal(); !errors.Is(reason, eventlog.ErrFailed) {
		t.Errorf("Fatal of the second writer: got %v, want %v", reason, eventlog.ErrFailed)
	}
	if got := appendValue(t, first, "of the first again"); got != 1 {
		t.Errorf("append of the first writer: got offset %d, want 1", got)
	}
}
