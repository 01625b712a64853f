package client_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"

	"github.com/parleychat/parley/client"
	"github.com/parleychat/parley/protocol"
)

// script is a server that says exactly what a test tells it to.
type script struct {
	t     *testing.T
	url   string
	conns chan *line
}

// line is one connection to it.
type line struct {
	t     *testing.T
	ws    *websocket.Conn
	token string
	ended chan struct{} // closed when the handler may return
}

func scripted(t *testing.T) *script {
	t.Helper()
	s := &script{t: t, conns: make(chan *line)}
	web := httptest.NewServer(http.HandlerFunc(s.accept))
	s.url = web.URL
	t.Cleanup(web.Close)
	return s
}

func (s *script) accept(w http.ResponseWriter, r *http.Request) {
	ws, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer func() { _ = ws.CloseNow() }() // the client may have closed it
	l := &line{t: s.t, ws: ws, ended: make(chan struct{})}
	if l.write(r.Context(), `0{"pingInterval":25000,"pingTimeout":20000}`) != nil {
		return
	}
	_, text, err := ws.Read(r.Context())
	var auth protocol.Auth
	if err != nil || !strings.HasPrefix(string(text), "40") || json.Unmarshal(text[2:], &auth) != nil {
		return
	}
	l.token = auth.Token
	select {
	case s.conns <- l:
	case <-r.Context().Done():
		return
	case <-s.t.Context().Done():
		return
	}
	select {
	case <-l.ended:
	case <-s.t.Context().Done():
	}
}

// next waits for the next connection.
func (s *script) next() *line {
	s.t.Helper()
	select {
	case l := <-s.conns:
		return l
	case <-time.After(patience):
		s.t.Fatal("nobody connects")
		return nil
	}
}

func (l *line) write(ctx context.Context, text string) error {
	return l.ws.Write(ctx, websocket.MessageText, []byte(text))
}

// say sends a packet.
func (l *line) say(format string, args ...any) {
	l.t.Helper()
	if err := l.write(l.t.Context(), fmt.Sprintf(format, args...)); err != nil {
		l.t.Fatalf("say: %v", err)
	}
}

// heard waits for an event of this name and answers it.
func (l *line) heard(event string, into any, answer string) {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(l.t.Context(), patience)
	defer cancel()
	_, text, err := l.ws.Read(ctx)
	if err != nil {
		l.t.Fatalf("wait for %s: %v", event, err)
	}
	packet := string(text)
	start := strings.IndexByte(packet, '[')
	var args []json.RawMessage
	if !strings.HasPrefix(packet, "42") || start < 0 || json.Unmarshal(text[start:], &args) != nil || len(args) != 2 || string(args[0]) != fmt.Sprintf("%q", event) {
		l.t.Fatalf("heard %s, want %s", packet, event)
	}
	if into != nil {
		if err := json.Unmarshal(args[1], into); err != nil {
			l.t.Fatal(err)
		}
	}
	if answer != "" {
		l.say("43%s[%s]", packet[2:start], answer)
	}
}

// end closes the connection.
func (l *line) end() { close(l.ended) }

// tokens is a source of token-1, token-2 …, which notes what was refused.
type tokens struct {
	made    int
	refused []string
}

func (s *tokens) next(_ context.Context, refused string) (string, error) {
	if refused != "" || s.made == 0 {
		s.made++
		s.refused = append(s.refused, refused)
	}
	return fmt.Sprintf("token-%d", s.made), nil
}

// dialScript connects to a server that has let the client in.
func dialScript(t *testing.T, s *script, token client.TokenSource) (*client.Client, *line) {
	t.Helper()
	dialed := make(chan *client.Client, 1)
	go func() {
		c, err := client.Dial(context.Background(), client.Config{URL: s.url, Token: token})
		if err != nil {
			t.Errorf("dial: %v", err)
		}
		dialed <- c
	}()
	l := s.next()
	l.say("40{}")
	c := <-dialed
	t.Cleanup(c.Close)
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	return c, l
}

const (
	okAnswer = `{"ok":true}`
	joinedAt = `{"ok":true,"room":{"id":1},"head":{"seq":%d,"n":0,"cursor":"%d.AAAAAA"},"more":false}`
)

func (l *line) event(seq int) {
	l.t.Helper()
	l.say(`42["receiveMessage",{"seq":%d,"cursor":"%d.AAAAAA","kind":"message","roomId":1,"messageText":"%d"}]`, seq, seq, seq)
}

// A token that is about to end is renewed on the live connection; one that was
// taken away, or that is not let in, is replaced for the next.
func TestTokens(t *testing.T) {
	s, source := scripted(t), new(tokens)
	c, l := dialScript(t, s, source.next)
	if l.token != "token-1" {
		t.Errorf("connected with %s", l.token)
	}
	var renewal protocol.AuthenticateRequest
	for _, want := range []string{"token-2", "token-3"} {
		l.say(`42["problem",{"code":"expiring","message":"soon","reconnect":false}]`)
		l.heard(protocol.Authenticate, &renewal, okAnswer)
		if renewal.Token != want {
			t.Errorf("renewed with %s, want %s", renewal.Token, want)
		}
		// The answer to this comes behind that, so the renewal is known.
		told := make(chan error, 1)
		go func() { told <- c.Call(soon(t), protocol.GetOnlineUsers, struct{}{}, nil) }()
		l.heard(protocol.GetOnlineUsers, nil, okAnswer)
		if err := <-told; err != nil {
			t.Fatal(err)
		}
	}
	l.say(`42["problem",{"code":"revoked","message":"out","reconnect":false}]`)
	l.end()
	l = s.next()
	if l.token != "token-4" {
		t.Errorf("came back with %s, want token-4", l.token)
	}
	l.say(`44{"message":"Sign in.","data":{"code":"unauthorized","message":"Sign in."}}`)
	l.end()
	l = s.next()
	defer l.end()
	if l.token != "token-5" {
		t.Errorf("came back with %s, want token-5", l.token)
	}
	if diff := cmp.Diff([]string{"", "token-1", "token-2", "token-3", "token-4"}, source.refused); diff != "" {
		t.Errorf("refused (-want +got):\n%s", diff)
	}
}

// A server that wants nobody back ends the client.
func TestProblem(t *testing.T) {
	s := scripted(t)
	c, l := dialScript(t, s, client.Token("token"))
	defer l.end()
	l.say(`42["problem",{"code":"tooMany","message":"Close one first.","reconnect":false}]`)
	select {
	case <-c.Done():
	case <-time.After(patience):
		t.Fatal("the client goes on")
	}
	wantRefused(t, "the client", c.Err(), "tooMany")
}

// What the server gets wrong on the way costs a connection, or a question, and
// nothing else.
func TestServerInDisorder(t *testing.T) {
	s := scripted(t)
	c, l := dialScript(t, s, client.Token("token"))
	joined := make(chan *client.Room, 1)
	go func() {
		room, err := c.Join(context.Background(), 1, client.Latest(2))
		if err != nil {
			t.Errorf("join: %v", err)
		}
		joined <- room
	}()
	// An earlier subscription still sends.
	l.event(9)
	l.heard(protocol.LeaveRoom, nil, okAnswer)
	var asked protocol.JoinRequest
	l.heard(protocol.JoinRoom, &asked, "")
	if asked.Latest != 2 {
		t.Errorf("asked for %+v, want the latest 2", asked)
	}
	l.say(`42["receiveMessage",{"kind":"gap","roomId":1,"from":1,"to":7}]`)
	l.event(8)
	l.event(8)
	l.event(9)
	l.say("432["+joinedAt+"]", 9, 9)
	room := <-joined

	// A number is lost: it is asked for.
	l.event(11)
	l.heard(protocol.JoinRoom, &asked, `{"ok":false,"error":{"code":"busy","message":"wait","retryAfter":0.01}}`)
	if asked.Since == nil || *asked.Since != "9.AAAAAA" {
		t.Errorf("asked %+v, want since 9.AAAAAA", asked)
	}
	l.heard(protocol.JoinRoom, &asked, "")
	l.event(10)
	l.event(11)
	l.say("434["+joinedAt+"]", 11, 11)

	// What is no JSON ends the connection, and the room goes on over the next.
	l.event(12)
	l.say(`42["receiveMessage",{"seq":`)
	l.end()
	l = s.next()
	defer l.end()
	l.say("40{}")
	l.heard(protocol.JoinRoom, &asked, "")
	if asked.Since == nil || *asked.Since != "12.AAAAAA" {
		t.Errorf("asked %+v, want since 12.AAAAAA", asked)
	}
	l.event(13)
	l.say("431["+joinedAt+"]", 13, 13)

	got := summary(next(t, room, 7))
	want := []string{"0 gap", "8 message 8", "9 message 9", "10 message 10", "11 message 11", "12 message 12", "13 message 13"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}
