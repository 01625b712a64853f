package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/parleychat/parley/e2e/rig"
	"github.com/parleychat/parley/protocol"
)

// TestReadmeBot runs the very lines of the README with node: the bot answers
// ping with pong, also after the server was killed, and after it was stopped.
func TestReadmeBot(t *testing.T) {
	node := rig.Tool(t, "node", "Node.js 20 or newer")
	library := filepath.Join(rig.ClientLibrary(t, "node"), "node_modules", "socket.io-client-4.8")
	dir := t.TempDir()
	lines := filepath.Join(dir, "bot.mjs")
	if err := os.WriteFile(lines, readmeBlock(t, "js"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "node_modules"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(library, filepath.Join(dir, "node_modules", "socket.io-client")); err != nil {
		t.Fatal(err)
	}

	server := rig.Serve(t)
	anna := server.Register("anna")
	room := anna.CreateRoom("general")
	socket := anna.Connect()
	socket.Join(room.ID)
	cmd := exec.Command(node, lines)
	cmd.Env = append(os.Environ(), "PARLEY_URL="+server.URL)
	bot := rig.Run(t, "bot.mjs", cmd)

	for round, interrupt := range []func(){func() {}, func() { server.Kill(); server.Start() }, server.Restart} {
		if interrupt(); round > 0 {
			socket = anna.Connect()
			socket.Join(room.ID)
		}
		rig.Eventually(t, "the bot's coming", func() bool {
			bot.Alive(t)
			return slices.Contains(online(socket, room.ID), "bot")
		})
		// It hears from when it has joined, which it says to nobody.
		rig.Eventually(t, "the bot's answer", func() bool {
			if _, err := socket.SayAtLast(room.ID, "ping", rig.NewCID()); err != nil {
				t.Fatal(err)
			}
			return slices.Contains(rig.Texts(socket.InRoom(room.ID)), "pong")
		})
		// The next interruption finds it in the middle of answering.
		for range 20 {
			if _, err := socket.Begin(protocol.SendMessage, protocol.SendRequest{RoomRef: protocol.RoomRef{RoomID: room.ID}, MessageText: "ping"}); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// readmeBlock is the only block of code of this language in the README.
func readmeBlock(t *testing.T, language string) []byte {
	t.Helper()
	root, err := rig.Root()
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)\n```"+language+"\n(.*?)```").FindAllSubmatch(readme, -1)
	if len(blocks) != 1 {
		t.Fatalf("the README has %d blocks of %s, want 1", len(blocks), language)
	}
	if lines := len(strings.Split(strings.TrimSpace(string(blocks[0][1])), "\n")); lines > 15 {
		t.Errorf("the bot has %d lines, the README says ten", lines)
	}
	return blocks[0][1]
}
