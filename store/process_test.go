package store_test

import (
	"bufio"
	"context"
	"database/sql"
	"database/sql/driver"
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
	"github.com/parleychat/parley/store"
)

// What the test binary does as a process of its own, named by this variable.
const roleVariable = "PARLEY_STORE_TEST_ROLE"

func TestMain(m *testing.M) {
	switch role, path, _ := strings.Cut(os.Getenv(roleVariable), ":"); role {
	case "":
		os.Exit(m.Run())
	case "migrate":
		migrateAsChild(path)
	case "die":
		dieInCommit(path)
	}
}

// child is another process of this test binary.
type child struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout *bufio.Reader
	stderr strings.Builder
}

func startChild(t *testing.T, role, path string) *child {
	t.Helper()
	c := &child{cmd: exec.CommandContext(t.Context(), os.Args[0])}
	c.cmd.Env = append(os.Environ(), roleVariable+"="+role+":"+path)
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

// migrateAsChild says that it is there, waits for its parent, and opens a store
// that does not exist yet.
func migrateAsChild(path string) {
	fmt.Println("ready")
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		fail(err)
	}
	s, err := store.Open(context.Background(), store.Config{Path: path})
	fail(err)
	_, err = s.CreateUser(context.Background(), store.NewUser{Email: fmt.Sprintf("%d@example.org", os.Getpid()), Name: "N", Handle: "same"})
	fail(err)
	fail(s.Close())
}

// TestMigrateAtOnce: several processes open a new store at the same time.
func TestMigrateAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "parley.db")
	children := make([]*child, 6)
	for i := range children {
		children[i] = startChild(t, "migrate", path)
	}
	for _, c := range children {
		if got := c.line(t); got != "ready" {
			t.Fatalf("got %q of a child, want ready", got)
		}
	}
	for _, c := range children {
		check(t, c.stdin.Close())
	}
	upgrades := 0
	for _, c := range children {
		if err := c.cmd.Wait(); err != nil {
			t.Errorf("child: %v\n%s", err, c.stderr.String())
		}
		upgrades += strings.Count(c.stderr.String(), "database schema upgraded")
	}
	s := openSQLiteAt(t, path)
	n, err := s.CountUsers(context.Background())
	check(t, err)
	if n != len(children) || upgrades != 1 {
		t.Errorf("got %d accounts and %d upgrades to version 1 from %d processes, want one upgrade", n, upgrades, len(children))
	}
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
		check(t, s.ExecDurable(ctx, `DELETE FROM users WHERE email_key = 'bert@example.org'`))
	}
	fillBatch(r, room, anna)
	r.commit()
	wantStored(t, s, room, 503, 503)
}
