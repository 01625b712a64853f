package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"testing"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/history"
	"github.com/parleychat/parley/protocol"
	"github.com/parleychat/parley/rooms"
	"github.com/parleychat/parley/server"
	"github.com/parleychat/parley/store"
)

// startWithSeams is start with something between the parts.
func startWithSeams(t *testing.T, cfg server.Config, seams server.Seams) *node {
	t.Helper()
	n := &node{t: t, cfg: cfg, log: new(logText)}
	cfg.Logger = slog.New(slog.NewJSONHandler(n.log, nil))
	var err error
	if n.Server, err = server.NewWithSeams(t.Context(), cfg, seams); err != nil {
		t.Fatal(err)
	}
	n.run()
	if err := n.AwaitReady(t.Context()); err != nil {
		t.Fatal(err)
	}
	return n
}

// heldLists is a store whose lists can be held back after they were read.
type heldLists struct {
	rooms.Store
	mu   sync.Mutex
	held map[chat.UserID]*heldList
}

// heldList is a list that is under way.
type heldList struct{ read, letGo chan struct{} }

// hold lets the next list of a person wait until it is let go.
func (h *heldLists) hold(user int64) *heldList {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := &heldList{make(chan struct{}), make(chan struct{})}
	if h.held == nil {
		h.held = make(map[chat.UserID]*heldList)
	}
	h.held[chat.UserID(user)] = list
	return list
}

func (h *heldLists) OwnRooms(ctx context.Context, user chat.UserID, after chat.RoomID, limit int) (store.RoomList, error) {
	list, err := h.Store.OwnRooms(ctx, user, after, limit)
	h.mu.Lock()
	held := h.held[user]
	delete(h.held, user)
	h.mu.Unlock()
	if held != nil {
		close(held.read)
		select {
		case <-held.letGo:
		case <-ctx.Done():
		}
	}
	return list, err
}

// shows are the rooms that a device shows which believes what it is told, in the
// order in which it is told: a sync's list, and what comes and goes. synced says
// that the answer with this id has come.
func (d *device) shows(sync int64) (shown map[int64]bool, synced bool) {
	shown = make(map[int64]bool)
	for _, packet := range d.packets {
		switch {
		case packet.Event == "" && packet.ID == sync:
			var ack protocol.SyncAck
			d.mustDecode(packet.Arg, &ack)
			if !ack.OK {
				d.t.Errorf("the sync was answered %s", packet.Arg)
			}
			clear(shown)
			for _, info := range ack.Rooms {
				shown[info.ID] = true
			}
			synced = true
		case packet.Event == protocol.RoomAdded:
			var info protocol.RoomInfo
			d.mustDecode(packet.Arg, &info)
			shown[info.ID] = info.Role != ""
		case packet.Event == protocol.RoomRemoved:
			var gone protocol.RoomRemovedNotice
			d.mustDecode(packet.Arg, &gone)
			delete(shown, gone.RoomID)
		}
	}
	return shown, synced
}

func (d *device) mustDecode(raw json.RawMessage, into any) {
	if err := json.Unmarshal(raw, into); err != nil {
		d.t.Errorf("%s: %v", raw, err)
	}
}

// TestAddedWhileSyncing: somebody is taken into a room, and thrown out of
// another one, between the reading of their list and its answer. Afterwards
// their device shows the one and not the other.
func TestAddedWhileSyncing(t *testing.T) {
	held := new(heldLists)
	n := startWithSeams(t, config(t), server.Seams{RoomStore: func(s rooms.Store) rooms.Store {
		held.Store = s
		return held
	}})
	ann, ben, cy := n.join("ann@example.org"), n.join("ben@example.org"), n.join("cy@example.org")
	old := ann.create(protocol.CreateRoom{Kind: "private", Name: "old", Members: []int64{ben.me(), cy.me()}})
	his, cys := ben.device(), cy.device()

	list := held.hold(ben.me())
	sync := his.begin(protocol.Sync, protocol.SyncRequest{})
	<-list.read
	ann.do("DELETE", fmt.Sprint(old, "/members/", ben.me()), nil).want(http.StatusOK)
	added := idOf(t, ann.create(protocol.CreateRoom{Kind: "private", Name: "new", Members: []int64{ben.me(), cy.me()}}))
	// When Cy hears of it, Ben's device could have been told as well.
	var info protocol.RoomInfo
	for cys.expect(protocol.RoomAdded, &info); info.ID != added; cys.expect(protocol.RoomAdded, &info) {
	}
	close(list.letGo)

	his.await("the new room without the old one, behind the list", func() bool {
		shown, synced := his.shows(sync)
		return synced && shown[added] && !shown[idOf(t, old)]
	})
}

// TestListWithoutRecorder: while nothing is stored, a list is no older than what
// its device was told before.
func TestListWithoutRecorder(t *testing.T) {
	letGo := make(chan struct{})
	gate := &gatedRecorder{}
	n := startWithSeams(t, config(t), server.Seams{RecorderStore: func(s history.RecorderStore) history.RecorderStore {
		gate.RecorderStore = s
		return gate
	}})
	ann, ben := n.join("ann@example.org"), n.join("ben@example.org")
	kept := ann.create(protocol.CreateRoom{Kind: "private", Name: "kept", Members: []int64{ben.me()}})
	lost := ann.create(protocol.CreateRoom{Kind: "private", Name: "lost", Members: []int64{ben.me()}})
	his := ben.device()
	his.sync(protocol.SyncRequest{}) // hears of its rooms from now on
	gate.shut(letGo)
	var calls sync.WaitGroup
	defer calls.Wait()
	defer close(letGo)
	calls.Go(func() { ann.do("DELETE", fmt.Sprint(lost, "/members/", ben.me()), nil) })
	calls.Go(func() {
		ann.do("POST", "/api/v1/rooms", protocol.CreateRoom{Kind: "private", Name: "new", Members: []int64{ben.me()}})
	})
	var gone protocol.RoomRemovedNotice
	his.expect(protocol.RoomRemoved, &gone)
	var added protocol.RoomInfo
	for his.expect(protocol.RoomAdded, &added); added.Name != "new"; his.expect(protocol.RoomAdded, &added) {
	}
	ann.say(kept, "hello")

	ack := his.sync(protocol.SyncRequest{})
	listed := make(map[int64]protocol.RoomInfo)
	for _, info := range ack.Rooms {
		listed[info.ID] = info
	}
	if _, still := listed[idOf(t, lost)]; still {
		t.Errorf("the list has the room that the device was told to forget: %+v", ack.Rooms)
	}
	if got := listed[added.ID]; got.Name != "new" || got.Role != "member" || got.Members != 2 || got.Read == nil || got.CreatedAt == 0 {
		t.Errorf("the room that the device was told of is listed as %+v", got)
	}
	if got := listed[idOf(t, kept)]; got.Unread != 1 || got.Last == nil {
		t.Errorf("the room in which something was said is listed as %+v", got)
	}
	var all protocol.RoomList
	ben.do("GET", "/api/v1/rooms", nil).want(http.StatusOK).into(&all)
	if len(all.Rooms) != len(ack.Rooms) {
		t.Errorf("REST lists %+v, the socket %+v", all.Rooms, ack.Rooms)
	}
}

// gatedRecorder is a recorder's store that commits nothing while it is shut.
type gatedRecorder struct {
	history.RecorderStore
	mu     sync.Mutex
	opened <-chan struct{} // nil: it is open
}

func (g *gatedRecorder) shut(opened <-chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.opened = opened
}

func (g *gatedRecorder) Commit(ctx context.Context, b store.Batch) error {
	g.mu.Lock()
	opened := g.opened
	g.mu.Unlock()
	if opened != nil {
		select {
		case <-opened:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return g.RecorderStore.Commit(ctx, b)
}
