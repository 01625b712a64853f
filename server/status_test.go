package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/parleychat/parley/protocol"
)

// awaitShown asks who is online until somebody is shown like this in the room.
func (d *device) awaitShown(room string, user int64, want string) {
	d.t.Helper()
	await(d.t, fmt.Sprintf("%d as %q", user, want), func() bool {
		time.Sleep(50 * time.Millisecond) // within the rate of reads
		var list protocol.OnlineAck
		d.call(protocol.GetOnlineUsers, protocol.OnlineRequest{RoomRef: roomRef(d.t, room)}, &list)
		return slices.ContainsFunc(list.Users, func(p protocol.OnlinePerson) bool { return p.ID == user && p.Status == want })
	})
}

// awaitTold waits until the last that the socket was told shows somebody like
// this in the room.
func (d *device) awaitTold(room string, user int64, want string) {
	d.t.Helper()
	id := idOf(d.t, room)
	d.await(fmt.Sprintf("%d as %q", user, want), func() bool {
		shown := "nothing"
		for _, packet := range d.events {
			var change protocol.PresenceChange
			if packet.Event != protocol.Presence || json.Unmarshal(packet.Arg, &change) != nil || change.RoomID != id {
				continue
			}
			for _, p := range change.Online {
				if p.ID == user {
					shown = p.Status
				}
			}
			for _, gone := range change.Offline {
				if gone == user {
					shown = ""
				}
			}
		}
		return shown == want
	})
}

// member is how somebody stands in the list of a room's members.
func (c *client) member(room string, user int64) (found protocol.MemberInfo) {
	c.t.Helper()
	var page protocol.MemberPage
	c.do("GET", room+"/members", nil).want(http.StatusOK).into(&page)
	for _, m := range page.Members {
		if m.ID == user {
			found = m
		}
	}
	return found
}

// TestStatus: what somebody has chosen is shown to who has a room of theirs open
// and in lists, told to their other devices, and outlasts sockets and the server.
func TestStatus(t *testing.T) {
	cfg := config(t)
	n := start(t, cfg)
	ann, ben := n.join("ann@example.org"), n.join("ben@example.org")
	room := ann.create(protocol.CreateRoom{Kind: "private", Name: "secret", Members: []int64{ben.me()}})
	hers, alsoHers, his := ann.device(), ann.device(), ben.device()
	his.join(room)
	his.awaitShown(room, ann.me(), "online")

	alsoHers.call(protocol.SetStatus, protocol.StatusRequest{}, nil) // it is there

	choose := func(status string) protocol.StatusRequest { return protocol.StatusRequest{Status: &status} }
	var ack protocol.StatusAck
	hers.call(protocol.SetStatus, choose("away"), &ack)
	if want := (protocol.OwnStatus{Status: "away", Rev: 1}); ack.OwnStatus != want {
		t.Errorf("setStatus: got %+v, want %+v", ack.OwnStatus, want)
	}
	var told protocol.OwnStatus
	if alsoHers.expect(protocol.StatusChanged, &told); told != ack.OwnStatus {
		t.Errorf("the other device is told %+v, want %+v", told, ack.OwnStatus)
	}
	his.awaitTold(room, ann.me(), "away")
	if got := ben.member(room, ann.me()).Status; got != "away" {
		t.Errorf("in the list of members ann is %q, want away", got)
	}
	var own protocol.OwnStatus
	ann.do("PATCH", "/api/v1/me/status", `{"status":"dnd"}`).want(http.StatusOK).into(&own)
	if want := (protocol.OwnStatus{Status: "dnd", Rev: 2}); own != want {
		t.Errorf("PATCH: got %+v, want %+v", own, want)
	}
	his.awaitTold(room, ann.me(), "dnd")
	for _, d := range []*device{hers, alsoHers} {
		if d.expect(protocol.StatusChanged, &told); told != own {
			t.Errorf("a device is told %+v, want %+v", told, own)
		}
	}
	if calls := hers.came(protocol.StatusChanged); calls != nil {
		t.Errorf("the device that chose was told %s", calls)
	}
	hers.call(protocol.SetStatus, protocol.StatusRequest{}, &ack)
	if ack.OwnStatus != own {
		t.Errorf("setStatus that asks only: got %+v, want %+v", ack.OwnStatus, own)
	}
	for _, wrong := range []string{"offline", "", "Away", "invisible"} {
		hers.refused(protocol.SetStatus, choose(wrong), "invalid")
	}
	ann.do("PATCH", "/api/v1/me/status", `{}`).wantCode(http.StatusBadRequest, "invalid")

	hers.conn.Close()
	alsoHers.conn.Close()
	his.awaitTold(room, ann.me(), "")
	back := ann.device()
	his.awaitTold(room, ann.me(), "dnd")
	back.call(protocol.SetStatus, choose("online"), nil)
	his.awaitTold(room, ann.me(), "online")
	back.call(protocol.SetStatus, choose("away"), nil)

	n.stop()
	n = start(t, cfg)
	ann.url, ben.url = n.URL(), n.URL()
	ann.do("GET", "/api/v1/me/status", nil).want(http.StatusOK).into(&own)
	if want := (protocol.OwnStatus{Status: "away", Rev: 4}); own != want {
		t.Errorf("after a restart: got %+v, want %+v", own, want)
	}
	if got := ben.member(room, ann.me()); got.Status != "offline" || got.LastSeen == 0 {
		t.Errorf("after a restart ann is %+v, want her offline and last seen before it", got)
	}
	ann.device()
	his = ben.device()
	his.join(room)
	his.awaitShown(room, ann.me(), "away")
}

// TestLastSeen: members of a room see when the others were last online, unless
// these keep it to themselves.
func TestLastSeen(t *testing.T) {
	n := start(t, config(t))
	ann, ben, cy := n.join("ann@example.org"), n.join("ben@example.org"), n.join("cy@example.org")
	room := ann.room("general")
	hisID := ben.me()
	ben.do("POST", room+"/join", nil).want(http.StatusOK)
	his := ben.device()
	before := time.Now().Truncate(time.Minute).UnixMilli()
	his.call(protocol.SetStatus, protocol.StatusRequest{}, nil) // it is there
	if got := ann.member(room, hisID); got.Status != "online" || got.LastSeen != 0 {
		t.Errorf("while ben is here: got %+v, want him online, and nothing about before", got)
	}
	his.conn.Close()
	var seen protocol.MemberInfo
	await(t, "ben goes", func() bool {
		time.Sleep(50 * time.Millisecond) // within the rate of reads
		seen = ann.member(room, hisID)
		return seen.Status == "offline" && seen.LastSeen != 0
	})
	if seen.LastSeen < before || seen.LastSeen > time.Now().UnixMilli() || seen.LastSeen%time.Minute.Milliseconds() != 0 {
		t.Errorf("ben was last seen at %d, want a full minute from %d on", seen.LastSeen, before)
	}
	if got := cy.member(room, hisID); got.ID == 0 || got.LastSeen != 0 {
		t.Errorf("somebody who is not in the room sees %+v, want ben without when he was here", got)
	}
	var own protocol.OwnStatus
	ben.do("PATCH", "/api/v1/me/status", `{"hideLastSeen":true}`).want(http.StatusOK).into(&own)
	if !own.HideLastSeen || own.Status != "online" {
		t.Errorf("PATCH: got %+v, want it hidden and nothing else changed", own)
	}
	if got := ann.member(room, hisID); got.LastSeen != 0 {
		t.Errorf("though he hides it, ben is seen at %d", got.LastSeen)
	}
}
