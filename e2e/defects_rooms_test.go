package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parleychat/parley/e2e/rig"
	"github.com/parleychat/parley/protocol"
)

// A1: who has not joined cannot post, by any way, and hears nothing. Nor can
// who has left.
func onlyMembersPost(t *testing.T) {
	server := rig.Serve(t)
	people := server.People("anna", "ben", "carl")
	room := people[0].CreateRoom("members")
	other := people[0].CreateRoom("elsewhere")
	anna, ben, old := people[0].Connect(), people[1].Connect(), people[2].ConnectTurbo()
	anna.Join(room.ID)
	ben.Join(other.ID)
	joinTurbo(old, other)

	send := protocol.SendRequest{RoomRef: protocol.RoomRef{RoomID: room.ID}, MessageText: "let me in"}
	ben.WantRefusal("forbidden", protocol.SendMessage, send)
	ben.WantRefusal("forbidden", protocol.SendMessage, map[string]string{"roomName": "members", "message": "let me in"})
	old.Emit(protocol.SendMessage, map[string]string{"roomName": "members", "message": "let me in"})
	old.Roundtrip()
	path := fmt.Sprintf("/api/v1/rooms/%d/messages", room.ID)
	if got := rig.StatusOf(people[1].TryCall(nil, "POST", path, protocol.SendRequest{MessageText: "let me in"})); got != 403 {
		t.Errorf("POST %s by somebody who has not joined: got %d, want 403", path, got)
	}

	ben.Join(room.ID)
	ben.Say(room.ID, "I am in")
	ben.Ask(new(protocol.OK), protocol.LeaveRoom, protocol.LeaveRequest{RoomRef: protocol.RoomRef{RoomID: room.ID}, Forever: true})
	ben.WantRefusal("forbidden", protocol.SendMessage, send)
	anna.Say(room.ID, "among us")

	anna.Roundtrip()
	want := []string{"I am in", "among us"}
	if diff := cmp.Diff(want, rig.Texts(anna.InRoom(room.ID))); diff != "" {
		t.Errorf("what a member sees (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, rig.Texts(people[0].Page(room.ID, "").Events)); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
	ben.Roundtrip()
	if slices.Contains(rig.Texts(ben.InRoom(room.ID)), "among us") {
		t.Error("who left hears what is said")
	}
	old.Roundtrip()
	for _, ev := range old.Events(protocol.ReceiveMessage) {
		if strings.Contains(ev.String(), "among us") {
			t.Errorf("who never joined was told %v", ev)
		}
	}
}

// A2: a room that nobody created cannot be joined, read or posted to, and does
// not come into being by it.
func roomsThatDoNotExist(t *testing.T) {
	server := rig.Serve(t)
	people := server.People("anna", "ben")
	room := people[0].CreateRoom("real")
	anna, old := people[0].Connect(), people[1].ConnectTurbo()
	anna.Join(room.ID)

	for _, ref := range []map[string]any{{"roomName": "nowhere"}, {"roomId": room.ID + 1000}, {"roomId": -1}, {"roomName": "real "[:3]}} {
		anna.WantRefusal("not_found", protocol.JoinRoom, ref)
		anna.WantRefusal("not_found", protocol.GetOnlineUsers, ref)
		anna.WantRefusal("not_found", protocol.GetRecentMessages, ref)
		anna.WantRefusal("not_found", protocol.GetMessages, ref)
		anna.WantRefusal("not_found", protocol.SendMessage, map[string]any{
			"roomName": ref["roomName"], "roomId": ref["roomId"], "messageText": "hello?",
		})
	}
	old.Emit(protocol.JoinRoom, map[string]string{"roomName": "nowhere"})
	old.Emit(protocol.SendMessage, map[string]string{"roomName": "nowhere", "message": "hello?"})
	old.Roundtrip()
	if lists := old.Events(protocol.OnlineUsers); len(lists) != 0 {
		t.Errorf("joining a room that does not exist was answered %v", lists)
	}
	for _, path := range []string{"/api/chat/99999/messages", "/api/chat/0/messages", "/api/chat/-1/messages", "/api/chat/real/messages", "/api/v1/rooms/99999"} {
		if got := rig.StatusOf(people[0].TryCall(nil, "GET", path, nil)); got != 404 {
			t.Errorf("GET %s: got %d, want 404", path, got)
		}
	}
	var rooms []protocol.TurboRoom
	people[0].Call(&rooms, "GET", "/api/chat", nil)
	if len(rooms) != 1 || rooms[0].Name != "real" {
		t.Errorf("rooms: got %+v, want the real one", rooms)
	}
}

// A3: the id of somebody's socket, or a list, or anything else in place of a
// name reaches nobody.
func roomNamesReachNobodyElse(t *testing.T) {
	server := rig.Serve(t)
	people := server.People("anna", "ben", "mallory")
	room := people[0].CreateRoom("private talk")
	anna, ben := people[0].Connect(), people[1].ConnectTurbo()
	anna.Join(room.ID)
	joinTurbo(ben, room)
	awaitPresence(anna, room.ID, people[1], true)
	benSession, benSocket := ben.IDs()
	annaSession, annaSocket := anna.IDs()

	// Longer than what ids could spell by chance.
	const words = "boo! it is me"
	modern, turbo := people[2].Connect(), people[2].ConnectTurbo()
	names := []any{
		annaSession, annaSocket, benSession, benSocket,
		[]string{room.Name}, []string{benSocket, annaSocket}, []any{[]string{room.Name}}, []any{},
		map[string]string{"roomName": room.Name}, map[string]bool{"$ne": true},
		room.ID, 0, 1.5, true, nil, "", " ", "__proto__", "constructor", "/", "*",
	}
	for _, name := range names {
		for _, event := range []string{protocol.JoinRoom, protocol.SendMessage, protocol.GetRecentMessages, protocol.GetOnlineUsers} {
			payload := map[string]any{"roomName": name}
			if event == protocol.SendMessage {
				payload["message"] = words
			}
			err := modern.TryAsk(new(any), event, payload)
			if _, refused := err.(*rig.Refused); !refused {
				t.Errorf("%s with the room name %v: got %v, want a refusal", event, name, err)
			}
			turbo.Emit(event, payload)
		}
	}
	modern.Roundtrip()
	turbo.Roundtrip()
	anna.Roundtrip()
	ben.Roundtrip()
	for _, socket := range []*rig.Socket{anna, ben} {
		for _, ev := range socket.Events("") {
			if text := ev.String(); strings.Contains(text, "mallory") || strings.Contains(text, words) {
				t.Errorf("somebody was told %s", text)
			}
		}
	}
}
