package server_test

import (
	"net/http"
	"testing"

	"github.com/parleychat/parley/limits"
	"github.com/parleychat/parley/protocol"
)

// roomRef names a room by the path of its calls.
func roomRef(t *testing.T, room string) protocol.RoomRef {
	t.Helper()
	return protocol.RoomRef{RoomID: idOf(t, room)}
}

func (d *device) join(room string) {
	d.t.Helper()
	d.call(protocol.JoinRoom, protocol.JoinRequest{RoomRef: roomRef(d.t, room)}, nil)
}

// TestTyping: who writes is told to the others who have the room open, once a
// second at most, and to nobody else.
func TestTyping(t *testing.T) {
	n, clock := startWithClock(t, config(t))
	clock.stop()
	ann, ben, cy := n.join("ann@example.org"), n.join("ben@example.org"), n.join("cy@example.org")
	room := ann.create(protocol.CreateRoom{Kind: "private", Name: "secret", Members: []int64{ben.me()}})
	hers, alsoHers, his, elsewhere, stranger := ann.device(), ann.device(), ben.device(), ben.device(), cy.device()
	for _, d := range []*device{hers, alsoHers, his} {
		d.join(room)
	}
	typing := protocol.TypingRequest{RoomRef: roomRef(t, room)}
	stopped := protocol.TypingRequest{RoomRef: roomRef(t, room), Stopped: true}
	hers.call(protocol.Typing, typing, nil)
	var notice protocol.TypingNotice
	his.expect(protocol.SomebodyTypes, &notice)
	if want := (protocol.TypingNotice{RoomID: typing.RoomID, UserID: ann.me(), UserName: "ann"}); notice != want {
		t.Errorf("ben is told %+v, want %+v", notice, want)
	}
	alsoHers.refused(protocol.Typing, typing, "rate_limited")
	alsoHers.call(protocol.Typing, stopped, nil)
	if his.expect(protocol.SomebodyTypes, &notice); !notice.Stopped {
		t.Errorf("ben is told %+v, want that ann has stopped", notice)
	}
	hers.call(protocol.Typing, stopped, nil) // once more says nothing new
	stranger.refused(protocol.Typing, typing, "not_found")
	stranger.refused(protocol.Typing, protocol.TypingRequest{RoomRef: protocol.RoomRef{RoomID: 9999}}, "not_found")
	clock.pass(limits.TypingPause)
	hers.call(protocol.Typing, typing, nil)
	if his.expect(protocol.SomebodyTypes, &notice); notice.Stopped {
		t.Errorf("ben is told %+v, want that ann writes again", notice)
	}
	// A message comes behind whatever was said before it.
	ann.say(room, "there")
	var event protocol.Event
	his.expect(protocol.ReceiveMessage, &event)
	for name, d := range map[string]*device{"ann": hers, "ann's other one": alsoHers, "ben": his, "ben, elsewhere": elsewhere, "cy": stranger} {
		d.call(protocol.Authenticate, protocol.AuthenticateRequest{Token: d.token}, nil)
		if came := d.came(protocol.SomebodyTypes); came != nil {
			t.Errorf("%s was told %s", name, came)
		}
	}
	ann.do("PATCH", room, map[string]any{"archived": true}).want(http.StatusOK)
	his.refused(protocol.Typing, typing, "forbidden")

	// Who only looks into a public room is no voice in it.
	public := ann.room("general")
	his.call(protocol.JoinRoom, protocol.JoinRequest{RoomRef: roomRef(t, public), Preview: true}, nil)
	his.refused(protocol.Typing, protocol.TypingRequest{RoomRef: roomRef(t, public)}, "forbidden")
	his.refused(protocol.Typing, protocol.TypingRequest{}, "invalid")
	// The limit is for each room.
	hers.join(public)
	hers.call(protocol.Typing, protocol.TypingRequest{RoomRef: roomRef(t, public)}, nil)
	hers.refused(protocol.Typing, protocol.TypingRequest{RoomRef: protocol.RoomRef{RoomName: "general"}}, "rate_limited")
}
