package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/parleychat/parley/e2e/rig"
	"github.com/parleychat/parley/protocol"
	"github.com/parleychat/parley/socketio/wsframe"
)

// garbage makes it. Whatever the server does with it is right, as long as
// nobody else suffers.
type garbage struct {
	*rand.Rand
	t      *testing.T
	server *rig.Server
	vandal *rig.Person
	room   int64
}

// hangUp bounds how long garbage waits for an answer to it.
const hangUp = 500 * time.Millisecond

// say writes bytes to a new connection and reads a little of what comes back.
func (g *garbage) say(parts ...[]byte) {
	conn, err := net.Dial("tcp", g.server.Addr)
	if err != nil {
		g.t.Errorf("the server takes no connection: %v", err)
		return
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(hangUp))
	for _, part := range parts {
		if _, err := conn.Write(part); err != nil {
			return // it has hung up, rightly
		}
	}
	_, _ = io.CopyN(io.Discard, conn, 4096)
}

func (g *garbage) noise(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(g.Uint32())
	}
	return b
}

func pick[T any](g *garbage, from ...T) T { return from[g.IntN(len(from))] }

// bytes is no HTTP at all.
func (g *garbage) bytes() {
	g.say(g.noise(1 + g.IntN(4000)))
}

// halfRequests begin well.
func (g *garbage) halfRequests() {
	path := pick(g, "/api/login", "/api/register", "/socket.io/?EIO=4&transport=polling", "/api/chat", "/")
	begin := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: %s\r\n", path, mark)
	g.say([]byte(pick(g,
		begin,
		begin+"Content-Length: 1000\r\n\r\n{\"email\":\""+mark,
		begin+"Content-Length: 9223372036854775807\r\n\r\n{}",
		begin+"Content-Length: -1\r\n\r\n{}",
		begin+"Content-Length: 10\r\nContent-Length: 20\r\n\r\n{}",
		begin+"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n{}",
		begin+"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
		begin+"X-Long: "+strings.Repeat("a", 100_000)+"\r\n\r\n",
		begin+strings.Repeat("X-Many: a\r\n", 3000)+"\r\n",
		"GET "+strings.Repeat("/a", 50_000)+" HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET / HTTP/9.9\r\n\r\n",
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		"GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET http://other.example/ HTTP/1.1\r\nHost: x\r\n\r\n",
		"CONNECT other.example:443 HTTP/1.1\r\nHost: x\r\n\r\n",
	)))
}

// brokenHandshakes ask for a session in every wrong way.
func (g *garbage) brokenHandshakes() {
	query := pick(g, "", "?EIO=4", "?EIO=3&transport=polling", "?EIO=4&transport=carrier-pigeon", "?EIO=4&transport=websocket&sid="+mark,
		"?EIO=4&transport=polling&sid="+strings.Repeat("s", 8000), "?EIO=4&transport=websocket", "?transport=polling", "?EIO[]=4&transport[]=polling",
		"?EIO=4&transport=polling&token="+mark, "?EIO=4&transport=polling&j=0", "?EIO=4&transport=polling&b64=1")
	upgrade := pick(g, "", "Connection: Upgrade\r\nUpgrade: websocket\r\n", "Connection: Upgrade\r\nUpgrade: h2c\r\n")
	key := pick(g, "", "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short\r\n", "Sec-WebSocket-Version: 8\r\nSec-WebSocket-Key: cGFybGV5IGVuZCB0byBlbg==\r\n",
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: cGFybGV5IGVuZCB0byBlbg==\r\nSec-WebSocket-Extensions: permessage-deflate\r\n")
	origin := pick(g, "", "Origin: null\r\n", "Origin: https://evil.example\r\n", "Origin: http://"+g.server.Addr+".evil.example\r\n")
	method := pick(g, "GET", "POST", "PUT", "OPTIONS", "DELETE")
	g.say(fmt.Appendf(nil, "%s /socket.io/%s HTTP/1.1\r\nHost: %s\r\n%s%s%s\r\n", method, query, g.server.Addr, upgrade, key, origin), g.noise(g.IntN(100)))
}

// webSocket is how a good handshake begins.
func (g *garbage) webSocket() []byte {
	return fmt.Appendf(nil, "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: cGFybGV5IGVuZCB0byBlbg==\r\nAuthorization: %s\r\n\r\n", g.server.Addr, g.vandal.Token)
}

// frames break RFC 6455, or keep it in ways that nobody does.
func (g *garbage) frames() {
	text := []byte(`42["sendMessage",{"messageText":"` + mark + `"}]`)
	whole := rig.Frame(0x81, uint64(len(text)), text)
	unmasked := wsframe.Encode(wsframe.Text, text)
	kinds := [][]byte{
		g.noise(1 + g.IntN(2000)),
		unmasked,
		rig.Frame(0x81, 1<<63-1, text),
		rig.Frame(0x81, 1<<63, text),
		rig.Frame(0x81, 1<<40, text),
		rig.Frame(0x81, 999_999, text), // the rest never comes
		rig.Frame(0xF1, uint64(len(text)), text),
		rig.Frame(0x80|byte(g.IntN(16)), uint64(len(text)), text),
		rig.Frame(0x80, uint64(len(text)), text),
		rig.Frame(0x01, uint64(len(text)), text),
		append(rig.Frame(0x01, 1, []byte("4")), whole...),
		append(rig.Frame(0x01, 1, []byte("4")), []byte(strings.Repeat(string(rig.Frame(0x00, 0, nil)), 20_000))...),
		append(rig.Frame(0x01, 1, []byte("4")), []byte(strings.Repeat(string(rig.Frame(0x00, 1, []byte("2"))), 5_000))...),
		rig.Frame(0x89, 125, g.noise(125)),
		rig.Frame(0x89, 126, g.noise(126)),
		rig.Frame(0x09, 5, []byte("hello")),
		[]byte(strings.Repeat(string(rig.Frame(0x89, 5, []byte("hello"))), 5_000)),
		rig.Frame(0x88, 1, []byte{3}),
		rig.Frame(0x88, 2, []byte{0xFF, 0xFF}),
		rig.Frame(0x88, 4, []byte{3, 0xE8, 0xFF, 0xFE}),
		rig.Frame(0x81, 4, []byte{'4', 0xFF, 0xFE, 0xFD}),
		rig.Frame(0x82, 10, g.noise(10)),
		rig.Frame(0x81, 0, nil),
		[]byte(strings.Repeat(string(rig.Frame(0x81, 0, nil)), 5_000)),
		append(rig.Frame(0x88, 0, nil), whole...),
	}
	g.say(g.webSocket(), pick(g, kinds...), whole)
}

// socket is a signed-in connection of a vandal; nil when they have too many.
func (g *garbage) socket() *rig.Socket {
	socket, err := g.server.TryConnect(g.t, rig.How{Token: g.vandal.Token, Polling: g.IntN(2) == 0})
	if err != nil {
		return nil
	}
	return socket
}

// packets break Engine.IO and Socket.IO.
func (g *garbage) packets() {
	socket := g.socket()
	if socket == nil {
		return
	}
	defer socket.Cut()
	for range 20 {
		packet := pick(g, "", "9", "4", "42", "42[", "42[]", "42[null]", "42{}", `42"x"`, "420", "421[", "43", "43[]", "430[]", "43999999999[1]", "40", "40{}", `40{"token":"`+mark+`"}`,
			"41/other,", "44{}", "45", "4x", "2probe", "3", "5", "6", "1x", "0{}", `42/admin,["x"]`, `42["`+strings.Repeat("x", 100_000)+`"]`,
			`42[`+strings.Repeat("[", 100_000), `42["joinRoom",`+string(deep(500))+`]`, `42["sendMessage",{"a":1e999}]`, `42["sendMessage",{"roomId":1,"roomId":2}]`,
			`42["sendMessage",{"ROOMID":1}]`, "42[\"\xff\"]", `42["\ud800"]`, `42["sendMessage",{"messageText":"`+mark, "4"+string(g.noise(50)), string(g.noise(50)))
		if socket.Raw(packet) != nil {
			return
		}
	}
	_ = socket.TryRoundtrip()
}

// value is any JSON.
func (g *garbage) value(depth int) any {
	if depth > 0 && g.IntN(3) == 0 {
		if g.IntN(2) == 0 {
			return []any{g.value(depth - 1), g.value(depth - 1)}
		}
		return map[string]any{pick(g, "roomId", "roomName", "messageText", "cid", "__proto__", ""): g.value(depth - 1)}
	}
	return pick[any](g, nil, true, false, 0, -1, 1, g.room, 1e300, -1e300, 0.5, uint64(1)<<63, "", mark, "0", "1.aaaaaa", "99999999.aaaaaa", "0.", "\x00", "\u202e",
		strings.Repeat("é", 11_000), strings.Repeat("x", 300), []any{}, map[string]any{}, json.RawMessage("1e400"), deep(200))
}

// events are well-formed and make no sense.
func (g *garbage) events() {
	socket := g.socket()
	if socket == nil {
		return
	}
	defer socket.Cut()
	fields := []string{"roomId", "roomName", "messageText", "message", "cid", "retry", "since", "latest", "preview", "forever", "before", "after", "around", "limit", "atLeast", "count", "token", "seq", "userId", "role"}
	for range 20 {
		event := pick(g, protocol.JoinRoom, protocol.LeaveRoom, protocol.SendMessage, protocol.GetMessages, protocol.GetRecentMessages, protocol.GetOnlineUsers,
			protocol.Authenticate, "receiveMessage", "connect", "disconnecting", "newListener", "__proto__", "", mark)
		payload := make(map[string]any)
		if g.IntN(2) == 0 {
			payload["roomId"] = g.room
		}
		for range g.IntN(4) {
			payload[pick(g, fields...)] = g.value(3)
		}
		args := []any{payload}
		switch g.IntN(6) {
		case 0:
			args = []any{g.value(3)}
		case 1:
			args = []any{payload, g.value(3)}
		}
		var err error
		if g.IntN(2) == 0 {
			err = socket.TryEmit(event, args...)
		} else {
			_, err = socket.Begin(event, args...)
		}
		if err != nil {
			return
		}
	}
	_ = socket.TryRoundtrip()
}

// attachments are announced and do not come, or come and were not announced.
func (g *garbage) attachments() {
	socket := g.socket()
	if socket == nil {
		return
	}
	defer socket.Cut()
	for range 5 {
		announced := pick(g, "0", "1", "2", "10", "11", "1000000", "99999999999999999999", "-1", "x", "")
		payload := pick(g, `{"_placeholder":true,"num":0}`, `{"_placeholder":true,"num":-1}`, `{"_placeholder":true,"num":99}`, `{"_placeholder":"x","num":[]}`,
			`{"roomId":`+fmt.Sprint(g.room)+`,"messageText":{"_placeholder":true,"num":0}}`)
		if socket.Raw(fmt.Sprintf(`45%s-["sendMessage",%s]`, announced, payload)) != nil {
			return
		}
		if socket.Raw(pick(g, "bAAAA", "b"+strings.Repeat("A", 10_000), "b!!!", `42["sendMessage",{}]`, "46"+announced+"-1[]", "2")) != nil {
			return
		}
	}
}

// pollingBodies go to a session that is signed in.
func (g *garbage) pollingBodies() {
	socket, err := g.server.TryConnect(g.t, rig.How{Token: g.vandal.Token, Polling: true})
	if err != nil {
		return
	}
	defer socket.Cut()
	session, _ := socket.IDs()
	_ = socket.Raw(pick(g,
		strings.Repeat("2\x1e", 400_000)+"2",
		strings.Repeat("\x1e", 900_000),
		strings.Repeat(`42["x"]`+"\x1e", 2_000),
		strings.Repeat("4", 999_999),
		strings.Repeat("4", 1_000_001),
		"b"+strings.Repeat("A", 900_000),
		string(g.noise(5000)),
		"1", "5", "2probe", "",
	))
	g.request(pick(g, "GET", "POST", "DELETE", "OPTIONS"), "/socket.io/?EIO=4&transport=polling&sid="+session, string(g.noise(20)))
}

// foreignSessions are guessed, upgraded without being one's own, or closed.
func (g *garbage) foreignSessions() {
	socket := g.socket()
	if socket == nil {
		return
	}
	session, id := socket.IDs()
	if g.IntN(2) == 0 {
		socket.Cut()
	} else {
		defer socket.Cut()
	}
	sid := pick(g, session, id, session[:len(session)-1]+"x", strings.Repeat("A", 24), "..", "%00")
	if g.IntN(2) == 0 {
		g.request("POST", "/socket.io/?EIO=4&transport=polling&sid="+sid, `42["sendMessage",{"messageText":"`+mark+`"}]`)
		return
	}
	handshake := strings.Replace(string(g.webSocket()), "transport=websocket", "transport=websocket&sid="+sid, 1)
	g.say([]byte(handshake), rig.Frame(0x81, 6, []byte("2probe")), rig.Frame(0x81, 1, []byte(pick(g, "5", "2", "x"))), g.noise(20))
}

// rest are calls with any method, path and body.
func (g *garbage) rest() {
	room := fmt.Sprint(pick[any](g, g.room, 0, -1, "x", "%2e%2e", "99999999999999999999", mark))
	path := pick(g, "/api/register", "/api/login", "/api/chat", "/api/chat/"+room+"/messages", "/api/v1/register", "/api/v1/login", "/api/v1/refresh", "/api/v1/logout",
		"/api/v1/me", "/api/v1/rooms", "/api/v1/rooms/"+room, "/api/v1/rooms/"+room+"/messages", "/api/v1/rooms/"+room+"/messages?before=-1&after=x&around=1e9&limit=99999999999", "/api/"+mark, "/readyz")
	body, err := json.Marshal(map[string]any{
		pick(g, "email", "name", "messageText"): g.value(3), pick(g, "password", "cid", "retry", "extra"): g.value(3),
	})
	if err != nil || g.IntN(3) == 0 {
		body = []byte(pick(g, "", "{", "null", `{"email":"`+mark, string(deep(100_000)), `{"email":1,"email":2}`, string(g.noise(500)), strings.Repeat("x", 200_000)))
	}
	g.request(pick(g, "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"), path, string(body))
}

// tokens are wrong in every place where one can stand.
func (g *garbage) tokens() {
	parts := strings.Split(g.vandal.Token, ".")
	token := pick(g, mark, "", ".", "..", parts[0]+"."+parts[1]+".", parts[0]+"."+parts[1]+"."+mark, strings.Repeat(".", 4000), strings.Repeat("a", 10_000),
		parts[1]+"."+parts[0]+"."+parts[2], "\x00", "Bearer", "Basic "+mark)
	socket, err := g.server.TryConnect(g.t, rig.How{Token: token, Polling: g.IntN(2) == 0})
	if err == nil {
		g.t.Errorf("the token %.60q was taken", token)
		socket.Cut()
	}
	req, err := http.NewRequest("GET", g.server.URL+"/api/v1/me?token="+g.vandal.Token, nil)
	if err != nil {
		g.t.Error(err)
		return
	}
	req.Header["Authorization"] = []string{strings.ReplaceAll(token, "\x00", "")}
	if _, err := g.server.Do(req); err == nil {
		g.t.Errorf("REST with the token %.60q was answered", token)
	}
}

func (g *garbage) request(method, path, body string) {
	req, err := http.NewRequest(method, g.server.URL+path, strings.NewReader(body))
	if err != nil {
		return // no client can send it
	}
	req.Header.Set("Content-Type", pick(g, "application/json", "application/json", "application/json", "text/plain", "", mark))
	req.Header.Set("Authorization", pick(g, g.vandal.Token, "Bearer "+g.vandal.Token, "BEARER "+g.vandal.Token, mark))
	_, _ = g.server.Do(req)
}
