package eventlog_test

import (
	"path/filepath"
	"testing"

	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/eventlog/eventlogtest"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

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
