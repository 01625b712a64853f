package server_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parleychat/parley/e2e/rig"
	"github.com/parleychat/parley/protocol"
	"github.com/parleychat/parley/server"
)

// connect opens a socket with this person's token.
func (n *node) connect(c *client) *rig.Socket {
	n.t.Helper()
	return n.sockets().Connect(n.t, rig.How{Token: c.token})
}

func (n *node) sockets() *rig.Server { return &rig.Server{URL: n.URL(), Addr: n.Addr().String()} }

// wantClosed waits until the socket is told why it ends, and ends.
func wantClosed(t *testing.T, what string, socket *rig.Socket, code string) {
	t.Helper()
	told := socket.Await(protocol.Problem, func(rig.Event) bool { return true })
	var notice protocol.ProblemNotice
	if err := told.Into(&notice); err != nil || notice.Code != code || notice.Message == "" {
		t.Errorf("%s: told %s (%v), want code %s", what, told, err, code)
	}
	socket.AwaitEnd()
}

// owner is somebody who owns the server.
func (n *node) owner(email string) *client {
	n.t.Helper()
	link, err := n.OfferSetup(context.Background())
	if err != nil || link == "" {
		n.t.Fatalf("setup: got link %q, %v", link, err)
	}
	_, token, _ := strings.Cut(link, "#token=")
	c := n.client()
	c.signIn("/api/v1/setup", map[string]string{"token": token, "email": email, "password": password}, http.StatusOK)
	return c
}

// signIn makes a call that answers with a token, and keeps it.
func (c *client) signIn(path string, body any, status int) protocol.SignedIn {
	c.t.Helper()
	var in protocol.SignedIn
	c.do("POST", path, body).want(status).into(&in)
	c.token = in.Token
	return in
}

func (c *client) id() int64 {
	c.t.Helper()
	var me protocol.Self
	c.do("GET", "/api/v1/me", nil).want(http.StatusOK).into(&me)
	return me.ID
}

func TestProfile(t *testing.T) {
	n := start(t, config(t))
	ann, ben := n.join("ann@example.org"), n.join("ben@example.org")
	var me protocol.Self
	ann.do("PATCH", "/api/v1/me", map[string]string{"name": " Ann  A. ", "handle": "@Ann.A"}).want(http.StatusOK).into(&me)
	want := protocol.Self{ID: 1, Email: "ann@example.org", Name: "Ann A.", Handle: "ann.a", Role: "member"}
	if me != want {
		t.Errorf("changed: got %+v, want %+v", me, want)
	}
	ann.do("GET", "/api/v1/me", nil).into(&me)
	if me != want {
		t.Errorf("asked at once: got %+v, want %+v", me, want)
	}
	var seen protocol.User
	for _, path := range []string{"/api/v1/users/1", "/api/v1/handles/ann.a", "/api/v1/handles/@ANN.a"} {
		ben.do("GET", path, nil).want(http.StatusOK).into(&seen)
		if want := (protocol.User{ID: 1, Name: "Ann A.", Handle: "ann.a", Email: "ann@example.org"}); seen != want {
			t.Errorf("%s: got %+v, want %+v", path, seen, want)
		}
	}
	for _, path := range []string{"/api/v1/users/99", "/api/v1/users/x", "/api/v1/users/0", "/api/v1/handles/ann", "/api/v1/handles/a%00b"} {
		ben.do("GET", path, nil).wantCode(404, "not_found")
	}
	ben.do("PATCH", "/api/v1/me", map[string]string{"handle": "ann.a"}).wantCode(409, "conflict")
	for _, bad := range []string{`{}`, `{"handle":"a"}`, `{"handle":"a b"}`, `{"handle":"` + strings.Repeat("a", 33) + `"}`, `{"handle":"ä.b"}`,
		`{"name":""}`, `{"name":"\u202etxt"}`, `{"name":"` + strings.Repeat("a", 65) + `"}`, `{"role":"owner"}`, `{"id":7,"name":"x"}`} {
		ben.do("PATCH", "/api/v1/me", bad).wantCode(400, "invalid")
	}

	n.stop()
	n.cfg.ShowEmail = server.ShowEmailToNobody
	n = start(t, n.cfg)
	ben = n.join("cat@example.org")
	if answer := ben.do("GET", "/api/v1/users/1", nil).want(http.StatusOK); strings.Contains(answer.body, "@") {
		t.Errorf("addresses are shown to nobody, got %s", answer.body)
	}
}

func TestSessions(t *testing.T) {
	n := start(t, config(t))
	ann, ben := n.join("ann@example.org"), n.join("ben@example.org")
	laptop, phone := n.client(), n.client()
	laptop.signIn("/api/v1/login", credentials("ann@example.org"), http.StatusOK)
	phone.signIn("/api/v1/login", credentials("ann@example.org"), http.StatusOK)
	list := func(c *client) (sessions []protocol.SessionInfo, present string) {
		t.Helper()
		var answer protocol.SessionList
		c.do("GET", "/api/v1/me/sessions", nil).want(http.StatusOK).into(&answer)
		for _, s := range answer.Sessions {
			if s.Present {
				present = s.ID
			}
			if s.CreatedAt == 0 || s.ExpiresAt == 0 || s.UserAgent == "" {
				t.Errorf("session: got %+v, want it described", s)
			}
		}
		return answer.Sessions, present
	}
	all, _ := list(ann)
	_, ofPhone := list(phone)
	if len(all) != 3 || ofPhone == "" {
		t.Fatalf("got sessions %+v, the phone's %q, want three and that of the phone", all, ofPhone)
	}
	ben.do("DELETE", "/api/v1/me/sessions/"+ofPhone, nil).wantCode(404, "not_found")
	socket := n.connect(phone)
	laptop.do("DELETE", "/api/v1/me/sessions/"+ofPhone, nil).want(http.StatusNoContent)
	phone.do("GET", "/api/v1/me", nil).wantCode(401, "unauthorized")
	phone.do("POST", "/api/v1/refresh", nil).wantCode(401, "unauthorized")
	wantClosed(t, "session ended", socket, "revoked")
	laptop.do("DELETE", "/api/v1/me/sessions/"+ofPhone, nil).wantCode(404, "not_found")

	laptop.do("DELETE", "/api/v1/me/other-sessions", nil).want(http.StatusNoContent)
	ann.do("GET", "/api/v1/me", nil).wantCode(401, "unauthorized")
	if left, _ := list(laptop); len(left) != 1 {
		t.Errorf("all others ended: got %+v, want one session", left)
	}
	ann.signIn("/api/v1/login", credentials("ann@example.org"), http.StatusOK)
	out := laptop.do("DELETE", "/api/v1/me/sessions", nil).want(http.StatusNoContent)
	if cookie := out.header.Get("Set-Cookie"); !strings.Contains(cookie, "Max-Age=0") {
		t.Errorf("signed out everywhere: got cookie %q, want it removed", cookie)
	}
	for _, c := range []*client{ann, laptop} {
		c.do("GET", "/api/v1/me", nil).wantCode(401, "unauthorized")
	}
	ben.do("GET", "/api/v1/me", nil).want(http.StatusOK)
}

func TestDeleteAccount(t *testing.T) {
	n := start(t, config(t))
	ann, ben := n.join("ann@example.org"), n.join("ben@example.org")
	room := ann.room("General")
	ben.do("POST", room+"/messages", map[string]string{"messageText": "x"}).wantCode(403, "forbidden")
	bens := n.connect(ben)
	bens.Join(1)
	bens.Say(1, "from Ben")
	ann.do("DELETE", "/api/v1/me", map[string]string{"password": "wrong"}).wantCode(403, "forbidden")
	refused := ann.do("DELETE", "/api/v1/me", map[string]string{"password": password}).wantCode(409, "conflict")
	if !strings.Contains(refused.body, "General") {
		t.Errorf("got %s, want the room named that Ann is the only owner of", refused.body)
	}
	ben.do("DELETE", "/api/v1/me", map[string]string{"password": password}).want(http.StatusNoContent)
	wantClosed(t, "account deleted", bens, "revoked")
	ben.do("GET", "/api/v1/me", nil).wantCode(401, "unauthorized")
	ben.do("POST", "/api/v1/login", credentials("ben@example.org")).wantCode(401, "unauthorized")

	var seen protocol.User
	ann.do("GET", "/api/v1/users/2", nil).want(http.StatusOK).into(&seen)
	if want := (protocol.User{ID: 2, Name: "deleted user", Deleted: true}); seen != want {
		t.Errorf("got %+v, want %+v", seen, want)
	}
	ann.do("GET", "/api/v1/handles/ben", nil).wantCode(404, "not_found")
	page := ann.do("GET", room+"/messages", nil).want(http.StatusOK)
	if !strings.Contains(page.body, "from Ben") || !strings.Contains(page.body, `"userName":"deleted user"`) {
		t.Errorf("got %s, want the message, of a deleted user", page.body)
	}
	again := n.join("ben@example.org")
	if id := again.id(); id != 3 {
		t.Errorf("somebody else with the address has id %d, want a new one", id)
	}
}

func TestSetup(t *testing.T) {
	n := start(t, config(t))
	ann := n.join("ann@example.org")
	links := make([]string, 2)
	for i := range links {
		link, err := n.OfferSetup(t.Context())
		if err != nil || !strings.HasPrefix(link, n.URL()+"/setup#token=") {
			t.Fatalf("got link %q, %v", link, err)
		}
		_, links[i], _ = strings.Cut(link, "#token=")
	}
	setup := func(c *client, token, email, password string) *answer {
		return c.do("POST", "/api/v1/setup", map[string]string{"token": token, "email": email, "password": password})
	}
	setup(n.client(), "wrong", "ann@example.org", password).wantCode(403, "forbidden")
	setup(n.client(), "", "ann@example.org", password).wantCode(403, "forbidden")
	setup(n.client(), links[0], "ann@example.org", "another password").wantCode(401, "unauthorized")
	setup(n.client(), links[0], "x", password).wantCode(400, "invalid")

	var winners int
	var mu sync.Mutex
	var all sync.WaitGroup
	for i := range 6 {
		all.Go(func() {
			email := "ann@example.org"
			if i%2 == 0 {
				email = fmt.Sprintf("o%d@example.org", i)
			}
			if setup(n.client(), links[i%2], email, password).status == http.StatusOK {
				mu.Lock()
				winners++
				mu.Unlock()
			}
		})
	}
	all.Wait()
	if winners != 1 {
		t.Errorf("%d people became the first owner, want one", winners)
	}
	if link, err := n.OfferSetup(t.Context()); err != nil || link != "" {
		t.Errorf("a server with an owner: got link %q, %v, want none", link, err)
	}
	n.stop()
	if strings.Contains(n.log.String(), links[0]) || strings.Contains(n.log.String(), links[1]) {
		t.Error("the log contains a setup token")
	}
	_ = ann
}

func TestManagePeople(t *testing.T) {
	n := start(t, config(t))
	owner := n.owner("owner@example.org")
	ann, ben := n.join("ann@example.org"), n.join("ben@example.org")
	change := func(c *client, id int64, body string) *answer {
		return c.do("PATCH", fmt.Sprint("/api/v1/admin/users/", id), body)
	}
	for _, call := range [][2]string{{"GET", "users"}, {"GET", "invites"}, {"POST", "users/1/reset"}, {"DELETE", "invites/1"}} {
		ann.do(call[0], "/api/v1/admin/"+call[1], nil).wantCode(403, "forbidden")
	}
	ann.do("POST", "/api/v1/admin/invites", `{}`).wantCode(403, "forbidden")
	change(ann, ann.id(), `{"role":"admin"}`).wantCode(403, "forbidden")

	var page protocol.AccountList
	owner.do("GET", "/api/v1/admin/users?limit=2", nil).want(http.StatusOK).into(&page)
	if len(page.Users) != 2 || page.Next == "" || page.Users[0].Role != "owner" {
		t.Fatalf("first page: got %+v", page)
	}
	next := page.Next
	page = protocol.AccountList{}
	owner.do("GET", "/api/v1/admin/users?limit=2&after="+next, nil).want(http.StatusOK).into(&page)
	if len(page.Users) != 1 || page.Next != "" || page.Users[0].Email != "ben@example.org" {
		t.Errorf("second page: got %+v", page)
	}
	owner.do("GET", "/api/v1/admin/users?after=x", nil).wantCode(400, "invalid")

	var changed protocol.Account
	change(owner, ann.id(), `{"role":"admin"}`).want(http.StatusOK).into(&changed)
	if changed.Role != "admin" {
		t.Errorf("got %+v, want an admin", changed)
	}
	// Effective with the next call, without signing in again.
	ann.do("GET", "/api/v1/admin/users", nil).want(http.StatusOK)
	change(ann, owner.id(), `{"disabled":true}`).wantCode(403, "forbidden")
	change(ann, ben.id(), `{"role":"owner"}`).wantCode(403, "forbidden")
	change(owner, owner.id(), `{"role":"member"}`).wantCode(409, "conflict")
	change(owner, 99, `{"disabled":true}`).wantCode(404, "not_found")
	change(owner, ben.id(), `{}`).wantCode(400, "invalid")
	change(owner, ben.id(), `{"role":"king"}`).wantCode(400, "invalid")

	bens := n.connect(ben)
	id := ben.id()
	change(ann, id, `{"disabled":true}`).want(http.StatusOK).into(&changed)
	if changed.DisabledAt == 0 {
		t.Errorf("got %+v, want it disabled", changed)
	}
	wantClosed(t, "account disabled", bens, "revoked")
	ben.do("GET", "/api/v1/me", nil).wantCode(401, "unauthorized")
	ben.do("POST", "/api/v1/refresh", nil).wantCode(401, "unauthorized")
	ben.do("POST", "/api/v1/login", credentials("ben@example.org")).wantCode(401, "unauthorized")
	change(ann, id, `{"disabled":false}`).want(http.StatusOK)
	ben.do("GET", "/api/v1/me", nil).wantCode(401, "unauthorized")
	ben.signIn("/api/v1/login", credentials("ben@example.org"), http.StatusOK)
	change(owner, ann.id(), `{"role":"member"}`).want(http.StatusOK)
	ann.do("GET", "/api/v1/admin/users", nil).wantCode(403, "forbidden")
}

func TestResetLink(t *testing.T) {
	n, clock := startWithClock(t, config(t))
	owner, ann := n.owner("owner@example.org"), n.join("ann@example.org")
	offer := func() protocol.ResetLink {
		t.Helper()
		var link protocol.ResetLink
		owner.do("POST", fmt.Sprint("/api/v1/admin/users/", ann.id(), "/reset"), nil).want(http.StatusCreated).into(&link)
		if link.URL != n.URL()+"/reset#token="+link.Token || len(link.Token) != 22 {
			t.Errorf("got %+v, want a link to this server with 128 bits", link)
		}
		return link
	}
	use := func(token, password string) *answer {
		return n.client().do("POST", "/api/v1/reset", map[string]string{"token": token, "password": password})
	}
	former, link := offer(), offer()
	use(former.Token, "a new password").wantCode(403, "forbidden")
	use(link.Token, "short").wantCode(400, "invalid")
	use(link.Token, "ann@example.org").wantCode(400, "invalid")
	socket := n.connect(ann)
	results := make(chan int, 6)
	var all sync.WaitGroup
	for i := range cap(results) {
		all.Go(func() { results <- use(link.Token, fmt.Sprint("a new password ", i)).status })
	}
	all.Wait()
	close(results)
	counts := make(map[int]int)
	for status := range results {
		counts[status]++
	}
	// Who waits too long for a turn to hash is told so, and has used nothing.
	if counts[http.StatusOK] != 1 || counts[http.StatusOK]+counts[http.StatusForbidden]+counts[http.StatusServiceUnavailable] != cap(results) {
		t.Errorf("one link, used by many at once: got statuses %v, want one 200", counts)
	}
	wantClosed(t, "reset link used", socket, "revoked")
	ann.do("POST", "/api/v1/login", credentials("ann@example.org")).wantCode(401, "unauthorized")

	ann.token = ""
	late := n.client()
	in := owner.do("POST", "/api/v1/admin/users/2/reset", nil).want(http.StatusCreated)
	var link2 protocol.ResetLink
	in.into(&link2)
	clock.pass(24*time.Hour + time.Second)
	late.do("POST", "/api/v1/reset", map[string]string{"token": link2.Token, "password": "a new password"}).wantCode(403, "forbidden")
}

func TestInvites(t *testing.T) {
	cfg := config(t)
	cfg.Registration = server.RegistrationInvite
	n, clock := startWithClock(t, cfg)
	owner := n.owner("owner@example.org")
	invite := func(body string) protocol.InviteLink {
		t.Helper()
		var link protocol.InviteLink
		owner.do("POST", "/api/v1/admin/invites", body).want(http.StatusCreated).into(&link)
		if link.URL != n.URL()+"/join#invite="+link.Token || len(link.Token) != 22 {
			t.Errorf("got %+v, want a link to this server with 128 bits", link)
		}
		return link
	}
	join := func(path, email, token string) *answer {
		body := credentials(email)
		body["invite"] = token
		return n.client().do("POST", path, body)
	}
	for _, bad := range []string{`{"uses":-1}`, `{"uses":1001}`, `{"seconds":59}`, `{"seconds":-5}`, `{"seconds":9223372036854775807}`} {
		owner.do("POST", "/api/v1/admin/invites", bad).wantCode(400, "invalid")
	}
	join("/api/v1/register", "ann@example.org", "").wantCode(403, "forbidden")
	join("/api/register", "ann@example.org", "").wantError(403, "")
	// Who has no invite does not learn that there is an account.
	taken, free := join("/api/v1/register", "owner@example.org", "x"), join("/api/v1/register", "nobody@example.org", "x")
	if taken.status != 403 || taken.told() != free.told() {
		t.Errorf("without an invite: got %s and %s, want the same", taken.body, free.body)
	}
	two := invite(`{"uses":2}`)
	join("/api/v1/register", "ann@example.org", two.Token).want(http.StatusCreated)
	join("/api/register", "ben@example.org", two.Token).want(http.StatusOK)
	join("/api/v1/register", "cat@example.org", two.Token).wantCode(403, "forbidden")

	short, back := invite(`{"seconds":60}`), invite(`{}`)
	var list protocol.InviteList
	owner.do("GET", "/api/v1/admin/invites", nil).want(http.StatusOK).into(&list)
	if diff := cmp.Diff([]protocol.Invite{short.Invite, back.Invite}, list.Invites); diff != "" {
		t.Errorf("invites (-want +got):\n%s", diff)
	}
	owner.do("DELETE", fmt.Sprint("/api/v1/admin/invites/", back.Invite.ID), nil).want(http.StatusNoContent)
	owner.do("DELETE", fmt.Sprint("/api/v1/admin/invites/", back.Invite.ID), nil).wantCode(404, "not_found")
	join("/api/v1/register", "cat@example.org", back.Token).wantCode(403, "forbidden")
	clock.pass(61 * time.Second)
	join("/api/v1/register", "cat@example.org", short.Token).wantCode(403, "forbidden")
}
