package e2e

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parleychat/parley/e2e/rig"
	"github.com/parleychat/parley/protocol"
)

// said is what a test compares of an event.
type said struct {
	Seq     uint64
	Kind    string
	Text    string
	Target  uint64
	Rev     uint64
	Deleted bool
}

func saidBy(events []protocol.Event) []said {
	list := make([]said, 0, len(events))
	for _, ev := range events {
		list = append(list, said{ev.Seq, ev.Kind, ev.MessageText, ev.TargetSeq, ev.Rev, ev.Deleted})
	}
	return list
}

func change(room int64, target uint64, cid string) protocol.Change {
	return protocol.Change{RoomRef: protocol.RoomRef{RoomID: room}, TargetSeq: target, CID: cid}
}

// TestChanges edits and deletes messages in every way that there is, and looks at
// them in every way: live, coming back, in pages, on another socket, as a
// Turbo-Chat client, and after a restart.
func TestChanges(t *testing.T) {
	server := rig.Serve(t)
	ann, bo := server.Register("ann"), server.Register("bo")
	room := ann.CreateRoom("changes").ID
	annSocket, boSocket := ann.Connect(), bo.Connect()
	annSocket.Join(room)
	boSocket.Join(room) // 2
	start := annSocket.Join(room).Head.Cursor
	turbo := bo.ConnectTurbo()
	turbo.Emit(protocol.JoinRoom, protocol.JoinRequest{RoomRef: protocol.RoomRef{RoomName: "changes"}})
	turbo.Roundtrip()

	one := annSocket.Say(room, "canary one") // 3
	two := boSocket.Say(room, "canary two")  // 4
	three := annSocket.Say(room, "three")    // 5
	edit := protocol.EditRequest{Change: change(room, one.Seq, rig.NewCID()), MessageText: "canary changed"}
	var first, again protocol.SendAck
	annSocket.Ask(&first, protocol.EditMessage, edit) // 6
	if first.Seq != 6 || first.ID == "" || first.At == 0 || !strings.HasPrefix(first.Cursor, "6.") || first.Duplicate {
		t.Errorf("answer to the edit: got %+v", first)
	}
	if events := annSocket.InRoom(room); events[len(events)-1].Seq != 6 {
		t.Errorf("the edit was acknowledged before its event came: got %+v", events[len(events)-1])
	}
	edit.Retry = true
	annSocket.Ask(&again, protocol.EditMessage, edit)
	want := first
	want.Duplicate = true
	if diff := cmp.Diff(want, again); diff != "" {
		t.Errorf("answer to the edit, sent again (-want +got):\n%s", diff)
	}
	edit.MessageText = "another"
	annSocket.WantRefusal("cid_conflict", protocol.EditMessage, edit)
	boSocket.WantRefusal("forbidden", protocol.EditMessage, protocol.EditRequest{Change: change(room, one.Seq, ""), MessageText: "x"})
	boSocket.WantRefusal("forbidden", protocol.DeleteMessage, protocol.DeleteRequest{Change: change(room, one.Seq, "")})
	boSocket.WantRefusal("not_found", protocol.EditMessage, protocol.EditRequest{Change: change(room, 2, ""), MessageText: "x"})
	boSocket.WantRefusal("not_found", protocol.DeleteMessage, protocol.DeleteRequest{Change: change(room, 99, "")})
	boSocket.WantRefusal("invalid", protocol.EditMessage, protocol.EditRequest{Change: change(room, two.Seq, ""), MessageText: " \n"})
	boSocket.WantRefusal("invalid", protocol.EditMessage, protocol.EditRequest{Change: change(room, 0, ""), MessageText: "x"})

	// Over REST: one's own edited, somebody else's deleted by the owner.
	path := func(seq uint64) string { return fmt.Sprintf("/api/v1/rooms/%d/messages/%d", room, seq) }
	ann.Call(&again, "PATCH", path(three.Seq), map[string]any{"messageText": "three changed", "cid": "rest-1"}) // 7
	ann.Call(&again, "PATCH", path(three.Seq), map[string]any{"messageText": "three changed", "cid": "rest-1"})
	if again.Seq != 7 || !again.Duplicate {
		t.Errorf("answer to the same PATCH again: got %+v, want seq 7, duplicate", again)
	}
	ann.Call(&again, "DELETE", path(two.Seq)+"?cid=rest-2", nil) // 8
	ann.Call(&again, "DELETE", path(two.Seq)+"?cid=rest-2&retry=true", nil)
	if again.Seq != 8 || !again.Duplicate {
		t.Errorf("answer to the same DELETE again: got %+v, want seq 8, duplicate", again)
	}
	wantStatus := func(status int, method, path string, body any) {
		t.Helper()
		if got := rig.StatusOf(bo.TryCall(nil, method, path, body)); got != status {
			t.Errorf("%s %s: got %d, want %d", method, path, got, status)
		}
	}
	wantStatus(http.StatusGone, "PATCH", path(two.Seq), map[string]any{"messageText": "x"})
	wantStatus(http.StatusGone, "DELETE", path(two.Seq), nil)
	wantStatus(http.StatusForbidden, "PATCH", path(one.Seq), map[string]any{"messageText": "x"})
	wantStatus(http.StatusNotFound, "PATCH", path(2), map[string]any{"messageText": "x"})
	wantStatus(http.StatusNotFound, "DELETE", path(1<<40), nil)
	wantStatus(http.StatusNotFound, "DELETE", path(0), nil)
	wantStatus(http.StatusBadRequest, "PATCH", path(one.Seq), map[string]any{"messageText": " "})
	wantStatus(http.StatusBadRequest, "DELETE", path(one.Seq)+"?cid=a%20b", nil)

	var erased protocol.SendAck
	annSocket.Ask(&erased, protocol.DeleteMessage, protocol.DeleteRequest{Change: change(room, one.Seq, "")}) // 9
	annSocket.WantRefusal("gone", protocol.EditMessage, protocol.EditRequest{Change: change(room, one.Seq, ""), MessageText: "x"})

	live := []said{
		{3, "message", "canary one", 0, 0, false},
		{4, "message", "canary two", 0, 0, false},
		{5, "message", "three", 0, 0, false},
		{6, "edit", "canary changed", 3, 6, false},
		{7, "edit", "three changed", 5, 7, false},
		{8, "delete", "", 4, 8, false},
		{9, "delete", "", 3, 9, false},
	}
	boSocket.AwaitSeq(room, erased.Seq)
	if diff := cmp.Diff(live, saidBy(boSocket.InRoom(room))); diff != "" {
		t.Errorf("live (-want +got):\n%s", diff)
	}
	turbo.Roundtrip()
	for _, ev := range turbo.Events(protocol.ReceiveMessage) {
		if strings.Contains(fmt.Sprint(ev), "changed") {
			t.Errorf("a Turbo-Chat client got a change: %v", ev)
		}
	}

	present := []said{
		{3, "message", "", 0, 9, true},
		{4, "message", "", 0, 8, true},
		{5, "message", "three changed", 0, 7, false},
		{6, "edit", "", 3, 9, true},
		{7, "edit", "three changed", 5, 7, false},
		{8, "delete", "", 4, 8, false},
		{9, "delete", "", 3, 9, false},
	}
	look := func() {
		t.Helper()
		back := bo.Connect()
		back.JoinSince(room, start)
		if diff := cmp.Diff(present, saidBy(back.InRoom(room))); diff != "" {
			t.Errorf("coming back (-want +got):\n%s", diff)
		}
		page := back.Page(protocol.PageRequest{RoomRef: protocol.RoomRef{RoomID: room}, After: new(uint64(2))})
		if diff := cmp.Diff(present, saidBy(page.Events)); diff != "" || page.AsOf != 9 {
			t.Errorf("page as of %d (-want +got):\n%s", page.AsOf, diff)
		}
		overREST := bo.Page(room, "?after=2")
		if diff := cmp.Diff(present, saidBy(overREST.Events)); diff != "" {
			t.Errorf("page over REST (-want +got):\n%s", diff)
		}
		var recent []protocol.TurboMessage
		bo.Call(&recent, "GET", fmt.Sprintf("/api/chat/%d/messages", room), nil)
		if len(recent) != 1 || recent[0].MessageText != "three changed" {
			t.Errorf("recent messages of Turbo-Chat: got %+v, want the one that is not deleted", recent)
		}
		back.Leave()
	}
	look()
	server.Restart()
	look()
	var refused *rig.HTTPError
	err := ann.TryCall(nil, "PATCH", path(one.Seq), map[string]any{"messageText": "x", "retry": true})
	if !errors.As(err, &refused) || refused.Status != http.StatusGone {
		t.Errorf("edit of what was deleted before the restart: got %v, want 410", err)
	}
}
