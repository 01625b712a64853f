package e2e

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parleychat/parley/e2e/rig"
	"github.com/parleychat/parley/protocol"
)

// TestTwoProcessesOneDirectory starts a second server on the directory of the
// first: it says which directory is in use, and the first goes on.
func TestTwoProcessesOneDirectory(t *testing.T) {
	server := rig.Serve(t)
	anna := server.Register("anna")
	room := anna.CreateRoom("mine")
	socket := anna.Connect()
	socket.Join(room.ID)

	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(server.Data, link); err != nil {
		t.Fatal(err)
	}
	for _, directory := range []string{server.Data, link} {
		code, stdout, said := rig.Parley(t, []string{"PARLEY_DATA=" + directory, "PARLEY_LISTEN=" + rig.FreeAddr(t)}, "serve")
		if code == 0 || stdout != "" {
			t.Errorf("exit code %d, output %q, want a refusal", code, stdout)
		}
		wantOneLine(t, said, directory, "in use", fmt.Sprint(server.Pid()))
	}
	socket.Say(room.ID, "undisturbed")

	server.Kill() // the lock ends with the process, however it ends
	server.Start()
	if got := rig.Texts(anna.Page(room.ID, "").Events); !slices.Equal(got, []string{"undisturbed"}) {
		t.Errorf("history: got %q", got)
	}
}

// wantOneLine wants one clear sentence that names what it is about. What was
// logged on the way there, in JSON, does not count.
func wantOneLine(t *testing.T, said string, names ...string) {
	t.Helper()
	said = regexp.MustCompile(`(?m)^\{.*"level":"INFO".*\}\n`).ReplaceAllString(said, "")
	if lines := strings.Count(strings.TrimSpace(said), "\n") + 1; lines != 1 || strings.TrimSpace(said) == "" {
		t.Errorf("%d lines, want one:\n%s", lines, said)
	}
	for _, name := range names {
		if !strings.Contains(said, name) {
			t.Errorf("%q does not name %q", said, name)
		}
	}
	for _, inside := range []string{"goroutine", ".go:", "panic"} {
		if strings.Contains(said, inside) {
			t.Errorf("%q shows the program's insides", said)
		}
	}
}

// TestRefusesToStart gives the program what it cannot work with: it says in one
// line what is wrong.
func TestRefusesToStart(t *testing.T) {
	free := "PARLEY_LISTEN=" + rig.FreeAddr(t)
	fresh := func(t *testing.T) string { return "PARLEY_DATA=" + filepath.Join(t.TempDir(), "data") }
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	file := filepath.Join(t.TempDir(), "a-file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	spoiled := filepath.Join(t.TempDir(), "data")
	if err := os.MkdirAll(spoiled, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"parley.db", "log.db"} {
		if err := os.WriteFile(filepath.Join(spoiled, name), []byte(strings.Repeat("this is no database", 500)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		name  string
		env   []string
		args  []string
		names []string
	}{
		{"port taken", []string{fresh(t), "PARLEY_LISTEN=" + taken.Addr().String()}, nil, []string{taken.Addr().String()}},
		{"port taken, by PORT", []string{fresh(t), "PORT=" + fmt.Sprint(taken.Addr().(*net.TCPAddr).Port)}, nil, []string{taken.Addr().String()}},
		{"no such flag", []string{fresh(t), free}, []string{"--lisen=x"}, []string{"--lisen"}},
		{"listen is no address", []string{fresh(t), "PARLEY_LISTEN=nonsense"}, nil, []string{"nonsense"}},
		{"port too large", []string{fresh(t), "PARLEY_LISTEN=127.0.0.1:70000"}, nil, []string{"70000"}},
		{"retention is no time", []string{fresh(t), free}, []string{"--log-retention=soon"}, []string{"--log-retention"}},
		{"registration is no choice", []string{fresh(t), free}, []string{"--registration=perhaps"}, []string{"perhaps"}},
		{"any origin", []string{fresh(t), free}, []string{"--allow-origin=*"}, []string{"allow-origin"}},
		{"directory is a file", []string{free, "PARLEY_DATA=" + file}, nil, []string{file}},
		{"directory below a file", []string{free, "PARLEY_DATA=" + filepath.Join(file, "below")}, nil, []string{file}},
		{"directory cannot be made", []string{free, "PARLEY_DATA=/proc/parley"}, nil, []string{"/proc/parley"}},
		{"files are no databases", []string{free, "PARLEY_DATA=" + spoiled}, nil, []string{spoiled}},
		{"no such configuration", []string{fresh(t), free}, []string{"--config=" + filepath.Join(spoiled, "none.yaml")}, []string{"none.yaml"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			code, _, said := rig.Parley(t, test.env, append([]string{"serve"}, test.args...)...)
			if code <= 0 {
				t.Errorf("exit code %d, want a failure", code)
			}
			t.Logf("%s", said)
			wantOneLine(t, said, test.names...)
		})
	}
}

// TestStopAmidSends stops the server while four people write without a pause.
// The exit is clean, every client is told, and all that was acknowledged is
// there after the next start: once, and in the order that was told.
func TestStopAmidSends(t *testing.T) {
	server := rig.Serve(t)
	people := server.Crowd("writer", 4)
	room := people[0].CreateRoom("until the end")
	sockets := make([]*rig.Socket, len(people))
	for i, person := range people {
		if i%2 == 0 {
			sockets[i] = person.Connect()
		} else {
			sockets[i] = person.ConnectPolling()
		}
		sockets[i].Join(room.ID)
	}

	acknowledged := make([]map[string]protocol.SendAck, len(people)) // by cid
	begun := make(chan struct{}, 1000)
	done := make(chan struct{})
	go func() {
		defer close(done)
		rig.Together(t, len(people), func(i int) error {
			acknowledged[i] = sendUntilTheEnd(sockets[i], room.ID, begun)
			return nil
		})
	}()
	for range 40 {
		<-begun
	}
	stopped := time.Now()
	server.Interrupt()
	<-done
	if code := server.Wait(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
	t.Logf("stopped after %v", time.Since(stopped))
	for i, socket := range sockets {
		socket.AwaitEnd()
		if len(socket.Events(protocol.Draining)) != 1 {
			t.Errorf("socket %d was not told: %v", i, socket.Events(protocol.Draining))
		}
		if problems := socket.Events(protocol.Problem); len(problems) != 1 || !strings.Contains(problems[0].String(), `"code":"draining"`) {
			t.Errorf("socket %d was closed with %v, want draining", i, problems)
		}
	}

	server.Start()
	stored := make(map[string]protocol.Event)
	total := 0
	for _, ev := range wholeHistory(t, people[0], room.ID) {
		if _, twice := stored[ev.CID]; twice {
			t.Errorf("message %s stands twice", ev.CID)
		}
		stored[ev.CID] = ev
	}
	for _, acks := range acknowledged {
		for cid, ack := range acks {
			total++
			if got, want := (place{stored[cid].ID, stored[cid].Seq, stored[cid].Cursor, stored[cid].At}), (place{ack.ID, ack.Seq, ack.Cursor, ack.At}); got != want {
				t.Errorf("acknowledged %+v, after the start %+v", want, got)
			}
		}
	}
	t.Logf("%d acknowledged, %d stored", total, len(stored))
}

// sendUntilTheEnd keeps a few sends under way until the connection ends, and
// returns what was acknowledged.
func sendUntilTheEnd(socket *rig.Socket, room int64, begun chan<- struct{}) map[string]protocol.SendAck {
	acks := make(map[string]protocol.SendAck)
	type send struct{ id, cid string }
	var underWay []send
	finish := func(s send) bool {
		var ack protocol.SendAck
		err := socket.Finish(s.id, &ack)
		if err == nil {
			acks[s.cid] = ack
		}
		_, refused := err.(*rig.Refused)
		return err == nil || refused
	}
	for {
		cid := rig.NewCID()
		id, err := socket.Begin(protocol.SendMessage, protocol.SendRequest{RoomRef: protocol.RoomRef{RoomID: room}, MessageText: cid, CID: cid})
		if err != nil {
			break
		}
		select {
		case begun <- struct{}{}:
		default:
		}
		underWay = append(underWay, send{id, cid})
		if len(underWay) >= 5 {
			if !finish(underWay[0]) {
				break
			}
			underWay = underWay[1:]
		}
	}
	for _, s := range underWay {
		finish(s)
	}
	return acks
}

// wholeHistory reads all messages of a room over REST, oldest first.
func wholeHistory(t *testing.T, who *rig.Person, room int64) []protocol.Event {
	t.Helper()
	var messages []protocol.Event
	for query := "?limit=200"; ; {
		page := who.Page(room, query)
		messages = append(page.Messages(), messages...)
		if !page.MoreBefore {
			return messages
		}
		if len(page.Messages()) == 0 {
			t.Fatal("a page without messages says that there are more")
		}
		query = fmt.Sprintf("?limit=200&before=%d", messages[0].Seq)
	}
}

// TestStopWithIdleConnections stops a server that has connections on which
// nothing was ever said, as browsers open them in advance: nobody waits for
// them.
func TestStopWithIdleConnections(t *testing.T) {
	// Go's own server gives such connections 5 s, each time. A machine that has
	// other things to do may be slow once.
	const tries = 3
	for try := 1; ; try++ {
		server := rig.Serve(t)
		for range 3 {
			conn, err := net.Dial("tcp", server.Addr)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
		}
		server.Register("anna") // the server has seen the connections before this one
		took, alone := timed(server.Stop), timed(rig.Serve(t).Stop)
		if took <= alone+4*time.Second {
			return
		}
		if try == tries {
			t.Fatalf("the stop took %v, that of a server without connections %v, and so %d times", took, alone, tries)
		}
	}
}

func timed(do func()) time.Duration {
	begun := time.Now()
	do()
	return time.Since(begun)
}

// TestConfigurationIsShown wants `parley config print` to say where a value
// comes from.
func TestConfigurationIsShown(t *testing.T) {
	code, stdout, said := rig.Parley(t, []string{"PARLEY_LISTEN=127.0.0.1:4321"}, "config", "print")
	if code != 0 || !strings.Contains(stdout, "127.0.0.1:4321") || !strings.Contains(stdout, "PARLEY_LISTEN") {
		t.Errorf("exit code %d, %q%q", code, stdout, said)
	}
	if diff := cmp.Diff("", said); diff != "" {
		t.Errorf("said on the side: %s", diff)
	}
}

// TestStopTellsEverybody stops a server with many sockets: each of them is told
// that it stops, and after that why it is closed, whatever moment it has drawn.
func TestStopTellsEverybody(t *testing.T) {
	server := rig.Serve(t)
	people := server.Crowd("guest", 4)
	room := people[0].CreateRoom("last round")
	sockets := make([]*rig.Socket, 80)
	for i := range sockets {
		if i%4 == 0 {
			sockets[i] = people[i%4].ConnectPolling()
		} else {
			sockets[i] = people[i%4].Connect()
		}
		sockets[i].Join(room.ID)
	}
	// What has not ended after 20 s is cut off.
	if took := timed(server.Stop); took > 15*time.Second {
		t.Errorf("the stop took %v", took)
	}
	for i, socket := range sockets {
		socket.AwaitEnd()
		var told []string
		for _, ev := range socket.Events("") {
			if ev.Name == protocol.Draining || ev.Name == protocol.Problem {
				told = append(told, ev.Name)
			}
		}
		if diff := cmp.Diff([]string{protocol.Draining, protocol.Problem}, told); diff != "" {
			t.Errorf("socket %d was told (-want +got):\n%s", i, diff)
		}
	}
}
