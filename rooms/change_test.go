package rooms_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/rooms"
)

// must makes a room.
func (h *house) must(t *testing.T, user chat.UserID, d rooms.Draft) rooms.Room {
	t.Helper()
	room, _, err := h.Create(h.ctx, user, d)
	if err != nil {
		t.Fatalf("create %+v: %v", d, err)
	}
	return room
}

// change makes a change that has to be accepted.
func (h *house) change(t *testing.T, rec chat.Record) chat.Answer {
	t.Helper()
	answer, err := h.Change(h.ctx, rec, false)
	if err != nil {
		t.Fatalf("%s: %v", rec.Kind, err)
	}
	return answer
}

func (h *house) refuse(t *testing.T, what string, rec chat.Record, want chat.Code) {
	t.Helper()
	_, err := h.Change(h.ctx, rec, false)
	wantCode(t, what, err, want)
}

// membersOf lists a room's members with their roles.
func (h *house) membersOf(t *testing.T, room chat.RoomID, by chat.UserID) map[chat.UserID]chat.Role {
	t.Helper()
	all := make(map[chat.UserID]chat.Role)
	var after chat.UserID
	for {
		page, more, err := h.Members(h.ctx, by, room, after, 2)
		if err != nil {
			t.Fatalf("members: %v", err)
		}
		for _, m := range page {
			all[m.ID], after = m.Role, m.ID
		}
		if !more {
			return all
		}
	}
}

func TestPrivateRoom(t *testing.T) {
	h := openHouse(t)
	cy := h.person(t, "cy")
	room := h.must(t, h.ann, rooms.Draft{Kind: chat.PrivateRoom, Name: "Plans", Topic: "what is next", Others: []chat.UserID{h.bob, h.ann, h.bob}, CID: "c1"})
	if room.Kind != chat.PrivateRoom || room.Topic != "what is next" || room.Members != 2 || room.Role != chat.RoleOwner {
		t.Errorf("got %+v", room)
	}
	// Names of private rooms may repeat, also that of a public one.
	h.must(t, cy, rooms.Draft{Name: "Plans"})
	h.must(t, cy, rooms.Draft{Kind: chat.PrivateRoom, Name: "Plans"})
	again, duplicate, err := h.Create(h.ctx, h.ann, rooms.Draft{Kind: chat.PrivateRoom, Name: "Plans", CID: "c1"})
	if err != nil || !duplicate || again.ID != room.ID {
		t.Errorf("the same cid: got room %d, %v, %v, want %d again", again.ID, duplicate, err, room.ID)
	}
	_, err = h.ByID(h.ctx, cy, room.ID)
	wantCode(t, "a stranger", err, chat.NotFound)
	_, _, err = h.Members(h.ctx, cy, room.ID, 0, 10)
	wantCode(t, "a stranger's look at the members", err, chat.NotFound)
	h.refuse(t, "a stranger joins", chat.Record{Kind: chat.KindJoin, Room: room.ID, User: cy}, chat.NotFound)
	h.refuse(t, "a member invites", chat.Record{Kind: chat.KindInvite, Room: room.ID, User: h.bob, TargetUser: cy}, chat.Forbidden)
	h.refuse(t, "nobody is invited", chat.Record{Kind: chat.KindInvite, Room: room.ID, User: h.ann, TargetUser: 999}, chat.NotFound)

	h.change(t, chat.Record{Kind: chat.KindInvite, Room: room.ID, User: h.ann, TargetUser: cy})
	if answer := h.change(t, chat.Record{Kind: chat.KindInvite, Room: room.ID, User: h.ann, TargetUser: cy}); !answer.Already {
		t.Errorf("a second invitation: got %+v, want already", answer)
	}
	h.change(t, chat.Record{Kind: chat.KindRole, Room: room.ID, User: h.ann, TargetUser: h.bob, Role: chat.RoleAdmin})
	want := map[chat.UserID]chat.Role{h.ann: chat.RoleOwner, h.bob: chat.RoleAdmin, cy: chat.RoleMember}
	if got := h.membersOf(t, room.ID, cy); len(got) != 3 || got[h.ann] != want[h.ann] || got[h.bob] != want[h.bob] || got[cy] != want[cy] {
		t.Errorf("members: got %v, want %v", got, want)
	}
	h.change(t, chat.Record{Kind: chat.KindKick, Room: room.ID, User: h.bob, TargetUser: cy})
	_, err = h.ByID(h.ctx, cy, room.ID)
	wantCode(t, "who was kicked", err, chat.NotFound)
	h.refuse(t, "an admin kicks the owner", chat.Record{Kind: chat.KindKick, Room: room.ID, User: h.bob, TargetUser: h.ann}, chat.Forbidden)
	h.refuse(t, "the last owner leaves", chat.Record{Kind: chat.KindLeave, Room: room.ID, User: h.ann}, chat.Forbidden)
	h.change(t, chat.Record{Kind: chat.KindRole, Room: room.ID, User: h.ann, TargetUser: h.bob, Role: chat.RoleOwner})
	h.change(t, chat.Record{Kind: chat.KindLeave, Room: room.ID, User: h.ann})
	if got := h.membersOf(t, room.ID, h.bob); len(got) != 1 || got[h.bob] != chat.RoleOwner {
		t.Errorf("members after the hand-over: got %v", got)
	}
}

func TestBans(t *testing.T) {
	h := openHouse(t)
	room := h.must(t, h.ann, rooms.Draft{Name: "Square"})
	h.change(t, chat.Record{Kind: chat.KindJoin, Room: room.ID, User: h.bob})
	h.refuse(t, "a member bans", chat.Record{Kind: chat.KindBan, Room: room.ID, User: h.bob, TargetUser: h.ann}, chat.Forbidden)
	h.change(t, chat.Record{Kind: chat.KindBan, Room: room.ID, User: h.ann, TargetUser: h.bob})
	banned, more, err := h.Bans(h.ctx, h.ann, room.ID, 0, 10)
	if err != nil || more || len(banned) != 1 || banned[0].ID != h.bob {
		t.Errorf("bans: got %v, %v, %v, want bob", banned, more, err)
	}
	_, _, err = h.Bans(h.ctx, h.bob, room.ID, 0, 10)
	wantCode(t, "who is banned looks at the bans", err, chat.Forbidden)
	h.refuse(t, "who is banned joins", chat.Record{Kind: chat.KindJoin, Room: room.ID, User: h.bob}, chat.Forbidden)
	h.refuse(t, "who is banned is invited", chat.Record{Kind: chat.KindInvite, Room: room.ID, User: h.ann, TargetUser: h.bob}, chat.Forbidden)
	if found, _, err := h.Search(h.ctx, h.bob, "", 0, 10); err != nil || len(found) != 0 {
		t.Errorf("search of who is banned: got %v, %v, want nothing", found, err)
	}
	h.change(t, chat.Record{Kind: chat.KindUnban, Room: room.ID, User: h.ann, TargetUser: h.bob})
	h.change(t, chat.Record{Kind: chat.KindJoin, Room: room.ID, User: h.bob})
}

func TestGroup(t *testing.T) {
	h := openHouse(t)
	others := []chat.UserID{h.bob}
	for _, name := range []string{"c", "d", "e", "f", "g", "h", "i", "j", "k", "l"} {
		others = append(others, h.person(t, name))
	}
	last := h.person(t, "last")
	_, _, err := h.Create(h.ctx, h.ann, rooms.Draft{Kind: chat.GroupRoom})
	wantCode(t, "a group of one", err, chat.Invalid)
	_, _, err = h.Create(h.ctx, h.ann, rooms.Draft{Kind: chat.GroupRoom, Others: append(slices.Clone(others), last)})
	wantCode(t, "a group of 13", err, chat.Invalid)
	room := h.must(t, h.ann, rooms.Draft{Kind: chat.GroupRoom, Others: others})
	if room.Members != chat.MaxGroupMembers || room.Role != chat.RoleMember {
		t.Errorf("got %+v, want %d equals", room, chat.MaxGroupMembers)
	}
	h.refuse(t, "one too many", chat.Record{Kind: chat.KindInvite, Room: room.ID, User: h.ann, TargetUser: last}, chat.Forbidden)
	h.change(t, chat.Record{Kind: chat.KindLeave, Room: room.ID, User: h.ann})
	h.change(t, chat.Record{Kind: chat.KindInvite, Room: room.ID, User: h.bob, TargetUser: last})
	_, _, err = h.Create(h.ctx, h.ann, rooms.Draft{Kind: "club", Name: "x"})
	wantCode(t, "an unknown kind", err, chat.Invalid)
}

// Whoever asks first, two people have one direct room.
func TestDirect(t *testing.T) {
	h := openHouse(t)
	_, _, err := h.OpenDirect(h.ctx, h.ann, h.ann)
	wantCode(t, "with oneself", err, chat.Invalid)
	_, _, err = h.OpenDirect(h.ctx, h.ann, 999)
	wantCode(t, "with nobody", err, chat.NotFound)
	var all sync.WaitGroup
	ids := make(chan chat.RoomID, 10)
	for i := range cap(ids) {
		pair := []chat.UserID{h.ann, h.bob}
		if i%2 == 1 {
			slices.Reverse(pair)
		}
		all.Go(func() {
			room, _, err := h.OpenDirect(h.ctx, pair[0], pair[1])
			if err != nil {
				t.Errorf("open: %v", err)
			}
			if room.Peer != pair[1] || room.Members != 2 {
				t.Errorf("got %+v, want the room of two with %d", room, pair[1])
			}
			ids <- room.ID
		})
	}
	all.Wait()
	close(ids)
	first := <-ids
	for id := range ids {
		if id != first {
			t.Errorf("got rooms %d and %d, want one", first, id)
		}
	}
	list, err := h.List(h.ctx, h.bob)
	if err != nil || len(list) != 1 || list[0].Peer != h.ann || h.hub.Person(h.ann).Name != "ann" {
		t.Errorf("bob's list: got %+v, %v, want the direct room with ann", list, err)
	}
	h.refuse(t, "leaving", chat.Record{Kind: chat.KindLeave, Room: first, User: h.bob}, chat.Forbidden)
	h.refuse(t, "a third person", chat.Record{Kind: chat.KindInvite, Room: first, User: h.bob, TargetUser: h.person(t, "cy")}, chat.Forbidden)
}

func TestRename(t *testing.T) {
	h := openHouse(t)
	room := h.must(t, h.ann, rooms.Draft{Name: "Old"})
	other := h.must(t, h.bob, rooms.Draft{Name: "Taken"})
	h.change(t, chat.Record{Kind: chat.KindJoin, Room: room.ID, User: h.bob})
	rename := func(user chat.UserID, name, cid string) chat.Record {
		return chat.Record{Kind: chat.KindRename, Room: room.ID, User: user, Name: name, CID: cid}
	}
	h.refuse(t, "a taken name", rename(h.ann, "TAKEN", ""), chat.Conflict)
	h.refuse(t, "a member renames", rename(h.bob, "Mine", "r1"), chat.Forbidden)
	h.must(t, h.bob, rooms.Draft{Name: "Mine"}) // what was refused reserves nothing
	h.change(t, rename(h.ann, "New", "r2"))
	if id, err := h.Resolve(h.ctx, h.bob, "new"); err != nil || id != room.ID {
		t.Errorf("the new name: got %d, %v, want %d", id, err, room.ID)
	}
	h.must(t, h.bob, rooms.Draft{Name: "Old"}) // it is free
	h.change(t, rename(h.ann, "NEW", ""))
	if got, err := h.ByID(h.ctx, h.bob, room.ID); err != nil || got.Name != "NEW" {
		t.Errorf("the same name in capitals: got %q, %v", got.Name, err)
	}
	if answer := h.change(t, rename(h.ann, "New", "r2")); !answer.Duplicate {
		t.Errorf("the same cid again: got %+v, want a duplicate", answer)
	}
	if got, err := h.ByID(h.ctx, h.bob, room.ID); err != nil || got.Name != "NEW" {
		t.Errorf("after the duplicate: got %q, %v, want the later name", got.Name, err)
	}
	// Two rooms want one name at once: one gets it.
	var all sync.WaitGroup
	won := make(chan chat.RoomID, 2)
	for user, id := range map[chat.UserID]chat.RoomID{h.ann: room.ID, h.bob: other.ID} {
		all.Go(func() {
			_, err := h.Change(h.ctx, chat.Record{Kind: chat.KindRename, Room: id, User: user, Name: "Prize"}, false)
			if err == nil {
				won <- id
			} else if chat.AsError(err).Code != chat.Conflict {
				t.Errorf("rename: %v", err)
			}
		})
	}
	all.Wait()
	if len(won) != 1 {
		t.Fatalf("%d rooms are called Prize, want 1", len(won))
	}
	if id, err := h.Resolve(h.ctx, h.ann, "prize"); err != nil || id != <-won {
		t.Errorf("Prize: got %d, %v", id, err)
	}
}

func TestVisibilityAndArchive(t *testing.T) {
	h := openHouse(t)
	room := h.must(t, h.ann, rooms.Draft{Kind: chat.PrivateRoom, Name: "Lounge"})
	public := h.must(t, h.bob, rooms.Draft{Name: "Lounge"})
	open := chat.Record{Kind: chat.KindVisibility, Room: room.ID, User: h.ann, RoomKind: chat.PublicRoom}
	h.refuse(t, "its name is that of a public room", open, chat.Conflict)
	h.change(t, chat.Record{Kind: chat.KindVisibility, Room: public.ID, User: h.bob, RoomKind: chat.PrivateRoom})
	_, err := h.ByID(h.ctx, h.ann, public.ID)
	wantCode(t, "a room that was made private", err, chat.NotFound)
	h.change(t, open)
	if id, err := h.Resolve(h.ctx, h.bob, "lounge"); err != nil || id != room.ID {
		t.Errorf("Lounge: got %d, %v, want %d", id, err, room.ID)
	}
	h.change(t, chat.Record{Kind: chat.KindTopic, Room: room.ID, User: h.ann, Topic: " tea  and talk "})
	h.change(t, chat.Record{Kind: chat.KindArchive, Room: room.ID, User: h.ann})
	got, err := h.ByID(h.ctx, h.bob, room.ID)
	if err != nil || !got.Archived || got.Topic != "tea and talk" {
		t.Errorf("got %+v, %v", got, err)
	}
	h.change(t, chat.Record{Kind: chat.KindUnarchive, Room: room.ID, User: h.ann})
}

func TestSearch(t *testing.T) {
	h := openHouse(t)
	for _, name := range []string{"Café Central", "100% fun", "cafeteria", "Kitchen"} {
		h.must(t, h.ann, rooms.Draft{Name: name})
	}
	h.must(t, h.ann, rooms.Draft{Kind: chat.PrivateRoom, Name: "secret cafe"})
	for text, want := range map[string][]string{
		"CAFÉ": {"Café Central"}, "cafe": {"cafeteria"}, "%": {"100% fun"}, "_": nil, "kit": {"Kitchen"},
		"": {"Café Central", "100% fun", "cafeteria", "Kitchen"},
	} {
		var got []string
		var after chat.RoomID
		for more := true; more; {
			var page []rooms.Room
			var err error
			page, more, err = h.Search(h.ctx, h.bob, text, after, 1)
			if err != nil {
				t.Fatal(err)
			}
			for _, room := range page {
				got, after = append(got, room.Name), room.ID
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("search %q: got %q, want %q", text, got, want)
		}
	}
}

func TestLinks(t *testing.T) {
	now := time.UnixMilli(1_700_000_000_000)
	h := openHouse(t, func(cfg *rooms.Config) { cfg.Now = func() time.Time { return now } })
	cy, dan := h.person(t, "cy"), h.person(t, "dan")
	room := h.must(t, h.ann, rooms.Draft{Kind: chat.PrivateRoom, Name: "Club", Others: []chat.UserID{dan}})
	_, _, err := h.AddLink(h.ctx, dan, room.ID, 0, 0)
	wantCode(t, "a member makes a link", err, chat.Forbidden)
	_, _, err = h.AddLink(h.ctx, h.bob, room.ID, 0, 0)
	wantCode(t, "a stranger makes a link", err, chat.NotFound)
	_, _, err = h.AddLink(h.ctx, h.ann, room.ID, time.Second, 0)
	wantCode(t, "a link for a second", err, chat.Invalid)
	link, token, err := h.AddLink(h.ctx, h.ann, room.ID, time.Hour, 1)
	if err != nil {
		t.Fatal(err)
	}
	if looked, err := h.LinkedRoom(h.ctx, h.bob, token); err != nil || looked.Name != "Club" {
		t.Errorf("where it leads: got %+v, %v", looked, err)
	}
	_, err = h.LinkedRoom(h.ctx, h.bob, token+"x")
	wantCode(t, "another token", err, chat.NotFound)

	// Of two who want the one use one gets it; asking again costs nothing.
	var all sync.WaitGroup
	in := make(chan chat.UserID, 2)
	for _, user := range []chat.UserID{h.bob, cy} {
		all.Go(func() {
			for range 3 {
				joined, err := h.JoinByLink(h.ctx, user, token)
				if err == nil && joined.ID == room.ID {
					in <- user
					return
				}
				wantCode(t, "too late", err, chat.NotFound)
			}
		})
	}
	all.Wait()
	if len(in) != 1 {
		t.Fatalf("%d people came in by a link for one", len(in))
	}
	first := <-in
	if joined, err := h.JoinByLink(h.ctx, first, token); err != nil || joined.Members != 3 {
		t.Errorf("once more: got %+v, %v", joined, err)
	}
	links, err := h.Links(h.ctx, h.ann, room.ID)
	if err != nil || len(links) != 0 {
		t.Errorf("links: got %v, %v, want none that can be used", links, err)
	}

	link, token, err = h.AddLink(h.ctx, h.ann, room.ID, time.Hour, 0)
	if err != nil {
		t.Fatal(err)
	}
	h.change(t, chat.Record{Kind: chat.KindBan, Room: room.ID, User: h.ann, TargetUser: first})
	_, err = h.JoinByLink(h.ctx, first, token)
	wantCode(t, "who is banned", err, chat.NotFound)
	now = now.Add(time.Hour)
	_, err = h.LinkedRoom(h.ctx, dan, token)
	wantCode(t, "an hour later", err, chat.NotFound)
	now = now.Add(-time.Hour)
	if err := h.RemoveLink(h.ctx, h.ann, room.ID, link.ID); err != nil {
		t.Fatal(err)
	}
	_, err = h.LinkedRoom(h.ctx, dan, token)
	wantCode(t, "a removed link", err, chat.NotFound)
	wantCode(t, "removed again", h.RemoveLink(h.ctx, h.ann, room.ID, link.ID), chat.NotFound)

	// It works in its maker's name, as long as they may.
	_, token, err = h.AddLink(h.ctx, h.ann, room.ID, time.Hour, 0)
	if err != nil {
		t.Fatal(err)
	}
	h.change(t, chat.Record{Kind: chat.KindRole, Room: room.ID, User: h.ann, TargetUser: dan, Role: chat.RoleOwner})
	h.change(t, chat.Record{Kind: chat.KindLeave, Room: room.ID, User: h.ann})
	_, err = h.JoinByLink(h.ctx, h.person(t, "eve"), token)
	wantCode(t, "a link of somebody who left", err, chat.NotFound)
}
