package server_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/protocol"
)

// TestDeletedAccountLeaves: the answer to a deletion comes when no list of
// members has the person any more, and the members have seen them go.
func TestDeletedAccountLeaves(t *testing.T) {
	n := start(t, config(t))
	ann, ben := n.join("ann@example.org"), n.join("ben@example.org")
	hisID := ben.me()
	room := ann.create(protocol.CreateRoom{Kind: "private", Name: "secret", Members: []int64{hisID}})
	hers := ann.device()
	hers.join(room)
	ben.say(room, "so long")
	ben.do("DELETE", "/api/v1/me", map[string]string{"password": password}).want(http.StatusNoContent)
	if got := ann.member(room, hisID); got.ID != 0 {
		t.Errorf("in the list of members: %+v, want nobody", got)
	}
	var event protocol.Event
	for event.Kind != "leave" {
		hers.expect(protocol.ReceiveMessage, &event)
	}
	if event.UserID != hisID || event.UserName != "deleted user" {
		t.Errorf("ann is told %+v, want that a deleted user left", event)
	}
	ann.do("POST", room+"/members", map[string]any{"userId": hisID}).wantCode(http.StatusNotFound, "not_found")
}

// TestDeletionCutOff: a server that was killed right behind the deletion of an
// account lets it leave at its next start.
func TestDeletionCutOff(t *testing.T) {
	cfg := config(t)
	n := start(t, cfg)
	ann, ben := n.join("ann@example.org"), n.join("ben@example.org")
	hisID := ben.me()
	room := ann.create(protocol.CreateRoom{Kind: "private", Name: "secret", Members: []int64{hisID}})
	n.stop()
	db := openStore(t, cfg)
	if _, _, err := db.DeleteUser(t.Context(), chat.UserID(hisID), time.Now().UnixMilli()); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	ann.url = start(t, cfg).URL()
	await(t, "the deleted account leaves", func() bool {
		time.Sleep(50 * time.Millisecond) // within the rate of reads
		return ann.member(room, hisID).ID == 0
	})
}
