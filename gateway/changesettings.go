package gateway

import (
	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/protocol"
	"github.com/parleychat/parley/rooms"
	"github.com/parleychat/parley/socketio"
)

// changeSettings changes how the person wants a room to be shown, and tells
// their other sockets.
func (c *conn) changeSettings(ev *socketio.Event) {
	var req protocol.ChangeSettingsRequest
	room, ok := c.readRequest(ev, &req, &req.RoomRef)
	if !ok {
		return
	}
	c.task(ev, func() error {
		settings, err := c.gw.cfg.Rooms.ChangeSettings(c.ctx, c.user(), room, settingsChange(req.ChangeSettingsBody), c.client)
		if err != nil {
			return err
		}
		c.acknowledge(ev, protocol.SettingsAck{OK: true, SettingsOfRoom: settingsOf(room, settings)})
		return nil
	})
}

// settingsChange is what a client wants to be different.
func settingsChange(body protocol.ChangeSettingsBody) chat.RoomSettingsChange {
	return chat.RoomSettingsChange{Starred: body.Starred, Muted: body.Muted, Notify: (*chat.NotifyLevel)(body.Notify), Place: body.Place}
}

// roomSettings are a person's settings of a room as clients get them.
func roomSettings(s chat.RoomSettings) protocol.RoomSettings {
	return protocol.RoomSettings{Starred: s.Starred, Muted: s.Muted, Notify: string(s.Notify), Place: s.Place, Version: s.Version}
}

func settingsOf(room chat.RoomID, s chat.RoomSettings) protocol.SettingsOfRoom {
	return protocol.SettingsOfRoom{RoomID: int64(room), Settings: roomSettings(s)}
}

// SettingsChanged tells a person's other sockets how they want a room to be
// shown.
func (g *Gateway) SettingsChanged(change rooms.SettingsChange) {
	settings := settingsOf(change.Room, change.Settings)
	g.tellPerson(change.User, eventFrame(protocol.SettingsChanged, settings), change.From)
	g.hint(hint{Settings: &settingsHint{User: change.User, Settings: settings}})
}
