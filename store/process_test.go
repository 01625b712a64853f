package store_test

import (
	"bufio"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"modernc.org/sqlite"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/internal/services"
	"github.com/parleychat/parley/store"
)

// What the test binary does as a process of its own, named by this variable.
const roleVariable = "PARLEY_STORE_TEST_ROLE"

func TestMain(m *testing.M) {
	switch role, place, _ := strings.Cut(os.Getenv(roleVariable), ":"); role {
	case "":
		os.Exit(m.Run())
	case "migrate":
		migrateAsChild(place)
	case "record":
		recordAsChild(place)
	case "die":
		dieInCommit(place)
	}
}

// storeAt is the store at a place, which is a path or an address.
func storeAt(place string) store.Config {
	if strings.HasPrefix(place, "mysql://") {
		return store.Config{URL: place}
	}
	return store.Config{Path: place}
}

// onBoth runs a test at a place for a new store on each database.
func onBoth(t *testing.T, test func(t *testing.T, place string)) {
	t.Run("SQLite", func(t *testing.T) { test(t, filepath.Join(t.TempDir(), "parley.db")) })
	t.Run("MariaDB", func(t *testing.T) { test(t, services.SharedMariaDB(t).NewDatabase(t)) })
}

// child is another process of this test binary.
type child struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout *bufio.Reader
	stderr strings.Builder
}

func startChild(t *testing.T, role, place string) *child {
	t.Helper()
	c := &child{cmd: exec.CommandContext(t.Context(), os.Args[0])}
	c.cmd.Env = append(os.Environ(), roleVariable+"="+role+":"+place)
	c.cmd.Stderr = &c.stderr
	var err error
	c.stdin, err = c.cmd.StdinPipe()
	check(t, err)
	stdout, err := c.cmd.StdoutPipe()
	check(t, err)
	c.stdout = bufio.NewReader(stdout)
	check(t, c.cmd.Start())
	return c
}

func (c *child) line(t *testing.T) string {
	t.Helper()
	line, err := c.stdout.ReadString('\n')
	if err != nil {
		t.Fatalf("child: %v\n%s", err, c.stderr.String())
	}
	return strings.TrimSpace(line)
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// awaitParent says that this process is there and waits for its parent.
func awaitParent() {
	fmt.Println("ready")
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		fail(err)
	}
}

// release lets children go on that all are ready, at once.
func release(t *testing.T, children []*child) {
	t.Helper()
	for _, c := range children {
		if got := c.line(t); got != "ready" {
			t.Fatalf("got %q of a child, want ready", got)
		}
	}
	for _, c := range children {
		check(t, c.stdin.Close())
	}
}

// migrateAsChild opens a store that does not exist yet.
func migrateAsChild(place string) {
	awaitParent()
	s, err := store.Open(context.Background(), storeAt(place))
	fail(err)
	_, err = s.CreateUser(context.Background(), store.NewUser{Email: fmt.Sprintf("%d@example.org", os.Getpid()), Name: "N", Handle: "same"})
	fail(err)
	fail(s.Close())
}

// TestMigrateAtOnce: several processes open a new store at the same time.
func TestMigrateAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, place string) {
		children := make([]*child, 8)
		for i := range children {
			children[i] = startChild(t, "migrate", place)
		}
		release(t, children)
		upgrades := 0
		for _, c := range children {
			if err := c.cmd.Wait(); err != nil {
				t.Errorf("child: %v\n%s", err, c.stderr.String())
			}
			upgrades += strings.Count(c.stderr.String(), "database schema upgraded")
		}
		s := openStore(t, storeAt(place))
		n, err := s.CountUsers(context.Background())
		check(t, err)
		_, known, err := store.SchemaVersion(context.Background(), storeAt(place))
		check(t, err)
		if n != len(children) || upgrades != int(known) {
			t.Errorf("got %d accounts and %d upgrades to version %d from %d processes, want each upgrade once", n, upgrades, known, len(children))
		}
	})
}

// racedRecords is how long the log is that two recorders store at once.
const racedRecords = 400

// recordAsChild stores the same log as somebody else does at the same time: it
// goes on from where the store stands whenever it finds that it was overtaken.
// It says how many records it has stored and how often it was fenced.
func recordAsChild(place string) {
	ctx := context.Background()
	s, err := store.Open(ctx, storeAt(place))
	fail(err)
	ann, err := s.UserByEmail(ctx, "ann@example.org")
	fail(err)
	room, err := s.RoomByName(ctx, "lobby")
	fail(err)
	awaitParent()
	stored, fenced := 0, 0
	for {
		r := newRecorder(new(testing.B), s)
		if r.next > racedRecords {
			break
		}
		for range 3 {
			rec := message(room.ID, ann.ID, fmt.Sprint("record ", r.next))
			rec.CID = fmt.Sprint("cid-", r.next)
			r.apply(rec)
		}
		switch err := s.Commit(ctx, r.batch()); {
		case err == nil:
			stored += 3
		case errors.Is(err, store.ErrFenced):
			fenced++
		default:
			fail(err)
		}
	}
	fmt.Println(stored, fenced)
	fail(s.Close())
}

// TestTwoRecorders: two processes that both believe to be the recorder store
// each record once.
func TestTwoRecorders(t *testing.T) {
	onBoth(t, func(t *testing.T, place string) {
		ctx := context.Background()
		s := openStore(t, storeAt(place))
		r := newRecorder(t, s)
		room := r.createRoom("lobby", newUser(t, s, "ann@example.org"))
		children := []*child{startChild(t, "record", place), startChild(t, "record", place)}
		release(t, children)
		var stored, fenced int
		for _, c := range children {
			var own, lost int
			_, err := fmt.Sscan(c.line(t), &own, &lost)
			check(t, err)
			stored, fenced = stored+own, fenced+lost
			if err := c.cmd.Wait(); err != nil {
				t.Errorf("child: %v\n%s", err, c.stderr.String())
			}
		}
		next, err := s.Watermark(ctx, epoch, 0)
		check(t, err)
		if next != int64(1+stored) || next <= racedRecords {
			t.Errorf("watermark %d, but %d records were stored (%d times one was fenced)", next, stored, fenced)
		}
		wantStored(t, s, room, chat.Seq(next), next)
		events, _, err := s.Range(ctx, room, 1, 0, 10_000, 1<<30)
		check(t, err)
		for i, ev := range events {
			if want := fmt.Sprint("cid-", i+1); ev.CID != want || ev.Void() {
				t.Fatalf("event %d has cid %s and outcome %q, want %s", ev.Seq, ev.CID, ev.Outcome, want)
			}
		}
		t.Logf("%d records stored, %d times fenced", stored, fenced)
	})
}

// dieInCommit kills itself, as kill -9 does, in the middle of the transaction
// that commits a batch: a trigger calls the killer when the head is moved,
// behind the guard and the events.
func dieInCommit(path string) {
	sqlite.MustRegisterScalarFunction("die", 0, func(*sqlite.FunctionContext, []driver.Value) (driver.Value, error) {
		return nil, syscall.Kill(os.Getpid(), syscall.SIGKILL)
	})
	ctx := context.Background()
	s, err := store.Open(ctx, store.Config{Path: path})
	fail(err)
	t := new(testing.B) // its failures end this process with a panic, which the parent sees
	r := newRecorder(t, s)
	anna, err := s.UserByEmail(ctx, "anna@example.org")
	fail(err)
	room, err := s.RoomByName(ctx, "lobby")
	fail(err)
	fillBatch(r, room.ID, anna.ID)
	batch := r.batch()

	// An account whose commit was reported, then the batch.
	_, err = s.CreateUser(ctx, store.NewUser{Email: "bert@example.org", Name: "B", Handle: "bert"})
	fail(err)
	fmt.Println("dying")
	fail(s.Commit(ctx, batch))
	fmt.Println("alive")
}

func fillBatch(r *recorder, room chat.RoomID, user chat.UserID) {
	r.must(chat.Record{Kind: chat.KindJoin, Room: room, User: 4711})
	for i := range 500 {
		r.must(message(room, user, fmt.Sprint("message ", i)))
	}
}

// TestKilledInCommit: a process that is killed between two statements of a
// commit leaves nothing of the batch, and everything that was committed before.
func TestKilledInCommit(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "parley.db")
	s := openSQLiteAt(t, path)
	r := newRecorder(t, s)
	anna := newUser(t, s, "anna@example.org")
	room := r.createRoom("lobby", anna)
	r.must(message(room, anna, "before"))
	r.commit()

	db, err := sql.Open("sqlite", store.SQLiteSource(path))
	check(t, err)
	defer db.Close()
	for _, when := range []string{`UPDATE ON watermarks`, `INSERT ON events WHEN NEW.seq = 300`, `INSERT ON members`, `UPDATE ON rooms`, `UPDATE ON read_marks`} {
		_, err = db.Exec(`CREATE TRIGGER killer AFTER ` + when + ` BEGIN SELECT die(); END`)
		check(t, err)
		c := startChild(t, "die", path)
		if got := c.line(t); got != "dying" {
			t.Fatalf("got %q of the child, want dying", got)
		}
		rest, err := io.ReadAll(c.stdout)
		check(t, err)
		err = c.cmd.Wait()
		if status, ok := c.cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || !status.Signaled() || len(rest) > 0 {
			t.Fatalf("after %s: child ended with %v, said %q, want it killed in the commit\n%s", when, err, rest, c.stderr.String())
		}
		_, err = db.Exec(`DROP TRIGGER killer`)
		check(t, err)

		wantStored(t, s, room, 2, 2)
		if was, err := s.WasMember(ctx, room, 4711); err != nil || was {
			t.Errorf("after %s: was member %v, error %v, want nothing of the batch", when, was, err)
		}
		if _, err := s.UserByEmail(ctx, "bert@example.org"); err != nil {
			t.Errorf("after %s: the account that was made before is lost: %v", when, err)
		}
		check(t, s.ExecDurable(ctx, `DELETE FROM people_keys WHERE user <> ?`, int64(anna)))
		check(t, s.ExecDurable(ctx, `DELETE FROM users WHERE email_key = 'bert@example.org'`))
	}
	fillBatch(r, room, anna)
	r.commit()
	wantStored(t, s, room, 503, 503)
}
