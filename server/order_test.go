package server_test

import (
	"encoding/json"
	"fmt"
	"path"
	"strconv"
	"testing"

	wire "github.com/parleychat/parley/internal/people/client"
	"github.com/parleychat/parley/protocol"
)

// TestSendsKeepTheirOrder: what one socket sends to one room without waiting
// stands there as it was sent.
func TestSendsKeepTheirOrder(t *testing.T) {
	n := start(t, config(t))
	ann := n.join("ann@example.org")
	room, err := strconv.ParseInt(path.Base(ann.room("general")), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := wire.Dial(t.Context(), n.URL(), wire.WebSocket, map[string]string{"token": ann.token})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	const sends = 40 // a burst that is let through
	for i := range sends {
		request := protocol.SendRequest{RoomRef: protocol.RoomRef{RoomID: room}, MessageText: fmt.Sprint(i)}
		if err := conn.Emit(protocol.SendMessage, int64(i+1), request); err != nil {
			t.Fatal(err)
		}
	}
	seqs := make([]uint64, sends)
	for answered := 0; answered < sends; {
		packet, err := conn.Next()
		if err != nil {
			t.Fatal(err)
		}
		if packet.Event != "" {
			continue
		}
		var ack protocol.SendAck
		if err := json.Unmarshal(packet.Arg, &ack); err != nil || !ack.OK {
			t.Fatalf("send %d: got %s, want ok", packet.ID, packet.Arg)
		}
		seqs[packet.ID-1] = ack.Seq
		answered++
	}
	for i := 1; i < sends; i++ {
		if seqs[i] <= seqs[i-1] {
			t.Fatalf("send %d is number %d and send %d number %d, want them in order", i-1, seqs[i-1], i, seqs[i])
		}
	}
}
