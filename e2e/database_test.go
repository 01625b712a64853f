package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/parleychat/parley/e2e/rig"
	"github.com/parleychat/parley/internal/services"
)

// TestDatabaseAway: MariaDB is killed while two people talk. They go on, for
// what they say is in the log; when it is back, history has all of it, once,
// and so it has after the server was killed too.
func TestDatabaseAway(t *testing.T) {
	db := services.PrivateMariaDB(t)
	server := rig.Serve(t, rig.WithEnv("PARLEY_DB="+db.NewDatabase(t)))
	people := server.People("ann", "bob")
	ann, bob := people[0].Connect(), people[1].Connect()
	room := people[0].CreateRoom("harbour").ID
	ann.Join(room)
	bob.Join(room)
	var want []string
	say := func(socket *rig.Socket, from, to int) {
		t.Helper()
		for i := from; i < to; i++ {
			text := fmt.Sprint("message ", i)
			want = append(want, text)
			socket.Say(room, text)
		}
	}
	wantHistory := func() {
		t.Helper()
		page := people[1].Page(room, "?limit=200")
		if got := rig.Texts(page.Events); strings.Join(got, "|") != strings.Join(want, "|") {
			t.Errorf("history: got %q, want %q", got, want)
		}
	}
	say(ann, 0, 10)
	wantHistory()

	if err := db.Kill(); err != nil {
		t.Fatal(err)
	}
	say(ann, 10, 20)
	say(bob, 20, 30)
	bob.AwaitText(room, "message 19")
	ann.AwaitText(room, "message 29")
	if err := people[0].TryCall(nil, http.MethodGet, "/readyz", nil); rig.StatusOf(err) != http.StatusServiceUnavailable {
		t.Errorf("readyz without a database: got %v, want 503", err)
	}
	// Nobody has the log's end but the log: it is all that is left of these.
	server.Kill()
	if err := db.Start(); err != nil {
		t.Fatal(err)
	}
	server.Start()
	wantHistory()
	ann, bob = people[0].Connect(), people[1].Connect()
	ann.Join(room)
	bob.Join(room)
	say(ann, 30, 35)

	// The same with the server living on.
	if err := db.Kill(); err != nil {
		t.Fatal(err)
	}
	say(bob, 35, 45)
	if err := db.Start(); err != nil {
		t.Fatal(err)
	}
	rig.Eventually(t, "readiness", func() bool { return people[0].TryCall(nil, http.MethodGet, "/readyz", nil) == nil })
	wantHistory()
	server.Stop()
	if strings.Contains(server.Log(), services.Password) {
		t.Error("the log has the database's password")
	}
}
