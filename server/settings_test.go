package server_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/protocol"
)

// TestSettingsOnAllDevices: one device stars or mutes a room, the others hear of
// it, lists show it, and nobody else learns of it (A20).
func TestSettingsOnAllDevices(t *testing.T) {
	n := start(t, config(t))
	ann, ben := n.join("ann@example.org"), n.join("ben@example.org")
	room := ann.room("general")
	ben.do("POST", room+"/join", nil).want(http.StatusOK)
	id := idOf(t, room)
	ref := protocol.RoomRef{RoomID: id}
	phone, laptop, hers := ben.device(), ben.device(), ann.device()
	if settings := ben.listed(room).Settings; settings != nil {
		t.Errorf("before anything was said the list shows %+v", settings)
	}

	yes, mentions := true, "mentions"
	var ack protocol.SettingsAck
	phone.call(protocol.ChangeSettings, protocol.ChangeSettingsRequest{RoomRef: ref, ChangeSettingsBody: protocol.ChangeSettingsBody{Starred: &yes}}, &ack)
	place := chat.PlaceBehind(0)
	want := protocol.RoomSettings{Starred: true, Notify: "all", Place: place, Version: 1}
	if diff := cmp.Diff(protocol.SettingsOfRoom{RoomID: id, Settings: want}, ack.SettingsOfRoom); diff != "" {
		t.Errorf("the phone is answered (-want +got):\n%s", diff)
	}
	var told protocol.SettingsOfRoom
	laptop.expect(protocol.SettingsChanged, &told)
	if diff := cmp.Diff(ack.SettingsOfRoom, told); diff != "" {
		t.Errorf("the laptop is told something else (-answer +told):\n%s", diff)
	}
	laptop.call(protocol.ChangeSettings, protocol.ChangeSettingsRequest{
		RoomRef: protocol.RoomRef{RoomName: "general"}, ChangeSettingsBody: protocol.ChangeSettingsBody{Notify: &mentions},
	}, &ack)
	phone.expect(protocol.SettingsChanged, &told)
	if want = (protocol.RoomSettings{Starred: true, Notify: "mentions", Place: place, Version: 2}); told.Settings != want || ack.Settings != want {
		t.Errorf("the phone is told %+v, the laptop answered %+v, want %+v", told, ack, want)
	}
	var answer protocol.RoomSettings
	ben.do("PATCH", room+"/settings", map[string]any{"starred": false, "muted": true}).want(http.StatusOK).into(&answer)
	if want = (protocol.RoomSettings{Muted: true, Notify: "mentions", Place: place, Version: 3}); answer != want {
		t.Errorf("over REST: got %+v, want %+v", answer, want)
	}
	for _, d := range []*device{phone, laptop} {
		if d.expect(protocol.SettingsChanged, &told); told.Settings != want {
			t.Errorf("after a change over REST a device is told %+v", told)
		}
	}
	for _, d := range []*device{phone, laptop, hers} {
		d.call(protocol.GetOnlineUsers, protocol.OnlineRequest{RoomRef: ref}, nil)
		if came := d.came(protocol.SettingsChanged); came != nil {
			t.Errorf("a device was told %s", came)
		}
	}

	var own protocol.OwnRoomPage
	ben.do("GET", "/api/v1/me/rooms", nil).want(http.StatusOK).into(&own)
	synced := infoOf(t, phone.sync(protocol.SyncRequest{}), id)
	for _, shown := range []protocol.RoomInfo{ben.listed(room), own.Rooms[0], synced} {
		if shown.Settings == nil || *shown.Settings != want {
			t.Errorf("a list shows %+v, want %+v", shown.Settings, want)
		}
	}
	if settings := ann.listed(room).Settings; settings != nil {
		t.Errorf("ann's list shows %+v, which is ben's", settings)
	}

	// They are kept for whoever comes back.
	ben.do("POST", room+"/leave", nil).want(http.StatusOK)
	ben.do("PATCH", room+"/settings", map[string]any{"starred": true}).wantCode(http.StatusForbidden, "forbidden")
	if settings := ben.listed(room).Settings; settings != nil {
		t.Errorf("of a room that ben has left the list shows %+v", settings)
	}
	ben.do("POST", room+"/join", nil).want(http.StatusOK)
	if settings := ben.listed(room).Settings; settings == nil || *settings != want {
		t.Errorf("after coming back the list shows %+v, want %+v", settings, want)
	}
}

// TestSettingsRefused: what is no setting, and rooms that are none of the
// person's business.
func TestSettingsRefused(t *testing.T) {
	n := start(t, config(t))
	ann, ben := n.join("ann@example.org"), n.join("ben@example.org")
	room := ann.room("general")
	for _, body := range []string{`{}`, `{"notify":"loud"}`, `{"starred":1}`, `{"version":9}`,
		`{"place":1.5}`, `{"place":"first"}`, `{"place":9007199254740992}`, `{"place":-9007199254740992}`} {
		ann.do("PATCH", room+"/settings", body).wantCode(http.StatusBadRequest, "invalid")
	}
	if settings := ann.listed(room).Settings; settings != nil {
		t.Errorf("what was refused left %+v", settings)
	}
	ben.do("PATCH", room+"/settings", map[string]any{"muted": true}).wantCode(http.StatusForbidden, "forbidden")
	secret := ann.create(protocol.CreateRoom{Kind: "private", Name: "secret"})
	hidden := ben.do("PATCH", secret+"/settings", map[string]any{"muted": true}).wantCode(http.StatusNotFound, "not_found")
	missing := ben.do("PATCH", "/api/v1/rooms/99999/settings", map[string]any{"muted": true}).wantCode(http.StatusNotFound, "not_found")
	if hidden.told() != missing.told() {
		t.Errorf("a stranger is told %s of a secret room and %s of none", hidden.body, missing.body)
	}
	d := ann.device()
	d.refused(protocol.ChangeSettings, map[string]any{"roomId": idOf(t, room)}, "invalid")
	d.refused(protocol.ChangeSettings, map[string]any{"starred": true}, "invalid")
	d.refused(protocol.ChangeSettings, map[string]any{"roomId": idOf(t, room), "place": uint64(1 << 53)}, "invalid")
}
