package server_test

import (
	"net/http"
	"testing"

	"github.com/parleychat/parley/limits"
	"github.com/parleychat/parley/protocol"
)

// Whoever has used up what they may send over sockets cannot go on over REST,
// nor the other way round, and nobody else is concerned.
func TestOneBucketForSocketsAndREST(t *testing.T) {
	n, clock := startWithClock(t, config(t))
	clock.stop()
	ann, ben := n.join("ann@example.org"), n.join("ben@example.org")
	room := ann.room("General")
	ben.do("POST", room+"/join", nil).want(http.StatusOK)
	socket := n.connect(ann)
	left := limits.SendsBurst - 1 // the room took one
	for i := range left {
		if i%2 == 0 {
			socket.Say(1, "over a socket")
		} else {
			ann.say(room, "over REST")
		}
	}
	socket.WantRefusal("rate_limited", protocol.SendMessage, map[string]any{"roomId": 1, "messageText": "x"})
	ann.do("POST", room+"/messages", map[string]string{"messageText": "x"}).wantCode(http.StatusTooManyRequests, "rate_limited")
	ann.do("GET", room+"/messages", nil).want(http.StatusOK)
	ben.say(room, "nobody else is concerned")

	// Joins and leaves have a bucket of their own, whatever way they come.
	refused := 0
	for i := range limits.JoinsBurst + 10 {
		err := socket.TryAsk(new(protocol.OK), protocol.LeaveRoom, protocol.LeaveRequest{RoomRef: protocol.RoomRef{RoomID: 1}})
		if err != nil {
			refused++
		}
		if i == limits.JoinsBurst {
			ann.do("POST", room+"/join", nil).wantCode(http.StatusTooManyRequests, "rate_limited")
		}
	}
	if refused != 10 {
		t.Errorf("%d of %d requests were refused, want 10", refused, limits.JoinsBurst+10)
	}
}
