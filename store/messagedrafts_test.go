package store_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/store"
)

// testMessageDrafts: each person has their own of each room that they are in,
// versions rise, and nothing is left of whoever has gone out of the room or
// deleted their account.
func testMessageDrafts(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	r := newRecorder(t, s)
	anna, bert := newUser(t, s, "anna@example.org"), newUser(t, s, "bert@example.org")
	lobby, attic := r.createRoom("lobby", anna), r.createRoom("attic", bert)
	r.must(chat.Record{Kind: chat.KindJoin, Room: lobby, User: bert})
	r.commit()
	write := func(user chat.UserID, room chat.RoomID, change chat.DraftChange) (chat.MessageDraft, bool, bool) {
		t.Helper()
		draft, changed, member, err := s.SetDraft(ctx, user, room, change)
		check(t, err)
		return draft, changed, member
	}
	want := func(user chat.UserID, room chat.RoomID, want chat.MessageDraft) {
		t.Helper()
		if got, err := s.Draft(ctx, user, room); err != nil || got != want {
			t.Errorf("user %d has %+v, %v in room %d, want %+v", user, got, err, room, want)
		}
		if got := listedDraft(t, s, user, room); got != (store.ListedDraft{MessageDraft: want}) {
			t.Errorf("the list of user %d has %+v of room %d, want %+v", user, got, room, want)
		}
	}
	want(bert, lobby, chat.MessageDraft{})
	first := chat.MessageDraft{Text: "half a 😀\n ", Version: 1000, At: 1000}
	if draft, changed, member := write(bert, lobby, chat.DraftChange{Text: first.Text, At: 1000}); draft != first || !changed || !member {
		t.Errorf("the first is answered %+v, %v, %v", draft, changed, member)
	}
	want(bert, lobby, first)
	want(anna, lobby, chat.MessageDraft{})
	want(bert, attic, chat.MessageDraft{})

	// What another device has written since is not taken away unseen.
	stale := uint64(999)
	if draft, changed, _ := write(bert, lobby, chat.DraftChange{Basis: &stale, At: 2000}); draft != first || changed {
		t.Errorf("an old device took it away: %+v, %v", draft, changed)
	}
	gone := chat.MessageDraft{Version: 2000, At: 2000}
	if draft, changed, _ := write(bert, lobby, chat.DraftChange{Basis: &first.Version, At: 2000}); draft != gone || !changed {
		t.Errorf("sent: %+v, %v, want %+v", draft, changed, gone)
	}
	want(bert, lobby, gone)

	// Devices that write at once, and the same clock for all.
	parallel(8, func(i int) {
		if _, _, _, err := s.SetDraft(ctx, anna, lobby, chat.DraftChange{Text: fmt.Sprint("device ", i), At: 5000}); err != nil {
			t.Error(err)
		}
	})
	if last, err := s.Draft(ctx, anna, lobby); err != nil || last.Version != 5007 {
		t.Errorf("after 8 of them the draft is %+v, %v, want version 5007", last, err)
	}

	// Out of the room, and in again.
	write(bert, lobby, chat.DraftChange{Text: "to stay", At: 6000})
	r.must(chat.Record{Kind: chat.KindKick, Room: lobby, User: anna, TargetUser: bert})
	r.commit()
	if _, changed, member := write(bert, lobby, chat.DraftChange{Text: "let me in", At: 7000}); changed || member {
		t.Errorf("who was kicked keeps a draft: changed %v, member %v", changed, member)
	}
	r.must(chat.Record{Kind: chat.KindJoin, Room: lobby, User: bert})
	r.commit()
	want(bert, lobby, chat.MessageDraft{})
	if _, _, member := write(anna, attic, chat.DraftChange{Text: "never there", At: 7000}); member {
		t.Error("who was never in the room keeps a draft")
	}

	write(bert, lobby, chat.DraftChange{Text: "mine", At: 8000})
	write(bert, attic, chat.DraftChange{Text: "mine", At: 8000})
	_, _, err := s.DeleteUser(ctx, bert, 9000)
	check(t, err)
	var left, others int
	check(t, s.Peek(ctx, []any{&left, &others}, `SELECT SUM(user = ?), SUM(user <> ?) FROM message_drafts`, int64(bert), int64(bert)))
	if left != 0 || others != 1 {
		t.Errorf("a deleted account leaves %d drafts, and %d of others, want 0 and 1", left, others)
	}
}

// testDraftBounds: as many as anybody may begin, and lists that stay small.
func testDraftBounds(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	r := newRecorder(t, s)
	anna := newUser(t, s, "anna@example.org")
	var rooms []chat.RoomID
	for i := range chat.MaxDrafts + 1 {
		rooms = append(rooms, r.createRoom(fmt.Sprint("room ", i), anna))
	}
	r.commit()
	for _, room := range rooms[1:] {
		_, _, _, err := s.SetDraft(ctx, anna, room, chat.DraftChange{Text: "x", At: 1})
		check(t, err)
	}
	_, _, _, err := s.SetDraft(ctx, anna, rooms[0], chat.DraftChange{Text: "one too many", At: 1})
	wantRefusal(t, err, chat.Conflict)
	_, _, _, err = s.SetDraft(ctx, anna, rooms[1], chat.DraftChange{Text: "more of one", At: 2})
	check(t, err)
	_, _, _, err = s.SetDraft(ctx, anna, rooms[1], chat.DraftChange{At: 3})
	check(t, err)
	long := strings.Repeat("é", store.ListedDraftBytes/2)
	for _, text := range []string{long, long + "!", strings.Repeat("😀", chat.MaxMessageBytes/4)} {
		_, _, _, err = s.SetDraft(ctx, anna, rooms[0], chat.DraftChange{Text: text, At: 4})
		check(t, err)
		if whole, err := s.Draft(ctx, anna, rooms[0]); err != nil || whole.Text != text {
			t.Errorf("a draft of %d bytes comes back as %d, %v", len(text), len(whole.Text), err)
		}
		listed := listedDraft(t, s, anna, rooms[0])
		if isLong := len(text) > store.ListedDraftBytes; listed.Long != isLong || isLong != (listed.Text == "") || listed.Version == 0 {
			t.Errorf("a draft of %d bytes is listed as %+v", len(text), listed)
		}
	}
}

func listedDraft(t *testing.T, s *store.Store, user chat.UserID, room chat.RoomID) store.ListedDraft {
	t.Helper()
	list, err := s.ListRooms(context.Background(), user, 0, 500)
	check(t, err)
	at := slices.IndexFunc(list.Rooms, func(r store.ListedRoom) bool { return r.ID == room })
	if at < 0 {
		t.Fatalf("room %d is not in the list of user %d", room, user)
	}
	return list.Rooms[at].Draft
}
