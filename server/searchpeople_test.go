package server_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parleychat/parley/limits"
	"github.com/parleychat/parley/protocol"
)

// called gives somebody a name and a handle.
func (c *client) called(name, handle string) *client {
	c.t.Helper()
	c.do("PATCH", "/api/v1/me", map[string]any{"name": name, "handle": handle}).want(http.StatusOK)
	return c
}

// findPeople searches over REST and over a socket, which find the same.
func findPeople(c *client, d *device, req protocol.SearchPeopleRequest) protocol.PeoplePage {
	c.t.Helper()
	query := url.Values{"search": {req.Search}}
	if req.After != "" {
		query.Set("after", req.After)
	}
	if req.Limit != 0 {
		query.Set("limit", fmt.Sprint(req.Limit))
	}
	var page protocol.PeoplePage
	c.do("GET", "/api/v1/people?"+query.Encode(), nil).want(http.StatusOK).into(&page)
	var ack protocol.SearchPeopleAck
	d.call(protocol.SearchPeople, req, &ack)
	if diff := cmp.Diff(page, ack.PeoplePage); diff != "" {
		c.t.Errorf("%+v (-REST +socket):\n%s", req, diff)
	}
	return page
}

func handles(page protocol.PeoplePage) (handles []string) {
	for _, p := range page.People {
		handles = append(handles, p.Handle)
	}
	slices.Sort(handles)
	return handles
}

// TestSearchPeople: whoever is called like that is found, whether one shares a
// room with them or not, and nobody who cannot be written to.
func TestSearchPeople(t *testing.T) {
	cfg := config(t)
	n, clock := startWithClock(t, cfg)
	boss, ann := n.owner("boss@example.org"), n.join("ann@example.org").called("Ann Example", "ann")
	ben, cy := n.join("ben@example.org").called("Ben Annison", "ben"), n.join("cy@example.org").called("Anke Example", "cy")
	hers := ann.device()
	for text, want := range map[string][]string{
		"an": {"ben", "cy"}, "@Be": {"ben"}, "ÉXAMP": {"cy"}, "anke ex": {"cy"}, "nnison": nil, "example.org": nil,
	} {
		clock.pass(time.Minute)
		if diff := cmp.Diff(want, handles(findPeople(ann, hers, protocol.SearchPeopleRequest{Search: text}))); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
	want := protocol.PersonInfo{ID: cy.me(), Name: "Anke Example", Handle: "cy"}
	if page := findPeople(ann, hers, protocol.SearchPeopleRequest{Search: "cy"}); len(page.People) != 1 || page.People[0] != want {
		t.Errorf("got %+v, want %+v", page, want)
	}

	clock.pass(time.Minute)
	boss.do("PATCH", fmt.Sprint("/api/v1/admin/users/", cy.me()), `{"disabled":true}`).want(http.StatusOK)
	ben.do("DELETE", "/api/v1/me", map[string]any{"password": password}).want(http.StatusNoContent)
	for _, text := range []string{"an", "ben", "cy", "deleted"} {
		if page := findPeople(ann, hers, protocol.SearchPeopleRequest{Search: text}); len(page.People) != 0 {
			t.Errorf("%q finds %+v, of whom one is disabled and one has deleted the account", text, page)
		}
	}

	clock.pass(time.Minute)
	for i := range 5 {
		clock.pass(time.Minute)
		n.join(fmt.Sprintf("smith%d@example.org", i))
	}
	var sizes []int
	var found []string
	for req := (protocol.SearchPeopleRequest{Search: "smith", Limit: 2}); ; {
		page := findPeople(ann, hers, req)
		sizes, found = append(sizes, len(page.People)), append(found, handles(page)...)
		if req.After = page.Next; page.Next == "" {
			break
		}
	}
	slices.Sort(found)
	if diff := cmp.Diff([]string{"smith0", "smith1", "smith2", "smith3", "smith4"}, found); diff != "" || !slices.Equal(sizes, []int{2, 2, 1}) {
		t.Errorf("pages of %v (-want +got):\n%s", sizes, diff)
	}

	clock.pass(time.Minute)
	for _, wrong := range []string{"search=", "search=a", "search=+a+", "search=%40a", "", "search=" + strings.Repeat("a", 300), "search=ann&after=7", "search=ann&after=7.eg", "search=ann&limit=x", "search=a%00b", "search=%ff%ff%ff"} {
		ann.do("GET", "/api/v1/people?"+wrong, nil).wantCode(http.StatusBadRequest, "invalid")
	}
	for _, wrong := range []any{protocol.SearchPeopleRequest{Search: "a"}, protocol.SearchPeopleRequest{Search: "ann", After: "x"}, map[string]any{}} {
		hers.refused(protocol.SearchPeople, wrong, "invalid")
	}
}

// TestSearchesAreFew: whoever searches again and again is told to slow down,
// whatever way they come, and may go on with everything else.
func TestSearchesAreFew(t *testing.T) {
	n, clock := startWithClock(t, config(t))
	clock.stop()
	ann, ben := n.join("ann@example.org"), n.join("ben@example.org")
	hers := ann.device()
	for range limits.SearchesBurst / 2 {
		findPeople(ann, hers, protocol.SearchPeopleRequest{Search: "ben"})
	}
	refused := ann.do("GET", "/api/v1/people?search=ben", nil)
	refused.wantCode(http.StatusTooManyRequests, "rate_limited")
	if got := refused.header.Get("Retry-After"); got != "2" {
		t.Errorf("Retry-After: got %q, want 2", got)
	}
	hers.refused(protocol.SearchPeople, protocol.SearchPeopleRequest{Search: "ben"}, "rate_limited")
	ann.do("GET", "/api/v1/rooms", nil).want(http.StatusOK)
	ben.do("GET", "/api/v1/people?search=ann", nil).want(http.StatusOK)
	clock.pass(2 * time.Second)
	ann.do("GET", "/api/v1/people?search=ben", nil).want(http.StatusOK)
	ann.do("GET", "/api/v1/people?search=ben", nil).wantCode(http.StatusTooManyRequests, "rate_limited")

	nobody := n.client()
	nobody.do("GET", "/api/v1/people?search=ben", nil).wantCode(http.StatusUnauthorized, "unauthorized")
}
