package server_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

type turboRoom struct {
	ID                         int
	Name, CreatedAt, UpdatedAt string
}

type turboMessage struct {
	ID          int    `json:"id"`
	MessageText string `json:"message_text"`
	SenderMail  string `json:"sender_mail"`
	IsEvent     bool   `json:"is_event"`
	RoomName    string `json:"room_name"`
	CreatedAt   string `json:"createdAt"`
	UpdatedAt   string `json:"updatedAt"`
}

// The five calls of docs/turbo-chat.md, as its own pages use them.
func TestTurboChat(t *testing.T) {
	n := start(t, config(t))
	c := n.client()
	var in struct{ Token string }
	c.do("POST", "/api/register", credentials("ann@example.org")).want(http.StatusOK).into(&in)
	if in.Token == "" {
		t.Fatal("registering gives no token")
	}
	c.do("POST", "/api/login", credentials("ann@example.org")).want(http.StatusOK).into(&in)
	raw := header{"Authorization", in.Token}
	for _, form := range []string{in.Token, "BEARER " + in.Token, "Bearer " + in.Token, "bearer " + in.Token} {
		c.do("GET", "/api/chat", nil, header{"Authorization", form}).want(http.StatusOK)
	}

	var room turboRoom
	c.do("POST", "/api/chat", map[string]string{"name": "General"}, raw).want(http.StatusOK).into(&room)
	if room.ID != 1 || room.Name != "General" {
		t.Errorf("created: got %+v, want room 1 General", room)
	}
	for _, at := range []string{room.CreatedAt, room.UpdatedAt} {
		if !regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`).MatchString(at) {
			t.Errorf("time of the room: got %q, want ISO 8601 with milliseconds", at)
		}
	}
	for _, path := range []string{"/api/chat", "/api/chat/"} {
		var rooms []turboRoom
		c.do("GET", path, nil, raw).want(http.StatusOK).into(&rooms)
		if len(rooms) != 1 || rooms[0].ID != room.ID || rooms[0].Name != room.Name {
			t.Errorf("%s: got %+v, want the one room", path, rooms)
		}
	}

	var none []turboMessage
	if got := c.do("GET", "/api/chat/1/messages", nil, raw).want(http.StatusOK).into(&none); got.body != "[]" {
		t.Errorf("messages of a new room: got %s, want []", got.body)
	}
	c.token = in.Token
	for i := range 25 {
		c.say("/api/v1/rooms/1", fmt.Sprint("message ", i))
	}
	var messages []turboMessage
	c.do("GET", "/api/chat/1/messages", nil, raw).want(http.StatusOK).into(&messages)
	if len(messages) != 20 {
		t.Fatalf("got %d messages, want the 20 newest", len(messages))
	}
	at := messages[0].CreatedAt
	want := turboMessage{
		ID: 26, MessageText: "message 24", SenderMail: "ann@example.org", RoomName: "General", CreatedAt: at, UpdatedAt: at,
	}
	if diff := cmp.Diff(want, messages[0]); diff != "" {
		t.Errorf("newest message (-want +got):\n%s", diff)
	}
	if when, err := time.Parse(time.RFC3339, at); err != nil || time.Since(when) > time.Hour {
		t.Errorf("time of the message: got %q", at)
	}
}

func TestTurboChatRefuses(t *testing.T) {
	n := start(t, config(t))
	ann := n.join("ann@example.org")
	ann.room("General")
	nobody := n.client()
	for _, tc := range []struct {
		name         string
		who          *client
		method, path string
		body         any
		status       int
		text         string // "" for any
	}{
		{"S1 taken address", nobody, "POST", "/api/register", credentials("Ann@Example.org"), 409, ""},
		{"S2 no address", nobody, "POST", "/api/register", credentials("hello"), 400, ""},
		{"S2 empty password", nobody, "POST", "/api/register", map[string]string{"email": "b@example.org", "password": ""}, 400, ""},
		{"S2 no password", nobody, "POST", "/api/register", map[string]string{"email": "b@example.org"}, 400, ""},
		{"S8 array as address", nobody, "POST", "/api/login", `{"email":["ann@example.org"],"password":"x"}`, 400, ""},
		{"S8 object as address", nobody, "POST", "/api/login", `{"email":{"$ne":null},"password":"x"}`, 400, ""},
		{"A1 null as password", nobody, "POST", "/api/login", `{"email":"ann@example.org","password":null}`, 400, ""},
		{"login without password", nobody, "POST", "/api/login", map[string]string{"email": "ann@example.org"}, 400, ""},
		{"wrong password", nobody, "POST", "/api/login", map[string]string{"email": "ann@example.org", "password": "wrong"}, 401, "Invalid credentials"},
		{"A13 unknown address", nobody, "POST", "/api/login", credentials("nobody@example.org"), 401, "Invalid credentials"},
		{"S12 no JSON", nobody, "POST", "/api/login", `hello`, 400, ""},
		{"S12 empty body", nobody, "POST", "/api/login", ``, 400, ""},
		{"S12 array", nobody, "POST", "/api/login", `[1]`, 400, ""},
		{"no token", nobody, "GET", "/api/chat", nil, 401, "Unauthorized: No token provided"},
		{"no token, create", nobody, "POST", "/api/chat", map[string]string{"name": "x"}, 401, "Unauthorized: No token provided"},
		{"no token, messages", nobody, "GET", "/api/chat/1/messages", nil, 401, "Unauthorized: No token provided"},
		{"bad token", &client{t: t, url: n.URL(), http: nobody.http, token: "x.y.z"}, "GET", "/api/chat", nil, 401, "Unauthorized: Invalid token"},
		{"Turbo-Chat A4 empty name", ann, "POST", "/api/chat", map[string]string{"name": ""}, 400, ""},
		{"Turbo-Chat A4 white space as name", ann, "POST", "/api/chat", map[string]string{"name": " \t "}, 400, ""},
		{"Turbo-Chat A4 no name", ann, "POST", "/api/chat", map[string]string{}, 400, ""},
		{"Turbo-Chat A4 same name in other letters", ann, "POST", "/api/chat", map[string]string{"name": "GENERAL"}, 409, ""},
		{"A45 name of 4 KB", ann, "POST", "/api/chat", map[string]string{"name": strings.Repeat("x", 4096)}, 400, ""},
		{"A53 line break in the name", ann, "POST", "/api/chat", map[string]string{"name": "a\r\nb"}, 400, ""},
		{"A53 NUL in the name", ann, "POST", "/api/chat", map[string]string{"name": "a\x00b"}, 400, ""},
		{"unknown room", ann, "GET", "/api/chat/77/messages", nil, 404, ""},
		{"no room", ann, "GET", "/api/chat/General/messages", nil, 404, ""},
		{"room below zero", ann, "GET", "/api/chat/-1/messages", nil, 404, ""},
		{"unknown call", ann, "GET", "/api/users", nil, 404, ""},
		{"wrong method", ann, "DELETE", "/api/chat", nil, 405, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.who.do(tc.method, tc.path, tc.body).wantError(tc.status, tc.text)
		})
	}
	t.Run("Turbo-Chat A4 café and cafe are two rooms, CAFÉ and café one", func(t *testing.T) {
		ann.do("POST", "/api/chat", map[string]string{"name": "Café"}).want(200)
		ann.do("POST", "/api/chat", map[string]string{"name": "cafe"}).want(200)
		ann.do("POST", "/api/chat", map[string]string{"name": "CAFE\u0301"}).wantError(409, "")
	})
	t.Run("D8 long texts are taken whole or refused", func(t *testing.T) {
		long := strings.Repeat("ä", 10_000)
		ann.say("/api/v1/rooms/1", long)
		var messages []turboMessage
		ann.do("GET", "/api/chat/1/messages", nil).want(200).into(&messages)
		if messages[0].MessageText != long {
			t.Errorf("a text of 10,000 characters came back with %d bytes", len(messages[0].MessageText))
		}
		ann.do("POST", "/api/v1/rooms/1/messages", map[string]string{"messageText": long + "x"}).want(400)
	})
}

// --show-email nobody: Turbo-Chat's fields carry the handle.
func TestShowEmailToNobody(t *testing.T) {
	cfg := config(t)
	cfg.ShowEmail = "nobody"
	n := start(t, cfg)
	ann := n.join("ann.smith@example.org")
	room := ann.room("General")
	ann.say(room, "hello")
	bob := n.join("bob@example.org")
	var messages []turboMessage
	answer := bob.do("GET", "/api/chat/1/messages", nil).want(200).into(&messages)
	if len(messages) != 1 || messages[0].SenderMail != "ann.smith" || strings.Contains(answer.body, "@example.org") {
		t.Errorf("got %s, want the handle ann.smith and no address", answer.body)
	}
}
