package store

import (
	"context"
	"fmt"

	"github.com/parleychat/parley/chat"
)

// ChangeRoomSettings changes how a person wants a room to be shown to them, and
// returns how it is then: as a new version, durable. Whether they are in the
// room is for the caller to judge.
func (s *Store) ChangeRoomSettings(ctx context.Context, user chat.UserID, room chat.RoomID, change chat.RoomSettingsChange) (settings chat.RoomSettings, err error) {
	err = s.write(ctx, func(t *tx) error {
		// The row first, and with it its lock: of two devices that change
		// something at once, on any nodes, the second sees what the first did.
		_, err := t.exec(`INSERT INTO room_settings (user, room, version) VALUES (?, ?, 1) `+
			s.dialect.onConflict("user, room")+` version = room_settings.version + 1`, int64(user), int64(room))
		if err != nil {
			return err
		}
		settings = chat.RoomSettings{}
		err = t.row(`SELECT starred, muted, notify, place, version FROM room_settings WHERE user = ? AND room = ?`, int64(user), int64(room)).
			Scan(&settings.Starred, &settings.Muted, (*string)(&settings.Notify), &settings.Place, &settings.Version)
		if err != nil {
			return err
		}
		if change.Stars(settings) {
			// Two rooms that get stars at once may get one place. Their ids say then
			// which comes first, on every device alike.
			var last int64
			if err := t.row(qLastPlace, int64(user)).Scan(&last); err != nil {
				return err
			}
			settings.Place = chat.PlaceBehind(last)
		}
		settings = change.Apply(settings)
		_, err = t.exec(`UPDATE room_settings SET starred = ?, muted = ?, notify = ?, place = ? WHERE user = ? AND room = ?`,
			settings.Starred, settings.Muted, string(settings.Notify), settings.Place, int64(user), int64(room))
		return err
	})
	if err != nil {
		return chat.RoomSettings{}, fmt.Errorf("settings of user %d for room %d: %w", user, room, err)
	}
	return settings, nil
}

const qLastPlace = `SELECT COALESCE(MAX(place), 0) FROM room_settings WHERE user = ? AND starred = 1`
