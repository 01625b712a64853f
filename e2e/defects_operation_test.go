package e2e

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parleychat/parley/e2e/rig"
	"github.com/parleychat/parley/protocol"
)

// O3: a stop with people connected, one of them in the middle of a poll, ends
// with exit code 0, nothing bad in the log, and everything of the log stored.
func stopIsClean(t *testing.T) {
	server := rig.Serve(t)
	people := server.People("anna", "ben", "carl")
	room := people[0].CreateRoom("stop")
	sockets := []*rig.Socket{people[0].Connect(), people[1].ConnectPolling(), people[2].ConnectTurbo()}
	sockets[0].Join(room.ID)
	sockets[1].Join(room.ID)
	joinTurbo(sockets[2], room)
	const messages = 40
	for i := range messages {
		sockets[0].Say(room.ID, fmt.Sprint(i))
	}

	server.Interrupt()
	for i, socket := range sockets {
		socket.AwaitEnd()
		if told := socket.Events(protocol.Draining); len(told) != 1 {
			t.Errorf("socket %d was told of the stop %d times; it got %v", i, len(told), socket.Events(""))
		}
	}
	if code := server.Wait(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
	for line := range strings.Lines(server.Log()) {
		if strings.Contains(line, `"ERROR"`) || strings.Contains(line, "panic") || strings.Contains(line, "goroutine ") {
			t.Errorf("the log says %s", line)
		}
	}

	db, err := sql.Open("sqlite", filepath.Join(server.Data, "parley.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var stored int
	if err := db.QueryRowContext(t.Context(), `SELECT count(*) FROM events WHERE room = ? AND kind = 'message'`, room.ID).Scan(&stored); err != nil {
		t.Fatal(err)
	}
	if stored != messages {
		t.Errorf("%d messages are stored when the process has ended, want %d", stored, messages)
	}
	var next int64
	if err := db.QueryRowContext(t.Context(), `SELECT next FROM watermarks`).Scan(&next); err != nil {
		t.Fatal(err)
	}
	if end := logEnd(t, filepath.Join(server.Data, "log.db")); next != end {
		t.Errorf("the store has recorded up to %d, the log ends at %d", next, end)
	}
}

func logEnd(t *testing.T, path string) int64 {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var last int64
	if err := db.QueryRowContext(t.Context(), `SELECT max(pos) FROM records`).Scan(&last); err != nil {
		t.Fatal(err)
	}
	return last + 1
}

// O4: after hundreds of messages the process has the threads and descriptors
// that it had, and one signal ends it.
func messagesLeaveNothingBehind(t *testing.T) {
	server := rig.Serve(t)
	clusterLeavesNothing(t, []*rig.Server{server})
	server.Stop()
}

// clusterLeavesNothing: after hundreds of messages, sent at each of the servers,
// each has the threads and descriptors that it had. One signal ends each later.
func clusterLeavesNothing(t *testing.T, servers []*rig.Server) {
	people := servers[0].Crowd("writer", 8)
	room := createAtLast(t, people[0], "listeners")
	sockets := make([]*rig.Socket, len(people))
	for i, person := range people {
		sockets[i] = servers[i%len(servers)].As(person).Connect()
		defer sockets[i].Cut()
		sockets[i].Join(room)
	}
	round := func(n int) {
		rig.Together(t, len(people), func(i int) error {
			for k := range 20 {
				if _, err := sockets[i].SayAtLast(room, fmt.Sprintf("%d %d %d", n, i, k), rig.NewCID()); err != nil {
					return err
				}
			}
			return nil
		})
	}
	round(0) // whatever is made once is made now
	var before []rig.Usage
	for _, server := range servers {
		before = append(before, server.Usage())
	}
	round(1)
	// The runtime may start a thread at any time, and a pool open a connection;
	// one per message would be 160.
	for i, server := range servers {
		if after := server.Usage(); after.Threads > before[i].Threads+20 || after.Descriptors > before[i].Descriptors+20 {
			t.Errorf("server %d after 160 more messages: %+v, before: %+v", i, after, before[i])
		}
	}
}
