package e2e

import (
	"bufio"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	_ "modernc.org/sqlite" // to change a file by hand

	"github.com/parleychat/parley/e2e/rig"
	"github.com/parleychat/parley/protocol"
)

// operate runs a command on a server's data and wants an exit code.
func operate(t *testing.T, data string, want int, args ...string) (stdout, stderr string) {
	t.Helper()
	code, stdout, stderr := rig.Parley(t, []string{"PARLEY_DATA=" + data}, args...)
	if code != want {
		t.Fatalf("parley %s: exit code %d, want %d\n%s%s", strings.Join(args, " "), code, want, stdout, stderr)
	}
	return stdout, stderr
}

// library makes a room that these people are members of.
func library(t *testing.T, people []*rig.Person) protocol.RoomInfo {
	t.Helper()
	room := people[0].CreateRoom("library")
	for _, p := range people {
		socket := p.Connect()
		socket.Join(room.ID)
		socket.Cut()
	}
	return room
}

// sayAll lets everybody say so many messages and returns their answers in
// order.
func sayAll(t *testing.T, people []*rig.Person, room int64, word string, each int) []protocol.SendAck {
	t.Helper()
	said := make([][]protocol.SendAck, len(people))
	rig.Together(t, len(people), func(i int) error {
		socket, err := people[i].TryConnect(t)
		if err != nil {
			return err
		}
		defer socket.Cut()
		for k := range each {
			ack, err := socket.SayAtLast(room, fmt.Sprintf("%s %d of %s", word, k, people[i].Name), rig.NewCID())
			if err != nil {
				return err
			}
			said[i] = append(said[i], ack)
		}
		return nil
	})
	all := slices.Concat(said...)
	slices.SortFunc(all, func(a, b protocol.SendAck) int { return int(a.Seq) - int(b.Seq) })
	return all
}

// G6: after a restore, whoever has seen what is lost is told so, and whoever
// has not goes on exactly.
func TestCursorsAfterRestore(t *testing.T) {
	server := rig.Serve(t)
	people := server.Crowd("writer", 5)
	room := library(t, people)
	kept := sayAll(t, people, room.ID, "kept", 6)
	before := kept[9].Cursor
	target := filepath.Join(t.TempDir(), "backup.tar")
	out, _ := operate(t, server.Data, 0, "backup", target)
	if !strings.Contains(out, target) {
		t.Errorf("backup says %q, want where it is", out)
	}
	lost := sayAll(t, people, room.ID, "lost", 10)
	server.Stop()

	data := filepath.Join(t.TempDir(), "restored")
	if out, _ := operate(t, data, 0, "restore", target); !strings.Contains(out, "sign in again") {
		t.Errorf("restore says %q, want that everybody has to sign in again", out)
	}
	restored := rig.Serve(t, rig.WithData(data))
	if _, err := restored.TryConnect(t, rig.How{Token: people[0].Token}); err == nil {
		t.Error("a session from before the restore lets somebody in")
	}
	for i := range people {
		people[i] = restored.SignIn(people[i])
	}
	socket := people[0].Connect()
	reset := func(cursor string) *protocol.Reset {
		t.Helper()
		var ack protocol.JoinAck
		socket.Ask(&ack, protocol.JoinRoom, protocol.JoinRequest{RoomRef: protocol.RoomRef{RoomID: room.ID}, Since: &cursor})
		return ack.Reset
	}
	if got := reset(lost[0].Cursor); got == nil || got.Reason != "ahead" {
		t.Errorf("a number that was not reached again: got %+v, want reset ahead", got)
	}
	other := sayAll(t, people, room.ID, "other", 10)
	if len(lost) != 50 || len(other) != 50 || lost[0].Seq != other[0].Seq || lost[49].Seq != other[49].Seq {
		t.Fatalf("lost %d to %d, written since %d to %d: want the same numbers", lost[0].Seq, lost[len(lost)-1].Seq, other[0].Seq, other[len(other)-1].Seq)
	}
	for _, ack := range lost {
		if got := reset(ack.Cursor); got == nil || got.Reason != "history" || got.Head.Cursor != other[49].Cursor {
			t.Errorf("cursor %s of the lost part: got %+v, want reset history and the head %s", ack.Cursor, got, other[49].Cursor)
		}
	}
	for name, cursor := range map[string]string{"before the backup": before, "at the backup": kept[len(kept)-1].Cursor} {
		again := people[1].Connect()
		again.JoinSince(room.ID, cursor)
		got := again.InRoom(room.ID)
		var want []string
		for _, ack := range slices.Concat(kept, other) {
			if ack.Seq > uint64Of(t, cursor) {
				want = append(want, ack.ID)
			}
		}
		var ids []string
		for _, ev := range got {
			ids = append(ids, ev.ID)
		}
		if err := rig.Contiguous(got); err != nil || !slices.Equal(ids, want) {
			t.Errorf("a cursor %s: got %d events (%v), want %d", name, len(ids), err, len(want))
		}
	}
	if out, _ := operate(t, restored.Data, 0, "verify"); !strings.Contains(out, "everything agrees") {
		t.Errorf("verify says %q", out)
	}
}

// uint64Of is the number in a cursor.
func uint64Of(t *testing.T, cursor string) (seq uint64) {
	t.Helper()
	if _, err := fmt.Sscanf(cursor, "%d.", &seq); err != nil {
		t.Fatal(err)
	}
	return seq
}

// tail runs parley tail and gives its lines.
func tail(t *testing.T, data string, args ...string) (process *rig.Running, cmd *exec.Cmd, lines *os.File) {
	t.Helper()
	cmd = exec.Command(rig.Binary(t), append([]string{"tail", "--data", data}, args...)...)
	lines, stdout, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { lines.Close() })
	cmd.Stdout = stdout
	process = rig.Run(t, "tail", cmd)
	stdout.Close()
	return process, cmd, lines
}

// Somebody who looks at the log and does not read on stands in nobody's way,
// misses nothing, and ends with Ctrl-C.
func TestTailIsInNobodysWay(t *testing.T) {
	server := rig.Serve(t)
	people := server.Crowd("writer", 4)
	room := library(t, people)
	process, cmd, lines := tail(t, server.Data, "--from", "beginning", "--follow")
	// More than all the buffers on the way can hold.
	const each = 30
	said := sayAll(t, people, room.ID, strings.Repeat("long ", 1900), each)
	process.Alive(t)
	scanner := bufio.NewScanner(lines)
	scanner.Buffer(nil, 1<<20)
	var ids []string
	for len(ids) < len(said) {
		if !scanner.Scan() {
			t.Fatalf("tail ended after %d messages: %v", len(ids), scanner.Err())
		}
		var line struct {
			Offset  int64
			Headers struct{ Kind string }
			Value   struct{ ID string }
		}
		if err := json.Unmarshal(scanner.Bytes(), &line); err != nil {
			t.Fatalf("%s: %v", scanner.Text(), err)
		}
		if line.Headers.Kind == "message" {
			ids = append(ids, line.Value.ID)
		}
	}
	for i, ack := range said {
		if ids[i] != ack.ID {
			t.Fatalf("message %d of the log is %s, want %s", i, ids[i], ack.ID)
		}
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if code := process.Wait(t); code != 0 {
		t.Errorf("after Ctrl-C: exit code %d, want 0", code)
	}
	server.Stop()
}

// A tail hears of a server that stops.
func TestTailOfServerThatStops(t *testing.T) {
	server := rig.Serve(t)
	server.Register("ann").CreateRoom("library")
	process, _, lines := tail(t, server.Data, "--from", "beginning", "--follow")
	if _, err := bufio.NewReader(lines).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	server.Stop()
	if code := process.Wait(t); code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	if _, err := os.Lstat(filepath.Join(server.Data, "admin.sock")); err == nil {
		t.Error("the socket is left behind")
	}
}

// A server that was killed leaves its socket; commands and the next server do
// not mind.
func TestCommandsAfterKill(t *testing.T) {
	server := rig.Serve(t)
	people := server.Crowd("writer", 2)
	room := library(t, people)
	said := sayAll(t, people, room.ID, "before", 5)
	server.Kill()
	if _, err := os.Lstat(filepath.Join(server.Data, "admin.sock")); err != nil {
		t.Errorf("the test needs the socket of the server that was killed: %v", err)
	}
	out, _ := operate(t, server.Data, 0, "tail", "--lines", "1")
	if !strings.Contains(out, said[len(said)-1].ID) {
		t.Errorf("tail says %q, want the last message %s", out, said[len(said)-1].ID)
	}
	target := filepath.Join(t.TempDir(), "backup")
	if out, _ := operate(t, server.Data, 0, "backup", target, "--json"); !strings.Contains(out, fmt.Sprintf(`"events": %d`, len(said)+2)) {
		t.Errorf("backup says %s, want %d events", out, len(said)+2)
	}
	server.Start()
	operate(t, server.Data, 0, "verify")
	_, errs := operate(t, server.Data, 1, "backup", target)
	if !strings.Contains(errs, "overwrites nothing") {
		t.Errorf("a second backup says %q", errs)
	}
	if _, errs := operate(t, server.Data, 1, "restore", target); !strings.Contains(errs, "is not empty") {
		t.Errorf("a restore over a running server says %q", errs)
	}
}

// verify names a row that was changed by hand, and fails.
func TestVerifyCommand(t *testing.T) {
	server := rig.Serve(t)
	ann := server.Register("ann")
	room := ann.CreateRoom("library")
	ack := ann.Connect().Say(room.ID, "the truth")
	server.Stop()
	db, err := sql.Open("sqlite", filepath.Join(server.Data, "parley.db"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`UPDATE events SET body = CAST(REPLACE(body, 'truth', 'untruth') AS BLOB) WHERE seq = ?`, ack.Seq); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for _, running := range []bool{false, true} {
		if running {
			server.Start()
		}
		out, _ := operate(t, server.Data, 1, "verify")
		want := fmt.Sprintf("events.body of room %d, event %d", room.ID, ack.Seq)
		if !strings.Contains(out, want) || !strings.Contains(out, "differences") {
			t.Errorf("running %v: verify says %q, want %q", running, out, want)
		}
	}
}
