package server_test

import (
	"cmp"
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/parleychat/parley/protocol"
)

// TestStarredOrder: rooms that get stars come one behind the other, two devices
// may move different ones at once, and what left comes back to its place.
func TestStarredOrder(t *testing.T) {
	n := start(t, config(t))
	ann, ben := n.join("ann@example.org"), n.join("ben@example.org")
	var rooms []string
	phone, laptop := ben.device(), ben.device()
	for _, name := range []string{"lobby", "attic", "cellar", "garden"} {
		room := ann.room(name)
		ben.do("POST", room+"/join", nil).want(http.StatusOK)
		ben.do("PATCH", room+"/settings", map[string]any{"starred": true}).want(http.StatusOK)
		rooms = append(rooms, room)
	}
	order := func() (names []string) {
		t.Helper()
		var own protocol.OwnRoomPage
		ben.do("GET", "/api/v1/me/rooms", nil).want(http.StatusOK).into(&own)
		starred := slices.DeleteFunc(own.Rooms, func(r protocol.RoomInfo) bool { return r.Settings == nil || !r.Settings.Starred })
		slices.SortFunc(starred, func(a, b protocol.RoomInfo) int {
			return cmp.Or(cmp.Compare(a.Settings.Place, b.Settings.Place), cmp.Compare(a.ID, b.ID))
		})
		for _, room := range starred {
			names = append(names, room.Name)
		}
		return names
	}
	want := func(when string, want ...string) {
		t.Helper()
		if got := order(); !slices.Equal(got, want) {
			t.Errorf("%s the order is %v, want %v", when, got, want)
		}
	}
	want("after the stars", "lobby", "attic", "cellar", "garden")

	// The last to the front on one device, the second to the end on the other.
	front, end := int64(0), ben.listed(rooms[3]).Settings.Place+1
	var moves sync.WaitGroup
	moves.Go(func() {
		var ack protocol.SettingsAck
		phone.call(protocol.ChangeSettings, protocol.ChangeSettingsRequest{
			RoomRef: protocol.RoomRef{RoomID: idOf(t, rooms[3])}, ChangeSettingsBody: protocol.ChangeSettingsBody{Place: &front},
		}, &ack)
	})
	moves.Go(func() { ben.do("PATCH", rooms[1]+"/settings", map[string]any{"place": end}).want(http.StatusOK) })
	moves.Wait()
	want("after both moves", "garden", "lobby", "cellar", "attic")
	var told protocol.SettingsOfRoom
	for told.RoomID != idOf(t, rooms[3]) || told.Settings.Place != front {
		laptop.expect(protocol.SettingsChanged, &told)
	}

	ben.do("POST", rooms[0]+"/leave", nil).want(http.StatusOK)
	want("without a room that was left", "garden", "cellar", "attic")
	ben.do("POST", rooms[0]+"/join", nil).want(http.StatusOK)
	want("after coming back", "garden", "lobby", "cellar", "attic")
	ben.do("PATCH", rooms[3]+"/settings", map[string]any{"starred": false}).want(http.StatusOK)
	ben.do("PATCH", rooms[3]+"/settings", map[string]any{"starred": true}).want(http.StatusOK)
	want("with a new star", "lobby", "cellar", "attic", "garden")
}
