package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/store"
)

// TestPaths: a path is a path, whatever the driver would read into it.
func TestPaths(t *testing.T) {
	for _, name := range []string{"plain.db", "a?_query_only=1&b#c.db", "100%41.db", "file:x.db", "mit Leerzeichen'\"ü.db"} {
		path := filepath.Join(t.TempDir(), name)
		s := openSQLiteAt(t, path)
		newUser(t, s, "anna@example.org")
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
	if _, err := store.Open(context.Background(), store.Config{Path: filepath.Join(t.TempDir(), "missing", "parley.db")}); err == nil || !strings.Contains(err.Error(), "missing") {
		t.Errorf("got error %v, want one that names the path", err)
	}
}

// TestDurability: what cannot be derived from the log is forced to the disk by
// every commit, the rest is not.
func TestDurability(t *testing.T) {
	s, ctx := openSQLite(t), context.Background()
	pragmas := func(peek func(context.Context, []any, string) error) (mode string, synchronous, secure, foreign int) {
		t.Helper()
		check(t, peek(ctx, []any{&mode}, `PRAGMA journal_mode`))
		check(t, peek(ctx, []any{&synchronous}, `PRAGMA synchronous`))
		check(t, peek(ctx, []any{&secure}, `PRAGMA secure_delete`))
		check(t, peek(ctx, []any{&foreign}, `PRAGMA foreign_keys`))
		return mode, synchronous, secure, foreign
	}
	const normal, full = 1, 2
	if mode, synchronous, secure, foreign := pragmas(s.PeekDurable); mode != "wal" || synchronous != full || secure != 1 || foreign != 1 {
		t.Errorf("durable: got journal_mode %s, synchronous %d, secure_delete %d, foreign_keys %d, want wal, %d, 1, 1", mode, synchronous, secure, foreign, full)
	}
	if mode, synchronous, secure, foreign := pragmas(s.PeekDerived); mode != "wal" || synchronous != normal || secure != 1 || foreign != 1 {
		t.Errorf("derived: got journal_mode %s, synchronous %d, secure_delete %d, foreign_keys %d, want wal, %d, 1, 1", mode, synchronous, secure, foreign, normal)
	}
	var n int
	if err := s.Peek(ctx, []any{&n}, `DELETE FROM users RETURNING id`); err == nil || !strings.Contains(err.Error(), "readonly") {
		t.Errorf("got error %v of a write on a reader's connection, want readonly", err)
	}
}

// TestOpenWhileClaimed: a server that starts waits for another that just makes
// sure whose the new file is. SQLite itself does not wait for somebody who writes
// when it turns WAL on.
func TestOpenWhileClaimed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "parley.db")
	other, err := sql.Open("sqlite", store.SQLiteSource(path, "_txlock=immediate"))
	check(t, err)
	defer other.Close()
	_, err = other.Exec(`PRAGMA application_id = 0x5073746f`)
	check(t, err)
	claim, err := other.Begin()
	check(t, err)

	opened := make(chan error, 1)
	go func() {
		s, err := store.Open(context.Background(), store.Config{Path: path})
		if err == nil {
			err = s.Close()
		}
		opened <- err
	}()
	select {
	case err := <-opened:
		t.Fatalf("got %v while somebody else had the file, want to wait", err)
	case <-time.After(300 * time.Millisecond):
	}
	check(t, claim.Rollback())
	check(t, <-opened)
}

// TestOutages: when the database cannot be written, the same batch is stored
// later; nothing of it is stored before.
func TestOutages(t *testing.T) {
	s, ctx := openSQLite(t), context.Background()
	path := sqlitePath(t, s)
	r := newRecorder(t, s)
	anna := newUser(t, s, "anna@example.org")
	room := r.createRoom("lobby", anna)

	other, err := sql.Open("sqlite", store.SQLiteSource(path))
	check(t, err)
	defer other.Close()
	other.SetMaxOpenConns(1)

	outages := []struct{ name, begin, end string }{
		{"full", `PRAGMA max_page_count = 1`, `PRAGMA max_page_count = 1000000000`},
		{"read-only", `PRAGMA query_only = 1`, `PRAGMA query_only = 0`},
		{"locked", `PRAGMA busy_timeout = 1`, `PRAGMA busy_timeout = 5000`},
	}
	for _, outage := range outages {
		head, next := r.state(room).Head.Seq, r.next
		for range 50 {
			r.must(message(room, anna, strings.Repeat("text ", 500)))
		}
		batch := r.batch()
		check(t, s.ExecDerived(ctx, outage.begin))
		if outage.name == "locked" {
			_, err := other.Exec(`BEGIN IMMEDIATE`)
			check(t, err)
		}
		for range 2 {
			if err := s.Commit(ctx, batch); !store.IsOutage(err) {
				t.Errorf("%s: got error %v, want an outage", outage.name, err)
			}
		}
		wantStored(t, s, room, head, next)
		if outage.name == "locked" {
			_, err := other.Exec(`ROLLBACK`)
			check(t, err)
		}
		check(t, s.ExecDerived(ctx, outage.end))
		check(t, s.Commit(ctx, batch))
		wantStored(t, s, room, head+50, next+50)
	}
}

// TestDeletedIsGone: a deleted message is not in the file any more (A77).
func TestDeletedIsGone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "parley.db")
	s, err := store.Open(context.Background(), store.Config{Path: path, Logger: slog.New(slog.DiscardHandler)})
	check(t, err)
	r := newRecorder(t, s)
	anna := newUser(t, s, "anna@example.org")
	room := r.createRoom("lobby", anna)
	const canary = "kanarienvogel"
	contains := func() bool {
		t.Helper()
		check(t, s.Close())
		data, err := os.ReadFile(path)
		check(t, err)
		if rest, err := os.ReadFile(path + "-wal"); err == nil {
			data = append(data, rest...)
		}
		return bytes.Contains(data, []byte(canary))
	}
	var sent []*chat.Event
	for i := range 200 {
		text := strings.Repeat("filler ", i)
		if i%10 == 5 {
			text = canary + strings.Repeat(" and its long song", i*10)
		}
		sent = append(sent, r.must(message(room, anna, text)))
	}
	r.must(chat.Record{Kind: chat.KindEdit, Room: room, User: anna, TargetSeq: sent[5].Seq, TargetUser: anna, Text: canary + " again"})
	r.must(chat.Record{Kind: chat.KindEdit, Room: room, User: anna, TargetSeq: sent[6].Seq, TargetUser: anna, Text: canary})
	r.commit()
	if !contains() {
		t.Fatal("the text is not in the file before its deletion: this test would see nothing")
	}
	s = openSQLiteAt(t, path)
	r.store = s
	for i := range sent {
		if i == 6 || i%10 == 5 {
			r.must(chat.Record{Kind: chat.KindDelete, Room: room, User: anna, TargetSeq: sent[i].Seq, TargetUser: anna})
		}
	}
	r.commit()
	if contains() {
		t.Error("a deleted text is still in the file")
	}
}

// TestNewerSchema: a database that a newer Parley has written is refused, and
// not changed.
func TestNewerSchema(t *testing.T) {
	path := filepath.Join(t.TempDir(), "parley.db")
	s, err := store.Open(context.Background(), store.Config{Path: path, Logger: slog.New(slog.DiscardHandler)})
	check(t, err)
	check(t, s.ExecDurable(context.Background(), `INSERT INTO schema_versions (version_id, is_applied) VALUES (999, 1)`))
	check(t, s.Close())
	before, err := os.ReadFile(path)
	check(t, err)
	_, err = store.Open(context.Background(), store.Config{Path: path})
	if !errors.Is(err, store.ErrNewerSchema) || !strings.Contains(err.Error(), "999") || store.IsOutage(err) {
		t.Errorf("got error %v, want %v that names the versions", err, store.ErrNewerSchema)
	}
	after, err := os.ReadFile(path)
	check(t, err)
	if !bytes.Equal(before, after) {
		t.Error("the refused file was changed")
	}
}

// TestForeignFile: what is no store stays as it is.
func TestForeignFile(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text")
	check(t, os.WriteFile(text, bytes.Repeat([]byte("Dear diary, "), 1000), 0o600))
	foreign := filepath.Join(dir, "foreign.db")
	db, err := sql.Open("sqlite", store.SQLiteSource(foreign))
	check(t, err)
	_, err = db.Exec(`CREATE TABLE users (id INTEGER PRIMARY KEY)`)
	check(t, err)
	check(t, db.Close())
	for _, path := range []string{text, foreign} {
		before, err := os.ReadFile(path)
		check(t, err)
		if _, err := store.Open(context.Background(), store.Config{Path: path}); !errors.Is(err, store.ErrForeign) {
			t.Errorf("%s: got error %v, want %v", path, err, store.ErrForeign)
		}
		after, err := os.ReadFile(path)
		check(t, err)
		if !bytes.Equal(before, after) {
			t.Errorf("%s was changed", path)
		}
	}
	empty := filepath.Join(dir, "empty")
	check(t, os.WriteFile(empty, nil, 0o600))
	check(t, openSQLiteAt(t, empty).Ping(context.Background()))
}

// TestDisabledAccount: whoever is disabled refreshes nothing.
func TestDisabledAccount(t *testing.T) {
	s, ctx := openSQLite(t), context.Background()
	anna := newUser(t, s, "anna@example.org")
	signIn(t, s, anna, "s")
	check(t, s.ExecDurable(ctx, `UPDATE users SET disabled_at = 77 WHERE id = ?`, int64(anna)))
	session, err := s.SessionByID(ctx, "s")
	check(t, err)
	user, err := s.UserByID(ctx, anna)
	check(t, err)
	if !session.Disabled || user.DisabledAt != 77 {
		t.Errorf("got session disabled %v, user disabled at %d, want true, 77", session.Disabled, user.DisabledAt)
	}
	_, err = rotate(s, "s-1", "s-2", 2000)
	wantRefusal(t, err, chat.Unauthorized)
}

func sqlitePath(t *testing.T, s *store.Store) (path string) {
	t.Helper()
	check(t, s.Peek(context.Background(), []any{&path}, `SELECT file FROM pragma_database_list WHERE name = 'main'`))
	return path
}
