package rooms

import (
	"context"
	"fmt"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/fanout"
)

// SettingsChange is how a person wants a room to be shown from now on, for
// their devices.
type SettingsChange struct {
	User     chat.UserID
	Room     chat.RoomID
	Settings chat.RoomSettings
	From     *fanout.Client // the socket that says so; nil: a REST call
}

// OnSettings sets who is told of changed settings. It must not block. Changes
// made at once may be told in any order: their versions say which is the later.
// Set it before the service is used.
func (s *Service) OnSettings(fn func(SettingsChange)) { s.settled = fn }

// ChangeSettings changes how a member of a room wants it to be shown to them. It
// is on the disk when it returns, and stays when they leave and come back. from
// is the socket that asks, nil for a REST call. It refuses with [chat.Forbidden]
// somebody who reads a public room without being in it, and with
// [chat.NotFound] whoever may not read the room.
func (s *Service) ChangeSettings(ctx context.Context, user chat.UserID, room chat.RoomID, change chat.RoomSettingsChange, from *fanout.Client) (chat.RoomSettings, error) {
	if err := change.Validate(); err != nil {
		return chat.RoomSettings{}, err
	}
	if err := s.member(ctx, user, room); err != nil {
		return chat.RoomSettings{}, fmt.Errorf("settings: %w", err)
	}
	settings, err := s.cfg.Store.ChangeRoomSettings(ctx, user, room, change)
	if err != nil {
		return chat.RoomSettings{}, unavailable(err)
	}
	s.settled(SettingsChange{User: user, Room: room, Settings: settings, From: from})
	return settings, nil
}
