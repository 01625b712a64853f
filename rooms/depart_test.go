package rooms_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/fanout"
	"github.com/parleychat/parley/rooms"
)

// standing is who is in a room, with their roles, by id.
func (h *house) standing(t *testing.T, room chat.RoomID) (standing []string) {
	t.Helper()
	err := h.hub.View(h.ctx, room, 0, func(v *fanout.View) error {
		for user, place := range v.State.Members {
			standing = append(standing, fmt.Sprint(user, " ", place.Role))
		}
		if v.State.Archived {
			standing = append(standing, "archived")
		}
		return nil
	})
	must(t, err)
	slices.Sort(standing)
	return standing
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (h *house) created(t *testing.T, user chat.UserID, d rooms.Draft) chat.RoomID {
	t.Helper()
	room, _, err := h.Create(h.ctx, user, d)
	must(t, err)
	return room.ID
}

func (h *house) changed(t *testing.T, rec chat.Record) {
	t.Helper()
	_, err := h.Change(h.ctx, rec, false)
	must(t, err)
}

// TestDepart: whose account is deleted leaves every room that can be left, hands
// over what others are in, and closes what nobody else is in, however often it
// is done.
func TestDepart(t *testing.T) {
	h := openHouse(t)
	ann, bob, cyd := h.ann, h.bob, h.person(t, "cyd")
	join := func(room chat.RoomID, users ...chat.UserID) {
		for _, user := range users {
			h.changed(t, chat.Record{Kind: chat.KindJoin, Room: room, User: user})
		}
	}
	his := h.created(t, bob, rooms.Draft{Name: "his"})
	join(his, ann)
	group := h.created(t, ann, rooms.Draft{Kind: chat.GroupRoom, Others: []chat.UserID{bob, cyd}})
	alone := h.created(t, ann, rooms.Draft{Kind: chat.PrivateRoom, Name: "alone"})
	toMember := h.created(t, ann, rooms.Draft{Name: "to the member"})
	join(toMember, cyd, bob)
	toAdmin := h.created(t, ann, rooms.Draft{Name: "to the admin"})
	join(toAdmin, cyd, bob)
	h.changed(t, chat.Record{Kind: chat.KindRole, Room: toAdmin, User: ann, TargetUser: bob, Role: chat.RoleAdmin})
	shared := h.created(t, ann, rooms.Draft{Name: "shared"})
	join(shared, bob)
	h.changed(t, chat.Record{Kind: chat.KindRole, Room: shared, User: ann, TargetUser: bob, Role: chat.RoleOwner})
	direct, _, err := h.OpenDirect(h.ctx, ann, bob)
	must(t, err)

	want := map[chat.RoomID][]string{
		his: {"2 owner"}, group: {"2 member", "3 member"}, alone: {"1 owner", "archived"}, toMember: {"2 member", "3 owner"},
		toAdmin: {"2 owner", "3 member"}, shared: {"2 owner"}, direct.ID: {"1 member", "2 member"},
	}
	for range 2 {
		must(t, h.Depart(h.ctx, ann))
		for room, want := range want {
			if got := h.standing(t, room); !slices.Equal(got, want) {
				t.Errorf("room %d: got %q, want %q", room, got, want)
			}
		}
	}
	members, _, err := h.Members(h.ctx, bob, his, 0, 10)
	if err != nil || len(members) != 1 || members[0].ID != bob {
		t.Errorf("list of members: got %+v, %v, want bob alone", members, err)
	}
}

// TestDepartAfterADeletion: what a deletion leaves to be done is done by whoever
// runs next, and once more for those who were just being taken in; then it is
// forgotten. Nobody takes a deleted account in.
func TestDepartAfterADeletion(t *testing.T) {
	now := time.Now()
	h := openHouse(t, func(cfg *rooms.Config) { cfg.Now = func() time.Time { return now } })
	room := h.created(t, h.bob, rooms.Draft{Name: "room"})
	late := h.created(t, h.bob, rooms.Draft{Kind: chat.PrivateRoom, Name: "late"})
	h.changed(t, chat.Record{Kind: chat.KindJoin, Room: room, User: h.ann})
	_, _, err := h.store.DeleteUser(h.ctx, h.ann, now.UnixMilli())
	must(t, err)

	must(t, h.FinishDepartures(h.ctx))
	if got := h.standing(t, room); !slices.Equal(got, []string{"2 owner"}) {
		t.Errorf("the room has %q, want bob alone", got)
	}
	_, err = h.Change(h.ctx, chat.Record{Kind: chat.KindInvite, Room: room, User: h.bob, TargetUser: h.ann}, false)
	wantCode(t, "an invitation", err, chat.NotFound)
	_, _, err = h.OpenDirect(h.ctx, h.bob, h.ann)
	wantCode(t, "a direct room", err, chat.NotFound)

	// An invitation that was judged before the deletion.
	answer := h.hub.SubmitWait(h.ctx, fanout.Submission{Draft: chat.Record{Kind: chat.KindInvite, Room: late, User: h.bob, CID: "late", TargetUser: h.ann}})
	if answer.Err != nil {
		t.Fatal(answer.Err)
	}
	must(t, h.hub.WaitStored(h.ctx, late, answer.Seq))
	now = now.Add(2 * time.Minute)
	must(t, h.FinishDepartures(h.ctx))
	if got := h.standing(t, late); !slices.Equal(got, []string{"2 owner"}) {
		t.Errorf("the room of the late invitation has %q, want bob alone", got)
	}
	if left, err := h.store.Departures(h.ctx); err != nil || len(left) != 0 {
		t.Errorf("left to do: got %+v, %v, want nothing", left, err)
	}
}
