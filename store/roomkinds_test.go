package store_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/store"
)

// testReserveDirect: two people have one direct room, whoever asks and however
// many ask at once.
func testReserveDirect(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	anna, ben, cy := newUser(t, s, "anna@example.org"), newUser(t, s, "ben@example.org"), newUser(t, s, "cy@example.org")
	direct := func(by, with chat.UserID, cid string) store.NewRoom {
		return store.NewRoom{Kind: chat.DirectRoom, CreatedBy: by, Others: []chat.UserID{with}, CID: cid, At: 1}
	}
	var mu sync.Mutex
	ids := make(map[chat.RoomID]bool)
	parallel(8, func(i int) {
		by, with := anna, ben
		if i%2 == 1 {
			by, with = ben, anna
		}
		r, err := s.ReserveRoom(ctx, direct(by, with, fmt.Sprint("c", i)))
		if err != nil {
			t.Error(err)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		ids[r.Room.ID] = true
		if len(r.Others) != 1 || r.Others[0]+r.Room.CreatedBy != anna+ben {
			t.Errorf("got %+v, want a room of these two", r)
		}
	})
	if len(ids) != 1 {
		t.Errorf("got rooms %v, want one", ids)
	}
	r, err := s.ReserveRoom(ctx, direct(anna, cy, "d1"))
	check(t, err)
	if ids[r.Room.ID] {
		t.Error("another pair has the same room")
	}
	_, err = s.ReserveRoom(ctx, direct(anna, ben, "d1"))
	check(t, err) // the pair decides
	_, err = s.ReserveRoom(ctx, direct(anna, anna+100, "d1"))
	wantRefusal(t, err, chat.CIDConflict)

	// Lists tell who the other person is.
	rec := newRecorder(t, s)
	rec.must(createRecord(r))
	rec.commit()
	list, err := s.ListRooms(ctx, cy, 0, 10)
	check(t, err)
	if len(list.Rooms) != 1 || list.Rooms[0].Peer != anna {
		t.Errorf("list of cy: got %+v, want the room with anna", list.Rooms)
	}
	waiting, err := s.NewRooms(ctx)
	check(t, err)
	if len(waiting) != 1 || len(waiting[0].Others) != 1 {
		t.Errorf("new rooms: got %+v, want the first one with its other person", waiting)
	}
	n, err := s.CountRooms(ctx, cy)
	check(t, err)
	if n != 1 {
		t.Errorf("cy is in %d rooms, want 1", n)
	}
}

// testRoomDraft: what the create event will say is found again until it is
// stored.
func testRoomDraft(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	anna, ben := newUser(t, s, "anna@example.org"), newUser(t, s, "ben@example.org")
	draft := store.NewRoom{Kind: chat.GroupRoom, Topic: "tea", CreatedBy: anna, Others: []chat.UserID{ben}, CID: "c1", At: 1}
	first, err := s.ReserveRoom(ctx, draft)
	check(t, err)
	again, err := s.ReserveRoom(ctx, draft)
	check(t, err)
	want := first
	want.TakenUp = true
	if diff := cmp.Diff(want, again); diff != "" || first.Room.Topic != "tea" {
		t.Errorf("taken up (-want +got):\n%s", diff)
	}
	other := draft
	other.Others = nil
	_, err = s.ReserveRoom(ctx, other)
	wantRefusal(t, err, chat.CIDConflict)
	rec := newRecorder(t, s)
	rec.must(createRecord(first))
	rec.commit()
	live, err := s.ReserveRoom(ctx, other)
	check(t, err)
	if !live.Live || live.Room.ID != first.Room.ID {
		t.Errorf("when it is live: got %+v, want room %d", live, first.Room.ID)
	}
}

// testReserveName: a name is a room's from its reservation on, and free again
// when the event can never claim it.
func testReserveName(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	rec := newRecorder(t, s)
	anna, ben := newUser(t, s, "anna@example.org"), newUser(t, s, "ben@example.org")
	first, second := rec.createRoom("first", anna), rec.createRoom("second", ben)
	wantRefusal(t, s.ReserveName(ctx, first, anna, "r1", "second"), chat.Conflict)
	check(t, s.ReserveName(ctx, first, anna, "r1", "third"))
	check(t, s.ReserveName(ctx, first, anna, "r1", "third"))
	wantRefusal(t, s.ReserveName(ctx, first, anna, "r2", "third"), chat.Busy)
	wantRefusal(t, s.ReserveName(ctx, second, ben, "r1", "third"), chat.Conflict)
	check(t, s.ReserveName(ctx, first, anna, "r3", "first")) // its present name
	check(t, s.ReleaseName(ctx, first, anna, "r3"))
	if _, err := s.RoomByName(ctx, "first"); err != nil {
		t.Errorf("the present name was released: %v", err)
	}
	check(t, s.ReleaseName(ctx, first, anna, "r1"))
	check(t, s.ReserveName(ctx, second, ben, "r4", "third"))
	rec.must(chat.Record{Kind: chat.KindRename, Room: second, User: ben, CID: "r4", Name: "third"})
	rec.commit()
	check(t, s.ReleaseName(ctx, second, ben, "r4")) // too late: it is the name
	room, err := s.RoomByName(ctx, "third")
	check(t, err)
	if room.ID != second {
		t.Errorf("third: got room %d, want %d", room.ID, second)
	}
	check(t, s.ReserveName(ctx, first, anna, "r5", "second"))

	// Of many rooms that want one name, one gets it.
	var mu sync.Mutex
	won := 0
	rooms := []chat.RoomID{first, second, rec.createRoom("a", anna), rec.createRoom("b", anna)}
	parallel(len(rooms), func(i int) {
		err := s.ReserveName(ctx, rooms[i], anna, "prize", "prize")
		if err == nil {
			mu.Lock()
			defer mu.Unlock()
			won++
			return
		}
		wantRefusal(t, err, chat.Conflict)
	})
	if won != 1 {
		t.Errorf("%d rooms reserved one name, want 1", won)
	}
}

func testMemberLists(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	rec := newRecorder(t, s)
	anna := newUser(t, s, "anna@example.org")
	room := rec.createRoom("lobby", anna)
	people := []chat.UserID{anna}
	for i := range 5 {
		user := newUser(t, s, fmt.Sprintf("p%d@example.org", i))
		people = append(people, user)
		rec.must(chat.Record{Kind: chat.KindJoin, Room: room, User: user})
	}
	rec.must(chat.Record{Kind: chat.KindLeave, Room: room, User: people[2]})
	rec.must(chat.Record{Kind: chat.KindBan, Room: room, User: anna, TargetUser: people[4]})
	rec.commit()
	var got []chat.UserID
	for {
		var after chat.UserID
		if len(got) > 0 {
			after = got[len(got)-1]
		}
		page, err := s.ListMembers(ctx, room, after, 2)
		check(t, err)
		if len(page) == 0 {
			break
		}
		for _, m := range page {
			got = append(got, m.ID)
		}
	}
	if diff := cmp.Diff([]chat.UserID{people[0], people[1], people[3], people[5]}, got); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}
	page, err := s.ListMembers(ctx, room, people[0], 1)
	check(t, err)
	want := []store.ListedMember{{Person: chat.Person{ID: people[1], Name: "p0", Handle: "p0"}, Role: chat.RoleMember, From: 2}}
	if diff := cmp.Diff(want, page); diff != "" {
		t.Errorf("a member (-want +got):\n%s", diff)
	}
	banned, err := s.ListBans(ctx, room, 0, 10)
	check(t, err)
	if len(banned) != 1 || banned[0].ID != people[4] || banned[0].Handle != "p3" {
		t.Errorf("bans: got %+v", banned)
	}
}

func testSearchRooms(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	rec := newRecorder(t, s)
	anna, ben := newUser(t, s, "anna@example.org"), newUser(t, s, "ben@example.org")
	lobby := rec.createRoom("the lobby", anna)
	rec.createRoom("50%_off!", anna)
	for _, name := range []string{"bamboo", "bark", "barn", "overnight"} {
		rec.createRoom(name, anna)
	}
	rec.must(chat.Record{Kind: chat.KindBan, Room: lobby, User: anna, TargetUser: ben})
	rec.commit()
	for _, c := range []struct {
		user chat.UserID
		part string
		want int
	}{{anna, "", 6}, {anna, "ba", 3}, {anna, "bar", 2}, {anna, "barn", 2}, {anna, "BAM", 2}, {anna, "night", 1}, {anna, "rn", 3}, {anna, "n", 2}, {anna, "lobby", 1}, {ben, "lobby", 0}, {anna, "%_", 1}, {anna, "f!", 1}, {anna, "_o", 1}, {anna, "x", 0}, {ben, "", 5}} {
		found, err := s.SearchRooms(ctx, c.user, chat.SearchForRooms(c.part), 0, 10)
		check(t, err)
		if len(found) != c.want {
			t.Errorf("search %q: got %d rooms, want %d", c.part, len(found), c.want)
		}
	}
	found, err := s.SearchRooms(ctx, anna, chat.SearchForRooms(""), lobby, 10)
	check(t, err)
	if len(found) != 5 || found[0].Role != chat.RoleOwner {
		t.Errorf("behind the first: got %+v", found)
	}
	// A page is full though what lies between matches by its key alone.
	found, err = s.SearchRooms(ctx, anna, chat.SearchForRooms("bar"), 0, 2)
	check(t, err)
	if len(found) != 2 || found[0].Name != "bark" || found[1].Name != "barn" {
		t.Errorf("two of bar: got %+v", found)
	}
}

// testRoomLinks: as many people as a link has uses get in, each counted once.
func testRoomLinks(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	rec := newRecorder(t, s)
	anna := newUser(t, s, "anna@example.org")
	room := rec.createRoom("lobby", anna)
	hash := []byte("12345678901234567890123456789012")
	link, err := s.AddRoomLink(ctx, store.RoomLink{Room: room, CreatedBy: anna, CreatedAt: 10, ExpiresAt: 100, UsesLeft: 3}, hash)
	check(t, err)
	var mu sync.Mutex
	in := make(map[chat.UserID]bool)
	parallel(16, func(i int) {
		user := chat.UserID(100 + i%8)
		_, err := s.UseRoomLink(ctx, hash, user, 50)
		if err == nil {
			mu.Lock()
			defer mu.Unlock()
			in[user] = true
			return
		}
		wantRefusal(t, err, chat.NotFound)
	})
	if len(in) != 3 {
		t.Errorf("%d people came in, want 3", len(in))
	}
	for user := range in {
		used, err := s.UseRoomLink(ctx, hash, user, 50)
		check(t, err)
		if used.ID != link.ID || used.UsesLeft != 0 {
			t.Errorf("used again: got %+v", used)
		}
		_, err = s.UseRoomLink(ctx, hash, user, 100)
		wantRefusal(t, err, chat.NotFound)
	}
	_, err = s.RoomLinkByHash(ctx, hash, 999, 50)
	wantRefusal(t, err, chat.NotFound)
	links, err := s.RoomLinks(ctx, room, 50)
	check(t, err)
	if len(links) != 0 {
		t.Errorf("links that can be used: got %+v, want none", links)
	}
	wantRefusal(t, s.RemoveRoomLink(ctx, room+1, link.ID), chat.NotFound)
	check(t, s.RemoveRoomLink(ctx, room, link.ID))
	wantRefusal(t, s.RemoveRoomLink(ctx, room, link.ID), chat.NotFound)

	second := []byte("another hash of thirty-two bytes")
	kept, err := s.AddRoomLink(ctx, store.RoomLink{Room: room, CreatedBy: anna, CreatedAt: 100, ExpiresAt: 200, UsesLeft: 1}, second)
	check(t, err)
	found, err := s.RoomLinkByHash(ctx, second, 999, 150)
	check(t, err)
	if diff := cmp.Diff(kept, found); diff != "" {
		t.Errorf("link (-want +got):\n%s", diff)
	}
}
