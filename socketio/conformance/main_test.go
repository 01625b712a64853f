package main

import (
	"context"
	"net"
	"testing"

	"github.com/parleychat/parley/socketio/internal/testclient"
)

// TestRun starts the program on a free port and does what the suites do first.
func TestRun(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, listener) }()
	base := "http://" + listener.Addr().String()

	ws := testclient.Dial(t, base+"/engine.io/?EIO=4&transport=websocket", nil)
	testclient.ParseOpen(t, ws.Next())
	ws.Send("4hello")
	ws.Expect("4hello")
	ws.SendBinary([]byte{1, 2, 3, 4})
	ws.ExpectBinary([]byte{1, 2, 3, 4})

	ws = testclient.Dial(t, base+"/socket.io/?EIO=4&transport=websocket", nil)
	testclient.ParseOpen(t, ws.Next())
	ws.Send(`40/custom,{"token":"abc"}`)
	ws.Next()
	ws.Expect(`42/custom,["auth",{"token":"abc"}]`)
	ws.Send(`42/custom,["message",1,"2",{"3":[true]}]`)
	ws.Expect(`42/custom,["message-back",1,"2",{"3":[true]}]`)
	ws.Send(`451-/custom,7["message-with-ack",{"_placeholder":true,"num":0}]`)
	ws.SendBinary([]byte{1})
	ws.Expect(`461-/custom,7[{"_placeholder":true,"num":0}]`)
	ws.ExpectBinary([]byte{1})

	cancel()
	if err := testclient.Receive(t, ended); err != nil {
		t.Errorf("run: %v", err)
	}
}
