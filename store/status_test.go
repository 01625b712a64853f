package store_test

import (
	"context"
	"testing"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/store"
)

// testStatus: how people want to be shown is kept, and when they were last online
// unless they hide it.
func testStatus(t *testing.T, open opener) {
	s := open(t)
	ctx := context.Background()
	r := newRecorder(t, s)
	ann, ben := newUser(t, s, "ann@example.org"), newUser(t, s, "ben@example.org")
	room := r.createRoom("room", ann)
	r.must(chat.Record{Kind: chat.KindJoin, Room: room, User: ben})
	r.commit()
	seen := func() [2]int64 {
		t.Helper()
		members, err := s.ListMembers(ctx, room, 0, 10)
		check(t, err)
		if len(members) != 2 {
			t.Fatalf("members: got %+v, want 2", members)
		}
		return [2]int64{members[0].Seen, members[1].Seen}
	}
	set := func(c store.StatusChange) store.User {
		t.Helper()
		user, err := s.SetStatus(ctx, ann, c)
		check(t, err)
		return user
	}
	away, hides, shows := chat.StatusAway, true, false

	if user := set(store.StatusChange{Status: &away}); user.Choice != (chat.StatusChoice{Status: away, Rev: 1}) || user.HidesSeen {
		t.Errorf("away: got %+v", user)
	}
	check(t, s.Seen(ctx, map[chat.UserID]int64{ann: 2000, ben: 3000, 999: 1}))
	check(t, s.Seen(ctx, map[chat.UserID]int64{ann: 1000, ben: 4000})) // of a node that was late
	if got, want := seen(), [2]int64{2000, 4000}; got != want {
		t.Errorf("seen: got %v, want %v", got, want)
	}
	if user := set(store.StatusChange{HidesSeen: &hides}); user.Choice != (chat.StatusChoice{Status: away, Rev: 2}) || !user.HidesSeen {
		t.Errorf("hiding: got %+v", user)
	}
	check(t, s.Seen(ctx, map[chat.UserID]int64{ann: 5000}))
	if got, want := seen(), [2]int64{0, 4000}; got != want {
		t.Errorf("seen of who hides it: got %v, want %v", got, want)
	}
	set(store.StatusChange{HidesSeen: &shows})
	if got := seen(); got[0] != 0 {
		t.Errorf("what was hidden comes back: %v", got)
	}
	if user, err := s.UserByID(ctx, ann); err != nil || user.Choice.Rev != 3 || user.HidesSeen {
		t.Errorf("by id: got %+v, %v", user, err)
	}
	_, err := s.SetStatus(ctx, 999, store.StatusChange{Status: &away})
	wantRefusal(t, err, chat.NotFound)
	_, _, err = s.DeleteUser(ctx, ben, 6000)
	check(t, err)
	check(t, s.Seen(ctx, map[chat.UserID]int64{ben: 7000}))
	if user, err := s.UserByID(ctx, ben); err != nil || user.Choice.Status != "" {
		t.Errorf("of a deleted account: got %+v, %v", user, err)
	}
	_, err = s.SetStatus(ctx, ben, store.StatusChange{Status: &away})
	wantRefusal(t, err, chat.NotFound)
}
