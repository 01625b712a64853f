package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/fanout"
	"github.com/parleychat/parley/protocol"
	"github.com/parleychat/parley/rooms"
	"github.com/parleychat/parley/server"
)

// closedRoom is a store from which one room cannot be opened.
type closedRoom struct {
	fanout.Store
	room  atomic.Int64
	tries atomic.Int64 // to open it
}

func (c *closedRoom) LoadOpening(ctx context.Context, epoch string, partition int32, room chat.RoomID, since int64) (*chat.Opening, error) {
	if int64(room) == c.room.Load() {
		c.tries.Add(1)
		return nil, errors.New("this room cannot be opened")
	}
	return c.Store.LoadOpening(ctx, epoch, partition, room, since)
}

func (c *client) direct(with *client) (id int64, path string) {
	c.t.Helper()
	var room protocol.RoomInfo
	c.do("POST", "/api/v1/directs", map[string]any{"userId": with.me()}).want(http.StatusCreated).into(&room)
	return room.ID, fmt.Sprint("/api/v1/rooms/", room.ID)
}

// caughtUp is what a sync says of a room.
func caughtUp(ack protocol.SyncAck, room int64) (caught protocol.CaughtUp) {
	for _, c := range ack.CaughtUp {
		if c.RoomID == room {
			caught = c
		}
	}
	return caught
}

// TestSyncJoinsFirst: a direct room counts as joined when it is, not before.
func TestSyncJoinsFirst(t *testing.T) {
	cfg := config(t)
	n := start(t, cfg)
	ann, ben, cy := n.join("ann@example.org"), n.join("ben@example.org"), n.join("cy@example.org")
	broken, _ := ann.direct(ben)
	sound, soundPath := cy.direct(ben)
	n.stop()

	closed := new(closedRoom) // from a server that has opened nothing yet
	closed.room.Store(broken)
	n = startWithSeams(t, cfg, server.Seams{HubStore: func(s fanout.Store) fanout.Store {
		closed.Store = s
		return closed
	}})
	for _, c := range []*client{ann, ben, cy} {
		c.url = n.URL()
	}
	d := ben.device()
	ack := d.sync(protocol.SyncRequest{})
	if caught := caughtUp(ack, broken); caught.Joined {
		t.Errorf("of the room that cannot be opened the device is told %+v", caught)
	}
	if !caughtUp(ack, sound).Joined || len(ack.Rooms) != 2 {
		t.Errorf("got %+v, want both rooms and the other one joined", ack)
	}
	cy.say(soundPath, "hello")
	var event protocol.Event
	if d.expect(protocol.ReceiveMessage, &event); event.RoomID != sound || event.MessageText != "hello" {
		t.Errorf("got %+v, want what Cy said", event)
	}
	closed.room.Store(0)
	if ack = d.sync(protocol.SyncRequest{}); !caughtUp(ack, broken).Joined {
		t.Errorf("of the room that can be opened again the device is told %+v", ack.CaughtUp)
	}
}

// TestSaidWhileSyncing: whatever is said in a direct room while a sync is
// answered is in what the answer joins it from, or comes behind the answer, once.
func TestSaidWhileSyncing(t *testing.T) {
	held := new(heldLists)
	n := startWithSeams(t, config(t), server.Seams{RoomStore: func(s rooms.Store) rooms.Store {
		held.Store = s
		return held
	}})
	ann, ben := n.join("ann@example.org"), n.join("ben@example.org")
	id, path := ann.direct(ben)
	d, me := ben.device(), ben.me()
	said := 0
	say := func() {
		said++
		ann.say(path, fmt.Sprint(said))
	}
	list := held.hold(me)
	sync := d.begin(protocol.Sync, protocol.SyncRequest{})
	for answered := false; !answered; {
		await(t, "a list that is read, or the answer", func() bool {
			d.mu.Lock()
			_, answered = d.acks[sync]
			d.mu.Unlock()
			return answered || isClosed(list.read)
		})
		if !answered {
			say()
			before := list
			list = held.hold(me)
			close(before.letGo)
		}
	}
	say() // and something live
	var ack protocol.SyncAck
	if err := json.Unmarshal(d.answer(protocol.Sync, sync), &ack); err != nil {
		t.Fatal(err)
	}
	caught := caughtUp(ack, id)
	if !caught.Joined || caught.Head == nil {
		t.Fatalf("of the direct room the device is told %+v", caught)
	}
	var events []protocol.Event
	d.await("everything", func() bool {
		events = d.behind(sync, id)
		return len(events) > 0 && events[len(events)-1].MessageText == fmt.Sprint(said)
	})
	for i, event := range events {
		if event.Seq != caught.Head.Seq+uint64(i)+1 {
			t.Errorf("behind the head %d came %+v", caught.Head.Seq, events)
			break
		}
	}
	if info := infoOf(t, ack, id); info.Head.Seq < caught.Head.Seq || info.Unread != info.Head.N {
		t.Errorf("the room is listed as %+v, joined from %+v", info, caught.Head)
	}
}

// behind are the events of a room that came behind the answer with this id. The
// lock is held.
func (d *device) behind(answer, room int64) (events []protocol.Event) {
	answered := false
	for _, packet := range d.packets {
		answered = answered || packet.Event == "" && packet.ID == answer
		if packet.Event != protocol.ReceiveMessage {
			continue
		}
		var event protocol.Event
		if d.mustDecode(packet.Arg, &event); event.RoomID == room && answered {
			events = append(events, event)
		}
	}
	return events
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
