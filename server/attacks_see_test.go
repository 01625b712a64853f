package server_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parleychat/parley/e2e/rig"
	"github.com/parleychat/parley/protocol"
)

// Attacks on what is not yours to see or to change: A14 to A21.

// nowhere is a room that does not exist.
const nowhere = 999_999

func roomID(path string) int64 {
	var id int64
	if _, err := fmt.Sscanf(path, "/api/v1/rooms/%d", &id); err != nil {
		panic(err)
	}
	return id
}

// refusalOf makes a client event and gives what it was refused with, without
// the ids that the client itself has named.
func refusalOf(t *testing.T, socket *rig.Socket, event string, payload map[string]any) string {
	t.Helper()
	var refused *rig.Refused
	switch err := socket.TryAsk(new(json.RawMessage), event, payload); {
	case err == nil:
		return "done"
	case errors.As(err, &refused):
		return refused.Code + ": " + refused.Message
	default:
		t.Fatalf("%s %v: %v", event, payload, err)
		return ""
	}
}

// with is a payload and what else is to stand in it.
func with(payload map[string]any, more map[string]any) map[string]any {
	all := make(map[string]any)
	for key, value := range payload {
		all[key] = value
	}
	for key, value := range more {
		all[key] = value
	}
	return all
}

// aboutARoom are the client events that name a room, with what else they say.
var aboutARoom = []struct {
	event string
	more  map[string]any
}{
	{protocol.JoinRoom, nil},
	{protocol.JoinRoom, map[string]any{"preview": true}},
	{protocol.JoinRoom, map[string]any{"since": "0"}},
	{protocol.JoinRoom, map[string]any{"latest": 50}},
	{protocol.SendMessage, map[string]any{"messageText": "let me in"}},
	{protocol.EditMessage, map[string]any{"targetSeq": 2, "messageText": "mine now"}},
	{protocol.DeleteMessage, map[string]any{"targetSeq": 2}},
	{protocol.GetMessages, nil},
	{protocol.GetMessages, map[string]any{"around": 2}},
	{protocol.GetRecentMessages, map[string]any{"count": 10}},
	{protocol.GetOnlineUsers, nil},
	{protocol.SetDraft, map[string]any{"text": "half a"}},
	{protocol.LeaveRoom, nil},
	{protocol.LeaveRoom, map[string]any{"forever": true}},
}

// foreignRooms: a stranger is told of a room that is not theirs what they are
// told of one that does not exist, by whatever way they ask (REST:
// TestPrivateRoomCalls).
func foreignRooms(t *testing.T) {
	n := start(t, config(t))
	ann, ben, mallory := n.join("ann@example.org"), n.join("ben@example.org"), n.join("mallory@example.org")
	private := ann.create(protocol.CreateRoom{Kind: "private", Name: "Plans"})
	group := ann.create(protocol.CreateRoom{Kind: "group", Members: []int64{ben.me()}})
	var direct protocol.RoomInfo
	ann.do("POST", "/api/v1/directs", map[string]any{"userId": ben.me()}).want(http.StatusCreated).into(&direct)
	said := ann.say(private, "the secret")
	var ack protocol.SendAck
	said.into(&ack)
	spy := n.connect(mallory)
	for _, room := range []int64{roomID(private), roomID(group), direct.ID} {
		for _, ask := range aboutARoom {
			got := refusalOf(t, spy, ask.event, with(ask.more, map[string]any{"roomId": room}))
			want := refusalOf(t, spy, ask.event, with(ask.more, map[string]any{"roomId": nowhere}))
			if got != want || got == "done" && ask.event != protocol.LeaveRoom {
				t.Errorf("%s %v of room %d: got %q, want %q as of a room that does not exist", ask.event, ask.more, room, got, want)
			}
		}
	}
	// A real cursor of the room opens nothing either.
	if got := refusalOf(t, spy, protocol.JoinRoom, map[string]any{"roomId": roomID(private), "since": ack.Cursor}); !strings.HasPrefix(got, "not_found") {
		t.Errorf("resume with a real cursor: %s", got)
	}
	// Nor does naming the rooms when coming back.
	for _, room := range []int64{roomID(private), roomID(group), direct.ID} {
		for _, since := range []string{"0", ack.Cursor} {
			got, want := caughtUpWith(spy, room, since), caughtUpWith(spy, nowhere, since)
			want.RoomID = room
			if diff := cmp.Diff(want, got); diff != "" || got.Joined || got.Error == nil {
				t.Errorf("sync of room %d since %s (-room that does not exist, +got):\n%s", room, since, diff)
			}
		}
	}
	if events := spy.Events(protocol.ReceiveMessage); len(events) != 0 {
		t.Errorf("the stranger was sent %v", events)
	}

	// A member's cursor that was changed, or is of another room, is recognised.
	own := n.connect(ann)
	other := ann.create(protocol.CreateRoom{Kind: "private", Name: "Other"})
	for range 3 {
		ann.say(other, "filler")
	}
	seq, chain, _ := strings.Cut(ack.Cursor, ".")
	for what, cursor := range map[string]string{
		"another chain":     seq + "." + reversed(chain),
		"never reached":     "50." + chain,
		"of another number": "1." + chain,
	} {
		if cursor == ack.Cursor {
			continue // a chain that reads the same from its end
		}
		var answer protocol.JoinAck
		own.Ask(&answer, protocol.JoinRoom, map[string]any{"roomId": roomID(private), "since": cursor})
		if answer.Reset == nil {
			t.Errorf("a cursor %s: got %+v, want a reset", what, answer)
		}
	}
	var answer protocol.JoinAck
	own.Ask(&answer, protocol.JoinRoom, map[string]any{"roomId": roomID(other), "since": ack.Cursor})
	if answer.Reset == nil {
		t.Errorf("a cursor of another room: got %+v, want a reset", answer)
	}
	for _, cursor := range []string{"x", "-1.aaaaaa", "2", "2.", "2.é", "18446744073709551616.aaaaaa", strings.Repeat("9", 5000) + ".aaaaaa", "2.aaaaaa' OR 1"} {
		own.WantRefusal("invalid", protocol.JoinRoom, map[string]any{"roomId": roomID(private), "since": cursor})
	}
}

// caughtUpWith is what a sync says of a room that the device claims to hold.
func caughtUpWith(socket *rig.Socket, room int64, since string) protocol.CaughtUp {
	var ack protocol.SyncAck
	socket.Ask(&ack, protocol.Sync, protocol.SyncRequest{Rooms: []protocol.RoomCursor{{RoomID: room, Since: since}}})
	for _, stand := range ack.CaughtUp {
		if stand.RoomID == room {
			return stand
		}
	}
	return protocol.CaughtUp{}
}

// roomsByName: whether a room that is not public exists cannot be found out by
// its name.
func roomsByName(t *testing.T) {
	n := start(t, config(t))
	ann, mallory := n.join("ann@example.org"), n.join("mallory@example.org")
	private := ann.create(protocol.CreateRoom{Kind: "private", Name: "Merger"})
	spy := n.connect(mallory)
	for _, ask := range aboutARoom {
		got := refusalOf(t, spy, ask.event, with(ask.more, map[string]any{"roomName": "Merger"}))
		want := refusalOf(t, spy, ask.event, with(ask.more, map[string]any{"roomName": "Nonsense"}))
		if got != want || !strings.HasPrefix(got, "not_found") {
			t.Errorf("%s by name: got %q, want %q as of a name that means nothing", ask.event, got, want)
		}
	}
	spy.Emit(protocol.JoinRoom, map[string]string{"roomName": "Merger"}) // as Turbo-Chat does
	spy.Roundtrip()
	for _, ev := range spy.Events("") {
		if strings.Contains(ev.String(), "Welcome") {
			t.Errorf("a Turbo-Chat client got in: %s", ev)
		}
	}
	// No conflict: the name is free for a public room, for a rename, for a
	// group; and nothing lists or counts the other.
	taken := mallory.create(protocol.CreateRoom{Kind: "public", Name: "Merger"})
	mallory.do("PATCH", taken, map[string]any{"name": "merger 2"}).want(http.StatusOK)
	mallory.do("PATCH", taken, map[string]any{"name": "MERGER"}).want(http.StatusOK)
	mallory.create(protocol.CreateRoom{Kind: "private", Name: "Merger"})
	for _, path := range []string{"/api/v1/rooms", "/api/chat", "/api/v1/public-rooms?text=merger"} {
		body := mallory.do("GET", path, nil).want(http.StatusOK).body
		if strings.Contains(body, fmt.Sprintf(`{"id":%d,`, roomID(private))) {
			t.Errorf("%s shows the room: %s", path, body)
		}
	}
	// Its owner cannot make it public over the other's head.
	ann.do("PATCH", private, map[string]any{"kind": "public"}).wantCode(http.StatusConflict, "conflict")
	// Guessed links look like links that have ended.
	for _, token := range []string{"", "guess", strings.Repeat("A", 26), strings.Repeat("A", 4000)} {
		mallory.do("POST", "/api/v1/links/look", map[string]string{"token": token}).wantCode(http.StatusNotFound, "not_found")
		mallory.do("POST", "/api/v1/links/join", map[string]string{"token": token}).wantCode(http.StatusNotFound, "not_found")
	}
}

// directRooms: what two people say to each other stays between the two.
func directRooms(t *testing.T) {
	n := start(t, config(t))
	ann, ben, mallory := n.join("ann@example.org"), n.join("ben@example.org"), n.join("mallory@example.org")
	var direct protocol.RoomInfo
	ann.do("POST", "/api/v1/directs", map[string]any{"userId": ben.me()}).want(http.StatusCreated).into(&direct)
	path := fmt.Sprint("/api/v1/rooms/", direct.ID)
	ann.say(path, "between us")
	mallory.do("GET", path+"/messages", nil).wantCode(http.StatusNotFound, "not_found")
	// Neither of the two can widen it, nor throw the other out.
	for _, try := range []struct {
		method, path string
		body         any
	}{
		{"POST", "/members", map[string]any{"userId": mallory.me()}},
		{"DELETE", fmt.Sprint("/members/", ann.me()), nil},
		{"PUT", fmt.Sprint("/bans/", ann.me()), nil},
		{"PATCH", fmt.Sprint("/members/", ben.me()), map[string]any{"role": "owner"}},
		{"PATCH", "", map[string]any{"kind": "public"}},
		{"PATCH", "", map[string]any{"name": "Everybody"}},
		{"PATCH", "", map[string]any{"archived": true}},
		{"POST", "/links", map[string]any{}},
		{"POST", "/leave", nil},
	} {
		ben.do(try.method, path+try.path, try.body).wantCode(http.StatusForbidden, "forbidden")
	}
	ben.do("PATCH", path+"/messages/2", map[string]any{"messageText": "I said that"}).wantCode(http.StatusForbidden, "forbidden")
	ben.do("DELETE", path+"/messages/2", nil).wantCode(http.StatusForbidden, "forbidden")
	mallory.do("POST", path+"/join", nil).wantCode(http.StatusNotFound, "not_found")
	// Opening one's own with each of them gives other rooms.
	for _, person := range []*client{ann, ben} {
		var opened protocol.RoomInfo
		mallory.do("POST", "/api/v1/directs", map[string]any{"userId": person.me()}).want(http.StatusCreated).into(&opened)
		if opened.ID == direct.ID {
			t.Error("mallory opened the room of the two")
		}
	}
	if got := ben.do("GET", path+"/members", nil).want(http.StatusOK).body; strings.Contains(got, "mallory") {
		t.Errorf("members: %s", got)
	}
}

// afterLosingARoom: who has left, was kicked or banned learns nothing later of
// a room that is not public, by no way, from the position of that event on.
func afterLosingARoom(t *testing.T) {
	n := start(t, config(t))
	ann := n.join("ann@example.org")
	for what, lose := range map[string]func(room string, ben *client){
		"left": func(room string, ben *client) { ben.do("POST", room+"/leave", nil).want(http.StatusOK) },
		"kicked": func(room string, ben *client) {
			ann.do("DELETE", fmt.Sprint(room, "/members/", ben.me()), nil).want(http.StatusOK)
		},
		"banned": func(room string, ben *client) {
			ann.do("PUT", fmt.Sprint(room, "/bans/", ben.me()), nil).want(http.StatusOK)
		},
	} {
		t.Run(what, func(t *testing.T) {
			ben := n.join(what + "@example.org")
			room := ann.create(protocol.CreateRoom{Kind: "private", Name: "Room of who was " + what, Members: []int64{ben.me()}})
			id := roomID(room)
			sockets := []*rig.Socket{n.connect(ben), n.sockets().Connect(t, rig.How{Polling: true, Token: ben.token})}
			var last protocol.SendAck
			for _, socket := range sockets {
				socket.Join(id)
			}
			ben.do("POST", room+"/messages", map[string]string{"messageText": "mine"}).want(http.StatusCreated).into(&last)
			lose(room, ben)
			const later = "canary of later"
			ann.say(room, later)
			ann.do("PATCH", fmt.Sprint(room, "/messages/", last.Seq), map[string]string{"messageText": later}).want(http.StatusForbidden)
			ann.do("PATCH", room, map[string]any{"topic": later}).want(http.StatusOK)
			for _, socket := range sockets {
				for _, ask := range aboutARoom {
					// leaveRoom unsubscribes, whoever asks; by then there is
					// nothing to unsubscribe.
					if got := refusalOf(t, socket, ask.event, with(ask.more, map[string]any{"roomId": id})); ask.event != protocol.LeaveRoom && !strings.HasPrefix(got, "not_found") {
						t.Errorf("%s %v: got %s, want not_found", ask.event, ask.more, got)
					}
				}
				if got := refusalOf(t, socket, protocol.JoinRoom, map[string]any{"roomId": id, "since": last.Cursor}); !strings.HasPrefix(got, "not_found") {
					t.Errorf("resume: got %s, want not_found", got)
				}
				socket.Roundtrip()
				for _, ev := range socket.Events("") {
					if strings.Contains(ev.String(), later) {
						t.Errorf("a socket was sent %s", ev)
					}
				}
				events := socket.InRoom(id)
				if got := events[len(events)-1].Kind; got != strings.NewReplacer("left", "leave", "kicked", "kick", "banned", "ban").Replace(what) {
					t.Errorf("the last event of the room was %s", got)
				}
			}
			for _, path := range []string{"", "/messages", "/members", "/bans", "/links"} {
				ben.do("GET", room+path, nil).wantCode(http.StatusNotFound, "not_found")
			}
			own := fmt.Sprint(room, "/messages/", last.Seq)
			ben.do("PATCH", own, map[string]string{"messageText": "changed from outside"}).wantCode(http.StatusNotFound, "not_found")
			ben.do("DELETE", own, nil).wantCode(http.StatusNotFound, "not_found")
			for _, path := range []string{"/api/v1/rooms", "/api/chat", "/api/v1/public-rooms"} {
				if body := ben.do("GET", path, nil).want(http.StatusOK).body; strings.Contains(body, "Room of who") {
					t.Errorf("%s shows the room: %s", path, body)
				}
			}
		})
	}
}

// mixedIDs: an id of one room opens nothing in another.
func mixedIDs(t *testing.T) {
	n := start(t, config(t))
	ann, mallory := n.join("ann@example.org"), n.join("mallory@example.org")
	secret := ann.create(protocol.CreateRoom{Kind: "private", Name: "Hers"})
	open := ann.create(protocol.CreateRoom{Name: "Open"})
	own := mallory.create(protocol.CreateRoom{Kind: "private", Name: "Mallory's"})
	mallory.do("POST", open+"/join", nil).want(http.StatusOK)
	for range 4 {
		ann.say(secret, "hers")
	}
	ann.say(open, "ann's")
	var link protocol.LinkInfo
	ann.do("POST", secret+"/links", map[string]any{}).want(http.StatusCreated).into(&link)

	// The owner of one room acts on another's things through their own.
	mallory.do("DELETE", fmt.Sprint(own, "/links/", link.ID), nil).wantCode(http.StatusNotFound, "not_found")
	mallory.do("PATCH", own+"/messages/3", map[string]string{"messageText": "x"}).wantCode(http.StatusNotFound, "not_found")
	mallory.do("DELETE", own+"/messages/3", nil).wantCode(http.StatusNotFound, "not_found")
	mallory.do("POST", own+"/messages", map[string]any{"roomId": roomID(secret), "messageText": "x"}).wantCode(http.StatusBadRequest, "invalid")
	// Somebody else's message in a room of both; an event that is no message.
	socket := n.connect(mallory)
	room := roomID(open)
	socket.WantRefusal("forbidden", protocol.EditMessage, map[string]any{"roomId": room, "targetSeq": 3, "messageText": "x"})
	socket.WantRefusal("forbidden", protocol.DeleteMessage, map[string]any{"roomId": room, "targetSeq": 3})
	socket.WantRefusal("not_found", protocol.EditMessage, map[string]any{"roomId": room, "targetSeq": 1, "messageText": "x"})
	socket.WantRefusal("not_found", protocol.DeleteMessage, map[string]any{"roomId": room, "targetSeq": 99})
	for _, target := range []any{0, -1, 1.5, "3", []int{3}, 1e300} {
		socket.WantRefusal("invalid", protocol.DeleteMessage, map[string]any{"roomId": room, "targetSeq": target})
	}
	// A session of somebody else, and a member of another room.
	var sessions protocol.SessionList
	ann.do("GET", "/api/v1/me/sessions", nil).want(http.StatusOK).into(&sessions)
	mallory.do("DELETE", "/api/v1/me/sessions/"+sessions.Sessions[0].ID, nil).wantCode(http.StatusNotFound, "not_found")
	ann.do("GET", "/api/v1/me", nil).want(http.StatusOK)
	var read page
	ann.do("GET", secret+"/messages", nil).into(&read)
	if got := strings.Join(read.texts(), " "); got != "hers hers hers hers" {
		t.Errorf("ann's room: got %q", got)
	}
	ann.do("GET", open+"/messages", nil).into(&read)
	if got := strings.Join(read.texts(), " "); got != "ann's" {
		t.Errorf("the open room: got %q", got)
	}
	// The link still leads where it led.
	mallory.do("POST", "/api/v1/links/look", map[string]string{"token": link.Token}).want(http.StatusOK)
}

// fieldsOfTheServer: what only the server says cannot be said by a client; the
// sender is always the session.
func fieldsOfTheServer(t *testing.T) {
	n := start(t, config(t))
	ann, mallory := n.join("ann@example.org"), n.join("mallory@example.org")
	room := ann.room("General")
	mallory.do("POST", room+"/join", nil).want(http.StatusOK)
	socket := n.connect(mallory)
	for field, value := range map[string]any{
		"role": "owner", "sender": "ann", "seq": 1, "at": 1, "id": "x", "userId": ann.me(), "userMail": "ann@example.org",
	} {
		forged := map[string]any{"messageText": "forged", field: value}
		mallory.do("POST", room+"/messages", forged).wantCode(http.StatusBadRequest, "invalid")
		socket.WantRefusal("invalid", protocol.SendMessage, with(forged, map[string]any{"roomId": 1}))
	}
	// Others are passed over, so that newer clients can talk to older servers.
	var ack protocol.SendAck
	socket.Ask(&ack, protocol.SendMessage, map[string]any{
		"roomId": 1, "messageText": "honest", "mac": "x", "n": 7, "rev": 9, "deleted": true, "kind": "kick", "cursor": "9.aaaaaa",
		"user": ann.me(), "userName": "ann", "roomName": "", "members": []any{}, "after": 0, "outcome": "void", "targetUser": ann.me(),
	})
	socket.Join(1)
	page := socket.Page(protocol.PageRequest{RoomRef: protocol.RoomRef{RoomID: 1}})
	messages := page.Messages()
	if len(messages) != 1 || messages[0].UserID != mallory.me() || messages[0].UserName != "mallory" || messages[0].Seq != ack.Seq ||
		messages[0].N != 1 || messages[0].Deleted || messages[0].At != ack.At || messages[0].MAC == "x" {
		t.Errorf("got %+v, want one message of mallory's as the server saw it", messages)
	}
	// Nor can somebody make themselves more than they are.
	mallory.do("PATCH", "/api/v1/me", map[string]any{"name": "Mal", "role": "owner"}).wantCode(http.StatusBadRequest, "invalid")
	var me protocol.Self
	mallory.do("GET", "/api/v1/me", nil).into(&me)
	if me.Role != "member" || me.Name != "mallory" {
		t.Errorf("got %+v", me)
	}
	mallory.do("PATCH", fmt.Sprint(room, "/members/", mallory.me()), map[string]any{"role": "owner"}).wantCode(http.StatusForbidden, "forbidden")
}

// forOneAlone: what is said to one socket is sent to no other.
func forOneAlone(t *testing.T) {
	n := start(t, config(t))
	ann, ben := n.join("ann@example.org"), n.join("ben@example.org")
	ann.room("General")
	asking, others := n.connect(ann), []*rig.Socket{n.connect(ann), n.connect(ben)}
	asking.Join(1)
	for _, socket := range others {
		socket.Join(1)
	}
	asking.WantRefusal("not_found", protocol.JoinRoom, map[string]any{"roomId": nowhere})
	asking.WantRefusal("invalid", protocol.SendMessage, map[string]any{"roomId": 1, "messageText": ""})
	asking.Emit(protocol.SendMessage, map[string]any{"roomId": 1, "messageText": ""}) // wants no answer
	asking.Page(protocol.PageRequest{RoomRef: protocol.RoomRef{RoomID: 1}})
	asking.Ask(new(protocol.AuthenticateAck), protocol.Authenticate, protocol.AuthenticateRequest{Token: ann.token})
	said := asking.Say(1, "for all")
	for _, socket := range others {
		socket.AwaitSeq(1, said.Seq)
		socket.Roundtrip()
		for _, ev := range socket.Events("") {
			switch ev.Name {
			case protocol.ReceiveMessage, protocol.Presence, protocol.RoomAdded:
			default:
				t.Errorf("another socket was sent %s", ev)
			}
			for _, private := range []string{ann.token, `"expiresAt"`, "ann@example.org", `"retryAfter"`, `"error"`} {
				if strings.Contains(ev.String(), private) {
					t.Errorf("another socket was sent %s", ev)
				}
			}
		}
	}
}

// roomsThatChange: a room that is made private is gone for strangers, in every
// way in which they knew it; a former name means nothing.
func roomsThatChange(t *testing.T) {
	n := start(t, config(t))
	ann, mallory := n.join("ann@example.org"), n.join("mallory@example.org")
	room := ann.room("Town square")
	id := roomID(room)
	var first protocol.SendAck
	ann.say(room, "in public").into(&first)
	watching := n.connect(mallory)
	watching.Ask(new(protocol.JoinAck), protocol.JoinRoom, map[string]any{"roomName": "Town square", "preview": true})
	mallory.do("GET", room+"/messages", nil).want(http.StatusOK)

	ann.do("PATCH", room, map[string]any{"name": "Back room"}).want(http.StatusOK)
	watching.Ask(new(protocol.OK), protocol.LeaveRoom, map[string]any{"roomId": id})
	fresh := n.connect(mallory)
	if got := refusalOf(t, fresh, protocol.JoinRoom, map[string]any{"roomName": "Town square", "preview": true}); !strings.HasPrefix(got, "not_found") {
		t.Errorf("the former name: got %s, want not_found", got)
	}
	fresh.Ask(new(protocol.JoinAck), protocol.JoinRoom, map[string]any{"roomName": "Back room", "preview": true})
	ann.do("PATCH", room, map[string]any{"kind": "private"}).want(http.StatusOK)
	ann.say(room, "behind closed doors")
	for _, socket := range []*rig.Socket{watching, fresh} {
		for _, ask := range aboutARoom {
			for _, ref := range []map[string]any{{"roomId": id}, {"roomName": "Back room"}, {"roomName": "Town square"}} {
				if got := refusalOf(t, socket, ask.event, with(ask.more, ref)); ask.event != protocol.LeaveRoom && !strings.HasPrefix(got, "not_found") {
					t.Errorf("%s %v %v: got %s, want not_found", ask.event, ask.more, ref, got)
				}
			}
		}
		if got := refusalOf(t, socket, protocol.JoinRoom, map[string]any{"roomId": id, "since": first.Cursor}); !strings.HasPrefix(got, "not_found") {
			t.Errorf("resume: got %s, want not_found", got)
		}
		for _, ev := range socket.Events("") {
			if strings.Contains(ev.String(), "closed doors") {
				t.Errorf("a stranger was sent %s", ev)
			}
		}
	}
	for _, path := range []string{room, room + "/messages", "/api/chat/" + fmt.Sprint(id) + "/messages"} {
		answer := mallory.do("GET", path, nil).want(http.StatusNotFound)
		if got := answer.header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s: got Cache-Control %q, want no-store", path, got)
		}
	}
	for _, path := range []string{"/api/v1/rooms", "/api/chat", "/api/v1/public-rooms"} {
		if body := mallory.do("GET", path, nil).want(http.StatusOK).body; strings.Contains(body, "room") && strings.Contains(body, "Back") {
			t.Errorf("%s shows the room: %s", path, body)
		}
	}
	// Names that became free can be taken, and do not lead to the room.
	for _, name := range []string{"Town square", "Back room"} {
		taken := mallory.create(protocol.CreateRoom{Name: name})
		if roomID(taken) == id {
			t.Errorf("%s leads to the room", name)
		}
	}
}
