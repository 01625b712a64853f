package chat_test

import (
	"testing"

	"github.com/parleychat/parley/chat"
)

func TestRoomSettings(t *testing.T) {
	yes, no, mentions, loud := true, false, chat.NotifyMentions, chat.NotifyLevel("loud")
	place, high, low := int64(-7), int64(chat.FarthestPlace+1), int64(-chat.FarthestPlace-1)
	for _, bad := range []chat.RoomSettingsChange{{}, {Notify: &loud}, {Starred: &yes, Notify: &loud}, {Place: &high}, {Starred: &yes, Place: &low}} {
		if err := bad.Validate(); chat.AsError(err).Code != chat.Invalid {
			t.Errorf("%+v: got %v, want it refused as invalid", bad, err)
		}
	}
	s := chat.DefaultRoomSettings
	for _, step := range []struct {
		change chat.RoomSettingsChange
		want   chat.RoomSettings
	}{
		{chat.RoomSettingsChange{Starred: &yes}, chat.RoomSettings{Starred: true, Notify: chat.NotifyAll}},
		{chat.RoomSettingsChange{Muted: &yes, Notify: &mentions}, chat.RoomSettings{Starred: true, Muted: true, Notify: chat.NotifyMentions}},
		{chat.RoomSettingsChange{Place: &place}, chat.RoomSettings{Starred: true, Muted: true, Notify: chat.NotifyMentions, Place: place}},
		{chat.RoomSettingsChange{Starred: &no}, chat.RoomSettings{Muted: true, Notify: chat.NotifyMentions, Place: place}},
	} {
		if err := step.change.Validate(); err != nil {
			t.Errorf("%+v: %v", step.change, err)
		}
		if s = step.change.Apply(s); s != step.want {
			t.Errorf("got %+v, want %+v", s, step.want)
		}
	}
}

// TestPlaceBehind: a room that gets a star comes last, as far as there are places.
func TestPlaceBehind(t *testing.T) {
	for _, last := range []int64{-chat.FarthestPlace, -1, 0, 1 << 40, chat.FarthestPlace - 1} {
		if got := chat.PlaceBehind(last); got <= last || got > chat.FarthestPlace {
			t.Errorf("behind %d comes %d", last, got)
		}
	}
	if got := chat.PlaceBehind(chat.FarthestPlace); got != chat.FarthestPlace {
		t.Errorf("behind the last place comes %d", got)
	}
	yes, no, place := true, false, int64(3)
	for _, c := range []struct {
		change  chat.RoomSettingsChange
		starred bool
		want    bool
	}{
		{chat.RoomSettingsChange{Starred: &yes}, false, true},
		{chat.RoomSettingsChange{Starred: &yes}, true, false},
		{chat.RoomSettingsChange{Starred: &yes, Place: &place}, false, false},
		{chat.RoomSettingsChange{Starred: &no}, false, false},
		{chat.RoomSettingsChange{Muted: &yes}, false, false},
	} {
		if got := c.change.Stars(chat.RoomSettings{Starred: c.starred}); got != c.want {
			t.Errorf("%+v of a room that is starred %v: got %v, want %v", c.change, c.starred, got, c.want)
		}
	}
}
