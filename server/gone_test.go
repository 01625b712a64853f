package server_test

import (
	"path"
	"strconv"
	"strings"
	"testing"

	crashclient "github.com/parleychat/parley/internal/people/client"
	"github.com/parleychat/parley/protocol"
)

// A client that goes away while it is being answered is no error of the server.
func TestGoneWhileAsking(t *testing.T) {
	n := start(t, config(t))
	ann := n.join("ann@example.org")
	room := ann.room("General")
	id, err := strconv.ParseInt(path.Base(room), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	socket, err := crashclient.Dial(t.Context(), n.URL(), crashclient.WebSocket, map[string]string{"token": ann.token})
	if err != nil {
		t.Fatal(err)
	}
	// It waits for a number that does not come. Behind it, an answer that does.
	ask := func(event string, call int64, arg any) {
		if err := socket.Emit(event, call, arg); err != nil {
			t.Fatal(err)
		}
	}
	ask(protocol.GetMessages, 1, protocol.PageRequest{RoomRef: protocol.RoomRef{RoomID: id}, AtLeast: "1000.aaaaaa"})
	ask(protocol.GetOnlineUsers, 2, protocol.OnlineRequest{RoomRef: protocol.RoomRef{RoomID: id}})
	for {
		packet, err := socket.Next()
		if err != nil {
			t.Fatal(err)
		}
		if packet.Event == "" && packet.ID == 2 {
			break
		}
	}
	socket.Close()
	n.stop()
	if log := n.log.String(); strings.Contains(log, `"level":"ERROR"`) {
		t.Errorf("the log has an error:\n%s", log)
	}
}
