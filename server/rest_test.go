package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type sendAck struct {
	OK        bool
	ID        string
	Seq       uint64
	Cursor    string
	At        int64
	Duplicate bool
}

type page struct {
	Events []struct {
		Seq         uint64
		Kind        string
		MessageText string
	}
	AsOf                  uint64
	MoreBefore, MoreAfter bool
}

func (p page) texts() []string {
	var texts []string
	for _, ev := range p.Events {
		if ev.Kind == "message" {
			texts = append(texts, ev.MessageText)
		}
	}
	return texts
}

func TestSend(t *testing.T) {
	n, clock := startWithClock(t, config(t))
	ann := n.join("ann@example.org")
	room := ann.room("General")
	path := room + "/messages"
	message := map[string]any{"messageText": "hello", "cid": "c-1"}

	var first, again sendAck
	ann.do("POST", path, message).want(http.StatusCreated).into(&first)
	if !first.OK || first.Seq != 2 || !strings.HasPrefix(first.Cursor, "2.") || first.ID == "" || first.At == 0 {
		t.Errorf("first answer: got %+v", first)
	}
	ann.do("POST", path, message).want(http.StatusOK).into(&again)
	want := first
	want.Duplicate = true
	if diff := cmp.Diff(want, again); diff != "" {
		t.Errorf("answer to a copy (-want +got):\n%s", diff)
	}
	t.Run("Idempotency-Key is the cid", func(t *testing.T) {
		ann.do("POST", path, map[string]any{"messageText": "hello"}, header{"Idempotency-Key", `"c-1"`}).want(http.StatusOK)
		ann.do("POST", path, map[string]any{"messageText": "two"}, header{"Idempotency-Key", "c-2"}).want(http.StatusCreated)
		ann.do("POST", path, map[string]any{"messageText": "x", "cid": "a"}, header{"Idempotency-Key", "b"}).wantCode(400, "invalid")
	})
	t.Run("the same cid for something else", func(t *testing.T) {
		ann.do("POST", path, map[string]any{"messageText": "another", "cid": "c-1"}).wantCode(409, "cid_conflict")
	})
	t.Run("A75 the same cid fifty times at once is one message", func(t *testing.T) {
		ben := n.join("ben@example.org")
		room := ben.room("Doubles")
		var all sync.WaitGroup
		ids := make(chan string, 40)
		for range cap(ids) {
			all.Go(func() {
				var ack sendAck
				ben.do("POST", room+"/messages", map[string]any{"messageText": "once", "cid": "same"}).into(&ack)
				ids <- ack.ID
			})
		}
		all.Wait()
		close(ids)
		distinct := make(map[string]bool)
		for id := range ids {
			distinct[id] = true
		}
		if len(distinct) != 1 {
			t.Errorf("got %d ids %v, want one", len(distinct), distinct)
		}
		var p page
		ben.do("GET", room+"/messages", nil).into(&p)
		if diff := cmp.Diff([]string{"once"}, p.texts()); diff != "" {
			t.Errorf("messages (-want +got):\n%s", diff)
		}
	})
	for _, tc := range []struct {
		name string
		path string
		body any
		stat int
		code string
	}{
		{"empty, U9", path, map[string]any{"messageText": " \n "}, 400, "invalid"},
		{"too long", path, map[string]any{"messageText": strings.Repeat("x", 10_001)}, 400, "invalid"},
		{"A56 NUL", path, map[string]any{"messageText": "a\x00b"}, 400, "invalid"},
		{"A56 invalid UTF-8", path, "{\"messageText\":\"\xff\"}", 400, "invalid"},
		{"A56 lone surrogate", path, `{"messageText":"\ud800"}`, 400, "invalid"},
		{"A19 sender", path, `{"messageText":"x","sender":"bob"}`, 400, "invalid"},
		{"A19 seq", path, `{"messageText":"x","seq":7}`, 400, "invalid"},
		{"A19 at", path, `{"messageText":"x","at":7}`, 400, "invalid"},
		{"A19 userId", path, `{"messageText":"x","userId":7}`, 400, "invalid"},
		{"A37 key twice", path, `{"messageText":"x","messageText":"y"}`, 400, "invalid"},
		{"A37 key in another case", path, `{"MessageText":"x"}`, 400, "invalid"},
		{"A37 deep", path, `{"messageText":"x","x":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}`, 400, "invalid"},
		{"A37 giant number", path, `{"messageText":"x","roomId":1` + strings.Repeat("0", 5000) + `}`, 400, "invalid"},
		{"another room in the body", path, `{"messageText":"x","roomId":99}`, 400, "invalid"},
		{"bad cid", path, map[string]any{"messageText": "x", "cid": "a b"}, 400, "invalid"},
		{"A30 body above the cap", path, map[string]any{"messageText": strings.Repeat("x", 200<<10)}, 413, "too_large"},
		{"A2 unknown room", "/api/v1/rooms/99/messages", map[string]any{"messageText": "x"}, 404, "not_found"},
		{"no room", "/api/v1/rooms/x/messages", map[string]any{"messageText": "x"}, 404, "not_found"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			ann.do("POST", tc.path, tc.body).wantCode(tc.stat, tc.code)
		})
	}
	t.Run("Turbo-Chat A1 posting needs membership", func(t *testing.T) {
		bob := n.join("bob@example.org")
		bob.do("GET", path, nil).want(http.StatusOK)
		bob.do("POST", path, map[string]any{"messageText": "x"}).wantCode(403, "forbidden")
	})
	t.Run("A43 sends are limited", func(t *testing.T) {
		cat := n.join("cat@example.org")
		clock.stop() // no bucket fills while a slow machine works
		var last *answer
		for range 70 {
			if last = cat.do("POST", path, map[string]any{"messageText": "x"}); last.status == http.StatusTooManyRequests {
				break
			}
		}
		last.wantCode(429, "rate_limited")
		if last.header.Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
	})
}

func TestPages(t *testing.T) {
	n := start(t, config(t))
	ann := n.join("ann@example.org")
	room := ann.room("General")
	for i := range 12 {
		ann.say(room, fmt.Sprint(i))
	}
	get := func(query string) (p page) {
		t.Helper()
		ann.do("GET", room+"/messages"+query, nil).want(http.StatusOK).into(&p)
		return p
	}
	for _, tc := range []struct {
		query string
		want  []string
		more  [2]bool
	}{
		{"?limit=3", []string{"9", "10", "11"}, [2]bool{true, false}},
		{"?limit=3&before=5", []string{"0", "1", "2"}, [2]bool{false, true}},
		{"?limit=2&after=5", []string{"4", "5"}, [2]bool{true, true}},
		{"?limit=0", []string{"11"}, [2]bool{true, false}},
		{"?limit=-5", []string{"11"}, [2]bool{true, false}},
	} {
		p := get(tc.query)
		if diff := cmp.Diff(tc.want, p.texts()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.query, diff)
		}
		if got := [2]bool{p.MoreBefore, p.MoreAfter}; got != tc.more {
			t.Errorf("%s: more before and after: got %v, want %v", tc.query, got, tc.more)
		}
	}
	t.Run("A43 limit=10^9, R4", func(t *testing.T) {
		if got := len(get("?limit=1000000000").texts()); got != 12 {
			t.Errorf("got %d messages, want all 12", got)
		}
	})
	for _, query := range []string{"?before=x", "?before=0", "?before=-1", "?limit=x", "?before=3&after=3", "?atLeast=x", "?around=1e3"} {
		ann.do("GET", room+"/messages"+query, nil).wantCode(400, "invalid")
	}
}

func TestRooms(t *testing.T) {
	n := start(t, config(t))
	ann, bob := n.join("ann@example.org"), n.join("bob@example.org")
	type room struct {
		ID      int
		Name    string
		Kind    string
		Role    string
		Members int
	}
	var made, again, seen room
	ann.do("POST", "/api/v1/rooms", map[string]string{"name": " General ", "cid": "r1"}).want(http.StatusCreated).into(&made)
	if want := (room{ID: 1, Name: "General", Kind: "public", Role: "owner", Members: 1}); made != want {
		t.Errorf("created: got %+v, want %+v", made, want)
	}
	ann.do("POST", "/api/v1/rooms", map[string]string{"name": "General", "cid": "r1"}).want(http.StatusOK).into(&again)
	if again != made {
		t.Errorf("the same creation again: got %+v, want %+v", again, made)
	}
	bob.do("POST", "/api/v1/rooms", map[string]string{"name": "general"}).wantCode(409, "conflict")
	bob.do("GET", "/api/v1/rooms/1", nil).want(http.StatusOK).into(&seen)
	if want := (room{ID: 1, Name: "General", Kind: "public", Members: 1}); seen != want {
		t.Errorf("as somebody else sees it: got %+v, want %+v", seen, want)
	}
	bob.do("GET", "/api/v1/rooms/2", nil).wantCode(404, "not_found")
	t.Run("A75 one name, created by forty at once", func(t *testing.T) {
		var all sync.WaitGroup
		statuses := make(chan int, 40)
		for i := range cap(statuses) {
			who := []*client{ann, bob}[i%2]
			all.Go(func() {
				statuses <- who.do("POST", "/api/v1/rooms", map[string]string{"name": "Race"}).status
			})
		}
		all.Wait()
		close(statuses)
		for status := range statuses {
			if status != http.StatusCreated && status != http.StatusConflict && status != http.StatusOK {
				t.Errorf("got status %d, want 201, 200 or 409", status)
			}
		}
		var list struct{ Rooms []room }
		ann.do("GET", "/api/v1/rooms", nil).want(http.StatusOK).into(&list)
		if len(list.Rooms) != 2 || list.Rooms[1].Name != "Race" {
			t.Errorf("got %+v, want General and one Race", list.Rooms)
		}
	})
}

// The browser's way: the token is in the page, the refresh token in a cookie
// that the page cannot read.
func TestBrowserSession(t *testing.T) {
	n := start(t, config(t))
	c := n.client()
	type signedIn struct {
		Token     string
		ExpiresAt int64
		User      struct {
			ID                  int
			Email, Name, Handle string
		}
	}
	var in, next signedIn
	registered := c.do("POST", "/api/v1/register", credentials("ann@example.org")).want(http.StatusCreated).into(&in)
	if in.User.ID != 1 || in.User.Email != "ann@example.org" || in.User.Name != "ann" || in.User.Handle != "ann" || in.ExpiresAt == 0 {
		t.Errorf("registered: got %+v", in)
	}
	if strings.Contains(registered.body, "efresh") {
		t.Errorf("the answer names the refresh token: %s", registered.body)
	}
	c.do("POST", "/api/v1/refresh", nil).want(http.StatusOK).into(&next)
	if next.User != in.User {
		t.Errorf("refreshed: got %+v, want %+v", next.User, in.User)
	}
	c.token = next.Token
	var me struct{ Email string }
	c.do("GET", "/api/v1/me", nil).want(http.StatusOK).into(&me)
	if me.Email != "ann@example.org" {
		t.Errorf("me: got %+v", me)
	}
	out := c.do("POST", "/api/v1/logout", nil).want(http.StatusNoContent)
	if cookie := out.header.Get("Set-Cookie"); !strings.Contains(cookie, "Max-Age=0") {
		t.Errorf("logout: got cookie %q, want it removed", cookie)
	}
	c.do("GET", "/api/v1/me", nil).wantCode(401, "unauthorized")
	c.do("POST", "/api/v1/refresh", nil).wantCode(401, "unauthorized")
	c.do("POST", "/api/v1/logout", nil).want(http.StatusNoContent)
	t.Run("logout with the cookie alone", func(t *testing.T) {
		c.token = ""
		c.do("POST", "/api/v1/login", credentials("ann@example.org")).want(http.StatusOK).into(&in)
		c.do("POST", "/api/v1/logout", nil).want(http.StatusNoContent)
		c.token = in.Token
		c.do("GET", "/api/v1/me", nil).wantCode(401, "unauthorized")
	})
	t.Run("problems", func(t *testing.T) {
		c.token = ""
		c.do("POST", "/api/v1/register", credentials("ann@example.org")).wantCode(409, "conflict")
		c.do("POST", "/api/v1/register", credentials("ann")).wantCode(400, "invalid")
		c.do("POST", "/api/v1/login", map[string]string{"email": "ann@example.org", "password": "wrong"}).wantCode(401, "unauthorized")
		c.do("POST", "/api/v1/login", "x=y", header{"Content-Type", "application/x-www-form-urlencoded"}).wantCode(400, "invalid")
	})
}

func TestRegistrationClosed(t *testing.T) {
	cfg := config(t)
	cfg.Registration = "closed"
	n := start(t, cfg)
	n.client().do("POST", "/api/v1/register", credentials("ann@example.org")).wantCode(403, "forbidden")
	n.client().do("POST", "/api/register", credentials("ann@example.org")).wantError(403, "")
}

func TestHealth(t *testing.T) {
	cfg := config(t)
	cfg.Version = "v1.2.3"
	n := start(t, cfg)
	c := n.client()
	c.do("GET", "/healthz", nil).want(http.StatusOK)
	var ready struct {
		Ready bool
		Parts map[string]string
	}
	c.do("GET", "/readyz", nil).want(http.StatusOK).into(&ready)
	for _, part := range []string{"store", "log", "recorder", "hub", "presence", "server"} {
		if ready.Parts[part] != "ok" {
			t.Errorf("part %s: got %q, want ok", part, ready.Parts[part])
		}
	}
	var is struct{ Version string }
	c.do("GET", "/api/v1/version", nil).want(http.StatusOK).into(&is)
	if is.Version != "v1.2.3" {
		t.Errorf("version: got %q, want v1.2.3", is.Version)
	}
	c.do("HEAD", "/healthz", nil).want(http.StatusOK)
	answer := c.do("PUT", "/healthz", nil).want(http.StatusMethodNotAllowed)
	if got := answer.header.Get("Allow"); got != "GET, HEAD" {
		t.Errorf("Allow: got %q, want GET, HEAD", got)
	}
}
