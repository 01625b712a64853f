package store_test

import (
	"context"
	"testing"

	"github.com/parleychat/parley/chat"
)

// testRoomSettings: each person has their own of each room, each change is a
// version, changes of different things at once lose nothing, and nothing is left
// of whoever has gone.
func testRoomSettings(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	r := newRecorder(t, s)
	anna, bert := newUser(t, s, "anna@example.org"), newUser(t, s, "bert@example.org")
	lobby, attic := r.createRoom("lobby", anna), r.createRoom("attic", bert)
	r.must(chat.Record{Kind: chat.KindJoin, Room: lobby, User: bert})
	r.commit()
	listed := func(user chat.UserID, room chat.RoomID) chat.RoomSettings {
		t.Helper()
		list, err := s.ListRooms(ctx, user, 0, 10)
		check(t, err)
		for _, found := range list.Rooms {
			if found.ID == room {
				return found.Settings
			}
		}
		t.Fatalf("room %d is not in the list of user %d", room, user)
		return chat.RoomSettings{}
	}
	want := func(user chat.UserID, room chat.RoomID, want chat.RoomSettings) {
		t.Helper()
		if got := listed(user, room); got != want {
			t.Errorf("user %d has %+v in room %d, want %+v", user, got, room, want)
		}
	}
	want(bert, lobby, chat.DefaultRoomSettings)
	yes, no, none := true, false, chat.NotifyNone
	got, err := s.ChangeRoomSettings(ctx, bert, lobby, chat.RoomSettingsChange{Starred: &yes})
	check(t, err)
	if want := (chat.RoomSettings{Starred: true, Notify: chat.NotifyAll, Version: 1}); got != want {
		t.Errorf("the first change gives %+v, want %+v", got, want)
	}
	got, err = s.ChangeRoomSettings(ctx, bert, lobby, chat.RoomSettingsChange{Starred: &no, Muted: &yes, Notify: &none})
	check(t, err)
	if want := (chat.RoomSettings{Muted: true, Notify: chat.NotifyNone, Version: 2}); got != want {
		t.Errorf("the second change gives %+v, want %+v", got, want)
	}
	want(bert, lobby, got)
	want(bert, attic, chat.DefaultRoomSettings)
	want(anna, lobby, chat.DefaultRoomSettings)
	want(anna, attic, chat.DefaultRoomSettings) // she is not in it

	// Devices that change different things at once.
	parallel(8, func(i int) {
		change := chat.RoomSettingsChange{Starred: &yes}
		if i%2 == 1 {
			change = chat.RoomSettingsChange{Muted: &yes}
		}
		if _, err := s.ChangeRoomSettings(ctx, anna, lobby, change); err != nil {
			t.Error(err)
		}
	})
	want(anna, lobby, chat.RoomSettings{Starred: true, Muted: true, Notify: chat.NotifyAll, Version: 8})

	_, _, err = s.DeleteUser(ctx, bert, 5000)
	check(t, err)
	var left, others int
	check(t, s.Peek(ctx, []any{&left, &others}, `SELECT SUM(user = ?), SUM(user <> ?) FROM room_settings`, int64(bert), int64(bert)))
	if left != 0 || others != 1 {
		t.Errorf("a deleted account leaves %d settings, and %d of others, want 0 and 1", left, others)
	}
}
