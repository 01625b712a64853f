package server_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parleychat/parley/e2e/rig"
	"github.com/parleychat/parley/limits"
	"github.com/parleychat/parley/protocol"
	"github.com/parleychat/parley/server"
)

// Attacks that exhaust: A30 to A45, A49. Beside each of them honest people talk,
// and none of them is cut.

// honest are two people who talk in a room while somebody else attacks.
type honest struct {
	t     *testing.T
	n     *node
	clock *clock
	room  int64
	path  string
	ann   *client
	ben   *client
	says  *rig.Socket
	gets  *rig.Socket

	mallory *client
}

// beside starts a server with honest people, and mallory.
func beside(t *testing.T) *honest {
	t.Helper()
	return besideIn(t, config(t))
}

func besideIn(t *testing.T, cfg server.Config) *honest {
	t.Helper()
	n, clock := startWithClock(t, cfg)
	clock.stop() // no bucket fills while a slow machine works
	h := &honest{t: t, n: n, clock: clock, ann: n.join("ann@example.org"), ben: n.join("ben@example.org"), mallory: n.join("mallory@example.org")}
	h.path = h.ann.room("General")
	h.room = roomID(h.path)
	h.says, h.gets = n.connect(h.ann), n.connect(h.ben)
	h.says.Join(h.room)
	h.gets.Join(h.room)
	return h
}

// talk wants that honest people are served as ever.
func (h *honest) talk(during string) {
	h.t.Helper()
	h.gets.AwaitSeq(h.room, h.says.Say(h.room, "during: "+during).Seq)
	h.ben.do("GET", h.path+"/messages?limit=1", nil).want(http.StatusOK)
}

// ends wants that a connection which misbehaved has ended.
func (h *honest) ends(socket *rig.Socket) {
	h.t.Helper()
	socket.AwaitEnd()
}

func giantFramesAndBodies(t *testing.T) {
	h := beside(t)
	for _, declared := range []uint64{1<<63 - 1, 1 << 63, 1 << 40, 1_000_001} {
		socket := h.n.connect(h.mallory)
		if err := socket.RawFrames(rig.Frame(0x81, declared, []byte("42"))); err != nil {
			t.Fatal(err)
		}
		h.ends(socket)
	}
	h.talk("declared lengths")
	// What fits a frame and is too much for an event is refused, not cut.
	socket := h.n.connect(h.mallory)
	socket.WantRefusal("too_large", protocol.SendMessage, map[string]any{"roomId": h.room, "messageText": strings.Repeat("x", 200<<10)})
	socket.Roundtrip()
	h.mallory.do("POST", h.path+"/messages", map[string]string{"messageText": strings.Repeat("x", 2<<20)}).wantCode(http.StatusRequestEntityTooLarge, "too_large")
	open := h.mallory.do("GET", "/socket.io/?EIO=4&transport=polling", nil).want(http.StatusOK)
	sid := sessionID.FindStringSubmatch(open.body)[1]
	h.mallory.do("POST", "/socket.io/?EIO=4&transport=polling&sid="+sid, "4"+strings.Repeat("x", 1_000_001)).want(http.StatusRequestEntityTooLarge)
	h.talk("giant bodies")
}

// strangePackets are no Engine.IO or Socket.IO, or events of strange names.
func strangePackets(t *testing.T) {
	h := beside(t)
	for _, name := range []string{"connect", "connect_error", "disconnect", "error", "__proto__", "constructor", "newListener", "", "nothing", strings.Repeat("x", 10_000), "receiveMessage", "problem"} {
		socket := h.n.connect(h.mallory)
		// Reserved names end the connection, all others are refused.
		if err := socket.TryAsk(new(json.RawMessage), name, map[string]any{}); err == nil {
			t.Errorf("the event %.40q was done", name)
		}
		socket.Cut()
	}
	for _, packet := range []string{"9", "x", "4", "49", "42", "42[", "42[1]", "42[null]", "42{}", "421", "42/nowhere,[\"x\"]", "40/nowhere,", "4399", "45", "46[]", "42999999999999999999[\"x\"]"} {
		for _, polling := range []bool{false, true} {
			socket := h.n.sockets().Connect(t, rig.How{Token: h.mallory.token, Polling: polling})
			if err := socket.Raw(packet); err == nil {
				_ = socket.TryRoundtrip() // answered, or cut
			}
			socket.Cut()
		}
	}
	h.talk("strange packets")
}

// forgedAttachments: CVE-2026-33151 is of this kind.
func forgedAttachments(t *testing.T) {
	h := beside(t)
	placeholder := `{"_placeholder":true,"num":0}`
	// A placeholder without an attachment is an object like any other.
	socket := h.n.connect(h.mallory)
	socket.WantRefusal("invalid", protocol.SendMessage, json.RawMessage(`{"roomId":1,"messageText":`+placeholder+`}`))
	socket.WantRefusal("invalid", protocol.SendMessage, map[string]any{"roomId": h.room, "messageText": json.RawMessage(`{"_placeholder":true,"num":-1}`)})
	socket.Roundtrip()
	for _, packet := range []string{
		`4599999999-["sendMessage",` + placeholder + `]`,
		`4511-["sendMessage",` + strings.Repeat(placeholder+",", 10) + placeholder + `]`,
		`45-1-["sendMessage",` + placeholder + `]`,
		`451-["sendMessage",{"_placeholder":true,"num":7}]`,
	} {
		bad := h.n.connect(h.mallory)
		if err := bad.Raw(packet); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(packet, `"num":7`) { // found out when its attachment has come
			if err := bad.RawFrames(rig.Frame(0x82, 3, []byte("abc"))); err != nil {
				t.Fatal(err)
			}
		}
		h.ends(bad)
	}
	// Attachments that never come: something else instead ends the connection.
	waiting := h.n.connect(h.mallory)
	if err := waiting.Raw(`451-["sendMessage",`+placeholder+`]`, `42["roundtrip",{}]`); err != nil {
		t.Fatal(err)
	}
	h.ends(waiting)
	// More bytes in attachments than a packet may have.
	heavy := h.n.connect(h.mallory)
	if err := heavy.Raw(`453-["sendMessage",` + strings.Repeat(placeholder+",", 2) + placeholder + `]`); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if heavy.RawFrames(rig.Frame(0x82, 400_000, make([]byte, 400_000))) != nil {
			break
		}
	}
	h.ends(heavy)
	h.talk("forged attachments")
}

// manyPackets in one polling body are worked off or refused; the bound is that
// of the body, and the work is linear in it.
func manyPackets(t *testing.T) {
	h := beside(t)
	for _, packet := range []string{"2", "3", "6", "4", `42["x"]`, "", "43[]", `42["roundtrip",{}]`} {
		body := strings.Repeat(packet+"\x1e", 900_000/(len(packet)+1)) + packet
		open := h.mallory.do("GET", "/socket.io/?EIO=4&transport=polling", nil).want(http.StatusOK)
		session := "/socket.io/?EIO=4&transport=polling&sid=" + sessionID.FindStringSubmatch(open.body)[1]
		h.mallory.do("POST", session, `40{"token":"`+h.mallory.token+`"}`).want(http.StatusOK)
		if answer := h.mallory.do("POST", session, body); answer.status != http.StatusOK && answer.status != http.StatusBadRequest {
			t.Errorf("%d packets %q: got %d %s", len(body)/(len(packet)+1), packet, answer.status, answer.body)
		}
		h.mallory.do("POST", session, "1") // if it is there still
	}
	h.talk("a million packets")
}

// strangeAcknowledgements: nobody waits for one, so all are for nothing.
func strangeAcknowledgements(t *testing.T) {
	h := beside(t)
	socket := h.n.connect(h.mallory)
	packets := make([]string, 0, 5_000)
	for i := range cap(packets) {
		packets = append(packets, fmt.Sprintf(`43%d[{"ok":true}]`, i))
	}
	if err := socket.Raw(packets...); err != nil {
		t.Fatal(err)
	}
	socket.Roundtrip()
	// Sends whose answers are not read are bounded: the 65th waits or is busy,
	// and what is let through is what the bucket has.
	done := 0
	ids := make([]string, 0, 200)
	h.mallory.do("POST", h.path+"/join", nil).want(http.StatusOK)
	for i := range cap(ids) {
		id, err := socket.Begin(protocol.SendMessage, map[string]any{"roomId": h.room, "messageText": fmt.Sprint(i)})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	for _, id := range ids {
		if socket.Finish(id, new(protocol.SendAck)) == nil {
			done++
		}
	}
	if done == 0 || done == len(ids) {
		t.Errorf("%d of %d sends at once were done, want some refused", done, len(ids))
	}
	h.talk("acknowledgements for nobody")
}

// emptyFrames: CVE-2026-48779 is of this kind.
func emptyFrames(t *testing.T) {
	h := beside(t)
	repeat := func(n int, frame []byte) []byte { return bytes.Repeat(frame, n) }
	for what, frames := range map[string][]byte{
		"empty fragments":       append(rig.Frame(0x01, 1, []byte("4")), repeat(5_000, rig.Frame(0x00, 0, nil))...),
		"fragments of one byte": append(rig.Frame(0x01, 1, []byte("4")), repeat(20_000, rig.Frame(0x00, 1, []byte("2")))...),
		"pings":                 repeat(5_000, rig.Frame(0x89, 5, []byte("hello"))),
		"pongs":                 repeat(5_000, rig.Frame(0x8A, 5, []byte("hello"))),
		"empty messages":        repeat(5_000, rig.Frame(0x81, 0, nil)),
	} {
		socket := h.n.connect(h.mallory)
		// The server may hang up before it has been sent everything.
		_ = socket.RawFrames(frames)
		socket.AwaitEnd()
		h.talk(what)
	}
}

// strangeJSON is refused by sockets and REST alike; TestSendMessage has more.
func strangeJSON(t *testing.T) {
	h := beside(t)
	socket := h.n.connect(h.mallory)
	h.mallory.do("POST", h.path+"/join", nil).want(http.StatusOK)
	wide := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `,"k%d":0`, i)
		}
		return b.String()
	}
	for what, more := range map[string]string{
		"deep":                    `,"x":` + strings.Repeat("[", 5_000) + strings.Repeat("]", 5_000),
		"a giant number":          `,"x":1` + strings.Repeat("0", 5_000),
		"a giant exponent":        `,"x":1e99999999`,
		"a key twice":             `,"messageText":"y"`,
		"a key in another case":   `,"MESSAGETEXT":"y"`,
		"a key in Kelvin's case":  `,"roomN\u0061me":"y","roomname":"x"`,
		"a lone surrogate":        `,"x":"\ud800"`,
		"NUL":                     `,"x":"\u0000"`,
		"the room in other cases": `,"ROOMID":2`,
	} {
		t.Log(what)
		text := `{"messageText":"x"` + more + `}`
		h.mallory.do("POST", h.path+"/messages", text).wantCode(http.StatusBadRequest, "invalid")
		socket.WantRefusal("invalid", protocol.SendMessage, json.RawMessage(`{"roomId":1,`+text[1:]))
	}
	// Wide is only long: read in one pass, and passed over.
	h.mallory.do("POST", h.path+"/messages", `{"messageText":"wide"`+wide(8_000)+`}`).want(http.StatusCreated)
	socket.Ask(new(protocol.SendAck), protocol.SendMessage, json.RawMessage(`{"roomId":1,"messageText":"wide"`+wide(8_000)+`}`))
	h.talk("strange JSON")
}

// compressionBombs: nothing that comes in is ever expanded.
func compressionBombs(t *testing.T) {
	h := beside(t)
	conn, reader := h.n.upgrade(t, "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n")
	defer conn.Close()
	response, err := http.ReadResponse(reader, nil)
	if err != nil || response.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("upgrade: got %v, %v", response, err)
	}
	if got := response.Header.Get("Sec-WebSocket-Extensions"); got != "" {
		t.Errorf("the server agrees to %q", got)
	}
	socket := h.n.connect(h.mallory)
	if err := socket.RawFrames(rig.Frame(0xC1, 5, []byte("hello"))); err != nil { // says that it is compressed
		t.Fatal(err)
	}
	h.ends(socket)

	var bomb bytes.Buffer
	zip := gzip.NewWriter(&bomb)
	_, _ = zip.Write([]byte(`{"messageText":"` + strings.Repeat("x", 5_000) + `"}`))
	_ = zip.Close()
	h.mallory.do("POST", h.path+"/messages", bomb.String(), header{"Content-Encoding", "gzip"}).wantCode(http.StatusBadRequest, "invalid")
	open := h.mallory.do("GET", "/socket.io/?EIO=4&transport=polling", nil).want(http.StatusOK)
	h.mallory.do("POST", "/socket.io/?EIO=4&transport=polling&sid="+sessionID.FindStringSubmatch(open.body)[1], bomb.String(), header{"Content-Encoding", "gzip"}).want(http.StatusBadRequest)
	h.talk("compressed bodies")
}

// upgrade asks for a WebSocket by hand.
func (n *node) upgrade(t *testing.T, headers string) (net.Conn, *bufio.Reader) {
	t.Helper()
	conn, err := net.Dial("tcp", n.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.SetDeadline(time.Now().Add(rig.Patience)); err != nil {
		t.Fatal(err)
	}
	_, err = fmt.Fprintf(conn, "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%s\r\n", n.Addr(), headers)
	if err != nil {
		t.Fatal(err)
	}
	return conn, bufio.NewReader(conn)
}

// slowPeers: who does not read is closed and loses nothing but the connection;
// nobody waits for them. Half requests end (hostileConnections, A10).
func slowPeers(t *testing.T) {
	h := beside(t)
	h.mallory.do("POST", h.path+"/join", nil).want(http.StatusOK)
	conn, reader := h.n.upgrade(t, "Authorization: "+h.mallory.token+"\r\n")
	defer conn.Close()
	if err := conn.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
		t.Fatal(err)
	}
	join := fmt.Sprintf(`420["joinRoom",{"roomId":%d}]`, h.room)
	for _, packet := range []string{"40", join} {
		if _, err := conn.Write(rig.Frame(0x81, uint64(len(packet)), []byte(packet))); err != nil {
			t.Fatal(err)
		}
	}
	// Read until the room is joined, and then no more.
	seen := make([]byte, 1)
	for text := ""; !strings.Contains(text, `"more":false`); text += string(seen) {
		if _, err := io.ReadFull(reader, seen); err != nil {
			t.Fatalf("after %q: %v", text, err)
		}
	}
	big := strings.Repeat("\U0001D11E", 9_900) // 40 KB
	last := uint64(0)
	for i := range 2 * limits.SendsBurst {
		h.clock.pass(time.Second / limits.SendsPerSecond)
		last = h.says.Say(h.room, fmt.Sprint(big, i)).Seq
	}
	h.gets.AwaitSeq(h.room, last)
	h.clock.pass(time.Minute)
	h.talk("somebody who does not read")
	if err := conn.SetDeadline(time.Now().Add(rig.Patience)); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(reader)
	if err != nil && !strings.Contains(err.Error(), "reset") {
		t.Fatalf("the connection of who does not read goes on: %v", err)
	}
	t.Logf("it had %d bytes before it was closed", len(rest))
}

// manyConnections: those that never say who they are end by themselves, those
// of one person and of one address are counted.
func manyConnections(t *testing.T) {
	cfg := config(t)
	cfg.TrustProxy = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	n := start(t, cfg)
	ann := n.join("ann@example.org")
	begun := time.Now()
	conn, reader := n.upgrade(t, "")
	defer conn.Close()

	var sockets []*rig.Socket
	for {
		socket, err := n.sockets().TryConnect(t, rig.How{Token: ann.token})
		if err != nil {
			t.Fatal(err)
		}
		if err := socket.TryRoundtrip(); err != nil {
			socket.AwaitEnd()
			break
		}
		if sockets = append(sockets, socket); len(sockets) > 50 {
			t.Fatal("the 51st socket of one person was let in")
		}
	}
	if len(sockets) != 50 {
		t.Errorf("%d sockets of one person were let in, want 50", len(sockets))
	}
	sockets[0].Roundtrip()
	sockets[0].Leave()
	rig.Eventually(t, "the place of a socket that left", func() bool {
		socket, err := n.sockets().TryConnect(t, rig.How{Token: ann.token})
		return err == nil && socket.TryRoundtrip() == nil
	})

	// By address: of IPv6 the network counts, of a proxy whom it speaks for,
	// and loopback is exempt.
	for from, want := range map[string]string{
		"203.0.113.9": "203.0.113.9", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::", "::ffff:203.0.113.9": "203.0.113.9", "127.0.0.1": "invalid IP", "": "invalid IP",
	} {
		if got := n.AddressCounted(from).String(); got != want {
			t.Errorf("connections from %q count for %s, want %s", from, got, want)
		}
	}
	if server.MaxSocketsPerAddress > 10_000 {
		t.Errorf("one address may open %d connections", server.MaxSocketsPerAddress)
	}

	// Nobody signs in on the first connection: it ends.
	if _, err := io.Copy(io.Discard, reader); err != nil {
		t.Fatalf("a connection that never says who it is: %v", err)
	}
	if after := time.Since(begun); after < 9*time.Second {
		t.Errorf("it had %v to do so, want 10 s", after)
	}
}

// floods: who asks for more than people do is told to slow down, and nobody
// else notices. Sends are in TestOneBucketForSocketsAndREST.
func floodOfJoins(t *testing.T) {
	h := beside(t)
	socket := h.n.connect(h.mallory)
	refused := 0
	for range limits.JoinsBurst + 100 {
		if got := refusalOf(t, socket, protocol.JoinRoom, map[string]any{"roomId": h.room}); strings.HasPrefix(got, "rate_limited") {
			refused++
		} else if got != "done" {
			t.Fatalf("a join: %s", got)
		}
	}
	if refused != 100 {
		t.Errorf("%d joins of %d were refused, want 100", refused, limits.JoinsBurst+100)
	}
	h.talk("joins")
	// One join is in the room's history, whatever the number of times.
	joins := 0
	for _, event := range h.gets.InRoom(h.room) {
		if event.Kind == "join" && event.UserID == h.mallory.me() {
			joins++
		}
	}
	if joins != 1 {
		t.Errorf("%d joins in the history, want 1", joins)
	}
}

func floodOfRequests(t *testing.T) {
	h := beside(t)
	var all sync.WaitGroup
	answers := make(chan *answer, 2*limits.ReadsBurst)
	for _, path := range []string{h.path + "/messages?limit=1000000000", "/api/v1/public-rooms?text=" + strings.Repeat("a", 300) + "&limit=1000000000", "/api/v1/rooms", h.path + "/members?limit=99999999999999999999"} {
		all.Go(func() {
			for range limits.ReadsBurst / 2 {
				answers <- h.mallory.do("GET", path, nil)
			}
		})
	}
	h.talk("reads")
	all.Wait()
	close(answers)
	limited := 0
	for answer := range answers {
		switch answer.status {
		case http.StatusOK, http.StatusBadRequest:
		case http.StatusTooManyRequests:
			limited++
			if answer.header.Get("Retry-After") == "" {
				t.Error("no Retry-After")
			}
		default:
			t.Errorf("%s: got %d %s", answer.call, answer.status, answer.body)
		}
	}
	if limited == 0 {
		t.Errorf("none of %d reads was refused", cap(answers))
	}
	socket := h.n.connect(h.mallory)
	for _, count := range []any{1_000_000_000, -5, 0} {
		if err := socket.TryAsk(new(protocol.RecentAck), protocol.GetRecentMessages, map[string]any{"roomId": h.room, "count": count}); err != nil && !strings.Contains(err.Error(), "rate_limited") {
			t.Errorf("count %v: %v", count, err)
		}
	}
	socket.WantRefusal("invalid", protocol.JoinRoom, map[string]any{"roomId": h.room, "latest": 1_000_000_000})
	h.talk("reads")
}

// editsOfOne: changing one message again and again costs the room no more
// than as many messages, and the page shows one.
func editsOfOne(t *testing.T) {
	h := beside(t)
	h.mallory.do("POST", h.path+"/join", nil).want(http.StatusOK)
	socket := h.n.connect(h.mallory)
	first := socket.Say(h.room, "again and again")
	edits := 0
	for i := range 3 * limits.SendsBurst {
		got := refusalOf(t, socket, protocol.EditMessage, map[string]any{"roomId": h.room, "targetSeq": first.Seq, "messageText": fmt.Sprint("edit ", i)})
		switch {
		case got == "done":
			edits++
		case !strings.HasPrefix(got, "rate_limited"):
			t.Fatalf("edit %d: %s", i, got)
		}
	}
	if edits != limits.SendsBurst-1 { // the message took one
		t.Errorf("%d edits were let through, want %d", edits, limits.SendsBurst-1)
	}
	h.talk("edits")
	var read page
	h.ben.do("GET", h.path+"/messages", nil).want(http.StatusOK).into(&read)
	if texts := read.texts(); len(texts) != 2 || !strings.HasPrefix(texts[0], "edit ") {
		t.Errorf("the page shows %q, want one message in its last form and one of ann's", texts)
	}
}

// longNames, and towers of marks.
func longNames(t *testing.T) {
	h := beside(t)
	tower := "a" + strings.Repeat("\u0301", 64)
	for what, text := range map[string]string{
		"4 KB": strings.Repeat("x", 4<<10), "100 KB": strings.Repeat("ä", 50<<10), "zalgo": tower, "zalgo at last": "honest " + tower, "marks first": "\u0301a", "one too many": strings.Repeat("x", 251),
	} {
		for _, call := range []struct {
			method, path string
			body         map[string]any
		}{
			{"POST", "/api/v1/rooms", map[string]any{"name": text}},
			{"PATCH", h.path, map[string]any{"name": text}},
			{"PATCH", h.path, map[string]any{"topic": text}},
			{"PATCH", "/api/v1/me", map[string]any{"name": text}},
			{"PATCH", "/api/v1/me", map[string]any{"handle": text}},
			{"POST", "/api/chat", map[string]any{"name": text}},
		} {
			who := h.ann
			if answer := who.do(call.method, call.path, call.body); answer.status != http.StatusBadRequest {
				t.Errorf("%s %s with a text that is %s: got %d %.200s, want 400", call.method, call.path, what, answer.status, answer.body)
			}
		}
	}
	h.talk("long names")
}

// noise: what strangers send makes the server write nothing.
func noise(t *testing.T) {
	h := beside(t)
	h.n.sockets()
	before := len(h.n.log.String())
	for i := range 200 {
		mark := fmt.Sprint("noise-", i)
		h.n.client().do("GET", "/"+mark+"?"+mark, nil, header{"User-Agent", mark})
		h.n.client().do("POST", "/api/v1/login", `{"email":"`+mark+`","password":"`+mark+`"}`)
		h.n.client().do("GET", "/api/v1/rooms/"+mark, nil, header{"Authorization", "Bearer " + mark})
		h.n.client().do("GET", "/socket.io/?EIO=4&transport=polling&sid="+mark, nil)
	}
	for i := range 30 {
		if _, err := h.n.sockets().TryConnect(t, rig.How{Token: fmt.Sprint("noise-", i)}); err == nil {
			t.Fatal("a socket without a token was let in")
		}
		socket := h.n.connect(h.mallory)
		_ = socket.Raw(`42["noise-`, "9noise-")
		socket.AwaitEnd()
		converse(t, h.n.Addr().String(), "noise-\r\n\r\n")
	}
	h.talk("noise")
	written := h.n.log.String()[before:]
	if lines := strings.Count(written, "\n"); lines > 30 {
		t.Errorf("noise wrote %d lines to the log:\n%.2000s", lines, written)
	}
	if strings.Contains(written, "noise-") {
		t.Errorf("what strangers sent is in the log:\n%.2000s", written)
	}
}
