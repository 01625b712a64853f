package chat_test

import (
	"testing"

	"github.com/parleychat/parley/chat"
)

func TestRoomSettings(t *testing.T) {
	yes, no, mentions, loud := true, false, chat.NotifyMentions, chat.NotifyLevel("loud")
	for _, bad := range []chat.RoomSettingsChange{{}, {Notify: &loud}, {Starred: &yes, Notify: &loud}} {
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
		{chat.RoomSettingsChange{Starred: &no}, chat.RoomSettings{Muted: true, Notify: chat.NotifyMentions}},
	} {
		if err := step.change.Validate(); err != nil {
			t.Errorf("%+v: %v", step.change, err)
		}
		if s = step.change.Apply(s); s != step.want {
			t.Errorf("got %+v, want %+v", s, step.want)
		}
	}
}
