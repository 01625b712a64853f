package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parleychat/parley/e2e/rig"
)

// TestExampleBots runs the bots of examples/ against a server that is killed and
// restarted, and kills the bots themselves: every ping has one pong.
func TestExampleBots(t *testing.T) {
	t.Run("go", func(t *testing.T) {
		bot := filepath.Join(t.TempDir(), "bot")
		if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", bot, "../examples/go").CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		testBot(t, bot)
	})
	t.Run("node", func(t *testing.T) {
		node := rig.Tool(t, "node", "Node.js 20 or newer")
		library := filepath.Join(rig.ClientLibrary(t, "node"), "node_modules", "socket.io-client-4.8")
		testBot(t, node, besideLibrary(t, "../examples/node/bot.mjs", library))
	})
	t.Run("python", func(t *testing.T) {
		testBot(t, filepath.Join(rig.ClientLibrary(t, "python"), "bin", "python"), "../examples/python/bot.py")
	})
}

// besideLibrary copies a program to where it finds socket.io-client.
func besideLibrary(t *testing.T, program, library string) string {
	t.Helper()
	text, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	modules := filepath.Join(dir, "node_modules")
	if err := os.Mkdir(modules, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(library, filepath.Join(modules, "socket.io-client")); err != nil {
		t.Fatal(err)
	}
	there := filepath.Join(dir, filepath.Base(program))
	if err := os.WriteFile(there, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return there
}

func testBot(t *testing.T, program string, args ...string) {
	const each = 4
	server := rig.Serve(t)
	anna := server.Register("anna")
	room := anna.CreateRoom("general").ID
	state := filepath.Join(t.TempDir(), "cursor")
	start := func() *rig.Running {
		cmd := exec.Command(program, args...)
		cmd.Env = append(os.Environ(), "PARLEY_URL="+server.URL, "PARLEY_ROOM=general", "PARLEY_STATE="+state)
		return rig.Run(t, filepath.Base(program), cmd)
	}
	bot := start()
	pings := 0
	interrupts := []func(){
		func() { server.Kill(); server.Start() },
		func() { bot.Kill(t); bot = start() },
		server.Restart,
		func() {},
	}
	for _, interrupt := range interrupts {
		socket := anna.Connect()
		socket.Join(room)
		for range each {
			pings++
			if _, err := socket.SayAtLast(room, "ping", rig.NewCID()); err != nil {
				t.Fatal(err)
			}
		}
		// It is in the middle of answering.
		rig.Eventually(t, "an answer", func() bool {
			bot.Alive(t)
			return countPongs(t, anna, room) > pings-each
		})
		interrupt()
	}
	rig.Eventually(t, "all answers", func() bool {
		bot.Alive(t)
		return countPongs(t, anna, room) >= pings
	})
	// What it has noted is behind its last answer; when it goes on from there,
	// it has nothing to answer but this.
	bot.Kill(t)
	bot = start()
	socket := anna.Connect()
	socket.Join(room)
	socket.Say(room, "ping")
	rig.Eventually(t, "the answer to the last one", func() bool {
		bot.Alive(t)
		return countPongs(t, anna, room) > pings
	})
	if got := countPongs(t, anna, room); got != pings+1 {
		t.Errorf("%d pings have %d pongs", pings+1, got)
	}
	if noted, err := os.ReadFile(state); err != nil || !strings.Contains(string(noted), ".") {
		t.Errorf("the bot has noted %q, error %v, want a cursor", noted, err)
	}
}

// countPongs counts answers, each of which names its ping in its cid.
func countPongs(t *testing.T, who *rig.Person, room int64) int {
	t.Helper()
	answered := make(map[string]bool)
	pings := make(map[string]bool)
	for _, ev := range wholeHistory(t, who, room) {
		switch {
		case ev.MessageText == "ping":
			pings[fmt.Sprintf("pong-%d", ev.Seq)] = true
		case strings.HasPrefix(ev.MessageText, "pong"):
			if answered[ev.CID] || !pings[ev.CID] {
				t.Errorf("seq %d: an answer %s to nothing, or for the second time", ev.Seq, ev.CID)
			}
			answered[ev.CID] = true
		}
	}
	return len(answered)
}

// TestExampleShell runs the conversation by curl, twice: the room is the same,
// the message is said once each time, and its present form is read.
func TestExampleShell(t *testing.T) {
	for _, tool := range []string{"sh", "curl", "sed"} {
		rig.Tool(t, tool, tool)
	}
	server := rig.Serve(t)
	for _, text := range []string{"Good morning", "Good night"} {
		cmd := exec.CommandContext(t.Context(), "sh", "../examples/curl/chat.sh", text)
		cmd.Env = append(os.Environ(), "PARLEY_URL="+server.URL)
		out, err := cmd.Output()
		if got, want := strings.TrimSpace(string(out)), text+"!"; err != nil || got != want {
			t.Fatalf("the shell printed %q, error %v, want %q", got, err, want)
		}
	}
	anna := server.Register("anna")
	anna.Call(nil, "POST", "/api/v1/rooms/1/join", nil)
	if got := len(wholeHistory(t, anna, 1)); got != 2 {
		t.Errorf("the room has %d messages, want 2", got)
	}
}
