package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/parleychat/parley/e2e/rig"
	"github.com/parleychat/parley/limits"
	"github.com/parleychat/parley/protocol"
)

// Attacks by what stands in a text: A50 to A58; and by doing things at once: A75.

// sql in every string: what is kept is what was written, and nothing else
// happens.
func sqlInStrings(t *testing.T) {
	n, clock := startWithClock(t, config(t))
	ann, ben := n.join("ann@example.org"), n.join("ben@example.org")
	room := ann.room("General")
	ben.do("POST", room+"/join", nil).want(http.StatusOK)
	socket := n.connect(ann)
	socket.Join(1)
	for i, sql := range []string{
		`'; DROP TABLE users; --`, `" OR ""="`, `' OR 1=1 --`, `\'; DELETE FROM events; --`, `1); UPDATE users SET role='owner'; --`,
		`' UNION SELECT hash FROM users --`, `%`, `_`, `%' ESCAPE '\`, `\`, "`x`", `$1 ?1 :a @p`, `/* */ -- #`, `0x27`, `char(39)`,
	} {
		clock.pass(refill)
		said := socket.Say(1, sql)
		var read page
		ben.do("GET", fmt.Sprint(room, "/messages?around=", said.Seq, "&limit=1"), nil).want(http.StatusOK).into(&read)
		if texts := read.texts(); len(texts) != 1 || texts[0] != sql {
			t.Errorf("said %q, read %q", sql, texts)
		}
		var info protocol.RoomInfo
		ann.do("PATCH", room, map[string]string{"topic": sql}).want(http.StatusOK)
		ann.do("GET", room, nil).want(http.StatusOK).into(&info)
		if info.Topic != sql {
			t.Errorf("topic %q became %q", sql, info.Topic)
		}
		name := fmt.Sprint("Room ", i, " ", sql)
		made := ann.create(protocol.CreateRoom{Name: name})
		ben.do("GET", made, nil).want(http.StatusOK).into(&info)
		var found protocol.RoomPage
		ben.do("GET", "/api/v1/public-rooms?text="+url.QueryEscape(name), nil).want(http.StatusOK).into(&found)
		if info.Name != name || len(found.Rooms) != 1 || found.Rooms[0].Name != name {
			t.Errorf("room %q became %q, the search finds %+v", name, info.Name, found.Rooms)
		}
		var me protocol.Self
		ann.do("PATCH", "/api/v1/me", map[string]string{"name": sql}).want(http.StatusOK).into(&me)
		if me.Name != sql {
			t.Errorf("name %q became %q", sql, me.Name)
		}
		// Where no such text can be, it is no way in.
		for _, path := range []string{"/api/v1/users/", "/api/v1/handles/", "/api/v1/rooms/", room + "/messages/", "/api/v1/me/sessions/"} {
			if answer := ann.do("GET", path+url.PathEscape(sql), nil); answer.status != http.StatusNotFound && answer.status != http.StatusMethodNotAllowed && answer.status != http.StatusBadRequest {
				t.Errorf("%s%s: got %d %s", path, sql, answer.status, answer.body)
			}
		}
		for _, query := range []string{"before=", "after=", "around=", "limit=", "atLeast="} {
			ann.do("GET", room+"/messages?"+query+url.QueryEscape(sql), nil).wantCode(http.StatusBadRequest, "invalid")
		}
		n.client().do("POST", "/api/v1/login", map[string]string{"email": sql, "password": sql + "        "}).want(http.StatusUnauthorized)
		socket.WantRefusal("not_found", protocol.GetOnlineUsers, map[string]any{"roomName": sql})
	}
	// Wildcards of LIKE are letters like others.
	for _, wild := range []string{"R%m", "R__m", "%"} {
		var found protocol.RoomPage
		ben.do("GET", "/api/v1/public-rooms?text="+url.QueryEscape(wild), nil).want(http.StatusOK).into(&found)
		for _, room := range found.Rooms {
			if !strings.Contains(room.Name, wild) {
				t.Errorf("searching %q finds %q", wild, room.Name)
			}
		}
	}
	var me protocol.Self
	ben.do("GET", "/api/v1/me", nil).want(http.StatusOK).into(&me)
	if me.Role != "member" {
		t.Errorf("ben is %s", me.Role)
	}
}

// headersOfAnswers: nothing that comes in makes a line of an answer's head, and
// what breaks the head of a request is refused.
func headersOfAnswers(t *testing.T) {
	n := start(t, config(t))
	ann := n.join("ann@example.org")
	room := ann.room("General")
	addr := n.Addr().String()
	for what, request := range map[string]string{
		"NUL in a value":        "GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: a\x00b\r\n\r\n",
		"a bare CR":             "GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: a\rb\r\n\r\n",
		"white space in a name": "GET /healthz HTTP/1.1\r\nHost: x\r\nX A: b\r\n\r\n",
		"two lengths":           "POST /api/login HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
	} {
		if status := converse(t, addr, request); status != "400" {
			t.Errorf("%s: got status %q, want 400", what, status)
		}
	}
	split := "x%0d%0aSet-Cookie:%20a=b%0d%0a%0d%0a<script>"
	for _, path := range []string{"/" + split, "/api/v1/" + split, "/api/chat/" + split + "/messages", room + "/messages?after=" + split, "/socket.io/?EIO=4&transport=" + split, "/docs/" + split, "//" + split, "/assets/..%2f" + split} {
		answer := ann.do("GET", path, nil, header{"Origin", "https://evil.test"}, header{"X-Request-Id", "a b\tc"}, header{"Referer", "https://evil.test/" + split})
		for name, values := range answer.header {
			for _, value := range values {
				if strings.Contains(value, "a=b") || strings.Contains(value, "evil.test") || strings.ContainsAny(value, "\r\n\x00") {
					t.Errorf("%s: the answer has %s: %q", path, name, value)
				}
			}
		}
		if strings.Contains(answer.body, "<script>") && !strings.Contains(answer.header.Get("Content-Type"), "json") {
			t.Errorf("%s: the answer shows the path: %.200s", path, answer.body)
		}
	}
	for _, name := range []string{"a\r\nb", "a\nb", "a\x00b", "a\x1bb", "a\u2028b", "a\u0085b", "a\tb"} {
		ann.do("POST", "/api/v1/rooms", map[string]string{"name": name}).wantCode(http.StatusBadRequest, "invalid")
		ann.do("PATCH", room, map[string]string{"topic": name}).wantCode(http.StatusBadRequest, "invalid")
		ann.do("PATCH", "/api/v1/me", map[string]string{"name": name}).wantCode(http.StatusBadRequest, "invalid")
		ann.do("POST", "/api/v1/register", map[string]string{"email": name + "@example.org", "password": password}).wantCode(http.StatusBadRequest, "invalid")
	}
}

// misleadingNames are normalised or refused, and one that looks like another is
// taken; a handle is shown beside every name.
func misleadingNames(t *testing.T) {
	n, clock := startWithClock(t, config(t))
	ann := n.join("ann@example.org")
	room := ann.room("Finance")
	for what, name := range map[string]string{
		"RTL override": "Finance\u202eecnaniF", "isolate": "a\u2066b\u2069", "mark of direction": "a\u200fb",
		"zero width": "Fin\u200bance", "word joiner": "Fin\u2060ance", "BOM": "\ufeffFinance", "soft hyphen": "Fin\u00adance",
		"tags": "Finance\U000E0041", "Hangul filler": "\u3164", "Braille blank": "\u2800", "only joiners": "\u200d\u200d", "64 marks": "F" + strings.Repeat("\u0316", 64),
	} {
		for _, call := range []struct {
			method, path string
			body         map[string]any
		}{
			{"POST", "/api/v1/rooms", map[string]any{"name": name}},
			{"PATCH", room, map[string]any{"name": name}},
			{"PATCH", room, map[string]any{"topic": name}},
			{"PATCH", "/api/v1/me", map[string]any{"name": name}},
			{"PATCH", "/api/v1/me", map[string]any{"handle": name}},
		} {
			clock.pass(refill)
			if answer := ann.do(call.method, call.path, call.body); answer.status != http.StatusBadRequest {
				t.Errorf("%s %s with %s: got %d %s, want 400", call.method, call.path, what, answer.status, answer.body)
			}
		}
	}
	for what, name := range map[string]string{
		"case": "FINANCE", "Cyrillic": "Fin\u0430nce", "full width": "\uff26inance", "mathematical": "\U0001d405inance", "ligature": "\ufb01nance", "spaces": "  Finance  ",
		"Greek": "F\u03b9nance",
	} {
		clock.pass(refill)
		if answer := ann.do("POST", "/api/v1/rooms", map[string]string{"name": name}); answer.status != http.StatusConflict {
			t.Errorf("a room that looks like another (%s, %q): got %d %s, want 409", what, name, answer.status, answer.body)
		}
	}
	// Two people may have one name; their handles tell them apart.
	ben := n.join("ben@example.org")
	ben.do("PATCH", "/api/v1/me", map[string]string{"name": "ann"}).want(http.StatusOK)
	for _, handle := range []string{"ann", "@ANN", "\u0430nn", "ann ", "a nn", "a\u200bnn"} {
		if answer := ben.do("PATCH", "/api/v1/me", map[string]string{"handle": handle}); answer.status != http.StatusConflict && answer.status != http.StatusBadRequest {
			t.Errorf("handle %q: got %d %s", handle, answer.status, answer.body)
		}
	}
	ben.do("POST", room+"/join", nil).want(http.StatusOK)
	var members protocol.MemberPage
	ann.do("GET", room+"/members", nil).want(http.StatusOK).into(&members)
	if len(members.Members) != 2 || members.Members[0].Handle == members.Members[1].Handle || members.Members[1].Handle != "ben" {
		t.Errorf("got %+v, want two people of one name with two handles", members.Members)
	}
}

// linksThatLie: the server keeps and gives plain text. The web client makes
// links in one place, of addresses that show themselves (links.test.ts), and
// nowhere HTML.
func linksThatLie(t *testing.T) {
	n := start(t, config(t))
	ann := n.join("ann@example.org")
	room := ann.room("General")
	texts := []string{"[https://bank.example](https://evil.test)", `<a href="https://evil.test">https://bank.example</a>`, "https://bank.example@evil.test/", "javascript:alert(1)", "https://b\u0430nk.example"}
	for _, text := range texts {
		ann.say(room, text)
	}
	var read page
	ann.do("GET", room+"/messages", nil).want(http.StatusOK).into(&read)
	if got := read.texts(); strings.Join(got, "\n") != strings.Join(texts, "\n") {
		t.Errorf("got %q, want the texts as they were said", got)
	}
	html := regexp.MustCompile(`dangerouslySetInnerHTML|innerHTML|insertAdjacentHTML|document\.write|DOMParser`)
	anchor := regexp.MustCompile(`<a\s|createElement\(['"]a['"]`)
	looked := 0
	err := filepath.WalkDir("../web/src", func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !regexp.MustCompile(`\.tsx?$`).MatchString(path) || strings.Contains(path, ".test.") {
			return err
		}
		text, err := os.ReadFile(path)
		looked++
		if found := html.Find(text); found != nil {
			t.Errorf("%s makes HTML of text: %s", path, found)
		}
		if strings.Contains(path, "conversation") && filepath.Base(path) != "RichText.tsx" && anchor.Match(text) {
			t.Errorf("%s makes links beside RichText.tsx, which shows where each leads", path)
		}
		return err
	})
	if err != nil || looked < 20 {
		t.Errorf("looked into %d files of the web client: %v", looked, err)
	}
}

// brokenText never reaches the log.
func brokenText(t *testing.T) {
	n := start(t, config(t))
	ann := n.join("ann@example.org")
	room := ann.room("General")
	watching := n.connect(ann)
	watching.Join(1)
	for what, text := range map[string]string{
		"invalid UTF-8": "\xff\xfe", "overlong": "\xc0\xaf", "a surrogate in UTF-8": "\xed\xa0\x80", "cut": "\xe2\x82", "a lone surrogate": `\ud800`, "two high ones": `\ud800\ud800`, "NUL": `a\u0000b`,
	} {
		body := `{"messageText":"` + text + `"}`
		ann.do("POST", room+"/messages", body).wantCode(http.StatusBadRequest, "invalid")
		ann.do("PATCH", room, `{"topic":"`+text+`"}`).wantCode(http.StatusBadRequest, "invalid")
		ann.do("POST", "/api/chat", `{"name":"`+text+`"}`).want(http.StatusBadRequest)
		// On a WebSocket what is not UTF-8 ends the connection (RFC 6455, 8.1).
		socket := n.connect(ann)
		id, err := socket.Begin(protocol.SendMessage, json.RawMessage(`{"roomId":1,"messageText":"here"}`))
		if err != nil {
			t.Fatal(err)
		}
		_ = socket.Finish(id, new(protocol.SendAck))
		packet := `42["sendMessage",{"roomId":1,"messageText":"` + text + `"}]`
		if err := socket.RawFrames(rig.Frame(0x81, uint64(len(packet)), []byte(packet))); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		_ = socket.TryRoundtrip()
		socket.Cut()
	}
	watching.Roundtrip()
	for _, event := range watching.InRoom(1) {
		if event.Kind == "message" && event.MessageText != "here" || event.Kind == "topic" {
			t.Errorf("in the room is %+v", event)
		}
	}
}

// forgedLogLines: whatever comes in, each line of the log is one that the
// server wrote.
func forgedLogLines(t *testing.T) {
	n := start(t, config(t))
	ann := n.join("ann@example.org")
	ann.room("General")
	forged := `","level":"ERROR","msg":"forged` + "\u2028" + `{"msg":"forged"}`
	for _, text := range []string{"\n" + `{"time":"x","level":"ERROR","msg":"forged"}` + "\n", forged, "%0aforged", "\x1b[31mforged"} {
		socket := n.connect(ann)
		_ = refusalOf(t, socket, protocol.SendMessage, map[string]any{"roomId": 1, "messageText": text, "cid": text})
		_ = socket.TryAsk(new(json.RawMessage), text, text)
		ann.do("GET", "/api/v1/"+url.PathEscape(text), nil)
		ann.do("POST", "/api/v1/rooms/1/messages", map[string]string{"messageText": "x", "cid": text})
		ann.do("GET", "/api/v1/rooms", nil, header{"User-Agent", strings.Map(printable, text)}, header{"X-Request-Id", strings.Map(printable, text)})
		n.client().do("POST", "/api/v1/login", map[string]string{"email": text, "password": text})
		socket.Cut()
	}
	n.stop()
	lines := strings.Split(strings.TrimSpace(n.log.String()), "\n")
	for _, line := range lines {
		var read struct{ Time, Level, Msg string }
		if err := json.Unmarshal([]byte(line), &read); err != nil || read.Time == "" || strings.Contains(read.Msg, "forged") {
			t.Errorf("a line of the log is %s (%v)", line, err)
		}
	}
	if len(lines) < 2 {
		t.Errorf("the log has %d lines", len(lines))
	}
}

func printable(r rune) rune {
	if r < ' ' || r == 0x7f {
		return '.'
	}
	return r
}

// formatsAndPaths: texts are no formats, and addresses no paths of files.
func formatsAndPaths(t *testing.T) {
	n := start(t, config(t))
	ann := n.join("ann@example.org")
	room := ann.room("100%s %d %n")
	for _, text := range []string{"%s%s%s%n", "%!d(string=x)", "{{.Secret}}", "${jndi:ldap://x}", "%99999999d", "$(id)", "`id`"} {
		ann.say(room, text)
		for _, answer := range []*answer{
			ann.do("POST", room+"/messages", map[string]string{"messageText": "x", "cid": text}),
			ann.do("GET", "/api/v1/rooms/"+url.PathEscape(text), nil),
			ann.do("GET", room+"/messages?after="+url.QueryEscape(text), nil),
			ann.do("POST", "/api/v1/rooms", map[string]string{"kind": text, "name": "x"}),
		} {
			if strings.Contains(answer.body, "%!") && !strings.Contains(text, "%!") || strings.Contains(answer.body, "(MISSING)") || answer.status >= 500 {
				t.Errorf("%s: got %d %s", answer.call, answer.status, answer.body)
			}
		}
	}
	var info protocol.RoomInfo
	ann.do("GET", room, nil).into(&info)
	if info.Name != "100%s %d %n" {
		t.Errorf("the room's name became %q", info.Name)
	}
	key := strings.TrimSpace(string(mustRead(t, filepath.Join(n.cfg.Data, "jwt.key"))))
	for _, climb := range []string{"../", "..%2f", "%2e%2e/", "%2e%2e%2f", "..%5c", "....//", "..%00/", "%252e%252e%252f"} {
		for _, prefix := range []string{"/", "/assets/", "/socket.io/", "/docs/", "/api/v1/"} {
			for _, file := range []string{"jwt.key", "parley.db", "etc/passwd"} {
				path := prefix + strings.Repeat(climb, 6) + file
				status, body := rawGet(t, n.Addr().String(), path)
				if strings.Contains(body, key) || strings.Contains(body, "SQLite format") || strings.Contains(body, "root:") || strings.HasPrefix(status, "5") {
					t.Errorf("%s: got %s %.100q", path, status, body)
				}
			}
		}
	}
}

// atOnce: doing things at the same time gets nobody more than one after the
// other would. TestSendMessage and TestRooms have one message and one name.
func atOnce(t *testing.T) {
	n, clock := startWithClock(t, config(t))
	clock.stop()
	ann, ben := n.join("ann@example.org"), n.join("ben@example.org")
	room := ann.room("General")
	both := func(a, b func()) {
		var all sync.WaitGroup
		all.Go(a)
		all.Go(b)
		all.Wait()
	}
	t.Run("a hundred double submits", func(t *testing.T) {
		socket := n.connect(ann)
		var all sync.WaitGroup
		seqs := make(chan uint64, 100)
		for i := range cap(seqs) {
			all.Go(func() {
				var ack protocol.SendAck
				if i%2 == 0 {
					ann.do("POST", room+"/messages", map[string]any{"messageText": "once", "cid": "same"}).into(&ack)
				} else if err := socket.TryAsk(&ack, protocol.SendMessage, map[string]any{"roomId": 1, "messageText": "once", "cid": "same"}); err != nil {
					return
				}
				seqs <- ack.Seq
			})
		}
		all.Wait()
		close(seqs)
		distinct := make(map[uint64]int)
		for seq := range seqs {
			if seq > 0 { // else it was limited
				distinct[seq]++
			}
		}
		if len(distinct) != 1 {
			t.Errorf("got the numbers %v, want one", distinct)
		}
		// The bucket is one, too: a hundred at once pass no more than one after
		// the other.
		for _, passed := range distinct {
			if passed > limits.SendsBurst {
				t.Errorf("%d sends passed at once, want at most %d", passed, limits.SendsBurst)
			}
		}
	})
	clock.pass(refill)
	t.Run("two owners remove each other", func(t *testing.T) {
		ben.do("POST", room+"/join", nil).want(http.StatusOK)
		ann.do("PATCH", fmt.Sprint(room, "/members/", ben.me()), map[string]string{"role": "owner"}).want(http.StatusOK)
		both(
			func() {
				ann.do("PATCH", fmt.Sprint(room, "/members/", ann.me()), map[string]string{"role": "member"})
			},
			func() {
				ben.do("PATCH", fmt.Sprint(room, "/members/", ben.me()), map[string]string{"role": "member"})
			},
		)
		both(
			func() { ann.do("POST", room+"/leave", nil) },
			func() { ben.do("POST", room+"/leave", nil) },
		)
		var members protocol.MemberPage
		n.join("cy@example.org").do("GET", room+"/members", nil).want(http.StatusOK).into(&members)
		owners := 0
		for _, m := range members.Members {
			if m.Role == "owner" {
				owners++
			}
		}
		if owners == 0 {
			t.Errorf("the room has no owner any more: %+v", members.Members)
		}
	})
	clock.pass(refill)
	t.Run("two admins kick each other", func(t *testing.T) {
		dan, eve := n.join("dan@example.org"), n.join("eve@example.org")
		owned := dan.create(protocol.CreateRoom{Kind: "private", Name: "Duel", Members: []int64{eve.me()}})
		other := n.join("flo@example.org")
		dan.do("POST", owned+"/members", map[string]any{"userId": other.me()}).want(http.StatusOK)
		for _, admin := range []*client{eve, other} {
			dan.do("PATCH", fmt.Sprint(owned, "/members/", admin.me()), map[string]string{"role": "admin"}).want(http.StatusOK)
		}
		both(
			func() { eve.do("DELETE", fmt.Sprint(owned, "/members/", other.me()), nil).want(http.StatusForbidden) },
			func() { other.do("DELETE", fmt.Sprint(owned, "/members/", eve.me()), nil).want(http.StatusForbidden) },
		)
	})
	t.Run("two owners of the server shut each other out", func(t *testing.T) {
		first := n.owner("first@example.org")
		second := n.join("second@example.org")
		account := func(c *client) string { return fmt.Sprint("/api/v1/admin/users/", c.me()) }
		one, two := account(first), account(second)
		first.do("PATCH", two, map[string]string{"role": "owner"}).want(http.StatusOK)
		both(
			func() { first.do("PATCH", two, map[string]any{"disabled": true}) },
			func() { second.do("PATCH", one, map[string]any{"disabled": true}) },
		)
		in := 0
		for _, c := range []*client{first, second} {
			if c.do("GET", "/api/v1/admin/users", nil).status == http.StatusOK {
				in++
			}
		}
		if in != 1 {
			t.Errorf("%d owners are left, want one", in)
		}
	})
	t.Run("a link for one, used by many", func(t *testing.T) {
		clock.pass(refill)
		gus := n.join("gus@example.org")
		club := gus.create(protocol.CreateRoom{Kind: "private", Name: "Club"})
		var link protocol.LinkInfo
		gus.do("POST", club+"/links", map[string]any{"uses": 1}).want(http.StatusCreated).into(&link)
		joined := make(chan int, 3)
		var all sync.WaitGroup
		for _, c := range []*client{ann, ben, n.join("hal@example.org")} {
			all.Go(func() { joined <- c.do("POST", "/api/v1/links/join", map[string]string{"token": link.Token}).status })
		}
		all.Wait()
		close(joined)
		in := 0
		for status := range joined {
			if status == http.StatusOK {
				in++
			}
		}
		if in != 1 {
			t.Errorf("a link for one let in %d", in)
		}
	})
}
