package rig_test

import (
	"fmt"
	"testing"

	"github.com/parleychat/parley/e2e/rig"
	"github.com/parleychat/parley/limits"
	"github.com/parleychat/parley/protocol"
)

func TestMain(m *testing.M) { rig.Main(m) }

// TestTransports has one person on each transport, and one who changes from
// the one to the other between two messages.
func TestTransports(t *testing.T) {
	server := rig.Serve(t)
	people := server.People("websocket", "polling", "upgraded")
	room := people[0].CreateRoom("transports")
	sockets := []*rig.Socket{people[0].Connect(), people[1].ConnectPolling(), people[2].ConnectPolling()}
	for _, socket := range sockets {
		socket.Join(room.ID)
	}
	sockets[0].Say(room.ID, "before the upgrade")
	if err := sockets[2].Upgrade(); err != nil {
		t.Fatal(err)
	}
	for _, socket := range sockets {
		socket.Say(room.ID, "after the upgrade")
	}
	sockets[1].Leave()
	for i, socket := range sockets {
		if i == 1 {
			continue
		}
		socket.Roundtrip()
		events := socket.InRoom(room.ID)
		if err := rig.Contiguous(events); err != nil {
			t.Error(err)
		}
		if got, want := len(rig.Texts(events)), 4; got != want {
			t.Errorf("socket %d: got %d messages, want %d", i, got, want)
		}
	}
}

// TestRestart kills and stops a server: it comes back on its port with its
// data.
func TestRestart(t *testing.T) {
	server := rig.Serve(t)
	anna := server.Register("anna")
	room := anna.CreateRoom("kept")
	socket := anna.Connect()
	socket.Join(room.ID)
	socket.Say(room.ID, "still here")

	server.Kill()
	socket.AwaitEnd()
	server.Start()
	server.Restart()

	if got := rig.Texts(anna.Page(room.ID, "").Events); len(got) != 1 || got[0] != "still here" {
		t.Errorf("history: got %q, want the message", got)
	}
}

// TestTooFast: whoever talks faster than a person may gets everything said, once.
func TestTooFast(t *testing.T) {
	server := rig.Serve(t)
	ann := server.Register("ann")
	room := ann.CreateRoom("harbour")
	socket := ann.Connect()
	socket.Join(room.ID)
	last := room.Head.Seq
	for i := range limits.SendsBurst + 5 {
		ack := socket.Say(room.ID, fmt.Sprint(i))
		if ack.Duplicate || ack.Seq != last+1 {
			t.Fatalf("message %d behind %d: got %+v", i, last, ack)
		}
		last = ack.Seq
	}
	var said protocol.SendAck
	ann.Call(&said, "POST", fmt.Sprintf("/api/v1/rooms/%d/messages", room.ID), map[string]string{"messageText": "over REST"})
	if said.Seq != last+1 {
		t.Errorf("over REST: got %+v, want the number %d", said, last+1)
	}
}
