package store_test

import (
	"context"
	"slices"
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
	first := chat.PlaceBehind(0)
	if want := (chat.RoomSettings{Starred: true, Notify: chat.NotifyAll, Place: first, Version: 1}); got != want {
		t.Errorf("the first change gives %+v, want %+v", got, want)
	}
	got, err = s.ChangeRoomSettings(ctx, bert, lobby, chat.RoomSettingsChange{Starred: &no, Muted: &yes, Notify: &none})
	check(t, err)
	if want := (chat.RoomSettings{Muted: true, Notify: chat.NotifyNone, Place: first, Version: 2}); got != want {
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
	want(anna, lobby, chat.RoomSettings{Starred: true, Muted: true, Notify: chat.NotifyAll, Place: first, Version: 8})

	_, _, err = s.DeleteUser(ctx, bert, 5000)
	check(t, err)
	var left, others int
	check(t, s.Peek(ctx, []any{&left, &others}, `SELECT SUM(user = ?), SUM(user <> ?) FROM room_settings`, int64(bert), int64(bert)))
	if left != 0 || others != 1 {
		t.Errorf("a deleted account leaves %d settings, and %d of others, want 0 and 1", left, others)
	}
}

// testStarPlaces: a room that gets a star comes behind those that have one, stays
// where it is when it has one, and goes where it is put; other people's stars,
// and what has none, count for nothing.
func testStarPlaces(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	r := newRecorder(t, s)
	anna, bert := newUser(t, s, "anna@example.org"), newUser(t, s, "bert@example.org")
	var rooms []chat.RoomID
	for _, name := range []string{"lobby", "attic", "cellar", "garden"} {
		rooms = append(rooms, r.createRoom(name, anna))
	}
	yes, no := true, false
	at := func(place int64) chat.RoomSettingsChange { return chat.RoomSettingsChange{Place: &place} }
	star, unstar := chat.RoomSettingsChange{Starred: &yes}, chat.RoomSettingsChange{Starred: &no}
	first := chat.PlaceBehind(0)
	for i, step := range []struct {
		user   chat.UserID
		room   chat.RoomID
		change chat.RoomSettingsChange
		want   int64
	}{
		{anna, rooms[0], star, first},
		{anna, rooms[1], star, chat.PlaceBehind(first)},
		{bert, rooms[1], star, first},
		{anna, rooms[0], star, first}, // it has one
		{anna, rooms[0], at(first * 9), first * 9},
		{anna, rooms[2], star, chat.PlaceBehind(first * 9)},
		{anna, rooms[2], unstar, chat.PlaceBehind(first * 9)},
		{anna, rooms[3], star, chat.PlaceBehind(first * 9)}, // that of a room without a star is free
		{anna, rooms[3], at(-chat.FarthestPlace), -chat.FarthestPlace},
		{anna, rooms[0], at(chat.FarthestPlace), chat.FarthestPlace},
		{anna, rooms[2], star, chat.FarthestPlace}, // as far as there are places
	} {
		got, err := s.ChangeRoomSettings(ctx, step.user, step.room, step.change)
		check(t, err)
		if got.Place != step.want {
			t.Errorf("step %d: got place %d, want %d", i, got.Place, step.want)
		}
	}
	list, err := s.OwnRooms(ctx, anna, 0, 10)
	check(t, err)
	var places []int64
	for _, room := range list.Rooms {
		places = append(places, room.Settings.Place)
	}
	want := []int64{chat.FarthestPlace, chat.PlaceBehind(first), chat.FarthestPlace, -chat.FarthestPlace}
	if !slices.Equal(places, want) {
		t.Errorf("the list has the places %d, want %d", places, want)
	}
}
