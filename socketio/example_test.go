package socketio_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"sync"

	"github.com/parleychat/parley/socketio"
)

// A chat of one room: who is let in, what is said, and one encoding for all.
func Example() {
	server, err := socketio.New(socketio.Config{
		AllowOrigin: socketio.AllowList("https://chat.example.org"),
	})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close(context.Background())

	var mu sync.Mutex
	people := map[*socketio.Socket]bool{}

	chat := server.Of("/")
	chat.Use(func(_ context.Context, h *socketio.Handshake) error {
		var auth struct{ Name string }
		if json.Unmarshal(h.Auth, &auth) != nil || auth.Name == "" {
			return &socketio.ConnectError{Message: "Say who you are"}
		}
		h.Value = auth.Name
		return nil
	})
	chat.OnConnect(func(s *socketio.Socket) {
		mu.Lock()
		people[s] = true
		mu.Unlock()
		s.OnClose(func(socketio.Reason) {
			mu.Lock()
			delete(people, s)
			mu.Unlock()
		})
		s.OnEvent(func(e *socketio.Event) {
			if e.Name != "say" || len(e.Args) != 1 {
				return
			}
			who, _ := json.Marshal(s.Value())
			frame := socketio.EventFrame("/", "said", who, e.Args[0]) // encoded once
			mu.Lock()
			defer mu.Unlock()
			for other := range people {
				other.Send(frame) // never waits
			}
			s.Send(e.AckFrame(json.RawMessage(`{"ok":true}`))) // behind the event
		})
	})

	mux := http.NewServeMux()
	mux.Handle(server.Path(), server)
	// http.ListenAndServe("127.0.0.1:3000", mux) serves it.

	fmt.Println("serving at", server.Path())
	// Output: serving at /socket.io/
}
