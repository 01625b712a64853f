package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parleychat/parley/e2e/rig"
	"github.com/parleychat/parley/protocol"
)

// P1: anna has two tabs. Closing one of them tells nobody that she left;
// closing the other does.
func twoTabs(t *testing.T) {
	server := rig.Serve(t)
	people := server.People("anna", "ben", "carl")
	room := people[0].CreateRoom("tabs")
	ben := people[1].Connect()
	ben.Join(room.ID)
	tabs := []*rig.Socket{people[0].Connect(), people[0].ConnectPolling()}
	for _, tab := range tabs {
		tab.Join(room.ID)
	}
	awaitPresence(ben, room.ID, people[0], true)

	tabs[0].Leave()
	people[2].Connect().Join(room.ID)
	awaitPresence(ben, room.ID, people[2], true) // told later than anything about the tab
	if got, want := online(ben, room.ID), []string{"anna", "ben", "carl"}; !slices.Equal(got, want) {
		t.Errorf("with one tab closed: online are %v, want %v", got, want)
	}
	if n := timesOffline(t, ben, room.ID, people[0]); n != 0 {
		t.Errorf("closing one tab told %d times that anna left", n)
	}
	tabs[1].Leave()
	awaitPresence(ben, room.ID, people[0], false)
	if got, want := online(ben, room.ID), []string{"ben", "carl"}; !slices.Equal(got, want) {
		t.Errorf("with both tabs closed: online are %v, want %v", got, want)
	}
}

// P2: anna's one socket is in two rooms; when it closes she is gone from both,
// whichever kind of client she has.
func noGhosts(t *testing.T) {
	server := rig.Serve(t)
	people := server.People("anna", "ben")
	rooms := []protocol.RoomInfo{people[0].CreateRoom("first"), people[0].CreateRoom("second")}
	ben := people[1].Connect()
	for _, room := range rooms {
		ben.Join(room.ID)
	}

	anna := people[0].Connect()
	for _, room := range rooms {
		anna.Join(room.ID)
	}
	for _, room := range rooms {
		awaitPresence(ben, room.ID, people[0], true)
	}
	anna.Leave()
	for _, room := range rooms {
		awaitPresence(ben, room.ID, people[0], false)
	}

	old := people[0].ConnectTurbo()
	for _, room := range rooms {
		old.Emit(protocol.JoinRoom, map[string]string{"roomName": room.Name})
		old.Await(protocol.OnlineUsers, func(ev rig.Event) bool { return strings.Contains(ev.String(), room.Name) })
	}
	old.Leave()
	for _, room := range rooms {
		rig.Eventually(t, "anna's going from "+room.Name, func() bool {
			return slices.Equal(online(ben, room.ID), []string{"ben"})
		})
	}
}

// P5: carl connects and goes without having joined. Nothing is said of it, to
// no kind of client, and nothing is written.
func disconnectWithoutJoin(t *testing.T) {
	server := rig.Serve(t)
	people := server.People("anna", "ben", "carl")
	room := people[0].CreateRoom("quiet")
	anna, old := people[0].Connect(), people[1].ConnectTurbo()
	anna.Join(room.ID)
	joinTurbo(old, room)
	awaitPresence(anna, room.ID, people[1], true)
	head := anna.Page(protocol.PageRequest{RoomRef: protocol.RoomRef{RoomID: room.ID}}).Head

	people[2].Connect().Leave()
	people[2].ConnectPolling().Leave()
	after := anna.Say(room.ID, "nobody came")
	if got, want := after.Seq, head.Seq+1; got != want {
		t.Errorf("the message has seq %d, want %d: something was written", got, want)
	}
	awaitTurboText(old, "nobody came")
	for _, socket := range []*rig.Socket{anna, old} {
		for _, ev := range socket.Events("") {
			if text := ev.String(); strings.Contains(text, "undefined") || strings.Contains(text, "carl") {
				t.Errorf("was told %s", text)
			}
		}
	}
}

// P6: anna comes back five times, with either kind of client. She joined once
// and never left.
func comingBackWritesNothing(t *testing.T) {
	server := rig.Serve(t)
	people := server.People("anna", "ben", "carl")
	room := people[2].CreateRoom("revolving door")
	ben, old := people[1].Connect(), people[2].ConnectTurbo()
	ben.Join(room.ID)
	joinTurbo(old, room)
	for range 5 {
		modern, turbo := people[0].Connect(), people[0].ConnectTurbo()
		modern.Join(room.ID)
		joinTurbo(turbo, room)
		modern.Leave()
		turbo.Leave()
	}
	ben.Say(room.ID, "done")
	awaitTurboText(old, "done")

	var kinds []string
	for _, ev := range people[1].Page(room.ID, "").Events {
		if ev.UserID == people[0].ID {
			kinds = append(kinds, ev.Kind)
		}
	}
	if diff := cmp.Diff([]string{"join"}, kinds); diff != "" {
		t.Errorf("what anna did, by history (-want +got):\n%s", diff)
	}
	lines := 0
	for _, ev := range old.Events(protocol.ReceiveMessage) {
		if strings.Contains(ev.String(), "anna@example.com joined") || strings.Contains(ev.String(), "anna@example.com left") {
			lines++
		}
	}
	if lines != 1 {
		t.Errorf("a Turbo-Chat client was told %d times that anna joined or left, want once", lines)
	}
}

// P7: nobody of the room is online, and the list is an empty list.
func emptyListIsAList(t *testing.T) {
	server := rig.Serve(t)
	people := server.People("anna", "ben")
	room := people[0].CreateRoom("empty")
	modern, old := people[1].Connect(), people[1].ConnectTurbo()

	var answer json.RawMessage
	modern.Ask(&answer, protocol.GetOnlineUsers, protocol.RoomRef{RoomID: room.ID})
	if got, want := string(answer), `{"ok":true,"users":[]}`; got != want {
		t.Errorf("answer: got %s, want %s", got, want)
	}
	old.Emit(protocol.GetOnlineUsers, map[string]string{"roomName": room.Name})
	list := old.Await(protocol.OnlineUsers, func(rig.Event) bool { return true })
	if got, want := string(list.Args[0]), `{"roomName":"empty","users":[]}`; got != want {
		t.Errorf("event: got %s, want %s", got, want)
	}
}

// joinTurbo joins without asking for an answer and waits for the list of who
// is there.
func joinTurbo(socket *rig.Socket, room protocol.RoomInfo) {
	socket.Emit(protocol.JoinRoom, map[string]string{"roomName": room.Name})
	socket.Await(protocol.OnlineUsers, func(rig.Event) bool { return true })
}

func awaitTurboText(socket *rig.Socket, text string) protocol.TurboEvent {
	var event protocol.TurboEvent
	socket.Await(protocol.ReceiveMessage, func(ev rig.Event) bool {
		event = protocol.TurboEvent{}
		return ev.Into(&event) == nil && event.MessageText == text
	})
	return event
}

// awaitPresence waits until the socket was told that the person came or went.
func awaitPresence(socket *rig.Socket, room int64, who *rig.Person, here bool) {
	socket.Await(protocol.Presence, func(ev rig.Event) bool {
		change, err := presenceChange(ev)
		return err == nil && change.RoomID == room && (here && cameOnline(change, who) || !here && slices.Contains(change.Offline, who.ID))
	})
}

func presenceChange(ev rig.Event) (change protocol.PresenceChange, err error) {
	return change, ev.Into(&change)
}

func cameOnline(change protocol.PresenceChange, who *rig.Person) bool {
	return slices.ContainsFunc(change.Online, func(p protocol.OnlinePerson) bool { return p.ID == who.ID })
}

func timesOffline(t *testing.T, socket *rig.Socket, room int64, who *rig.Person) int {
	t.Helper()
	n := 0
	for _, ev := range socket.Events(protocol.Presence) {
		change, err := presenceChange(ev)
		if err != nil {
			t.Fatal(fmt.Errorf("%v: %w", ev, err))
		}
		if change.RoomID == room && slices.Contains(change.Offline, who.ID) {
			n++
		}
	}
	return n
}

// online asks who is there, by name.
func online(socket *rig.Socket, room int64) []string {
	var ack protocol.OnlineAck
	socket.Ask(&ack, protocol.GetOnlineUsers, protocol.RoomRef{RoomID: room})
	names := []string{}
	for _, p := range ack.Users {
		names = append(names, p.Name)
	}
	return names
}
