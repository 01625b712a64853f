package server_test

import (
	"fmt"
	"net/http"
	"path"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parleychat/parley/protocol"
)

// idOf is the id of the room that a path is about.
func idOf(t *testing.T, room string) int64 {
	t.Helper()
	id, err := strconv.ParseInt(path.Base(room), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// listed is a room as the person's list shows it.
func (c *client) listed(room string) protocol.RoomInfo {
	c.t.Helper()
	var list protocol.RoomList
	c.do("GET", "/api/v1/rooms", nil).want(http.StatusOK).into(&list)
	id := idOf(c.t, room)
	for _, info := range list.Rooms {
		if info.ID == id {
			return info
		}
	}
	c.t.Fatalf("room %d is not listed: %+v", id, list.Rooms)
	return protocol.RoomInfo{}
}

func (c *client) wantUnread(room string, read, unread uint64) {
	c.t.Helper()
	info := c.listed(room)
	if info.Read == nil || info.Read.Seq != read || info.Unread != unread {
		c.t.Errorf("listed read %+v and %d unread, want up to %d and %d", info.Read, info.Unread, read, unread)
	}
}

// TestReadingCalls: what is unread, over REST.
func TestReadingCalls(t *testing.T) {
	n := start(t, config(t))
	ann, ben := n.join("ann@example.org"), n.join("ben@example.org")
	room := ann.room("general") // 1
	info := ann.listed(room)
	if info.Unread != 0 || info.Last != nil || info.Read == nil || *info.Read != (protocol.ReadMark{Seq: 1, Version: 1}) {
		t.Errorf("a new room is listed as %+v", info)
	}
	if info := ben.listed(room); info.Read != nil || info.Last != nil || info.Role != "" {
		t.Errorf("a room that ben is not in is listed as %+v", info)
	}
	ann.say(room, "one")                                        // 2
	ben.do("POST", room+"/join", nil).want(http.StatusOK)       // 3
	ben.wantUnread(room, 3, 0)                                  // nobody owes what was said before
	ann.say(room, "two")                                        // 4
	ann.say(room, strings.Repeat("long words ", 100)+"at last") // 5
	ann.wantUnread(room, 5, 0)
	ben.wantUnread(room, 3, 2)
	last := ben.listed(room).Last
	if last == nil || last.Seq != 5 || last.UserID != ann.me() || last.UserName != "ann" || len(last.Text) != 200 || !strings.HasPrefix(last.Text, "long words") || last.At == 0 {
		t.Errorf("the last message is listed as %+v", last)
	}

	var got protocol.Standing
	ben.do("PUT", room+"/read", map[string]any{"seq": 4}).want(http.StatusOK).into(&got)
	want := protocol.Standing{RoomID: idOf(t, room), Read: protocol.ReadMark{Seq: 4, N: 2, Version: 1}, Head: ben.listed(room).Head, Unread: 1}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("read up to 4 (-want +got):\n%s", diff)
	}
	ben.do("PUT", room+"/read", map[string]any{"seq": 2}).want(http.StatusOK).into(&got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("it only moves forward (-want +got):\n%s", diff)
	}
	ben.wantUnread(room, 4, 1)
	ben.do("PUT", room+"/read", map[string]any{}).want(http.StatusOK).into(&got)
	if got.Read.Seq != 5 || got.Unread != 0 {
		t.Errorf("read all: got %+v", got)
	}
	ben.do("PUT", room+"/unread", map[string]any{"seq": 2}).want(http.StatusOK).into(&got)
	if got.Read != (protocol.ReadMark{Seq: 1, Version: 2}) || got.Unread != 3 {
		t.Errorf("unread from 2 on: got %+v", got)
	}
	ben.wantUnread(room, 1, 3)
	// What one says oneself, one has read, and all before it.
	ben.say(room, "three") // 6
	ben.wantUnread(room, 6, 0)
	ann.wantUnread(room, 5, 1)
	// A deleted message keeps its number, so it stays unread.
	ben.do("DELETE", room+"/messages/6", nil).want(http.StatusCreated)
	ann.wantUnread(room, 5, 1)
	if last := ann.listed(room).Last; last == nil || !last.Deleted || last.Text != "" {
		t.Errorf("a deleted last message is listed as %+v", last)
	}

	cy := n.join("cy@example.org")
	cy.do("PUT", room+"/read", map[string]any{}).wantCode(http.StatusForbidden, "forbidden")
	ben.do("PUT", room+"/read", map[string]any{"seq": 99}).wantCode(http.StatusBadRequest, "invalid")
	ben.do("PUT", room+"/unread", map[string]any{}).wantCode(http.StatusBadRequest, "invalid")
	ben.do("PUT", room+"/unread", map[string]any{"seq": 99}).wantCode(http.StatusBadRequest, "invalid")
	secret := ann.create(protocol.CreateRoom{Kind: "private", Name: "secret"})
	for _, mark := range []string{"/read", "/unread"} {
		hidden := ben.do("PUT", secret+mark, map[string]any{"seq": 1}).wantCode(http.StatusNotFound, "not_found")
		missing := ben.do("PUT", "/api/v1/rooms/99999"+mark, map[string]any{"seq": 1}).wantCode(http.StatusNotFound, "not_found")
		if hidden.told() != missing.told() {
			t.Errorf("%s: a stranger is told %s of a secret room and %s of none", mark, hidden.body, missing.body)
		}
	}
}

// TestReadingFromAGroup: who joins a group later owes nothing of before, sees
// nothing of it in the list, and cannot go back to it.
func TestReadingFromAGroup(t *testing.T) {
	n := start(t, config(t))
	ann, ben, cy := n.join("ann@example.org"), n.join("ben@example.org"), n.join("cy@example.org")
	room := ann.create(protocol.CreateRoom{Kind: "group", Members: []int64{ben.me()}}) // 1
	ann.say(room, "between us")                                                        // 2
	ann.do("POST", room+"/members", map[string]any{"userId": cy.me()}).want(http.StatusOK)
	cy.wantUnread(room, 3, 0)
	if last := cy.listed(room).Last; last != nil {
		t.Errorf("cy's list shows %+v, from before they came", last)
	}
	cy.do("PUT", room+"/unread", map[string]any{"seq": 2}).wantCode(http.StatusNotFound, "not_found")
	ann.say(room, "for all")
	cy.wantUnread(room, 3, 1)
	ben.wantUnread(room, 1, 2)
	if last := cy.listed(room).Last; last == nil || last.Text != "for all" {
		t.Errorf("cy's list shows %+v", last)
	}
}

// TestZeroIsNoEvent: what could be a client's variable that was never set is
// refused, and not taken as absent: the room would be read to its end, or
// what was missed never come.
func TestZeroIsNoEvent(t *testing.T) {
	n := start(t, config(t))
	ann := n.join("ann@example.org")
	room := ann.room("general")
	ref, zero, phone := protocol.RoomRef{RoomID: idOf(t, room)}, new(uint64), ann.device()
	phone.refused(protocol.MarkRead, protocol.MarkReadRequest{RoomRef: ref, Seq: zero}, "invalid")
	phone.refused(protocol.GetMessages, protocol.PageRequest{RoomRef: ref, Before: zero}, "invalid")
	phone.refused(protocol.GetMessages, protocol.PageRequest{RoomRef: ref, After: zero}, "invalid")
	phone.refused(protocol.GetMessages, protocol.PageRequest{RoomRef: ref, Around: zero}, "invalid")
	phone.refused(protocol.JoinRoom, protocol.JoinRequest{RoomRef: ref, Since: new(string)}, "invalid")
	ann.do("PUT", room+"/read", protocol.MarkReadBody{Seq: zero}).want(http.StatusBadRequest)
	ann.do("GET", room+"/messages?after=0", nil).want(http.StatusBadRequest)
}

// TestReadingOnAllDevices: one device reads, the others hear of it, in order,
// and nobody else does (A20).
func TestReadingOnAllDevices(t *testing.T) {
	n := start(t, config(t))
	ann, ben := n.join("ann@example.org"), n.join("ben@example.org")
	room := ann.room("general")
	ben.do("POST", room+"/join", nil).want(http.StatusOK) // 2
	for i := range 5 {
		ann.say(room, fmt.Sprint(i)) // 3 to 7
	}
	id := idOf(t, room)
	phone, laptop, hers := ben.device(), ben.device(), ann.device()
	var ack protocol.MarkAck
	phone.call(protocol.MarkRead, protocol.MarkReadRequest{RoomRef: protocol.RoomRef{RoomID: id}, Seq: new(uint64(5))}, &ack)
	if ack.Read != (protocol.ReadMark{Seq: 5, N: 3, Version: 1}) || ack.Unread != 2 || ack.Head.N != 5 {
		t.Errorf("the phone is answered %+v", ack)
	}
	var told protocol.Standing
	laptop.expect(protocol.ReadChanged, &told)
	if diff := cmp.Diff(ack.Standing, told); diff != "" {
		t.Errorf("the laptop is told something else (-answer +told):\n%s", diff)
	}
	laptop.call(protocol.MarkUnread, protocol.MarkUnreadRequest{RoomRef: protocol.RoomRef{RoomName: "general"}, Seq: 4}, &ack)
	if ack.Read != (protocol.ReadMark{Seq: 3, N: 1, Version: 2}) || ack.Unread != 4 {
		t.Errorf("the laptop is answered %+v", ack)
	}
	phone.expect(protocol.ReadChanged, &told)
	if diff := cmp.Diff(ack.Standing, told); diff != "" {
		t.Errorf("the phone is told something else (-answer +told):\n%s", diff)
	}
	ben.do("PUT", room+"/read", map[string]any{}).want(http.StatusOK)
	for _, d := range []*device{phone, laptop} {
		if d.expect(protocol.ReadChanged, &told); told.Read.Seq != 7 || told.Read.Version != 2 || told.Unread != 0 {
			t.Errorf("after reading over REST a device is told %+v", told)
		}
	}
	// Nothing moved, nobody is told; nor was ann ever.
	phone.call(protocol.MarkRead, protocol.MarkReadRequest{RoomRef: protocol.RoomRef{RoomID: id}, Seq: new(uint64(3))}, &ack)
	phone.refused(protocol.MarkRead, protocol.MarkReadRequest{RoomRef: protocol.RoomRef{RoomID: id}, Seq: new(uint64(70))}, "invalid")
	phone.refused(protocol.MarkUnread, protocol.MarkUnreadRequest{RoomRef: protocol.RoomRef{RoomID: id}}, "invalid")
	for _, d := range []*device{phone, laptop, hers} {
		d.call(protocol.GetOnlineUsers, protocol.OnlineRequest{RoomRef: protocol.RoomRef{RoomID: id}}, nil)
		if came := d.came(protocol.ReadChanged); came != nil {
			t.Errorf("a device was told %s", came)
		}
	}
}

// TestReadingSurvivesStop: a server that is stopped in order has written what
// was read last.
func TestReadingSurvivesStop(t *testing.T) {
	cfg := config(t)
	n := start(t, cfg)
	ann, ben := n.join("ann@example.org"), n.join("ben@example.org")
	room := ann.room("general")
	ben.do("POST", room+"/join", nil).want(http.StatusOK)
	ann.say(room, "one")
	ben.do("PUT", room+"/read", map[string]any{}).want(http.StatusOK)
	n.stop()
	ben.url = start(t, cfg).URL()
	ben.wantUnread(room, 3, 0)
}

// TestMentions: the server looks up in the text who is mentioned; only members
// are, and what the client claims does not count (A19).
func TestMentions(t *testing.T) {
	n := start(t, config(t))
	ann, ben, cy, dan := n.join("ann@example.org"), n.join("ben@example.org"), n.join("cy@example.org"), n.join("dan@example.org")
	room := ann.room("general") // 1
	for _, c := range []*client{ben, cy} {
		c.do("POST", room+"/join", nil).want(http.StatusOK) // 2, 3
	}
	wantMentions := func(c *client, mentions int) {
		t.Helper()
		if got := c.listed(room).Mentions; got != mentions {
			t.Errorf("got %d mentions, want %d", got, mentions)
		}
	}
	hers := ann.device()
	hers.join(room)
	ann.do("POST", room+"/messages", map[string]any{
		"messageText": "@Ben, ask @cy. Not dan@example.org, @dan or @ann", "mentions": []int64{dan.me()},
	}).want(http.StatusCreated) // 4
	var event protocol.Event
	hers.expect(protocol.ReceiveMessage, &event)
	if diff := cmp.Diff([]int64{ben.me(), cy.me()}, event.Mentions); diff != "" {
		t.Errorf("the message mentions (-want +got):\n%s", diff)
	}
	ann.say(room, "@ben again") // 5
	wantMentions(ben, 2)
	wantMentions(cy, 1)
	wantMentions(ann, 0)
	wantMentions(dan, 0)
	var standing protocol.Standing
	ben.do("PUT", room+"/read", map[string]any{"seq": 4}).want(http.StatusOK).into(&standing)
	if standing.Mentions != 1 || standing.Unread != 1 {
		t.Errorf("ben has read the first: got %+v", standing)
	}
	wantMentions(ben, 1)
	ben.do("PUT", room+"/unread", map[string]any{"seq": 4}).want(http.StatusOK).into(&standing)
	if standing.Mentions != 2 || standing.Unread != 2 {
		t.Errorf("ben wants to read all again: got %+v", standing)
	}
	ann.do("PATCH", room+"/messages/5", map[string]any{"messageText": "@cy instead"}).want(http.StatusCreated)
	wantMentions(ben, 1)
	wantMentions(cy, 2)
	ann.do("DELETE", room+"/messages/5", nil).want(http.StatusCreated)
	wantMentions(cy, 1)

	// Another handle, from now on.
	ben.do("PATCH", "/api/v1/me", map[string]any{"handle": "benny"}).want(http.StatusOK)
	ann.say(room, "@ben and @benny")
	wantMentions(ben, 2)
}
