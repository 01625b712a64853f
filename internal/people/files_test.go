package people

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parleychat/parley/internal/check"
)

// do runs statements on a database of the test.
func do(t *testing.T, path string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, statement := range statements {
		if _, err := db.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// TestFiles looks at files twice: the second time there are only the new rows
// and those that have changed, unless all were asked for.
func TestFiles(t *testing.T) {
	dir := t.TempDir()
	log, store := filepath.Join(dir, "log.db"), filepath.Join(dir, "parley.db")
	record := func(pos int, text string) string {
		return fmt.Sprintf(`INSERT INTO records VALUES (%d, '{"kind":"message","roomId":7,"userId":1,"cid":"c%d","messageText":%q}')`, pos, pos, text)
	}
	event := func(seq int, outcome, text string) string {
		return fmt.Sprintf(`INSERT INTO events VALUES (7, %d, 'message', 1, 'c%d', 'id%d', %q, NULL, 0, 0, '{"messageText":%q}')`, seq, seq, seq, outcome, text)
	}
	do(t, log, `CREATE TABLE records (pos INTEGER PRIMARY KEY, value BLOB)`, record(0, "one"), record(1, "two"))
	do(t, store,
		`CREATE TABLE watermarks (partition_no INTEGER, next INTEGER)`, `INSERT INTO watermarks VALUES (0, 1)`,
		`CREATE TABLE events (room, seq, kind, user, cid, id, outcome, target_seq, rev, deleted, body)`,
		`CREATE TABLE edits (room, seq)`, event(1, "", "one"))

	var out bytes.Buffer
	f := Files{Lines: check.NewWriter(&out)}
	look := func(whole bool, behind int64) (lines []check.What) {
		t.Helper()
		got, err := f.Look(dir, whole)
		if err != nil || got != behind {
			t.Fatalf("got %d records behind, %v, want %d", got, err, behind)
		}
		if err := f.Lines.Close(); err != nil {
			t.Fatal(err)
		}
		for text := range strings.Lines(out.String()) {
			var line check.Line
			if err := json.Unmarshal([]byte(text), &line); err != nil {
				t.Fatal(err)
			}
			lines = append(lines, line.What)
		}
		out.Reset()
		f.Lines = check.NewWriter(&out)
		return lines
	}
	if diff := cmp.Diff([]check.What{check.Logged, check.Logged, check.Snapshot, check.UpTo, check.Stored}, look(true, 1)); diff != "" {
		t.Errorf("at first (-want +got):\n%s", diff)
	}
	do(t, log, record(2, "three"))
	do(t, store, `UPDATE watermarks SET next = 3`, event(2, "forbidden", ""), event(3, "", "three"),
		`UPDATE events SET rev = 3 WHERE seq = 1`, `INSERT INTO edits VALUES (7, 1)`)
	if diff := cmp.Diff([]check.What{check.Logged, check.Snapshot, check.UpTo, check.Stored, check.Stored, check.Stored, check.Former}, look(false, 0)); diff != "" {
		t.Errorf("what is new (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]check.What{check.Snapshot, check.UpTo, check.Former}, look(false, 0)); diff != "" {
		t.Errorf("nothing new (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]check.What{check.Snapshot, check.UpTo, check.Stored, check.Stored, check.Stored, check.Former}, look(true, 0)); diff != "" {
		t.Errorf("all (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]int{"forbidden": 1}, f.Voids()); diff != "" {
		t.Errorf("voids (-want +got):\n%s", diff)
	}
	if f.Logged() != 3 || f.Looks() != 4 {
		t.Errorf("got %d records and %d looks, want 3 and 4", f.Logged(), f.Looks())
	}
}

// TestRecentCIDs: people use cids of others, each once.
func TestRecentCIDs(t *testing.T) {
	var c recentCIDs
	c.note(1, 7, "mine")
	for _, ask := range []struct {
		user, room int64
		want       string
	}{{1, 7, ""}, {2, 8, ""}, {2, 7, "mine"}, {2, 7, ""}, {3, 7, "mine"}} {
		if got := c.other(ask.user, ask.room); got != ask.want {
			t.Errorf("person %d in room %d: got %q, want %q", ask.user, ask.room, got, ask.want)
		}
	}
}
