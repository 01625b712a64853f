package eventlog_test

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/parleychat/parley/eventlog"
)

func openLog(t *testing.T, path string, options eventlog.SQLiteOptions) *eventlog.SQLite {
	t.Helper()
	log, err := eventlog.OpenSQLite(path, options)
	if err != nil {
		t.Fatalf("OpenSQLite: got %v, want no error", err)
	}
	t.Cleanup(func() { log.Close() })
	return log
}

func closeLog(t *testing.T, log *eventlog.SQLite) {
	t.Helper()
	if err := log.Close(); err != nil {
		t.Fatalf("Close: got %v, want no error", err)
	}
}

func appendValue(t *testing.T, log *eventlog.SQLite, value string) int64 {
	t.Helper()
	pos, err := eventlog.AppendWait(t.Context(), log, 0, eventlog.Record{Value: []byte(value)})
	if err != nil {
		t.Fatalf("append: got %v, want no error", err)
	}
	return pos.Offset
}

var errEnough = errors.New("enough")

// readAll returns what lies between Begin and End, and how reading it ended.
func readAll(t *testing.T, log *eventlog.SQLite) ([]eventlog.Entry, error) {
	t.Helper()
	begin, err := log.Begin(t.Context(), 0)
	if err != nil {
		t.Fatalf("Begin: got %v, want no error", err)
	}
	end, err := log.End(t.Context(), 0)
	if err != nil {
		t.Fatalf("End: got %v, want no error", err)
	}
	if begin == end {
		return nil, nil
	}
	var entries []eventlog.Entry
	err = log.Follow(t.Context(), 0, begin, func(batch []eventlog.Entry) error {
		entries = append(entries, batch...)
		if batch[len(batch)-1].Offset >= end-1 {
			return errEnough
		}
		return nil
	})
	if err == errEnough {
		err = nil
	}
	return entries, err
}

// alter runs statements on a file that no log has open.
func alter(t *testing.T, path string, statements ...string) {
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

// madeLog returns the path of a closed log of 20 records of 1,000 bytes.
func madeLog(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "log.db")
	log := openLog(t, path, eventlog.SQLiteOptions{})
	for i := range 20 {
		appendValue(t, log, fmt.Sprintf("record %02d %s", i, bytes.Repeat([]byte("x"), 990)))
	}
	closeLog(t, log)
	return path
}

// TestOpenVersion1 reads a file that the first version of the format made. It
// has to stay readable for ever.
func TestOpenVersion1(t *testing.T) {
	original, err := os.ReadFile("testdata/v1.db")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "log.db")
	if err := os.WriteFile(path, original, 0o600); err != nil {
		t.Fatal(err)
	}
	log := openLog(t, path, eventlog.SQLiteOptions{})
	const epoch = "AAAABBBBCCCCDDDDEEEEFFFFGG"
	if got := log.Epoch(); got != epoch {
		t.Errorf("Epoch: got %q, want %q", got, epoch)
	}
	got, err := readAll(t, log)
	if err != nil {
		t.Fatalf("reading: got %v, want no error", err)
	}
	at := time.Date(2026, time.November, 23, 12, 0, 0, 123e6, time.UTC)
	want := []eventlog.Entry{
		{
			Position: eventlog.Position{Epoch: epoch, Offset: 2},
			Record: eventlog.Record{
				Key:     []byte("key"),
				Headers: []eventlog.Header{{Key: "v", Value: []byte("1")}, {Key: "empty"}, {Key: "v", Value: []byte{0, 255}}},
				Value:   []byte("value"),
			},
			Time: at,
		},
		{Position: eventlog.Position{Epoch: epoch, Offset: 3}, Time: at},
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
	if got := appendValue(t, log, "next"); got != 4 {
		t.Errorf("append: got offset %d, want 4", got)
	}
}

func TestOpenRefuses(t *testing.T) {
	for _, test := range []struct {
		name string
		make func(t *testing.T, path string)
		want error
	}{
		{"Text", func(t *testing.T, path string) {
			if err := os.WriteFile(path, bytes.Repeat([]byte("not a database\n"), 1000), 0o600); err != nil {
				t.Fatal(err)
			}
		}, eventlog.ErrForeign},
		{"OtherDatabase", func(t *testing.T, path string) {
			alter(t, path, `CREATE TABLE other (a)`, `INSERT INTO other VALUES (1)`)
		}, eventlog.ErrForeign},
		{"OtherApplication", func(t *testing.T, path string) {
			alter(t, path, `PRAGMA application_id = 1234`, `PRAGMA user_version = 1`, `CREATE TABLE log (a)`)
		}, eventlog.ErrForeign},
		{"Directory", func(t *testing.T, path string) {
			if err := os.Mkdir(path, 0o700); err != nil {
				t.Fatal(err)
			}
		}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "log.db")
			test.make(t, path)
			before, _ := os.ReadFile(path)
			_, err := eventlog.OpenSQLite(path, eventlog.SQLiteOptions{})
			if err == nil || test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("OpenSQLite: got %v, want %v", err, test.want)
			}
			after, _ := os.ReadFile(path)
			if !bytes.Equal(before, after) {
				t.Error("OpenSQLite has changed a file that is not a log")
			}
		})
	}
}

func TestOpenDamaged(t *testing.T) {
	for _, test := range []struct {
		name   string
		damage func(t *testing.T, path string)
		want   error
	}{
		{"Newer", func(t *testing.T, path string) { alter(t, path, `PRAGMA user_version = 3`) }, eventlog.ErrNewer},
		{"NoVersion", func(t *testing.T, path string) { alter(t, path, `PRAGMA user_version = 0`) }, eventlog.ErrCorrupt},
		{"NoState", func(t *testing.T, path string) { alter(t, path, `DELETE FROM log`) }, eventlog.ErrCorrupt},
		{"FirstRecordMissing", func(t *testing.T, path string) { alter(t, path, `DELETE FROM records WHERE pos = 0`) }, eventlog.ErrCorrupt},
		{"RecordBelowFirst", func(t *testing.T, path string) { alter(t, path, `UPDATE log SET first = 3`) }, eventlog.ErrCorrupt},
		{"Cut", func(t *testing.T, path string) {
			if err := os.Truncate(path, 3*4096); err != nil {
				t.Fatal(err)
			}
		}, eventlog.ErrCorrupt},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := madeLog(t)
			test.damage(t, path)
			_, err := eventlog.OpenSQLite(path, eventlog.SQLiteOptions{})
			if !errors.Is(err, test.want) {
				t.Errorf("OpenSQLite: got %v, want %v", err, test.want)
			}
		})
	}
}

// TestReadDamaged damages what is only noticed by reading it. What lies before
// is delivered.
func TestReadDamaged(t *testing.T) {
	for name, damage := range map[string]func(t *testing.T, path string){
		"Hole": func(t *testing.T, path string) { alter(t, path, `DELETE FROM records WHERE pos = 7`) },
		"OneBit": func(t *testing.T, path string) {
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			at := bytes.Index(content, []byte("record 07 "))
			content[at+500] ^= 1
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := madeLog(t)
			damage(t, path)
			log := openLog(t, path, eventlog.SQLiteOptions{})
			entries, err := readAll(t, log)
			if !errors.Is(err, eventlog.ErrCorrupt) {
				t.Errorf("reading: got %v, want %v", err, eventlog.ErrCorrupt)
			}
			if len(entries) != 7 {
				t.Errorf("reading: got %d entries, want the 7 before the damage", len(entries))
			}
		})
	}
}

// TestOpenUnfinished opens what a process leaves that is killed while it makes
// the file.
func TestOpenUnfinished(t *testing.T) {
	for name, prepare := range map[string]func(t *testing.T, path string){
		"Empty": func(t *testing.T, path string) {
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		},
		"NoTables": func(t *testing.T, path string) { alter(t, path, `PRAGMA journal_mode = WAL`) },
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "log.db")
			prepare(t, path)
			log := openLog(t, path, eventlog.SQLiteOptions{})
			if got := appendValue(t, log, "first"); got != 0 {
				t.Errorf("append: got offset %d, want 0", got)
			}
		})
	}
}

func TestOpenOddPath(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "50% of ä?b=c#d&e %41")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "log.db")
	log := openLog(t, path, eventlog.SQLiteOptions{})
	appendValue(t, log, "here")
	if _, err := os.Stat(path); err != nil {
		t.Errorf("file: got %v, want it at the path given", err)
	}
	if entries, err := readAll(t, log); len(entries) != 1 || err != nil {
		t.Errorf("reading: got %d entries and %v, want 1", len(entries), err)
	}
}

func TestEpochsDiffer(t *testing.T) {
	a := openLog(t, filepath.Join(t.TempDir(), "log.db"), eventlog.SQLiteOptions{})
	b := openLog(t, filepath.Join(t.TempDir(), "log.db"), eventlog.SQLiteOptions{})
	if a.Epoch() == b.Epoch() {
		t.Errorf("epochs of two logs: got %q twice", a.Epoch())
	}
}
