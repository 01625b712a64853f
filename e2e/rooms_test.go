package e2e

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/parleychat/parley/e2e/rig"
	"github.com/parleychat/parley/protocol"
)

// TestKick: what happens in a private room behind a kick that was answered
// reaches the person neither live nor in a page or resume that was under way,
// and the kick itself is the last they hear.
func TestKick(t *testing.T) {
	server := rig.Serve(t)
	people := server.People("ann", "ben", "cy")
	ann, ben, cy := people[0], people[1], people[2]
	var room protocol.RoomInfo
	ann.Call(&room, "POST", "/api/v1/rooms", protocol.CreateRoom{Kind: "private", Name: "plans", Members: []int64{ben.ID}})
	path := fmt.Sprint("/api/v1/rooms/", room.ID)
	talker := ben.Connect() // not ann, whose kick would share one rate with so many messages
	talker.Join(room.ID)
	for i := range 20 {
		talker.Say(room.ID, fmt.Sprint("before ", i))
	}

	live, reading := cy.Connect(), cy.Connect()
	live.WantRefusal("not_found", protocol.JoinRoom, protocol.JoinRequest{RoomRef: protocol.RoomRef{RoomID: room.ID}})
	var changed protocol.Changed
	ann.Call(&changed, "POST", path+"/members", protocol.InviteMember{UserID: cy.ID})
	added := live.Await(protocol.RoomAdded, func(rig.Event) bool { return true })
	var info protocol.RoomInfo
	if err := added.Into(&info); err != nil || info.ID != room.ID || info.Role != "member" {
		t.Errorf("roomAdded: got %v, %v", added, err)
	}
	live.JoinSince(room.ID, "0")

	// Ben talks and cy reads without a pause while ann has cy kicked.
	stop := make(chan struct{})
	pages := make(chan uint64, 10_000) // the last seq of each page that came
	rig.Together(t, 3, func(i int) error {
		switch i {
		case 0:
			for n := 0; ; n++ {
				select {
				case <-stop:
					return nil
				default:
				}
				if _, err := talker.SayAtLast(room.ID, fmt.Sprint("during ", n), rig.NewCID()); err != nil {
					return err
				}
			}
		case 1:
			defer close(pages)
			for {
				var ack protocol.PageAck
				err := reading.TryAsk(&ack, protocol.GetMessages, protocol.PageRequest{RoomRef: protocol.RoomRef{RoomID: room.ID}, Limit: 200})
				var refused *rig.Refused
				switch {
				case err == nil:
					pages <- ack.AsOf
				case !errors.As(err, &refused):
					return err
				case refused.Code == "not_found": // it is over
					return nil
				case refused.Code == "rate_limited":
					time.Sleep(time.Duration(refused.RetryAfter * float64(time.Second)))
				default:
					return err
				}
			}
		default:
			defer close(stop)
			for range 20 { // some pages before
				<-pages
			}
			return ann.TryCall(&changed, "DELETE", fmt.Sprint(path, "/members/", cy.ID), nil)
		}
	})
	kick := changed.Seq
	for asOf := range pages {
		if asOf >= kick {
			t.Errorf("a page was answered as of %d, the kick is %d", asOf, kick)
		}
	}
	for i := range 5 {
		if _, err := talker.SayAtLast(room.ID, fmt.Sprint("canary ", i), rig.NewCID()); err != nil {
			t.Fatal(err)
		}
	}
	live.Await(protocol.RoomRemoved, func(rig.Event) bool { return true })
	live.Roundtrip()
	events := live.InRoom(room.ID)
	last := events[len(events)-1]
	if last.Seq != kick || last.Kind != "kick" || last.TargetUser != cy.ID {
		t.Errorf("the last event that cy got is %+v, want the kick %d", last, kick)
	}
	for i, ev := range events {
		if ev.Seq != uint64(i)+1 {
			t.Fatalf("event %d has the number %d", i, ev.Seq)
		}
	}
	ref := protocol.RoomRef{RoomID: room.ID}
	for name, request := range map[string]any{
		protocol.JoinRoom:    protocol.JoinRequest{RoomRef: ref, Since: &last.Cursor},
		protocol.GetMessages: protocol.PageRequest{RoomRef: ref},
		protocol.SendMessage: protocol.SendRequest{RoomRef: ref, MessageText: "let me in"},
	} {
		live.WantRefusal("not_found", name, request)
	}
}

// TestOpenDirect: a first direct message arrives at once, and both know with
// whom they talk.
func TestOpenDirect(t *testing.T) {
	server := rig.Serve(t)
	people := server.People("ann", "ben")
	ann, ben := people[0].Connect(), people[1].Connect()
	ann.WantRefusal("not_found", protocol.OpenDirect, protocol.OpenDirectRequest{UserID: 4711})
	ann.WantRefusal("invalid", protocol.OpenDirect, protocol.OpenDirectRequest{UserID: people[0].ID})
	var opened protocol.OpenDirectAck
	ann.Ask(&opened, protocol.OpenDirect, protocol.OpenDirectRequest{UserID: people[1].ID})
	if peer := opened.Room.Peer; opened.Duplicate || opened.Room.Kind != "direct" || peer == nil || peer.Name != "ben" {
		t.Errorf("openDirect: got %+v", opened)
	}
	var added protocol.RoomInfo
	if err := ben.Await(protocol.RoomAdded, func(rig.Event) bool { return true }).Into(&added); err != nil {
		t.Fatal(err)
	}
	if added.ID != opened.Room.ID || added.Peer == nil || added.Peer.ID != people[0].ID || added.Peer.Name != "ann" {
		t.Errorf("ben is told of %+v", added)
	}
	ben.Join(added.ID)
	ann.Join(added.ID)
	ann.Say(added.ID, "psst")
	ben.AwaitText(added.ID, "psst")
	ben.Ask(&opened, protocol.OpenDirect, protocol.OpenDirectRequest{UserID: people[0].ID})
	if !opened.Duplicate || opened.Room.ID != added.ID {
		t.Errorf("opened again: got %+v, want the same room", opened)
	}
	server.Restart()
	var list protocol.RoomList
	people[1].Call(&list, "GET", "/api/v1/rooms", nil)
	if len(list.Rooms) != 1 || list.Rooms[0].Peer == nil || list.Rooms[0].Peer.Name != "ann" {
		t.Errorf("after a restart ben's list is %+v", list.Rooms)
	}
}
