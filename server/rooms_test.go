package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/parleychat/parley/protocol"
)

// me is the id of who is signed in.
func (c *client) me() int64 {
	c.t.Helper()
	var self protocol.Self
	c.do("GET", "/api/v1/me", nil).want(http.StatusOK).into(&self)
	return self.ID
}

// create makes a room and returns its path.
func (c *client) create(room protocol.CreateRoom) string {
	c.t.Helper()
	var info protocol.RoomInfo
	c.do("POST", "/api/v1/rooms", room).want(http.StatusCreated).into(&info)
	return fmt.Sprint("/api/v1/rooms/", info.ID)
}

func TestPrivateRoomCalls(t *testing.T) {
	n := start(t, config(t))
	ann, ben, cy := n.join("ann@example.org"), n.join("ben@example.org"), n.join("cy@example.org")
	room := ann.create(protocol.CreateRoom{Kind: "private", Name: "Plans", Topic: "what next", Members: []int64{ben.me()}})
	var info protocol.RoomInfo
	ben.do("GET", room, nil).want(http.StatusOK).into(&info)
	if info.Kind != "private" || info.Role != "member" || info.Members != 2 || info.Topic != "what next" {
		t.Errorf("ben sees %+v", info)
	}
	member := fmt.Sprint(room, "/members/", cy.me())

	// A14, A15: every call of a stranger is answered like that about a room that
	// does not exist.
	nowhere := "/api/v1/rooms/999999"
	for _, call := range []struct {
		method, path string
		body         any
	}{
		{"GET", "", nil}, {"PATCH", "", map[string]any{"topic": "x"}}, {"GET", "/messages", nil},
		{"POST", "/messages", map[string]any{"messageText": "x"}}, {"GET", "/members", nil},
		{"POST", "/members", map[string]any{"userId": cy.me()}}, {"POST", "/join", nil}, {"POST", "/leave", nil},
		{"PATCH", fmt.Sprint("/members/", ben.me()), map[string]any{"role": "owner"}},
		{"DELETE", fmt.Sprint("/members/", ben.me()), nil}, {"PUT", fmt.Sprint("/bans/", ben.me()), nil},
		{"DELETE", fmt.Sprint("/bans/", ben.me()), nil}, {"GET", "/bans", nil},
		{"GET", "/links", nil}, {"POST", "/links", map[string]any{}}, {"DELETE", "/links/1", nil},
	} {
		secret := cy.do(call.method, room+call.path, call.body).wantCode(http.StatusNotFound, "not_found")
		missing := cy.do(call.method, nowhere+call.path, call.body).wantCode(http.StatusNotFound, "not_found")
		if secret.told() != missing.told() {
			t.Errorf("%s %s: a stranger is told %s of a secret room and %s of none", call.method, call.path, secret.body, missing.body)
		}
	}

	var changed protocol.Changed
	invite := map[string]any{"userId": cy.me(), "cid": "i-1"}
	ann.do("POST", room+"/members", invite).want(http.StatusOK).into(&changed)
	if !changed.OK || changed.Seq != 2 || changed.Already || changed.Duplicate {
		t.Errorf("invitation: got %+v", changed)
	}
	ann.do("POST", room+"/members", invite).want(http.StatusOK).into(&changed)
	if !changed.Duplicate {
		t.Errorf("the same cid: got %+v, want a duplicate", changed)
	}
	var page protocol.MemberPage
	cy.do("GET", room+"/members?limit=2", nil).want(http.StatusOK).into(&page)
	if len(page.Members) != 2 || page.Next == "" || page.Members[0].Role != "owner" || page.Members[0].Handle == "" {
		t.Errorf("members: got %+v", page)
	}
	next := page.Next
	page = protocol.MemberPage{}
	cy.do("GET", room+"/members?after="+next, nil).want(http.StatusOK).into(&page)
	if len(page.Members) != 1 || page.Next != "" || page.Members[0].ID != cy.me() {
		t.Errorf("members behind: got %+v", page)
	}
	cy.do("PATCH", room, map[string]any{"name": "Mine"}).wantCode(http.StatusForbidden, "forbidden")
	ann.do("PATCH", room, map[string]any{"name": "Ours", "topic": "x"}).wantCode(http.StatusBadRequest, "invalid")
	ann.do("PATCH", room, map[string]any{}).wantCode(http.StatusBadRequest, "invalid")
	ann.do("PATCH", room, map[string]any{"name": "Ours"}).want(http.StatusOK)
	ann.do("PATCH", fmt.Sprint(room, "/members/", ben.me()), map[string]any{"role": "king"}).wantCode(http.StatusBadRequest, "invalid")
	ann.do("PATCH", fmt.Sprint(room, "/members/", ben.me()), map[string]any{"role": "admin"}).want(http.StatusOK)
	ann.do("POST", room+"/leave", nil).wantCode(http.StatusForbidden, "forbidden")
	ben.do("DELETE", member, nil, header{"Idempotency-Key", "k-1"}).want(http.StatusOK)
	cy.do("GET", room, nil).wantCode(http.StatusNotFound, "not_found")
	cy.do("GET", room+"/messages", nil).wantCode(http.StatusNotFound, "not_found")
	ben.do("DELETE", member, nil, header{"Idempotency-Key", "k-1"}).want(http.StatusOK).into(&changed)
	if !changed.Duplicate {
		t.Errorf("the same kick: got %+v, want a duplicate", changed)
	}
	ben.do("PUT", fmt.Sprint(room, "/bans/", cy.me()), nil).want(http.StatusOK)
	var bans protocol.BanPage
	ann.do("GET", room+"/bans", nil).want(http.StatusOK).into(&bans)
	if len(bans.People) != 1 || bans.People[0].ID != cy.me() {
		t.Errorf("bans: got %+v", bans)
	}
	ann.do("POST", room+"/members", map[string]any{"userId": cy.me()}).wantCode(http.StatusForbidden, "forbidden")
	ann.do("DELETE", fmt.Sprint(room, "/bans/", cy.me()), nil).want(http.StatusOK)
	ann.do("PATCH", room, map[string]any{"archived": true}).want(http.StatusOK)
	ben.do("POST", room+"/messages", map[string]any{"messageText": "x"}).wantCode(http.StatusForbidden, "forbidden")
}

func TestDirectAndGroupCalls(t *testing.T) {
	n := start(t, config(t))
	ann, ben, cy := n.join("ann@example.org"), n.join("ben@example.org"), n.join("cy@example.org")
	var mine, his protocol.RoomInfo
	ann.do("POST", "/api/v1/directs", map[string]any{"userId": ben.me()}).want(http.StatusCreated).into(&mine)
	ben.do("POST", "/api/v1/directs", map[string]any{"userId": ann.me()}).want(http.StatusOK).into(&his)
	if mine.ID != his.ID || mine.Kind != "direct" || mine.Peer == nil || mine.Peer.ID != ben.me() || his.Peer == nil || his.Peer.Handle != "ann" {
		t.Errorf("got %+v and %+v, want one room of the two", mine, his)
	}
	path := fmt.Sprint("/api/v1/rooms/", mine.ID)
	ann.do("POST", path+"/messages", map[string]any{"messageText": "psst"}).want(http.StatusCreated)
	var read page
	ben.do("GET", path+"/messages", nil).want(http.StatusOK).into(&read)
	if texts := read.texts(); len(texts) != 1 || texts[0] != "psst" {
		t.Errorf("ben reads %q", texts)
	}
	cy.do("GET", path+"/messages", nil).wantCode(http.StatusNotFound, "not_found")
	ann.do("POST", "/api/v1/directs", map[string]any{"userId": ann.me()}).wantCode(http.StatusBadRequest, "invalid")
	ann.do("POST", "/api/v1/directs", map[string]any{"userId": 12345}).wantCode(http.StatusNotFound, "not_found")

	// Who joins a group reads on from there.
	group := ann.create(protocol.CreateRoom{Kind: "group", Members: []int64{ben.me()}})
	ann.do("POST", group+"/messages", map[string]any{"messageText": "before"}).want(http.StatusCreated)
	ben.do("POST", group+"/members", map[string]any{"userId": cy.me()}).want(http.StatusOK)
	ann.do("POST", group+"/messages", map[string]any{"messageText": "after"}).want(http.StatusCreated)
	cy.do("GET", group+"/messages", nil).want(http.StatusOK).into(&read)
	if texts := read.texts(); len(texts) != 1 || texts[0] != "after" {
		t.Errorf("cy reads %q, want what was said after the invitation", texts)
	}
	var list protocol.RoomList
	ben.do("GET", "/api/v1/rooms", nil).want(http.StatusOK).into(&list)
	if len(list.Rooms) != 2 || list.Rooms[0].Peer == nil || list.Rooms[0].Peer.Name != "ann" || list.Rooms[1].Peer != nil {
		t.Errorf("ben's rooms: got %+v", list.Rooms)
	}
}

func TestLinkCalls(t *testing.T) {
	n := start(t, config(t))
	ann, ben := n.join("ann@example.org"), n.join("ben@example.org")
	room := ann.create(protocol.CreateRoom{Kind: "private", Name: "Club"})
	ann.do("POST", room+"/links", map[string]any{"lasts": 5}).wantCode(http.StatusBadRequest, "invalid")
	ann.do("POST", room+"/links", map[string]any{"uses": -1}).wantCode(http.StatusBadRequest, "invalid")
	ann.do("POST", room+"/links", map[string]any{"lasts": int64(1) << 62}).wantCode(http.StatusBadRequest, "invalid")
	var link protocol.LinkInfo
	ann.do("POST", room+"/links", map[string]any{"uses": 1}).want(http.StatusCreated).into(&link)
	var links protocol.LinkList
	listed := ann.do("GET", room+"/links", nil).want(http.StatusOK).into(&links)
	if len(links.Links) != 1 || links.Links[0].ID != link.ID || strings.Contains(listed.body, link.Token) {
		t.Errorf("links: got %s, want the one, without its token", listed.body)
	}
	var leads protocol.LinkedRoom
	ben.do("POST", "/api/v1/links/look", map[string]any{"token": link.Token}).want(http.StatusOK).into(&leads)
	if leads.Name != "Club" || leads.Kind != "private" {
		t.Errorf("it leads to %+v", leads)
	}
	var joined protocol.RoomInfo
	for range 2 {
		ben.do("POST", "/api/v1/links/join", map[string]any{"token": link.Token}).want(http.StatusOK).into(&joined)
		if joined.Role != "member" || joined.Members != 2 {
			t.Errorf("ben joined %+v", joined)
		}
	}
	n.join("cy@example.org").do("POST", "/api/v1/links/join", map[string]any{"token": link.Token}).wantCode(http.StatusNotFound, "not_found")
	ben.do("DELETE", fmt.Sprint(room, "/links/", link.ID), nil).wantCode(http.StatusForbidden, "forbidden")
	ann.do("DELETE", fmt.Sprint(room, "/links/", link.ID), nil).want(http.StatusNoContent)
	if strings.Contains(n.log.String(), link.Token) {
		t.Error("A69 the link's token stands in the log")
	}
}

func TestSearchCalls(t *testing.T) {
	n := start(t, config(t))
	ann, ben := n.join("ann@example.org"), n.join("ben@example.org")
	for _, name := range []string{"alpha", "beta", "alphabet"} {
		ann.create(protocol.CreateRoom{Name: name})
	}
	var page protocol.RoomPage
	ben.do("GET", "/api/v1/public-rooms?text=ALPHA&limit=1", nil).want(http.StatusOK).into(&page)
	if len(page.Rooms) != 1 || page.Rooms[0].Name != "alpha" || page.Next == "" {
		t.Errorf("first page: got %+v", page)
	}
	next := page.Next
	page = protocol.RoomPage{}
	ben.do("GET", "/api/v1/public-rooms?text=alpha&after="+next, nil).want(http.StatusOK).into(&page)
	if len(page.Rooms) != 1 || page.Rooms[0].Name != "alphabet" || page.Next != "" {
		t.Errorf("second page: got %+v", page)
	}
	// Names that look alike are one name (rn is m), and parts of them are found.
	ann.create(protocol.CreateRoom{Name: "barn"})
	for text, want := range map[string]int{"bar": 1, "barn": 1, "bam": 1, "arn": 1, "n": 1, "bat": 0} {
		var found protocol.RoomPage
		if ben.do("GET", "/api/v1/public-rooms?text="+text, nil).want(http.StatusOK).into(&found); len(found.Rooms) != want {
			t.Errorf("%q: got %+v, want %d", text, found.Rooms, want)
		}
	}
	ben.do("GET", "/api/v1/public-rooms?after=x", nil).wantCode(http.StatusBadRequest, "invalid")
	room := fmt.Sprint("/api/v1/rooms/", page.Rooms[0].ID)
	ben.do("POST", room+"/join", nil).want(http.StatusOK)
	ben.do("POST", room+"/leave", nil).want(http.StatusOK)
}
