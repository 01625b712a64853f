package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/protocol"
)

// heard takes the events of a room that the device was sent so far, and checks
// that they are contiguous.
func (d *device) heard(room int64) (events []protocol.Event) {
	d.t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	rest := d.events[:0]
	for _, packet := range d.events {
		var event protocol.Event
		if packet.Event == protocol.ReceiveMessage {
			if err := json.Unmarshal(packet.Arg, &event); err != nil {
				d.t.Fatal(err)
			}
		}
		if event.RoomID != room {
			rest = append(rest, packet)
			continue
		}
		if n := len(events); n > 0 && events[n-1].Seq != 0 && event.Seq != events[n-1].Seq+1 {
			d.t.Errorf("event %d of room %d came behind %d", event.Seq, room, events[n-1].Seq)
		}
		events = append(events, event)
	}
	d.events = rest
	return events
}

func (d *device) sync(request protocol.SyncRequest) (ack protocol.SyncAck) {
	d.t.Helper()
	d.call(protocol.Sync, request, &ack)
	return ack
}

func infoOf(t *testing.T, ack protocol.SyncAck, room int64) protocol.RoomInfo {
	t.Helper()
	for _, info := range ack.Rooms {
		if info.ID == room {
			return info
		}
	}
	t.Fatalf("room %d is not in the answer %+v", room, ack)
	return protocol.RoomInfo{}
}

// TestSync: a device that comes back asks one thing, gets what it missed before
// the answer, and the answer is true.
func TestSync(t *testing.T) {
	n := start(t, config(t))
	ann, ben := n.join("ann@example.org"), n.join("ben@example.org")
	general, quiet := ann.room("general"), ann.room("quiet")
	for _, room := range []string{general, quiet} {
		ben.do("POST", room+"/join", nil).want(http.StatusOK)
	}
	var direct protocol.RoomInfo
	ben.do("POST", "/api/v1/directs", map[string]any{"userId": ann.me()}).want(http.StatusCreated).into(&direct)
	private := fmt.Sprint("/api/v1/rooms/", direct.ID)
	ann.say(general, "before")
	since := ben.listed(general).Head.Cursor
	ann.say(general, "one")
	ann.say(general, "two, @ben")
	ann.say(private, "psst")
	id := idOf(t, general)

	d := ben.device()
	ack := d.sync(protocol.SyncRequest{Rooms: []protocol.RoomCursor{{RoomID: id, Since: since}}})
	events := d.heard(id) // came before the answer
	if len(events) != 2 || events[0].MessageText != "one" || events[1].MessageText != "two, @ben" {
		t.Errorf("the device was sent %+v before the answer", events)
	}
	head := ben.listed(general).Head
	if len(ack.CaughtUp) != 2 || !ack.CaughtUp[0].Joined || *ack.CaughtUp[0].Head != head || ack.CaughtUp[1].RoomID != direct.ID || !ack.CaughtUp[1].Joined {
		t.Errorf("caught up with %+v", ack.CaughtUp)
	}
	if len(ack.Rooms) != 3 || ack.Next != 0 {
		t.Errorf("got %d rooms and next %d, want all three", len(ack.Rooms), ack.Next)
	}
	if info := infoOf(t, ack, id); info.Unread != 3 || info.Mentions != 1 || info.Last == nil || info.Last.Text != "two, @ben" || info.Read.N != 0 {
		t.Errorf("general is listed as %+v", info)
	}
	if info := infoOf(t, ack, direct.ID); info.Unread != 1 || info.Peer == nil || info.Peer.ID != ann.me() || info.Last.Text != "psst" {
		t.Errorf("the direct room is listed as %+v", info)
	}
	if info := infoOf(t, ack, idOf(t, quiet)); info.Unread != 0 || info.Last != nil {
		t.Errorf("quiet is listed as %+v", info)
	}

	// What comes later: events of what is joined, a notice of what is not.
	ann.say(private, "still there?")
	var event protocol.Event
	if d.expect(protocol.ReceiveMessage, &event); event.MessageText != "still there?" {
		t.Errorf("got %+v of the direct room", event)
	}
	ann.say(quiet, "ho")
	var change protocol.RoomChanged
	d.expectChange(&change, func() bool { return change.RoomID == idOf(t, quiet) })
	if change.Head.N != 1 || change.Last == nil || change.Last.Text != "ho" || change.Read != nil {
		t.Errorf("of the quiet room the device is told %+v", change)
	}
}

// expectChange waits for a roomChanged that is right.
func (d *device) expectChange(into *protocol.RoomChanged, right func() bool) {
	d.t.Helper()
	for d.expect(protocol.RoomChange, into); !right(); d.expect(protocol.RoomChange, into) {
	}
}

// TestSyncBounds: what does not fit, is not to be read, or is no part of the
// history is said room by room.
func TestSyncBounds(t *testing.T) {
	n, clock := startWithClock(t, config(t))
	ann, ben := n.join("ann@example.org"), n.join("ben@example.org")
	room := ann.room("general")
	ben.do("POST", room+"/join", nil).want(http.StatusOK)
	secret := ann.create(protocol.CreateRoom{Kind: "private", Name: "secret", Members: []int64{ben.me()}})
	ben.do("POST", secret+"/leave", nil).want(http.StatusOK)
	for i := range chat.MaxResumeEvents + 10 {
		if i%10 == 0 {
			clock.pass(time.Second)
		}
		ann.say(room, fmt.Sprint(i))
	}
	id := idOf(t, room)
	since := "2." + cursorCheck(t, ben, room, 2)
	d := ben.device()
	ack := d.sync(protocol.SyncRequest{Latest: 20, Rooms: []protocol.RoomCursor{
		{RoomID: id, Since: since}, {RoomID: idOf(t, secret), Since: "1.AAAAAA"}, {RoomID: 99999, Since: "0"},
	}})
	events := d.heard(id)
	head := ben.listed(room).Head
	if len(events) != 21 || events[0].Kind != "gap" || events[0].From != 1 || events[0].To != head.Seq-20 || events[20].Seq != head.Seq {
		t.Errorf("after a long absence the device is sent %d events, first %+v", len(events), events[0])
	}
	caught := ack.CaughtUp
	if len(caught) != 3 || !caught[0].Joined || caught[0].Gap == nil || caught[0].Gap.To != head.Seq-20 {
		t.Errorf("after a long absence: %+v", caught)
	}
	for _, gone := range caught[1:] {
		if gone.Joined || gone.Error == nil || gone.Error.Code != "not_found" {
			t.Errorf("of a room that ben is not in: %+v", gone)
		}
	}
	if *caught[1].Error != *caught[2].Error {
		t.Errorf("a secret room is told apart from none: %+v and %+v", caught[1].Error, caught[2].Error)
	}
	if info := infoOf(t, ack, id); info.Unread != uint64(chat.MaxResumeEvents+10) {
		t.Errorf("general is listed as %+v", info)
	}
	ack = d.sync(protocol.SyncRequest{Rooms: []protocol.RoomCursor{{RoomID: id, Since: "7.AAAAAA"}}})
	if reset := ack.CaughtUp[0].Reset; ack.CaughtUp[0].Joined || reset == nil || reset.Reason != "history" {
		t.Errorf("with another history's cursor: %+v", ack.CaughtUp)
	}
	for _, wrong := range []protocol.SyncRequest{
		{Rooms: []protocol.RoomCursor{{RoomID: id, Since: "x"}}}, {Latest: 1000}, {Latest: -1}, {Rooms: make([]protocol.RoomCursor, 2001)},
		{Rooms: []protocol.RoomCursor{{RoomID: id, Since: "0"}, {RoomID: id, Since: "0"}}},
	} {
		d.refused(protocol.Sync, wrong, "invalid")
	}
}

// cursorCheck is the second part of an event's cursor.
func cursorCheck(t *testing.T, c *client, room string, seq uint64) string {
	t.Helper()
	var page struct{ Events []protocol.Event }
	c.do("GET", fmt.Sprint(room, "/messages?around=", seq), nil).want(http.StatusOK).into(&page)
	for _, event := range page.Events {
		if event.Seq == seq {
			return event.Cursor[len(fmt.Sprint(seq, ".")):]
		}
	}
	t.Fatalf("event %d is not on its page", seq)
	return ""
}

// TestSyncMore: more rooms with news than fit into one answer.
func TestSyncMore(t *testing.T) {
	n, clock := startWithClock(t, config(t))
	ann, ben := n.join("ann@example.org"), n.join("ben@example.org")
	var request protocol.SyncRequest
	const rooms = 55
	for i := range rooms {
		clock.pass(time.Second)
		room := ann.room(fmt.Sprint("room ", i))
		ben.do("POST", room+"/join", nil).want(http.StatusOK)
		ann.say(room, "hello")
		request.Rooms = append(request.Rooms, protocol.RoomCursor{RoomID: idOf(t, room), Since: "0"})
	}
	d := ben.device()
	ack := d.sync(request)
	joined := 0
	for i, caught := range ack.CaughtUp {
		if caught.RoomID != request.Rooms[i].RoomID || caught.Joined == caught.More || caught.Joined != (i < 50) {
			t.Errorf("room %d of the request: %+v", i, caught)
		}
		if caught.Joined {
			joined++
			if events := d.heard(caught.RoomID); len(events) != 3 {
				t.Errorf("room %d: got %d events, want 3", caught.RoomID, len(events))
			}
		}
	}
	if joined != 50 || len(ack.Rooms) != rooms {
		t.Errorf("joined %d rooms of %d listed, want 50 of %d", joined, len(ack.Rooms), rooms)
	}
	// The list over REST, page by page.
	var pages, listed int
	for path := "/api/v1/me/rooms?limit=20"; path != ""; pages++ {
		var page protocol.OwnRoomPage
		ben.do("GET", path, nil).want(http.StatusOK).into(&page)
		for _, info := range page.Rooms {
			if info.Unread != 1 || info.Read == nil || info.Last == nil {
				t.Errorf("listed as %+v", info)
			}
			listed++
		}
		path = ""
		if page.Next != "" {
			path = "/api/v1/me/rooms?limit=20&after=" + page.Next
		}
	}
	if pages != 3 || listed != rooms {
		t.Errorf("got %d rooms on %d pages, want %d on 3", listed, pages, rooms)
	}
}

// TestRoomChangedCounts: who is mentioned hears of it with exact counts, also
// when a change takes the mention back; so does who wrote on another device.
// Nobody hears of rooms that they may not read.
func TestRoomChangedCounts(t *testing.T) {
	n := start(t, config(t))
	ann, ben, cy := n.join("ann@example.org"), n.join("ben@example.org"), n.join("cy@example.org")
	room := ann.create(protocol.CreateRoom{Kind: "private", Name: "plans", Members: []int64{ben.me(), cy.me()}})
	id := idOf(t, room)
	his, hers, cys := ben.device(), ben.device(), cy.device()
	for _, d := range []*device{his, hers, cys} {
		d.sync(protocol.SyncRequest{})
	}
	his.join(room)
	ann.say(room, "@ben look") // 2
	var change protocol.RoomChanged
	for _, d := range []*device{his, hers} {
		d.expectChange(&change, func() bool { return change.Mentions == 1 })
		if change.RoomID != id || change.Read == nil || change.Read.Seq != 1 || change.Unread != 1 || change.Last == nil || change.Last.Text != "@ben look" {
			t.Errorf("ben is told %+v", change)
		}
	}
	cys.expectChange(&change, func() bool { return change.Head.N == 1 })
	if change.Read != nil || change.Mentions != 0 {
		t.Errorf("cy is told %+v", change)
	}
	ann.do("PATCH", room+"/messages/2", map[string]any{"messageText": "@cy look"}).want(http.StatusCreated) // 3
	for _, d := range []*device{his, hers} {
		if d.expectChange(&change, func() bool { return change.Head.Seq == 3 && change.Read != nil }); change.Mentions != 0 || change.Unread != 1 {
			t.Errorf("after the edit ben is told %+v", change)
		}
	}
	cys.expectChange(&change, func() bool { return change.Mentions == 1 })
	ben.say(room, "mine") // 4
	for _, d := range []*device{his, hers} {
		if d.expectChange(&change, func() bool { return change.Read != nil && change.Read.Seq == 4 }); change.Unread != 0 {
			t.Errorf("after writing ben is told %+v", change)
		}
	}
	ann.do("DELETE", room+"/messages/2", nil).want(http.StatusCreated) // 5
	cys.expectChange(&change, func() bool { return change.Head.Seq == 5 && change.Read != nil })
	if change.Mentions != 0 || change.Unread != 2 {
		t.Errorf("after the deletion cy is told %+v", change)
	}

	// A17: who was thrown out hears of nothing more.
	ann.do("DELETE", fmt.Sprint(room, "/members/", cy.me()), nil).want(http.StatusOK)
	ann.say(room, "@cy secret")
	hers.expectChange(&change, func() bool { return change.Last != nil && change.Last.Text == "@cy secret" })
	// One more round, of a room that all hear of.
	public := ann.room("general")
	cy.do("POST", public+"/join", nil).want(http.StatusOK)
	cys.expectChange(&change, func() bool { return change.RoomID == idOf(t, public) && change.Read != nil })
	for _, args := range cys.came(protocol.RoomChange) {
		t.Errorf("cy was told %s", args)
	}
}
