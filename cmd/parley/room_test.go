package main

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/parleychat/parley/protocol"
)

// Rooms can be looked at beside a server and without one; to change one a
// server has to run, since its members see it.
func TestRoom(t *testing.T) {
	url, data, stop := serveOnce(t)
	var in protocol.SignedIn
	post(t, url+"/api/v1/register", "", `{"email":"ann@example.org","password":"correct horse"}`, &in)
	ann := in.Token
	post(t, url+"/api/v1/register", "", `{"email":"ben@example.org","password":"correct horse"}`, &in)
	for _, body := range []string{`{"name":"General","topic":"all"}`, `{"kind":"private","name":"Plans","members":[2]}`} {
		post(t, url+"/api/v1/rooms", ann, body, nil)
	}
	post(t, url+"/api/v1/rooms/2/messages", ann, `{"messageText":"said in private"}`, nil)
	// It is answered when it is stored, and so is what came before it.
	post(t, url+"/api/v1/directs", ann, `{"userId":2}`, nil)

	room := func(want string, args ...string) {
		t.Helper()
		got := parley(t, map[string]string{"PARLEY_DATA": data}, append([]string{"room"}, args...)...)
		if got.code != 0 || !regexp.MustCompile(want).MatchString(got.out) || strings.Contains(got.out, "said in private") {
			t.Errorf("room %s: got %+v, want %s", strings.Join(args, " "), got, want)
		}
	}
	refused := func(want string, args ...string) {
		t.Helper()
		got := parley(t, map[string]string{"PARLEY_DATA": data}, append([]string{"room"}, args...)...)
		if got.code != 1 || !strings.Contains(got.err, want) {
			t.Errorf("room %s: got %+v, want a refusal with %s", strings.Join(args, " "), got, want)
		}
	}
	look := func() {
		t.Helper()
		room(`(?m)^id +kind +members +messages +since +name\n1 +public +1 +0 +\d{4}-\d\d-\d\d +.+\n2 +private.* +2 +1 .*Plans\n3 +direct +2 +0`, "list")
		room(`(?m)^\{"id":2,"kind":"private","name":"Plans",.*"messages":1`, "list", "--json")
		room(`(?m)^1 +@ann +owner +ann\n2 +@ben +member +ben$`, "members", "2")
		room(`"handle":"ben"`, "members", "2", "--json")
		refused("no such room", "show", "99")
		refused("no such room", "members", "Nonsense")
		refused("is no id", "show", "a\tb")
	}
	room(`^1 "General": public, 1 members, 0 messages, since`, "show", "general")
	refused("no such room", "show", "Plans") // a private room has no name to others
	look()
	room(`^2 "Plans": private, archived, .*; done in the name of @ann`, "archive", "2")
	room(`it was like that before`, "archive", "2")
	room(`^2 "Plans": private, 2 members`, "unarchive", "2")
	room(`^1 "Town square": public, .*@ann`, "rename", "General", "Town square")
	refused("empty", "rename", "1", " ")
	refused("has no owner", "archive", "3")

	stop()
	look()
	room(`^1 "Town square"`, "show", "town SQUARE")
	refused("start it", "archive", "2")
}

// post makes a call that has to succeed.
func post(t *testing.T, url, token, body string, into any) {
	t.Helper()
	request, err := http.NewRequest(http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer http.DefaultClient.CloseIdleConnections()
	defer response.Body.Close()
	if response.StatusCode >= 300 {
		t.Fatalf("POST %s: %s", url, response.Status)
	}
	if into == nil {
		return
	}
	if err := json.NewDecoder(response.Body).Decode(into); err != nil {
		t.Fatal(err)
	}
}
