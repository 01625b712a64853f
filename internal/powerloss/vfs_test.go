package powerloss_test

import (
	"database/sql"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite"

	"github.com/parleychat/parley/internal/powerloss"
)

// TestSQLite: a database that forces its commits to the disk keeps them, and one
// that does not loses them: the layer sees the difference.
func TestSQLite(t *testing.T) {
	for _, tc := range []struct {
		journal, synchronous string
		kept                 bool
	}{
		{"WAL", "FULL", true}, {"WAL", "NORMAL", false}, {"WAL", "OFF", false},
		{"DELETE", "EXTRA", true}, {"DELETE", "OFF", false},
	} {
		t.Run(tc.journal+" "+tc.synchronous, func(t *testing.T) {
			dir := t.TempDir()
			disk, stop, err := powerloss.Watch(dir)
			if errors.Is(err, powerloss.ErrPlatform) {
				t.Skipf("SKIPPED: power loss: %v", err)
			}
			if err != nil {
				t.Fatal(err)
			}
			defer stop()
			open := func(dir string) *sql.DB {
				db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "x.db")+"?_pragma=journal_mode("+tc.journal+")&_pragma=synchronous("+tc.synchronous+")")
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { db.Close() })
				db.SetMaxOpenConns(1)
				return db
			}
			db := open(dir)
			for _, statement := range []string{`CREATE TABLE t (x)`, `INSERT INTO t VALUES (1)`} {
				if _, err := db.Exec(statement); err != nil {
					t.Fatal(err)
				}
			}
			lost := t.TempDir()
			if err := disk.Image(disk.Now(), powerloss.LoseAll, rand.New(rand.NewPCG(1, 1)), lost); err != nil {
				t.Fatal(err)
			}
			rows := 0
			err = open(lost).QueryRow(`SELECT count(*) FROM t`).Scan(&rows)
			if err != nil && !strings.Contains(err.Error(), "no such table") {
				t.Fatal(err)
			}
			if kept := rows == 1; kept != tc.kept {
				t.Errorf("kept: got %v, want %v", kept, tc.kept)
			}
		})
	}
}
