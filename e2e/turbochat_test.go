package e2e

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"

	"github.com/parleychat/parley/e2e/rig"
)

// TestTurboChatPages lets two people use pages that speak as those of
// Turbo-Chat do, served from a port of their own, in a real browser: register,
// dashboard, create a room, see the rooms, join, chat with the list of active
// users. Behind each receiveMessage the page reads history, which has to
// contain the message. testdata/clients/turbochat.mjs is the script.
func TestTurboChatPages(t *testing.T) {
	node := rig.Tool(t, "node", "Node.js 20 or newer")
	modules, chromium := rig.WebModules(t), rig.Chromium(t)
	server := rig.Serve(t)
	front := server.Front(t, "testdata/turbochat")
	front.Release()

	cmd := exec.Command(node, "testdata/clients/turbochat.mjs", modules, chromium, front.URL)
	var said bytes.Buffer
	cmd.Stdout = &said
	script := rig.Run(t, "turbochat.mjs", cmd)
	if code := script.Wait(t); code != 0 || strings.TrimSpace(said.String()) != "ok" {
		t.Errorf("exit code %d, %s", code, said.String())
	}
}
