package server_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/e2e/rig"
	"github.com/parleychat/parley/protocol"
)

// TestRights lets everybody ask for everything. askings is the table of who may
// what; it has to have every operation of the OpenAPI document and every event
// that the gateway takes.
func TestRights(t *testing.T) {
	m := newMatrix(t)
	m.complete()
	for _, nobody := range []string{"nobody", "bad token", "revoked", "disabled"} {
		t.Run(nobody, func(t *testing.T) { m.outside(t, nobody) })
	}
	for _, role := range []chat.ServerRole{chat.ServerMember, chat.ServerAdmin, chat.ServerOwner} {
		t.Run("server "+string(role), func(t *testing.T) { m.inside(t, role) })
	}
}

// relation is how somebody stands to a room.
type relation string

const (
	aStranger relation = "stranger"
	wasKicked relation = "kicked"
	isBanned  relation = "banned"
	aMember   relation = "member"
	anAdmin   relation = "admin"
	anOwner   relation = "owner"
	aPartner  relation = "partner" // of a direct room
)

// rank orders relations; what nobody may asks for never.
type rank int

const (
	anyone rank = iota
	members
	admins
	owners
	never
)

var ranks = map[relation]rank{aStranger: anyone, wasKicked: anyone, isBanned: anyone, aMember: members, aPartner: members, anAdmin: admins, anOwner: owners}

// least is who may, in a public, a private and a direct room.
type least [3]rank

var roomKinds = []string{"public", "private", "direct"}

var (
	readers   = least{anyone, members, members}
	writers   = least{members, members, members}
	stewards  = least{admins, admins, never}
	keepers   = least{owners, owners, never}
	inviters  = least{members, admins, never}
	neverOnes = least{never, never, never}
	deleters  = least{admins, admins, never}
)

// asking is one thing that somebody asks for, in a room or not.
type asking struct {
	op   string // operationId; or an event's name, behind "socket "
	what string // which of the things that it can do

	// Of a room.
	least   least
	anybody bool // done for everybody: nothing is told by it
	// lastOwner is what the last owner may not.
	lastOwner bool
	own       bool // about a message of one's own, if one can have any

	// Of no room: who may, on the server, and the status for them. Who may not
	// is forbidden. status 0: any success.
	server chat.ServerRole
	open   bool // needs no token: the status is everybody's
	status int
	throw  bool // asked with a session to be thrown away

	params map[string]string // beside {room}; "target" and "outcast" are people
	query  string
	body   map[string]any
}

var askings = []asking{
	// Rooms.
	{op: "getRoom", least: readers},
	{op: "listMembers", least: readers},
	{op: "getMessages", least: readers},
	{op: "listBans", least: stewards},
	{op: "listLinks", least: stewards},
	{op: "addLink", least: stewards, body: map[string]any{}},
	{op: "removeLink", least: stewards, params: map[string]string{"link": "link"}},
	{op: "sendMessage", least: writers, body: map[string]any{"messageText": "x"}},
	{op: "editMessage", what: "one's own", least: writers, own: true, body: map[string]any{"messageText": "y"}},
	{op: "editMessage", what: "of somebody else", least: neverOnes, body: map[string]any{"messageText": "y"}},
	{op: "deleteMessage", what: "one's own", least: writers, own: true},
	{op: "deleteMessage", what: "of somebody else", least: deleters},
	{op: "markRead", least: writers, body: map[string]any{"seq": 1}},
	{op: "markUnread", least: writers, body: map[string]any{"seq": 1}},
	{op: "changeSettings", least: writers, body: map[string]any{"starred": true}},
	{op: "getDraft", least: writers},
	{op: "setDraft", least: writers, body: map[string]any{"text": "half a"}},
	{op: "removeDraft", least: writers},
	{op: "joinRoom", least: least{anyone, never, never}},
	{op: "leaveRoom", least: least{anyone, members, never}, lastOwner: true},
	{op: "inviteMember", least: inviters, body: map[string]any{"userId": "target"}},
	{op: "kickMember", least: stewards, params: map[string]string{"user": "target"}},
	{op: "banPerson", least: stewards, params: map[string]string{"user": "outcast"}},
	{op: "unbanPerson", least: stewards, params: map[string]string{"user": "target"}},
	{op: "setRole", least: keepers, params: map[string]string{"user": "target"}, body: map[string]any{"role": "member"}},
	{op: "changeRoom", what: "topic", least: stewards, body: map[string]any{"topic": "x"}},
	{op: "changeRoom", what: "name", least: stewards, body: map[string]any{"name": "room"}},
	{op: "changeRoom", what: "kind", least: keepers, body: map[string]any{"kind": "kind"}},
	{op: "changeRoom", what: "archive", least: keepers, body: map[string]any{"archived": false}},

	{op: "socket joinRoom", least: readers},
	{op: "socket joinRoom", what: "preview", least: readers, body: map[string]any{"preview": true}},
	{op: "socket joinRoom", what: "resume", least: readers, body: map[string]any{"since": "0", "preview": true}},
	{op: "socket leaveRoom", anybody: true},
	{op: "socket leaveRoom", what: "forever", least: least{anyone, members, never}, lastOwner: true, body: map[string]any{"forever": true}},
	{op: "socket sendMessage", least: writers, body: map[string]any{"messageText": "x"}},
	{op: "socket editMessage", what: "one's own", least: writers, own: true, body: map[string]any{"targetSeq": "seq", "messageText": "y"}},
	{op: "socket editMessage", what: "of somebody else", least: neverOnes, body: map[string]any{"targetSeq": "seq", "messageText": "y"}},
	{op: "socket deleteMessage", what: "one's own", least: writers, own: true, body: map[string]any{"targetSeq": "seq"}},
	{op: "socket deleteMessage", what: "of somebody else", least: deleters, body: map[string]any{"targetSeq": "seq"}},
	{op: "socket getMessages", least: readers},
	{op: "socket getRecentMessages", least: readers},
	{op: "socket getOnlineUsers", least: readers},
	{op: "socket markRead", least: writers, body: map[string]any{"seq": 1}},
	{op: "socket markUnread", least: writers, body: map[string]any{"seq": 1}},
	{op: "socket changeSettings", least: writers, body: map[string]any{"muted": true}},
	{op: "socket setDraft", least: writers, body: map[string]any{"text": "half a"}},
	{op: "socket typing", least: writers},

	// Of no room.
	{op: "socket setStatus", server: chat.ServerMember, body: map[string]any{"status": "away"}},
	{op: "getStatus", server: chat.ServerMember},
	{op: "setStatus", server: chat.ServerMember, body: map[string]any{"status": "online"}},
	{op: "socket authenticate", server: chat.ServerMember, body: map[string]any{"token": "token"}},
	{op: "socket sync", server: chat.ServerMember, body: map[string]any{}},
	{op: "socket openDirect", server: chat.ServerMember, body: map[string]any{"userId": "target"}},
	{op: "openDirect", server: chat.ServerMember, body: map[string]any{"userId": "target"}},
	{op: "listOwnRooms", server: chat.ServerMember},
	{op: "listRooms", server: chat.ServerMember},
	{op: "listOwnRooms", server: chat.ServerMember},
	{op: "socket sync", server: chat.ServerMember, body: map[string]any{"latest": 5}},
	{op: "searchRooms", server: chat.ServerMember},
	{op: "createRoom", server: chat.ServerMember, body: map[string]any{"kind": "private", "name": "x"}},
	{op: "lookLink", server: chat.ServerMember, body: map[string]any{"token": "guess"}, status: 404},
	{op: "joinByLink", server: chat.ServerMember, body: map[string]any{"token": "guess"}, status: 404},
	{op: "socket searchPeople", server: chat.ServerMember, body: map[string]any{"search": "somebody"}},
	{op: "searchPeople", server: chat.ServerMember, query: "?search=target"},
	{op: "getUser", server: chat.ServerMember, params: map[string]string{"user": "target"}},
	{op: "getUserByHandle", server: chat.ServerMember, params: map[string]string{"handle": "nobody.of.this.name"}, status: 404},
	{op: "getMe", server: chat.ServerMember},
	{op: "changeMe", server: chat.ServerMember, body: map[string]any{"name": "Somebody"}},
	{op: "setPicture", server: chat.ServerMember, status: 400, body: map[string]any{"image": "bm8gaW1hZ2U="}},
	{op: "removePicture", server: chat.ServerMember},
	{op: "getPicture", open: true, params: map[string]string{"picture": "none"}, status: 404},
	{op: "changePassword", server: chat.ServerMember, body: map[string]any{"present": "wrong", "wanted": "another password"}, status: 403},
	{op: "deleteMe", server: chat.ServerMember, body: map[string]any{"password": "wrong"}, status: 403},
	{op: "listSessions", server: chat.ServerMember},
	{op: "endSession", server: chat.ServerMember, params: map[string]string{"session": "none"}, status: 404},
	{op: "endOtherSessions", server: chat.ServerMember},
	{op: "endSessions", server: chat.ServerMember, throw: true},
	{op: "listAccounts", server: chat.ServerAdmin},
	{op: "changeAccount", server: chat.ServerAdmin, params: map[string]string{"user": "target"}, body: map[string]any{"disabled": false}},
	{op: "makeResetLink", server: chat.ServerAdmin, params: map[string]string{"user": "target"}},
	{op: "listInvites", server: chat.ServerAdmin},
	{op: "makeInvite", server: chat.ServerAdmin, body: map[string]any{}},
	{op: "removeInvite", server: chat.ServerAdmin, params: map[string]string{"invite": "999999"}, status: 404},
	{op: "logout", open: true, throw: true},
	{op: "login", open: true, status: 401, body: map[string]any{"email": "nobody@example.org", "password": "wrong password"}},
	{op: "register", open: true, status: 400, body: map[string]any{"email": "no address", "password": "wrong password"}},
	{op: "refresh", open: true, status: 401},
	{op: "reset", open: true, status: 403, body: map[string]any{"token": "guess", "password": "another password"}},
	{op: "setup", open: true, status: 403, body: map[string]any{"token": "guess", "email": "x@example.org", "password": "another password"}},
	{op: "version", open: true},
}

func (a *asking) String() string { return strings.TrimSpace(a.op + " " + a.what) }

func (a *asking) event() (name string, socket bool) { return strings.CutPrefix(a.op, "socket ") }

func (a *asking) ofARoom() bool { return a.server == "" && !a.open }

// matrix is a server with somebody of every kind, and rooms of every kind in
// which they stand in every relation.
type matrix struct {
	t     *testing.T
	n     *node
	clock *clock

	operations map[string]operation // by operationId

	boss            *client // owns the rooms, and the server
	target, outcast *client // whom things are done to: a member, and somebody banned
	people          map[relation]*client
	ids             map[*client]int64
	sockets         map[*client]*rig.Socket
	rooms           map[string]int64 // by kind
	outsiders       map[string]string
}

type operation struct{ method, path string }

func newMatrix(t *testing.T) *matrix {
	n, clock := startWithClock(t, config(t))
	m := &matrix{
		t: t, n: n, clock: clock, operations: make(map[string]operation),
		people: make(map[relation]*client), ids: make(map[*client]int64), sockets: make(map[*client]*rig.Socket), rooms: make(map[string]int64),
	}
	m.boss, m.target, m.outcast = n.owner("boss@example.org"), n.join("target@example.org"), n.join("outcast@example.org")
	for _, who := range []relation{aStranger, wasKicked, isBanned, aMember, anAdmin, anOwner} {
		m.people[who] = n.join(string(who) + "@example.org")
	}
	m.people[aPartner] = m.people[aMember]
	for _, c := range append([]*client{m.boss, m.target, m.outcast}, m.everybody()...) {
		m.ids[c] = c.me()
	}
	for _, c := range m.everybody() {
		m.sockets[c] = n.connect(c)
	}
	m.furnish()
	m.shutOut()
	return m
}

func (m *matrix) everybody() []*client {
	var all []*client
	for _, c := range m.people {
		if !slices.Contains(all, c) {
			all = append(all, c)
		}
	}
	return all
}

// furnish makes the rooms.
func (m *matrix) furnish() {
	for _, kind := range []string{"public", "private"} {
		path := m.people[anOwner].create(protocol.CreateRoom{Kind: kind, Name: kind})
		m.rooms[kind] = roomID(path)
		for _, c := range []*client{m.target, m.outcast, m.people[wasKicked], m.people[isBanned], m.people[aMember], m.people[anAdmin]} {
			m.people[anOwner].do("POST", path+"/members", map[string]any{"userId": m.ids[c]}).want(http.StatusOK)
		}
		m.people[anOwner].do("PATCH", fmt.Sprint(path, "/members/", m.ids[m.people[anAdmin]]), map[string]any{"role": "admin"}).want(http.StatusOK)
		m.people[anOwner].do("DELETE", fmt.Sprint(path, "/members/", m.ids[m.people[wasKicked]]), nil).want(http.StatusOK)
		for _, c := range []*client{m.people[isBanned], m.outcast} {
			m.people[anOwner].do("PUT", fmt.Sprint(path, "/bans/", m.ids[c]), nil).want(http.StatusOK)
		}
		m.clock.pass(refill)
	}
	var direct protocol.RoomInfo
	m.target.do("POST", "/api/v1/directs", map[string]any{"userId": m.ids[m.people[aPartner]]}).want(http.StatusCreated).into(&direct)
	m.rooms["direct"] = direct.ID
}

// shutOut makes those who get nowhere.
func (m *matrix) shutOut() {
	revoked, disabled := m.n.join("revoked@example.org"), m.n.join("disabled@example.org")
	m.boss.do("PATCH", fmt.Sprint("/api/v1/admin/users/", disabled.me()), `{"disabled":true}`).want(http.StatusOK)
	revoked.do("POST", "/api/v1/logout", nil).want(http.StatusNoContent)
	m.outsiders = map[string]string{"nobody": "", "bad token": "x.y.z", "revoked": revoked.token, "disabled": disabled.token}
}

// complete holds the table against the document and the gateway.
func (m *matrix) complete() {
	var document struct {
		Paths map[string]map[string]struct {
			OperationID string
			Security    []any
		}
	}
	m.n.client().do("GET", "/api/v1/openapi.json", nil).want(http.StatusOK).into(&document)
	asked := make(map[string]bool)
	for _, a := range askings {
		asked[a.op] = true
	}
	for path, methods := range document.Paths {
		for method, op := range methods {
			m.operations[op.OperationID] = operation{strings.ToUpper(method), path}
			if !asked[op.OperationID] {
				m.t.Errorf("the operation %s is not in the table of rights: add who may do it to askings", op.OperationID)
			}
			for _, a := range askings {
				if a.op == op.OperationID && a.open != (len(op.Security) == 0) {
					m.t.Errorf("%s: the document says that it needs a token: %v, the table says the contrary", a.op, len(op.Security) > 0)
				}
			}
		}
	}
	for _, event := range eventsOfTheGateway(m.t) {
		if !asked["socket "+event] {
			m.t.Errorf("the event %s is not in the table of rights: add who may send it to askings", event)
		}
	}
	for _, a := range askings {
		if _, socket := a.event(); !socket && m.operations[a.op].path == "" {
			m.t.Errorf("there is no operation %s", a.op)
		}
	}
}

// eventsOfTheGateway reads them from its dispatcher.
func eventsOfTheGateway(t *testing.T) []string {
	t.Helper()
	values := make(map[string]string) // of the constants of package protocol
	parse := func(path string) *ast.File {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		return file
	}
	ast.Inspect(parse("../protocol/client.go"), func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Values) == 1 {
			if value, ok := spec.Values[0].(*ast.BasicLit); ok {
				values[spec.Names[0].Name] = strings.Trim(value.Value, `"`)
			}
		}
		return true
	})
	var events []string
	ast.Inspect(parse("../gateway/dispatch.go"), func(n ast.Node) bool {
		if clause, ok := n.(*ast.CaseClause); ok {
			for _, expr := range clause.List {
				if name, ok := expr.(*ast.SelectorExpr); ok && values[name.Sel.Name] != "" {
					events = append(events, values[name.Sel.Name])
				}
			}
		}
		return true
	})
	if len(events) < 10 {
		t.Fatalf("found %d events in gateway/dispatch.go; did its form change?", len(events))
	}
	return events
}

// outside asks for everything without being let in.
func (m *matrix) outside(t *testing.T, who string) {
	c := m.n.client()
	c.t = t
	c.token = m.outsiders[who]
	if _, err := m.n.sockets().TryConnect(t, rig.How{Token: c.token}); err == nil || !strings.Contains(err.Error(), `"unauthorized"`) {
		t.Errorf("a socket: got %v, want it refused as unauthorized", err)
	}
	for _, a := range askings {
		if _, socket := a.event(); socket {
			continue
		}
		for _, kind := range m.kindsFor(&a) {
			op := m.operations[a.op]
			answer := c.do(op.method, m.fill(op.path, &a, m.rooms[kind], 1), m.bodyOf(&a, c, kind, 1))
			if !a.open {
				answer.wantCode(http.StatusUnauthorized, "unauthorized")
			} else if !a.as(answer.status) {
				t.Errorf("%s: got %d %s, want %d", &a, answer.status, answer.body, a.status)
			}
		}
	}
}

// kindsFor are the kinds of rooms in which something is asked for.
func (m *matrix) kindsFor(a *asking) []string {
	if a.ofARoom() {
		return roomKinds
	}
	return []string{"public"}
}

// as reports whether a status is the one that who may gets.
func (a *asking) as(status int) bool {
	if a.status == 0 {
		return status >= 200 && status < 300
	}
	return status == a.status
}

// inside asks for everything, from every relation to every room. What somebody
// is on the server opens no room.
func (m *matrix) inside(t *testing.T, role chat.ServerRole) {
	for _, c := range m.everybody() {
		m.boss.do("PATCH", fmt.Sprint("/api/v1/admin/users/", m.ids[c]), map[string]any{"role": string(role)}).want(http.StatusOK)
		m.clock.pass(time.Second)
	}
	for _, a := range askings {
		if !a.ofARoom() {
			m.onServer(t, &a, role)
			continue
		}
		for i, kind := range roomKinds {
			if kind != "private" && role == chat.ServerAdmin {
				continue // what opens no room to the server's owner opens none to its admins
			}
			for _, who := range m.relations(kind) {
				got := m.ask(t, &a, m.people[who], kind, who)
				if want := a.outcome(i, who); got != want {
					t.Errorf("%s, %s of a %s room: got %s, want %s", &a, who, kind, got, want)
				}
				m.settle(kind, who)
			}
		}
	}
}

func (m *matrix) relations(kind string) []relation {
	if kind == "direct" {
		return []relation{aStranger, aPartner}
	}
	return []relation{aStranger, wasKicked, isBanned, aMember, anAdmin, anOwner}
}

// outcome is what the table says.
func (a *asking) outcome(kind int, who relation) string {
	may := ranks[who] >= a.least[kind]
	if who == isBanned {
		may = false
	}
	readable := ranks[who] >= readers[kind] && who != isBanned
	switch {
	case a.anybody:
		return "done"
	case may && a.lastOwner && who == anOwner:
		return "forbidden"
	case may:
		return "done"
	case !readable && roomKinds[kind] != "public":
		return "not_found"
	default:
		return "forbidden"
	}
}

// ask lets somebody ask for something in a room, and gives "done" or the code.
func (m *matrix) ask(t *testing.T, a *asking, c *client, kind string, who relation) string {
	m.clock.pass(time.Second)
	room := m.rooms[kind]
	seq := m.message(a, c, room, who)
	body := m.bodyOf(a, c, kind, seq)
	if event, socket := a.event(); socket {
		return m.emit(t, c, event, with(body, map[string]any{"roomId": room}))
	}
	op := m.operations[a.op]
	var payload any
	if body != nil {
		payload = body
	}
	return codeOf(t, c.do(op.method, m.fill(op.path, a, room, seq), payload))
}

func (m *matrix) emit(t *testing.T, c *client, event string, payload map[string]any) string {
	var refused *rig.Refused
	switch err := m.sockets[c].TryAsk(new(json.RawMessage), event, payload); {
	case err == nil:
		return "done"
	case errors.As(err, &refused):
		return refused.Code
	default:
		t.Fatalf("%s: %v", event, err)
		return ""
	}
}

func codeOf(t *testing.T, answer *answer) string {
	if answer.status < 300 {
		return "done"
	}
	var problem protocol.ProblemDetails
	answer.into(&problem)
	if problem.Code == "" || problem.Status != answer.status {
		t.Errorf("%s: got %d %s, want a problem", answer.call, answer.status, answer.body)
	}
	return problem.Code
}

// message is the seq of a message that something is asked about.
func (m *matrix) message(a *asking, c *client, room int64, who relation) uint64 {
	if !strings.Contains(a.op, "Message") || a.op == "sendMessage" || a.op == "socket sendMessage" {
		return 1
	}
	author := m.target
	if a.own && ranks[who] >= members {
		author = c
	}
	var ack protocol.SendAck
	author.say(fmt.Sprint("/api/v1/rooms/", room), "x").into(&ack)
	return ack.Seq
}

// fill puts ids into a path.
func (m *matrix) fill(path string, a *asking, room int64, seq uint64) string {
	path = strings.NewReplacer("{room}", fmt.Sprint(room), "{seq}", fmt.Sprint(seq)).Replace(path)
	for name, value := range a.params {
		switch value {
		case "target":
			value = fmt.Sprint(m.ids[m.target])
		case "outcast":
			value = fmt.Sprint(m.ids[m.outcast])
		case "link":
			value = m.link(room)
		}
		path = strings.ReplaceAll(path, "{"+name+"}", value)
	}
	return path + a.query
}

// link is a link into the room, to be removed.
func (m *matrix) link(room int64) string {
	if room == m.rooms["direct"] {
		return "1"
	}
	var link protocol.LinkInfo
	m.people[anOwner].do("POST", fmt.Sprint("/api/v1/rooms/", room, "/links"), map[string]any{}).want(http.StatusCreated).into(&link)
	return fmt.Sprint(link.ID)
}

// bodyOf is what is sent, with ids in place of words; nil: nothing.
func (m *matrix) bodyOf(a *asking, c *client, kind string, seq uint64) map[string]any {
	if a.body == nil {
		return nil
	}
	body := make(map[string]any)
	for key, value := range a.body {
		switch {
		case value == "target":
			value = m.ids[m.target]
		case value == "seq":
			value = seq
		case key == "kind" && value == "kind", key == "name" && value == "room":
			value = kind
			if kind == "direct" {
				value = "private"
			}
		case key == "token" && value == "token":
			value = c.token
		}
		body[key] = value
	}
	return body
}

// settle brings somebody back into their relation, whatever they were let do.
func (m *matrix) settle(kind string, who relation) {
	if kind == "direct" || who == anOwner {
		return
	}
	path, boss, id := fmt.Sprint("/api/v1/rooms/", m.rooms[kind]), m.people[anOwner], m.ids[m.people[who]]
	var info protocol.RoomInfo
	seen := m.people[who].do("GET", path, nil)
	if seen.status == http.StatusOK {
		seen.into(&info)
	}
	in := info.Role != ""
	if shouldBe := ranks[who] >= members; in && !shouldBe {
		m.people[who].do("POST", path+"/leave", nil).want(http.StatusOK)
	} else if !in && shouldBe {
		boss.do("POST", path+"/members", map[string]any{"userId": id}).want(http.StatusOK)
		info.Role = "member"
	}
	if who == anAdmin && info.Role != "admin" {
		boss.do("PATCH", fmt.Sprint(path, "/members/", id), map[string]any{"role": "admin"}).want(http.StatusOK)
	}
	// The target is there again for the next one.
	m.clock.pass(time.Second)
	boss.do("POST", path+"/members", map[string]any{"userId": m.ids[m.target]}).want(http.StatusOK)
}

// onServer asks for something that is of no room.
func (m *matrix) onServer(t *testing.T, a *asking, role chat.ServerRole) {
	m.clock.pass(time.Second)
	c := m.people[aStranger]
	if a.open {
		c = &client{t: t, url: c.url, http: m.n.client().http, token: c.token} // without a cookie
	}
	if a.throw {
		c = m.n.client()
		c.t = t
		m.clock.pass(time.Minute)
		c.signIn("/api/v1/login", credentials(string(aStranger)+"@example.org"), http.StatusOK)
	}
	may := a.open || a.server == chat.ServerMember || role != chat.ServerMember
	body := m.bodyOf(a, c, "public", 1)
	if event, socket := a.event(); socket {
		if got := refusalOf(t, m.sockets[c], event, body); got != "done" {
			t.Errorf("%s: got %s, want it done", a, got)
		}
		return
	}
	op := m.operations[a.op]
	var payload any
	if body != nil {
		payload = body
	}
	answer := c.do(op.method, m.fill(op.path, a, 1, 1), payload)
	switch {
	case !may:
		answer.wantCode(http.StatusForbidden, "forbidden")
	case !a.as(answer.status):
		t.Errorf("%s: got %d %s, want %d", a, answer.status, answer.body, a.status)
	}
	if a.op == "endSessions" { // of all devices; those of the matrix go on
		m.again(m.people[aStranger], string(aStranger)+"@example.org")
	}
}

// again signs somebody in once more.
func (m *matrix) again(c *client, email string) {
	m.clock.pass(time.Minute)
	c.signIn("/api/v1/login", credentials(email), http.StatusOK)
	m.sockets[c] = m.n.connect(c)
}
