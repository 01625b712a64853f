package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/parleychat/parley/internal/people/client"
	"github.com/parleychat/parley/socketio"
)

type auth struct {
	Name string `json:"name"`
}

// serve runs a server that greets whoever connects by name, and answers say
// with what was said; it refuses people without a name, and ends on bye.
func serve(t *testing.T) string {
	t.Helper()
	// A slow machine may come late to fetch why its session has ended.
	server, err := socketio.New(socketio.Config{FarewellTimeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	chat := server.Of("/")
	chat.Use(func(_ context.Context, h *socketio.Handshake) error {
		var who auth
		if err := json.Unmarshal(h.Auth, &who); err != nil || who.Name == "" {
			return &socketio.ConnectError{Message: "no name"}
		}
		h.Value = who.Name
		return nil
	})
	chat.OnConnect(func(s *socketio.Socket) {
		greeting, _ := json.Marshal("hello " + s.Value().(string))
		s.Send(socketio.EventFrame("/", "greeting", greeting))
		s.OnEvent(func(e *socketio.Event) {
			switch e.Name {
			case "say":
				s.Send(e.AckFrame(e.Args...))
			case "bye":
				s.Close(socketio.ReasonServerDisconnect)
			}
		})
	})
	web := httptest.NewServer(server)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		defer cancel()
		_ = server.Close(ctx) // who did not take leave is cut off
		web.Close()
	})
	return web.URL
}

var transports = []client.Transport{client.WebSocket, client.Polling}

func TestConversation(t *testing.T) {
	base := serve(t)
	for _, transport := range transports {
		t.Run(string(transport), func(t *testing.T) {
			conn, err := client.Dial(t.Context(), base, transport, auth{"ann"})
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if p, err := conn.Next(); err != nil || p.Event != "greeting" || string(p.Arg) != `"hello ann"` {
				t.Fatalf("got %s %s, %v, want the greeting", p.Event, p.Arg, err)
			}
			for id, text := range []string{"hi", strings.Repeat("long ", 100), strings.Repeat("longer ", 10_000)} {
				if err := conn.Emit("say", int64(id), text); err != nil {
					t.Fatal(err)
				}
				p, err := conn.Next()
				if want := fmt.Sprintf("%q", text); err != nil || p.Event != "" || p.ID != int64(id) || string(p.Arg) != want {
					t.Fatalf("got %d %.40s, %v, want %d %.40s", p.ID, p.Arg, err, id, want)
				}
			}
			if err := conn.Emit("bye", 9, nil); err != nil {
				t.Fatal(err)
			}
			if _, err := conn.Next(); !errors.Is(err, client.ErrEnded) {
				t.Errorf("got %v, want that the server has ended it", err)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	base := serve(t)
	for _, transport := range transports {
		var refusal *client.RefusedError
		if _, err := client.Dial(t.Context(), base, transport, auth{}); !errors.As(err, &refusal) || refusal.Message != "no name" {
			t.Errorf("%s: got %v, want the server's refusal", transport, err)
		}
	}
}

func TestCloseEndsNext(t *testing.T) {
	base := serve(t)
	for _, transport := range transports {
		conn, err := client.Dial(t.Context(), base, transport, auth{"ann"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Next(); err != nil {
			t.Fatal(err)
		}
		failed := make(chan error)
		go func() {
			_, err := conn.Next()
			failed <- err
		}()
		conn.Close()
		if err := <-failed; err == nil {
			t.Errorf("%s: got a packet after Close, want an error", transport)
		}
	}
}

// TestWhyTheSessionEnded: what is posted when a polling session has just ended is
// refused, and why it ended is read all the same.
func TestWhyTheSessionEnded(t *testing.T) {
	polls, posts := []string{`0{"sid":"x"}`, `40{"sid":"y"}`, "2", "42[\"problem\",{\"code\":\"revoked\"}]\x1e41"}, 0
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodPost && posts > 0:
			http.Error(w, "there is no such session", http.StatusBadRequest)
		case r.Method == http.MethodPost:
			posts++
		default:
			fmt.Fprint(w, polls[0])
			polls = polls[1:]
		}
	}))
	defer web.Close()
	conn, err := client.Dial(t.Context(), web.URL, client.Polling, auth{"ann"})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.Emit("say", 1, "hi"); !errors.Is(err, client.ErrNoSession) {
		t.Errorf("a post: got %v, want that there is no session", err)
	}
	if p, err := conn.Next(); err != nil || p.Event != "problem" {
		t.Fatalf("got %+v, %v, want the problem", p, err)
	}
	if _, err := conn.Next(); !errors.Is(err, client.ErrEnded) {
		t.Errorf("got %v, want that the server has ended it", err)
	}
}

func TestNobodyThere(t *testing.T) {
	web := httptest.NewServer(nil)
	base := web.URL
	web.Close()
	for _, transport := range transports {
		if _, err := client.Dial(t.Context(), base, transport, auth{"ann"}); err == nil {
			t.Errorf("%s: got a connection to nobody", transport)
		}
	}
}
