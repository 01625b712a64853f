package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/store"
)

func newRoom(name string, by chat.UserID, cid string) store.NewRoom {
	return store.NewRoom{Kind: chat.PublicRoom, Name: name, NameKey: strings.ToLower(name), Partition: 0, CreatedBy: by, CID: cid, At: 500}
}

func testReserveRoom(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	r := newRecorder(t, s)
	anna := newUser(t, s, "anna@example.org")
	reserved, err := s.ReserveRoom(ctx, newRoom("Lobby", anna, "c1"))
	check(t, err)
	want := store.Reservation{
		CID:  "c1",
		Room: chat.Room{ID: reserved.Room.ID, Kind: chat.PublicRoom, Name: "Lobby", CreatedBy: anna, CreatedAt: 500, UpdatedAt: 500},
	}
	if diff := cmp.Diff(want, reserved); diff != "" || reserved.Room.ID == 0 {
		t.Errorf("reservation (-want +got):\n%s", diff)
	}
	// It is no room yet for anybody who looks.
	_, err = s.RoomByName(ctx, "lobby")
	wantRefusal(t, err, chat.NotFound)
	want.TakenUp = true
	waiting, err := s.NewRooms(ctx)
	check(t, err)
	if diff := cmp.Diff([]store.Reservation{want}, waiting); diff != "" {
		t.Errorf("new rooms (-want +got):\n%s", diff)
	}

	rec := createRecord(reserved)
	rec.At = 900
	ev := r.must(rec)
	r.commit()
	waiting, err = s.NewRooms(ctx)
	check(t, err)
	if len(waiting) != 0 {
		t.Errorf("got new rooms %v, want none", waiting)
	}
	wantRoom := want.Room
	wantRoom.Members, wantRoom.UpdatedAt = 1, 900
	wantRoom.Head = chat.Head{Seq: 1, Chain: ev.Chain}
	byName, err := s.RoomByName(ctx, "lobby")
	check(t, err)
	byID, err := s.RoomByID(ctx, reserved.Room.ID)
	check(t, err)
	for how, got := range map[string]chat.Room{"name": byName, "id": byID} {
		if diff := cmp.Diff(wantRoom, got); diff != "" {
			t.Errorf("room by %s (-want +got):\n%s", how, diff)
		}
	}
	_, err = s.RoomByID(ctx, 77)
	wantRefusal(t, err, chat.NotFound)
	_, err = s.RoomPartition(ctx, 77)
	wantRefusal(t, err, chat.NotFound)
	partition, err := s.RoomPartition(ctx, byID.ID)
	check(t, err)
	if partition != 0 {
		t.Errorf("got partition %d, want 0", partition)
	}
}

func testReserveRoomAgain(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	r := newRecorder(t, s)
	anna := newUser(t, s, "anna@example.org")
	first, err := s.ReserveRoom(ctx, newRoom("Lobby", anna, "c1"))
	check(t, err)
	want := first
	want.TakenUp = true
	for _, cid := range []string{"c1", "c2"} {
		again, err := s.ReserveRoom(ctx, newRoom("Lobby", anna, cid))
		check(t, err)
		if diff := cmp.Diff(want, again); diff != "" {
			t.Errorf("reserved again with %s (-want +got):\n%s", cid, diff)
		}
	}
	r.must(createRecord(first))
	r.commit()
	// The answer may have been lost: the same request finds its room.
	again, err := s.ReserveRoom(ctx, newRoom("Lobby", anna, "c1"))
	check(t, err)
	if again.Room.ID != first.Room.ID || !again.Live || !again.TakenUp {
		t.Errorf("got %+v, want the live room %d", again, first.Room.ID)
	}
	_, err = s.ReserveRoom(ctx, newRoom("Lobby", anna, "c2"))
	wantRefusal(t, err, chat.Conflict)
}

func testReserveRoomRefused(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	anna, bert := newUser(t, s, "anna@example.org"), newUser(t, s, "bert@example.org")
	first, err := s.ReserveRoom(ctx, newRoom("Lobby", anna, "c1"))
	check(t, err)
	_, err = s.ReserveRoom(ctx, newRoom("LOBBY", bert, "c1"))
	wantRefusal(t, err, chat.Conflict)
	_, err = s.ReserveRoom(ctx, newRoom("Kitchen", anna, "c1"))
	wantRefusal(t, err, chat.CIDConflict)

	// Rooms that are not public share names freely.
	for i, kind := range []chat.RoomKind{chat.PrivateRoom, chat.GroupRoom} {
		n := newRoom("Lobby", bert, fmt.Sprint("c", i))
		n.Kind, n.NameKey = kind, ""
		other, err := s.ReserveRoom(ctx, n)
		check(t, err)
		if other.Room.ID == first.Room.ID || other.TakenUp {
			t.Errorf("got %+v, want another room", other)
		}
	}
}

func testParallelReservations(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	users := []chat.UserID{newUser(t, s, "anna@example.org"), newUser(t, s, "bert@example.org")}
	var made, takenUp, refused atomic.Int32
	parallel(100, func(i int) {
		reserved, err := s.ReserveRoom(ctx, newRoom("Lobby", users[i%2], fmt.Sprint("c", i)))
		switch refusal, _ := errors.AsType[*chat.Error](err); {
		case err == nil && reserved.TakenUp:
			takenUp.Add(1)
		case err == nil:
			made.Add(1)
		case refusal != nil && refusal.Code == chat.Conflict:
			refused.Add(1)
		default:
			t.Error(err)
		}
	})
	if made.Load() != 1 || takenUp.Load() != 49 || refused.Load() != 50 {
		t.Errorf("got %d made, %d taken up, %d refused, want 1, 49, 50", made.Load(), takenUp.Load(), refused.Load())
	}
	waiting, err := s.NewRooms(ctx)
	check(t, err)
	if len(waiting) != 1 {
		t.Errorf("got %d rooms, want 1", len(waiting))
	}
}

// testLongNameKey: 80 characters can have a very long compatibility form.
func testLongNameKey(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	r := newRecorder(t, s)
	anna, bert := newUser(t, s, "anna@example.org"), newUser(t, s, "bert@example.org")
	key := strings.Repeat("صلى الله عليه وسلم", 80)
	n := newRoom("x", anna, "c1")
	n.NameKey = key
	reserved, err := s.ReserveRoom(ctx, n)
	check(t, err)
	n.CreatedBy = bert
	_, err = s.ReserveRoom(ctx, n)
	wantRefusal(t, err, chat.Conflict)
	n.NameKey += "!"
	_, err = s.ReserveRoom(ctx, n)
	check(t, err)
	r.must(createRecord(reserved))
	r.commit()
	found, err := s.RoomByName(ctx, key)
	check(t, err)
	if found.ID != reserved.Room.ID {
		t.Errorf("got room %d, want %d", found.ID, reserved.Room.ID)
	}
}

// namesOf tells which room each name leads to.
func namesOf(t *testing.T, s *store.Store, keys ...string) map[string]chat.RoomID {
	t.Helper()
	names := make(map[string]chat.RoomID)
	for _, key := range keys {
		room, err := s.RoomByName(context.Background(), key)
		if err == nil {
			names[key] = room.ID
		} else if chat.AsError(err).Code != chat.NotFound {
			t.Fatal(err)
		}
	}
	return names
}

// claimName does what reserving a name for a rename does.
func claimName(t *testing.T, s *store.Store, key string, room chat.RoomID, user chat.UserID, cid string) {
	t.Helper()
	check(t, s.ExecDurable(context.Background(), `INSERT INTO room_names (name_key, room, user, cid) VALUES (?, ?, ?, ?)`,
		key, int64(room), int64(user), cid))
}

func testRename(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	r := newRecorder(t, s)
	anna := newUser(t, s, "anna@example.org")
	lobby, kitchen := r.createRoom("lobby", anna), r.createRoom("kitchen", anna)

	claimName(t, s, "hall", lobby, anna, "rename-1")
	r.must(chat.Record{Kind: chat.KindRename, Room: lobby, User: anna, CID: "rename-1", Name: "Hall"})
	r.commit()
	if diff := cmp.Diff(map[string]chat.RoomID{"hall": lobby, "kitchen": kitchen}, namesOf(t, s, "lobby", "hall", "kitchen")); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	// The same key written in another way needs no reservation, and keeps it.
	r.must(chat.Record{Kind: chat.KindRename, Room: lobby, User: anna, Name: "HALL"})
	r.commit()
	if diff := cmp.Diff(map[string]chat.RoomID{"hall": lobby}, namesOf(t, s, "lobby", "hall")); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	room, err := s.RoomByID(ctx, lobby)
	check(t, err)
	if room.Name != "HALL" {
		t.Errorf("got name %q, want %q", room.Name, "HALL")
	}
}

func testRenameVoid(t *testing.T, open opener) {
	s := open(t)
	r := newRecorder(t, s)
	anna, bert := newUser(t, s, "anna@example.org"), newUser(t, s, "bert@example.org")
	lobby := r.createRoom("lobby", anna)
	claimName(t, s, "hall", lobby, bert, "rename-1")
	ev := r.apply(chat.Record{Kind: chat.KindRename, Room: lobby, User: bert, CID: "rename-1", Name: "Hall"})
	if ev.Outcome != chat.VoidForbidden {
		t.Fatalf("got outcome %q, want forbidden", ev.Outcome)
	}
	r.commit()
	// The name is free again, that of the room is untouched.
	hall := r.createRoom("hall", bert)
	if diff := cmp.Diff(map[string]chat.RoomID{"lobby": lobby, "hall": hall}, namesOf(t, s, "lobby", "hall")); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}

	// A stale record will come again with its cid, and keeps its claim.
	claimName(t, s, "attic", lobby, anna, "rename-2")
	rec := chat.Record{Kind: chat.KindRename, Room: lobby, User: anna, CID: "rename-2", Name: "Attic", After: 1000}
	if ev := r.apply(rec); ev.Outcome != chat.VoidStale {
		t.Fatalf("got outcome %q, want stale", ev.Outcome)
	}
	rec.After = 0
	r.must(rec)
	// The copy that comes late leaves it too.
	rec.After = r.state(lobby).Head.Seq - 1
	if ev := r.apply(rec); ev.Outcome != chat.VoidCopy {
		t.Fatalf("got outcome %q, want copy", ev.Outcome)
	}
	r.commit()
	if diff := cmp.Diff(map[string]chat.RoomID{"attic": lobby}, namesOf(t, s, "lobby", "attic")); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}

func testVisibility(t *testing.T, open opener) {
	s := open(t)
	r := newRecorder(t, s)
	anna := newUser(t, s, "anna@example.org")
	lobby := r.createRoom("lobby", anna)
	r.must(chat.Record{Kind: chat.KindVisibility, Room: lobby, User: anna, RoomKind: chat.PrivateRoom})
	r.commit()
	other := r.createRoom("lobby", anna)
	if diff := cmp.Diff(map[string]chat.RoomID{"lobby": other}, namesOf(t, s, "lobby")); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	claimName(t, s, "lobby two", lobby, anna, "public-again")
	r.must(chat.Record{Kind: chat.KindVisibility, Room: lobby, User: anna, CID: "public-again", RoomKind: chat.PublicRoom})
	r.commit()
	if diff := cmp.Diff(map[string]chat.RoomID{"lobby": other, "lobby two": lobby}, namesOf(t, s, "lobby", "lobby two")); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}

func testListRooms(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	r := newRecorder(t, s)
	anna, bert := newUser(t, s, "anna@example.org"), newUser(t, s, "bert@example.org")
	public := []chat.RoomID{r.createRoom("a", anna), r.createRoom("b", anna), r.createRoom("c", bert)}
	private := r.createRoom("d", anna)
	secret := r.createRoom("e", bert)
	for room, owner := range map[chat.RoomID]chat.UserID{private: anna, secret: bert} {
		r.must(chat.Record{Kind: chat.KindVisibility, Room: room, User: owner, RoomKind: chat.PrivateRoom})
	}
	last := r.createRoom("f", bert)
	_, err := s.ReserveRoom(ctx, newRoom("not yet", anna, "new"))
	check(t, err)
	r.must(chat.Record{Kind: chat.KindJoin, Room: public[2], User: anna})
	r.must(chat.Record{Kind: chat.KindJoin, Room: last, User: anna})
	r.must(message(last, anna, "bye"))
	r.must(chat.Record{Kind: chat.KindLeave, Room: last, User: anna})
	banned := r.createRoom("g", bert)
	r.must(chat.Record{Kind: chat.KindBan, Room: banned, User: bert, TargetUser: anna})
	r.commit()

	all, err := s.ListRooms(ctx, anna, 0, 100)
	check(t, err)
	roles := make(map[chat.RoomID]chat.Role)
	for _, room := range all.Rooms {
		roles[room.ID] = room.Role
		stored, err := s.RoomByID(ctx, room.ID)
		check(t, err)
		if diff := cmp.Diff(stored, room.Room); diff != "" {
			t.Errorf("listed room %d (-stored +listed):\n%s", room.ID, diff)
		}
	}
	want := map[chat.RoomID]chat.Role{
		public[0]: chat.RoleOwner, public[1]: chat.RoleOwner, public[2]: chat.RoleMember, private: chat.RoleOwner, last: "",
	}
	if diff := cmp.Diff(want, roles); diff != "" {
		t.Errorf("rooms and roles (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]store.Watermark{{epoch, 0, r.next}}, all.Watermarks); diff != "" {
		t.Errorf("watermarks (-want +got):\n%s", diff)
	}

	// Page by page it is the same list.
	for limit := 1; limit <= 6; limit++ {
		var paged []store.ListedRoom
		for after := chat.RoomID(0); ; {
			part, err := s.ListRooms(ctx, anna, after, limit)
			check(t, err)
			paged = append(paged, part.Rooms...)
			if len(part.Rooms) > limit {
				t.Fatalf("got %d rooms, limit %d", len(part.Rooms), limit)
			}
			if !part.More {
				break
			}
			after = part.Rooms[len(part.Rooms)-1].ID
		}
		if diff := cmp.Diff(all.Rooms, paged); diff != "" {
			t.Errorf("in pages of %d (-whole +paged):\n%s", limit, diff)
		}
	}
}

func testMembership(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	r := newRecorder(t, s)
	anna, bert, carl := newUser(t, s, "anna@example.org"), newUser(t, s, "bert@example.org"), newUser(t, s, "carl@example.org")
	room := r.createRoom("lobby", anna)
	join := func(user chat.UserID) { r.must(chat.Record{Kind: chat.KindJoin, Room: room, User: user}) }
	join(bert)                                                                                               // 2
	r.must(chat.Record{Kind: chat.KindRole, Room: room, User: anna, TargetUser: bert, Role: chat.RoleAdmin}) // 3
	r.must(chat.Record{Kind: chat.KindLeave, Room: room, User: bert})                                        // 4
	r.commit()
	wantMembers := func(user chat.UserID, want store.Membership, was bool, members int) {
		t.Helper()
		got, found, err := s.Membership(ctx, room, user)
		check(t, err)
		if diff := cmp.Diff(want, got); diff != "" || found != was {
			t.Errorf("membership of %d, found %v (-want +got):\n%s", user, found, diff)
		}
		if found, err := s.WasMember(ctx, room, user); err != nil || found != was {
			t.Errorf("was member %v, error %v, want %v", found, err, was)
		}
		stored, err := s.RoomByID(ctx, room)
		check(t, err)
		if stored.Members != members {
			t.Errorf("got %d members, want %d", stored.Members, members)
		}
	}
	wantMembers(anna, store.Membership{Role: chat.RoleOwner, From: 1, Present: true}, true, 1)
	wantMembers(bert, store.Membership{Role: chat.RoleAdmin, From: 2}, true, 1)
	wantMembers(carl, store.Membership{}, false, 1)

	join(bert)                                                                           // 5, as a plain member again
	r.must(chat.Record{Kind: chat.KindInvite, Room: room, User: bert, TargetUser: carl}) // 6
	r.commit()
	wantMembers(bert, store.Membership{Role: chat.RoleMember, From: 5, Present: true}, true, 3)
	wantMembers(carl, store.Membership{Role: chat.RoleMember, From: 6, Present: true}, true, 3)

	r.must(chat.Record{Kind: chat.KindBan, Room: room, User: anna, TargetUser: carl})  // 7
	r.must(chat.Record{Kind: chat.KindBan, Room: room, User: anna, TargetUser: 1234})  // 8, never here
	r.must(chat.Record{Kind: chat.KindKick, Room: room, User: anna, TargetUser: bert}) // 9
	r.commit()
	wantMembers(bert, store.Membership{Role: chat.RoleMember, From: 5}, true, 1)
	wantMembers(carl, store.Membership{Role: chat.RoleMember, From: 6}, true, 1)
	wantMembers(1234, store.Membership{}, false, 1)
	opening, err := s.LoadState(ctx, epoch, 0, room)
	check(t, err)
	if diff := cmp.Diff(map[chat.UserID]struct{}{carl: {}, 1234: {}}, opening.State.Bans); diff != "" {
		t.Errorf("bans (-want +got):\n%s", diff)
	}
	r.must(chat.Record{Kind: chat.KindUnban, Room: room, User: anna, TargetUser: carl})
	join(carl)
	r.commit()
	wantMembers(carl, store.Membership{Role: chat.RoleMember, From: 11, Present: true}, true, 2)
}
