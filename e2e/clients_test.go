package e2e

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parleychat/parley/e2e/rig"
	"github.com/parleychat/parley/protocol"
)

// TestManyClients puts three client libraries in three languages and two
// browsers into one room, by long-polling and by WebSocket. Three of them
// upgrade in the middle of a burst of messages: a proxy holds their upgrades
// until messages have come by long-polling, and while more are coming. Each
// client gets every message once and in order.
func TestManyClients(t *testing.T) {
	const each = 30 // messages of one client, half of them before the upgrade
	server := rig.Serve(t)
	front := server.Front(t, "testdata/clients")
	owner := server.Register("owner")
	room := owner.CreateRoom("babel")

	programs := startClients(t, server, front, room.ID)
	for _, p := range programs {
		joined := p.Await("joined", 1)
		if !joined.Answer.OK || joined.Answer.Head == nil {
			t.Fatalf("%s: joinRoom was answered %+v", p.Name(), joined.Answer)
		}
	}
	sent := make(map[string][]string) // texts by client
	burst := func(n int) {
		for range n {
			for _, p := range programs {
				text := fmt.Sprintf("%s %d", p.Name(), len(sent[p.Name()]))
				sent[p.Name()] = append(sent[p.Name()], text)
				p.Tell(rig.Command{Do: "send", CID: rig.NewCID(), Text: text})
			}
		}
	}
	burst(each / 2)
	var upgrading []*rig.Program
	for _, p := range programs {
		if p.Upgrades {
			upgrading = append(upgrading, p.Program)
			p.Await("event", 20)
		}
	}
	front.Release()
	burst(each - each/2)
	for _, p := range upgrading {
		p.Await("upgraded", 1)
	}
	for _, p := range programs {
		p.Await("answer", each)
	}
	watcher := owner.Connect()
	watcher.Join(room.ID)
	last := watcher.Say(room.ID, "the end")

	whole := wholeHistory(t, owner, room.ID)
	if got, want := len(whole), len(programs)*each+1; got != want {
		t.Errorf("history has %d messages, want %d", got, want)
	}
	for _, p := range programs {
		p.AwaitSeq(last.Seq)
		t.Run(p.Name(), func(t *testing.T) { judge(t, p, whole, sent) })
	}
	for _, p := range programs {
		p.Tell(rig.Command{Do: "quit"})
	}
}

// client is a program and how it was started.
type client struct {
	*rig.Program
	Upgrades bool // it begins with long-polling, and the proxy says until when
}

func startClients(t *testing.T, server *rig.Server, front *rig.Proxy, room int64) []client {
	t.Helper()
	node := rig.Tool(t, "node", "Node.js 20 or newer")
	library := filepath.Join(rig.ClientLibrary(t, "node"), "node_modules", "socket.io-client-4.8")
	python := filepath.Join(rig.ClientLibrary(t, "python"), "bin", "python")
	java := rig.Tool(t, "java", "openjdk-17-jdk")
	jars := filepath.Join(rig.ClientLibrary(t, "java"), "lib", "*")
	modules, chromium := rig.WebModules(t), rig.Chromium(t)

	var clients []client
	start := func(name, transports string, through *rig.Proxy, program ...string) {
		person := server.Register(name)
		url := server.URL
		if through != nil {
			url = through.URL
		}
		cmd := exec.Command(program[0], append(program[1:], url, person.Token, transports, fmt.Sprint(room))...)
		clients = append(clients, client{rig.RunProgram(t, name, cmd), through != nil && transports == both})
	}
	inNode := []string{node, "testdata/clients/node.mjs", library}
	inPython := []string{python, "testdata/clients/client.py"}
	inJava := []string{java, "-XX:TieredStopAtLevel=1", "-cp", jars, "testdata/clients/Client.java"}
	inBrowser := []string{node, "testdata/clients/browser.mjs", modules, chromium}
	start("node-upgrading", both, front, inNode...)
	start("node-websocket", "websocket", nil, inNode...)
	start("node-polling", "polling", nil, inNode...)
	start("python-polling", "polling", nil, inPython...)
	start("python-both", both, nil, inPython...)
	start("java-upgrading", both, front, inJava...)
	start("java-websocket", "websocket", nil, inJava...)
	start("chromium-upgrading", both, front, inBrowser...)
	start("chromium-polling", "polling", front, inBrowser...)
	return clients
}

const both = "polling,websocket"

// judge wants everything from where the client joined, once, in order, and as
// history has it; and of its own messages the answers that fit.
func judge(t *testing.T, p client, whole []protocol.Event, sent map[string][]string) {
	var events []protocol.Event
	var head uint64
	byPolling, upgraded := 0, false
	answered := make(map[string]protocol.SendAck)
	for _, said := range p.All() {
		switch said.Is {
		case "joined":
			head = said.Answer.Head.Seq
		case "event":
			events = append(events, said.Event)
			if !upgraded {
				byPolling++
			}
		case "upgraded":
			upgraded = true
		case "answer":
			if said.Answer.Error != nil {
				t.Errorf("message %s was refused: %+v", said.CID, *said.Answer.Error)
			}
			answered[said.CID] = said.Answer.SendAck
		case "trouble":
			t.Errorf("trouble: %s", said.Text)
		}
	}
	if p.Upgrades {
		if byPolling == 0 || byPolling == len(events) {
			t.Errorf("%d of %d events came before the upgrade: it was not in the middle", byPolling, len(events))
		}
		t.Logf("%d events before the upgrade, %d behind it", byPolling, len(events)-byPolling)
	}
	if len(events) == 0 || events[0].Seq != head+1 {
		t.Fatalf("joined at head %d, then came %d events", head, len(events))
	}
	if err := rig.Contiguous(events); err != nil {
		t.Error(err)
	}
	var want []place
	for _, ev := range whole {
		if ev.Seq > head {
			want = append(want, place{ev.ID, ev.Seq, ev.Cursor, ev.At})
		}
	}
	if diff := cmp.Diff(want, places(events)); diff != "" {
		t.Errorf("(-history +received):\n%.2000s", diff)
	}
	for name, texts := range sent {
		var got []string
		for _, ev := range rig.Messages(events) {
			if ev.UserName == name {
				got = append(got, ev.MessageText)
			}
		}
		if diff := cmp.Diff(texts, got); diff != "" {
			t.Errorf("messages of %s (-sent +received):\n%.1000s", name, diff)
		}
	}
	for _, ev := range whole {
		if ev.UserName != p.Name() {
			continue
		}
		ack := answered[ev.CID]
		if got, want := (place{ack.ID, ack.Seq, ack.Cursor, ack.At}), (place{ev.ID, ev.Seq, ev.Cursor, ev.At}); got != want {
			t.Errorf("message %q was answered %+v, history has %+v", ev.MessageText, got, want)
		}
	}
}
