package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/protocol"
	"github.com/parleychat/parley/store"
)

// rooms lists the rooms that somebody finds.
func (c *client) rooms() []protocol.RoomInfo {
	c.t.Helper()
	var list protocol.RoomList
	c.do("GET", "/api/v1/rooms", nil).want(http.StatusOK).into(&list)
	return list.Rooms
}

// wantFirstRoom: there is one room, the owner's, with the one message that says
// what to do first.
func (c *client) wantFirstRoom() {
	c.t.Helper()
	found := c.rooms()
	if len(found) != 1 || found[0].Name != "general" || found[0].Kind != "public" || found[0].Role != "owner" || found[0].Members != 1 {
		c.t.Fatalf("the owner finds %+v, want general alone, their own", found)
	}
	var read struct {
		Events []struct {
			Kind        string
			UserID      int64
			MessageText string
		}
	}
	c.do("GET", fmt.Sprintf("/api/v1/rooms/%d/messages", found[0].ID), nil).want(http.StatusOK).into(&read)
	if len(read.Events) != 2 || read.Events[0].Kind != "create" || read.Events[1].UserID != c.id() || !strings.Contains(read.Events[1].MessageText, "What to do first") {
		c.t.Errorf("in general is %+v, want its creation and one message that says what to do first", read.Events)
	}
}

// TestFirstRoom: whoever sets a new server up finds a room in the answer's wake,
// and others find it, too.
func TestFirstRoom(t *testing.T) {
	n := start(t, config(t))
	n.owner("owner@example.org").wantFirstRoom()
	if found := n.join("ann@example.org").rooms(); len(found) != 1 || found[0].Name != "general" || found[0].Role != "" {
		t.Errorf("somebody new finds %+v, want general, and not to be in it", found)
	}
}

// TestFirstRoomCutOff: a server that was killed right behind the making of its
// owner makes the room at its next start, once.
func TestFirstRoomCutOff(t *testing.T) {
	cfg := config(t)
	n := start(t, cfg)
	owner := n.join("owner@example.org")
	id := owner.id()
	n.stop()
	db := openStore(t, cfg)
	if _, err := db.OfferSetup(t.Context(), []byte("token"), 1); err != nil {
		t.Fatal(err)
	}
	if _, err := db.SetUp(t.Context(), []byte("token"), chat.UserID(id), store.NewUser{}); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		n = start(t, cfg)
		owner.url = n.URL()
		await(t, "the first room is made", func() bool {
			time.Sleep(50 * time.Millisecond) // within the rate of reads
			found := owner.rooms()
			return len(found) == 1 && found[0].Last != nil
		})
		owner.wantFirstRoom()
		n.stop()
	}
}
