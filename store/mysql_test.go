package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/google/go-cmp/cmp"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/internal/services"
	"github.com/parleychat/parley/store"
)

// quietly is a store at an address that tells nobody of its migrations.
func quietly(address string) store.Config {
	return store.Config{URL: address, Logger: slog.New(slog.DiscardHandler)}
}

func TestURL(t *testing.T) {
	for _, good := range []string{
		"mysql://parley:secret@db.example.org:3307/parley",
		"mysql://parley@localhost/parley?tls=true",
		"mysql://parley:s%2Fe%3Fc%23r%40t@[::1]:3306/parley?tls=skip-verify",
	} {
		if err := store.CheckURL(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, tc := range []struct{ url, shown, want string }{
		{"mysql://parley:secret@db", "mysql://parley:***@db", "no name"},
		{"mysql://parley:secret@db/a/b", "mysql://parley:***@db/a/b", "no name"},
		{"mysql://parley:secret@/parley", "mysql://parley:***@/parley", "no host"},
		{"mysql://:secret@db/parley", "mysql://:***@db/parley", "no user"},
		{"mysql://db/parley", "mysql://db/parley", "no user"},
		{"mysql://parley:secret", "mysql://***", "no address"},
		{"redis://db:6379/0", "redis://db:6379/0", `"redis"`},
		{"redis://:6379", "redis://***", "not known"},
		{"redis://db:637900", "redis://***", "no address"},
		{"mysql://parley:sec/ret@db/parley", "mysql://parley:***@db/parley", "%2F"},
		{"mysql://parley:sec@ret@db/parley", "mysql://parley:***@db/parley", ""},
		{"mysql://parley:sec%ret@db/parley", "mysql://parley:***@db/parley", "%25"},
		{"postgres://parley:secret@db/parley", "postgres://parley:***@db/parley", `"postgres"`},
		{"parley:secret@tcp(db)/parley", "***", "mysql://user:password@host"},
		{"mysql://parley:secret@db/parley?parseTime=true", "mysql://parley:***@db/parley?parseTime=true", "parseTime"},
		{"mysql://parley:secret@db/parley?tls=maybe", "mysql://parley:***@db/parley?tls=maybe", "tls=maybe"},
		{"mysql://parley:secret@db/parley#x", "mysql://parley:***@db/parley#x", "#"},
		{"", "", "not known"},
	} {
		err := store.CheckURL(tc.url)
		if tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) || err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: got %v, want an error about %s without the password", tc.url, err, tc.want)
		}
		if got := store.RedactURL(tc.url); got != tc.shown {
			t.Errorf("%s is shown as %s, want %s", tc.url, got, tc.shown)
		}
	}
}

func FuzzRedactURL(f *testing.F) {
	f.Add("mysql://parley:", "@db:3306/parley?tls=true")
	f.Add("mysql://a:b@", "@/")
	f.Fuzz(func(t *testing.T, before, after string) {
		const secret = "5up3rs3cr3t"
		url := before + secret + after
		if err := store.CheckURL(url); err != nil && strings.Contains(err.Error(), secret) && !strings.Contains(err.Error(), "parameter") && !strings.Contains(err.Error(), "kind") && !strings.Contains(err.Error(), "tls=") {
			t.Errorf("%q: %v", url, err)
		}
		if strings.HasPrefix(before, "mysql://") && strings.HasSuffix(before, ":") && strings.HasPrefix(after, "@") && strings.Contains(store.RedactURL(url), secret) {
			t.Errorf("%q is shown as %q", url, store.RedactURL(url))
		}
	})
}

// TestMySQLErrors: what passes is told from what is about the data.
func TestMySQLErrors(t *testing.T) {
	for number, outage := range map[uint16]bool{
		1205: true, 1213: true, 1040: true, 1053: true, 1290: true, 1836: true, 1021: true, 1114: true, 1045: true, 1317: true, 1927: true,
		1062: false, 1406: false, 1366: false, 1048: false, 1054: false, 1064: false, 1146: false, 1264: false, 1452: false, 1153: false,
	} {
		err := fmt.Errorf("commit: %w", &mysql.MySQLError{Number: number})
		if got := store.IsOutage(err); got != outage {
			t.Errorf("error %d: got outage %v, want %v", number, got, outage)
		}
	}
	for _, err := range []error{mysql.ErrInvalidConn, mysql.ErrMalformPkt, fmt.Errorf("x: %w", store.ErrUnfit), io.ErrUnexpectedEOF} {
		if !store.IsOutage(err) {
			t.Errorf("%v is no outage", err)
		}
	}
}

// TestMySQLFitness: a server that may lose what it confirms is refused, also
// when it becomes one after the start, and is taken again when it is put right.
func TestMySQLFitness(t *testing.T) {
	server := services.PrivateMariaDB(t)
	address := server.NewDatabase(t)
	open := func() error {
		s, err := store.Open(context.Background(), quietly(address))
		if err != nil {
			return err
		}
		return s.Close()
	}
	check(t, open())
	for _, c := range []struct{ bad, good, want string }{
		{"SET GLOBAL innodb_flush_log_at_trx_commit = 2", "SET GLOBAL innodb_flush_log_at_trx_commit = 1", "innodb_flush_log_at_trx_commit is 2"},
		{"SET GLOBAL max_allowed_packet = 1048576", "SET GLOBAL max_allowed_packet = 4194304", "max_allowed_packet is 1048576"},
	} {
		check(t, server.Admin(c.bad))
		if err := open(); !errors.Is(err, store.ErrUnfit) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), services.Password) {
			t.Errorf("%s: got %v, want %v: %s", c.bad, err, store.ErrUnfit, c.want)
		}
		check(t, server.Admin(c.good))
		check(t, open())
	}

	logging, err := services.StartMariaDB("--log-bin=binary", "--server-id=1", "--sync-binlog=0", "--binlog-format=STATEMENT")
	check(t, err)
	t.Cleanup(func() { check(t, logging.Stop()) })
	address = logging.NewDatabase(t)
	err = open()
	for _, want := range []string{"sync_binlog is 0", "binlog_format is STATEMENT"} {
		if !errors.Is(err, store.ErrUnfit) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %v: %s", err, store.ErrUnfit, want)
		}
	}
	check(t, logging.Admin("SET GLOBAL sync_binlog = 1", "SET GLOBAL binlog_format = ROW"))
	check(t, open())
}

// TestMySQLForeign: a database that is used for something else stays as it is.
func TestMySQLForeign(t *testing.T) {
	server := services.SharedMariaDB(t)
	address := server.NewDatabase(t)
	check(t, server.Admin("CREATE TABLE "+databaseOf(address)+".users (id INT)"))
	_, err := store.Open(context.Background(), quietly(address))
	if !errors.Is(err, store.ErrForeign) || store.IsOutage(err) {
		t.Errorf("got %v, want %v", err, store.ErrForeign)
	}
	if _, _, err := store.SchemaVersion(context.Background(), store.Config{URL: address}); !errors.Is(err, store.ErrForeign) {
		t.Errorf("got %v, want %v", err, store.ErrForeign)
	}
	if tables := tablesOf(t, server, address); len(tables) != 1 {
		t.Errorf("got tables %v, want the one that was there", tables)
	}
}

// TestMySQLNewerSchema: a database that a newer Parley has written is refused.
func TestMySQLNewerSchema(t *testing.T) {
	server := services.SharedMariaDB(t)
	address := server.NewDatabase(t)
	s, err := store.Open(context.Background(), quietly(address))
	check(t, err)
	check(t, s.ExecDurable(context.Background(), `INSERT INTO schema_versions (version_id, is_applied) VALUES (999, 1)`))
	check(t, s.Close())
	before := tablesOf(t, server, address)
	_, err = store.Open(context.Background(), quietly(address))
	if !errors.Is(err, store.ErrNewerSchema) || !strings.Contains(err.Error(), "999") || store.IsOutage(err) {
		t.Errorf("got %v, want %v that names the versions", err, store.ErrNewerSchema)
	}
	if diff := cmp.Diff(before, tablesOf(t, server, address)); diff != "" {
		t.Errorf("tables (-before +after):\n%s", diff)
	}
}

// TestMigrationCutOff: MySQL keeps what a migration has done before its process
// ended. Wherever that was, the next start makes the same tables.
func TestMigrationCutOff(t *testing.T) {
	server, ctx := services.SharedMariaDB(t), context.Background()
	whole := server.NewDatabase(t)
	openStore(t, store.Config{URL: whole})
	want := tablesOf(t, server, whole)

	var steps []string
	steps = append(steps,
		"CREATE TABLE parley_store (made_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP PRIMARY KEY) ENGINE = InnoDB COMMENT = 'This database belongs to Parley.'",
		want["schema_versions"],
		"INSERT INTO schema_versions (version_id, is_applied) VALUES (0, 1)",
	)
	files, err := filepath.Glob("migrations/mysql/*.sql")
	check(t, err)
	for i, file := range files {
		steps = append(steps, migrationSteps(t, file)...)
		steps = append(steps, fmt.Sprintf("INSERT INTO schema_versions (version_id, is_applied) VALUES (%d, 1)", i+1))
	}
	if len(steps) < 15 {
		t.Fatalf("got %d steps, want one for each table", len(steps))
	}
	for done := range len(steps) + 1 {
		address := server.NewDatabase(t)
		check(t, server.AsRoot(func(ctx context.Context, db *sql.DB) error {
			for _, statement := range append([]string{"USE " + databaseOf(address)}, steps[:done]...) {
				if _, err := db.ExecContext(ctx, statement); err != nil {
					return err
				}
			}
			return nil
		}))
		s, err := store.Open(ctx, quietly(address))
		if err != nil {
			t.Errorf("after %d steps: %v", done, err)
			continue
		}
		if diff := cmp.Diff(want, tablesOf(t, server, address)); diff != "" {
			t.Errorf("after %d steps: tables (-whole +continued):\n%s", done, diff)
		}
		if id, err := s.LastRevocation(ctx); err != nil || id != 0 {
			t.Errorf("after %d steps: got counter %d, error %v, want it once and 0", done, id, err)
		}
		newUser(t, s, "ann@example.org")
		check(t, s.Close())
	}
}

// migrationSteps are a file's statements.
func migrationSteps(t *testing.T, path string) (steps []string) {
	t.Helper()
	text, err := os.ReadFile(path)
	check(t, err)
	_, up, _ := strings.Cut(string(text), "-- +goose Up\n")
	for statement := range strings.SplitSeq(up, ";\n") {
		if statement = strings.TrimSpace(statement); statement != "" {
			steps = append(steps, statement)
		}
	}
	return steps
}

// tablesOf is how the tables of a database were made.
func tablesOf(t *testing.T, server *services.MariaDB, address string) map[string]string {
	t.Helper()
	tables := make(map[string]string)
	check(t, server.AsRoot(func(ctx context.Context, db *sql.DB) error {
		var names string
		err := db.QueryRowContext(ctx, `SELECT GROUP_CONCAT(table_name) FROM information_schema.tables WHERE table_schema = ?`, databaseOf(address)).Scan(&names)
		if err != nil {
			return err
		}
		for name := range strings.SplitSeq(names, ",") {
			var made string
			if err := db.QueryRowContext(ctx, "SHOW CREATE TABLE "+databaseOf(address)+"."+name).Scan(&name, &made); err != nil {
				return err
			}
			made, _, _ = strings.Cut(made, "AUTO_INCREMENT=") // how many rows there were
			tables[name] = made
		}
		return nil
	}))
	return tables
}

// TestMySQLPacket: a batch of any size is sent in parts that the smallest
// allowed packet takes, also when every character has to be escaped.
func TestMySQLPacket(t *testing.T) {
	server := services.PrivateMariaDB(t)
	check(t, server.Admin("SET GLOBAL max_allowed_packet = 4194304"))
	s := openStore(t, store.Config{URL: server.NewDatabase(t)})
	r := newRecorder(t, s)
	ann := newUser(t, s, "ann@example.org")
	room := r.createRoom("lobby", ann)
	for range 1000 {
		r.must(message(room, ann, "short"))
	}
	for range 100 {
		r.must(message(room, ann, strings.Repeat(`"\`, 13_000)))
	}
	r.commit()
	wantStored(t, s, room, 1101, 1101)
}

// TestDeadlock: of two transactions that stand in each other's way one is
// undone by the server and run again, from its beginning.
func TestDeadlock(t *testing.T) {
	s, ctx := openMariaDB(t), context.Background()
	for _, name := range []string{"a", "b"} {
		check(t, s.ExecDurable(ctx, `INSERT INTO counters (name, value) VALUES (?, 0)`, name))
	}
	var both sync.WaitGroup // have the first row
	both.Add(2)
	runs := [2]int{}
	parallel(2, func(i int) {
		order := []string{"a", "b"}
		err := s.WriteTwice(ctx, `UPDATE counters SET value = value + 1 WHERE name = ?`, order[i], order[1-i], func() {
			if runs[i]++; runs[i] == 1 {
				both.Done()
				both.Wait()
			}
		})
		if err != nil {
			t.Error(err)
		}
	})
	if runs[0]+runs[1] != 3 {
		t.Errorf("got %v runs, want one transaction undone and run again", runs)
	}
	for _, name := range []string{"a", "b"} {
		var value int
		check(t, s.Peek(ctx, []any{&value}, `SELECT value FROM counters WHERE name = ?`, name))
		if value != 2 {
			t.Errorf("counter %s is %d, want 2", name, value)
		}
	}
}

// testKeysAreBytes: nothing that must be unique is folded or cut, whatever the
// database's collations would do.
func testKeysAreBytes(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	r := newRecorder(t, s)
	alike := []string{"cafe", "café", "cafe\u0301", "CAFE", "cafe ", " cafe", "ｃａｆｅ", "cafe\t", "cafß", "cafss", "caf\u00ade", "😀", "😁"}
	for i, key := range alike {
		n := newRoom("x", 1, fmt.Sprint("c", i))
		n.NameKey = key
		reserved, err := s.ReserveRoom(ctx, n)
		check(t, err)
		r.must(createRecord(reserved))
		r.commit()
		if reserved.TakenUp {
			t.Errorf("%q took up the room of another key", key)
		}
		found, err := s.RoomByName(ctx, key)
		check(t, err)
		if found.ID != reserved.Room.ID {
			t.Errorf("%q leads to room %d, want %d", key, found.ID, reserved.Room.ID)
		}
	}
	ann := newUser(t, s, "ann@example.org")
	room := r.createRoom("cids", ann)
	for _, cid := range []string{"abc", "ABC", "abc-", "abc_"} {
		rec := message(room, ann, cid)
		rec.CID = cid
		r.must(rec)
	}
	r.commit()
	for i, cid := range []string{"abc", "ABC", "abc-", "abc_"} {
		answer, _, err := s.FindAnswer(ctx, room, ann, cid)
		check(t, err)
		if answer == nil || answer.Answer.Seq != chat.Seq(i+2) {
			t.Errorf("cid %s: got %+v, want event %d", cid, answer, i+2)
		}
	}
	signIn(t, s, ann, "sid")
	signIn(t, s, ann, "SID")
	check(t, s.RevokeSession(ctx, "SID", 5))
	session, err := s.SessionByID(ctx, "sid")
	check(t, err)
	if session.RevokedAt != 0 || session.SID != "sid" {
		t.Errorf("got %+v, want the session that was not revoked", session)
	}
	_, err = s.SessionByID(ctx, "sid ")
	wantRefusal(t, err, chat.NotFound)
}
