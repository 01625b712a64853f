package socketio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parleychat/parley/socketio/internal/testclient"
	"github.com/parleychat/parley/socketio/wsframe"
)

// answerLikeASuite emits "auth", returns "message", acknowledges
// "message-with-ack".
func answerLikeASuite(s *Socket) {
	s.OnEvent(func(e *Event) {
		switch e.Name {
		case "message":
			s.QueueAll(EventFrames(s.Namespace(), "message-back", e.Args, e.Attachments)...)
			s.Flush()
		case "message-with-ack":
			args := make([]any, len(e.Args))
			for i, arg := range e.Args {
				args[i] = arg
				if data, ok := e.Binary(arg); ok {
					args[i] = data
				}
			}
			e.Ack(args...)
		}
	})
}

func TestConnect(t *testing.T) {
	s := newServer(t, Config{})
	for _, name := range []string{"/", "/custom"} {
		n := s.Of(name)
		n.Use(func(_ context.Context, h *Handshake) error {
			h.Value = string(h.Auth)
			return nil
		})
		n.OnConnect(func(s *Socket) { s.Emit("auth", s.Value()) })
	}
	url := serve(t, s)
	for _, test := range []struct{ connect, answer, event string }{
		{`40`, `40`, `42["auth",""]`},
		{`40/,`, `40`, `42["auth",""]`},
		{`40{"token":"123"}`, `40`, `42["auth","{\"token\":\"123\"}"]`},
		{`40/custom,`, `40/custom,`, `42/custom,["auth",""]`},
		{`40/custom`, `40/custom,`, `42/custom,["auth",""]`},
		{`40/custom,{"token":"abc"}`, `40/custom,`, `42/custom,["auth","{\"token\":\"abc\"}"]`},
	} {
		ws := connected(t, url, nil)
		ws.Send(test.connect)
		var payload map[string]string
		if err := json.Unmarshal([]byte(expectPrefix(t, ws, test.answer)), &payload); err != nil || len(payload) != 1 || len(payload["sid"]) != 20 {
			t.Errorf("%s: got payload %v (%v), want a sid of 20 characters", test.connect, payload, err)
		}
		ws.Expect(test.event)
	}
}

// What OnConnect sends leaves in one write with the answer.
func TestConnectIsOneWrite(t *testing.T) {
	s := newServer(t, Config{})
	s.Of("/").OnConnect(func(s *Socket) {
		for range 5 {
			s.Queue(EventFrame("/", "hello"))
		}
	})
	ws := connected(t, serve(t, s), nil)
	ws.Send("40")
	expectPrefix(t, ws, "40{")
	ws.Expect(`42["hello"]`, `42["hello"]`, `42["hello"]`, `42["hello"]`, `42["hello"]`)
	ws.Raw(testclient.Frame(true, wsframe.Close, nil))
	ws.ExpectClose(wsframe.CloseNormal) // so all is accounted for
	want := Stats{Writes: 3, Frames: 1 + 6 + 1}
	if got := s.Stats(); got.Writes != want.Writes || got.Frames != want.Frames {
		t.Errorf("got %d frames in %d writes, want %d in %d: open, answer and farewell", got.Frames, got.Writes, want.Frames, want.Writes)
	}
}

func TestConnectRefused(t *testing.T) {
	s := newServer(t, Config{Logger: quiet})
	n := s.Of("/")
	n.Use(func(_ context.Context, h *Handshake) error {
		switch string(h.Auth) {
		case `{"token":"bad"}`:
			return fmt.Errorf("check: %w", &ConnectError{"Unauthorized", map[string]string{"code": "unauthorized"}})
		case `{"token":"broken"}`:
			return errors.New("database password is wrong")
		}
		return nil
	})
	n.Use(func(_ context.Context, h *Handshake) error {
		if h.Auth == nil {
			return &ConnectError{Message: "No token"}
		}
		return nil
	})
	n.OnConnect(func(s *Socket) { s.Emit("welcome") })
	ws := connected(t, serve(t, s), nil)
	for _, test := range [][2]string{
		{`40/random`, `44/random,{"message":"Invalid namespace"}`},
		{`40/random,{"token":"good"}`, `44/random,{"message":"Invalid namespace"}`},
		{`40{"token":"bad"}`, `44{"message":"Unauthorized","data":{"code":"unauthorized"}}`},
		{`40{"token":"broken"}`, `44{"message":"Internal error"}`},
		{`40`, `44{"message":"No token"}`},
	} {
		ws.Send(test[0])
		ws.Expect(test[1])
	}
	// The connection lives, and another attempt may succeed.
	ws.Send(`40{"token":"good"}`)
	expectPrefix(t, ws, `40{"sid"`)
	ws.Expect(`42["welcome"]`)
}

func TestHandshakeOfMiddleware(t *testing.T) {
	s := newServer(t, Config{})
	seen := make(chan *Handshake, 1)
	s.Of("/").Use(func(ctx context.Context, h *Handshake) error {
		if _, ok := ctx.Deadline(); !ok {
			t.Error("the context has no deadline")
		}
		seen <- h
		return nil
	})
	url := serve(t, s)
	ws := testclient.Dial(t, url+"?EIO=4&transport=websocket&x=y&bad=%zz", http.Header{"Authorization": {"Bearer abc"}})
	ws.Next()
	ws.Send(`40{"a":1}`)
	h := testclient.Receive(t, seen)
	if got, want := h.Header.Get("Authorization"), "Bearer abc"; got != want {
		t.Errorf("Authorization: got %q, want %q", got, want)
	}
	if got, want := h.Query.Get("x"), "y"; got != want {
		t.Errorf("query x: got %q, want %q", got, want)
	}
	if got, want := string(h.Auth), `{"a":1}`; got != want {
		t.Errorf("Auth: got %s, want %s", got, want)
	}
	if h.Transport != "websocket" || h.Namespace != "/" || h.TLS || !strings.HasPrefix(h.RemoteAddr, "127.0.0.1:") || h.Address.String() != "127.0.0.1" {
		t.Errorf("got %+v", h)
	}

	p := testclient.Poll(t, url, http.Header{"Authorization": {"raw"}})
	p.Send("40")
	h = testclient.Receive(t, seen)
	if got, want := h.Header.Get("Authorization"), "raw"; h.Transport != "polling" || got != want {
		t.Errorf("polling: got transport %s, Authorization %q", h.Transport, got)
	}
	if h.Auth != nil {
		t.Errorf("Auth: got %q, want nil", h.Auth)
	}
}

func TestProtocolViolations(t *testing.T) {
	s := newServer(t, Config{MaxPayload: 10_000})
	for _, name := range []string{"/", "/custom"} {
		s.Of(name).OnConnect(answerLikeASuite)
	}
	url := serve(t, s)
	t.Run("before joining", func(t *testing.T) {
		for _, packet := range []string{`4abc`, `42["x"]`, `41`, `431[]`, `44{"message":"x"}`, `451-["x"]`, `4`, `40[]`, `40"x"`, `40{`} {
			ws := connected(t, url, nil)
			ws.Send(packet)
			ws.ExpectClose(wsframe.CloseProtocolError)
		}
		ws := connected(t, url, nil)
		ws.SendBinary([]byte{1})
		ws.ExpectClose(wsframe.CloseProtocolError)
	})
	t.Run("after joining", func(t *testing.T) {
		for _, packet := range []string{
			`4abc`, `42{}`, `42[]`, `42`, `42["connect"]`, `42["message"`, `42abc["message-with-ack",1]`, `42/custom,["message"]`,
			`40`, `44{"message":"x"}`, `43["x"]`, `452["message"]`, `4511-["message"]`, `42` + strings.Repeat(`[`, 9000),
		} {
			ws := joined(t, url)
			ws.Send(packet)
			ws.ExpectClose(wsframe.CloseProtocolError)
		}
	})
	t.Run("attachments", func(t *testing.T) {
		for name, attack := range map[string]func(ws *testclient.WS){
			"not announced":    func(ws *testclient.WS) { ws.SendBinary([]byte{1}) },
			"one too many":     func(ws *testclient.WS) { ws.Send(`451-["x"]`); ws.SendBinary(nil); ws.SendBinary(nil) },
			"text instead":     func(ws *testclient.WS) { ws.Send(`451-["x"]`, `42["x"]`) },
			"forged number":    func(ws *testclient.WS) { ws.Send(`451-["x",{"_placeholder":true,"num":1}]`); ws.SendBinary(nil) },
			"number of a text": func(ws *testclient.WS) { ws.Send(`451-["x",{"_placeholder":true,"num":"splice"}]`); ws.SendBinary(nil) },
			"forged in an ack": func(ws *testclient.WS) { ws.Send(`461-1[{"_placeholder":true,"num":9}]`); ws.SendBinary(nil) },
			"too much together": func(ws *testclient.WS) {
				ws.Send(`453-["x"]`)
				for range 2 {
					ws.SendBinary(make([]byte, 6_000))
				}
			},
		} {
			t.Run(name, func(t *testing.T) {
				ws := joined(t, url)
				attack(ws)
				ws.ExpectClose(wsframe.CloseProtocolError)
			})
		}
	})
}

func TestConnectTimeout(t *testing.T) {
	// Time enough for a slow machine to let in who asks at once.
	s := newServer(t, Config{ConnectTimeout: time.Second})
	s.Of("/").OnConnect(answerLikeASuite)
	url := serve(t, s)
	ws := connected(t, url, nil)
	refused := connected(t, url, nil)
	refused.Send("40/nowhere")
	refused.Expect(`44/nowhere,{"message":"Invalid namespace"}`)
	in := joined(t, url)
	answer := testclient.Poll(t, url, nil).Later()
	ws.ExpectClose(wsframe.ClosePolicy)
	refused.ExpectClose(wsframe.ClosePolicy)
	if status, body := answer(); status != 200 || body != "1" {
		t.Errorf("a poll of who never joined: got %d %q, want 200 1", status, body)
	}
	in.Send(`42["message",1]`)
	in.Expect(`42["message-back",1]`)
}

// Attachments that never come do not keep a packet in memory for ever.
func TestAttachmentTimeout(t *testing.T) {
	s := newServer(t, Config{})
	closed := make(chan Reason, 1)
	s.Of("/").OnConnect(func(s *Socket) { s.OnClose(func(r Reason) { closed <- r }) })
	s.config.PingInterval, s.config.PingTimeout = 50*time.Millisecond, 50*time.Millisecond // those of attachments alone
	ws := joined(t, serve(t, s))
	ws.Send(`451-["x",{"_placeholder":true,"num":0}]`)
	if got := testclient.Receive(t, closed); got != ReasonParseError {
		t.Errorf("closed: got %v, want %v", got, ReasonParseError)
	}
}

func TestTooManyRefusals(t *testing.T) {
	s := newServer(t, Config{})
	s.Of("/").OnConnect(nil)
	ws := joined(t, serve(t, s))
	for range maxRefused {
		ws.Send("40/x")
		ws.Expect(`44/x,{"message":"Invalid namespace"}`)
	}
	ws.Send("40/x")
	ws.ExpectClose(wsframe.CloseProtocolError)
}

func TestMessages(t *testing.T) {
	s := newServer(t, Config{})
	s.Of("/").OnConnect(answerLikeASuite)
	url := serve(t, s)
	ws := joined(t, url)
	ws.Send(`42["message",1,"2",{"3":[true]}]`)
	ws.Expect(`42["message-back",1,"2",{"3":[true]}]`)
	ws.Send(`42456["message-with-ack",1,"2",{"3":[false]}]`)
	ws.Expect(`43456[1,"2",{"3":[false]}]`)
	ws.Send(`42["unknown"]`, `427["unknown"]`, `42["__proto__"]`) // nobody handles them
	ws.Send(`450-["message","none"]`)
	ws.Expect(`42["message-back","none"]`)

	one, two := []byte{1, 2, 3}, []byte{4, 5, 6}
	ws.Send(`452-["message",{"_placeholder":true,"num":0},{"deep":[{"_placeholder":true,"num":1}]}]`)
	ws.SendBinary(one)
	ws.SendBinary(two)
	ws.Expect(`452-["message-back",{"_placeholder":true,"num":0},{"deep":[{"_placeholder":true,"num":1}]}]`)
	ws.ExpectBinary(one)
	ws.ExpectBinary(two)
	ws.Send(`452-789["message-with-ack",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}]`)
	ws.SendBinary(one)
	ws.SendBinary(two)
	ws.Expect(`462-789[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`)
	ws.ExpectBinary(two)
	ws.ExpectBinary(one)
}

func TestMessagesByPolling(t *testing.T) {
	s := newServer(t, Config{})
	s.Of("/").OnConnect(answerLikeASuite)
	p := testclient.Poll(t, serve(t, s), nil)
	p.Send("40")
	if _, body := p.Get(); !strings.HasPrefix(body, `40{"sid":"`) {
		t.Fatalf("got %q, want to have joined", body)
	}
	p.Send("42[\"message\",\"a\"]\x1e421[\"message-with-ack\",\"b\"]\x1e451-[\"message\",{\"_placeholder\":true,\"num\":0}]\x1ebAQID")
	p.Expect("42[\"message-back\",\"a\"]\x1e431[\"b\"]\x1e451-[\"message-back\",{\"_placeholder\":true,\"num\":0}]\x1ebAQID")
	if status, _ := p.Post("42{}"); status != 400 {
		t.Errorf("malformed packet: got %d, want 400", status)
	}
	p.ExpectGone()
}

// Events may be kept; their bytes are not those of the connection.
func TestEventsMayBeKept(t *testing.T) {
	s := newServer(t, Config{})
	var kept []*Event
	done := make(chan struct{})
	s.Of("/").OnConnect(func(s *Socket) {
		s.OnEvent(func(e *Event) {
			if kept = append(kept, e); len(kept) == 3 {
				close(done)
			}
		})
	})
	ws := joined(t, serve(t, s))
	ws.Send(`42["a","first"]`)
	ws.Send(`451-["b",{"_placeholder":true,"num":0}]`)
	ws.SendBinary([]byte("second"))
	ws.Send(`429["c","third"]`)
	testclient.Receive(t, done)
	second, ok := kept[1].Binary(kept[1].Args[0])
	got := []string{kept[0].Name, string(kept[0].Args[0]), kept[1].Name, string(second), kept[2].Name, string(kept[2].Args[0])}
	if diff := cmp.Diff([]string{"a", `"first"`, "b", "second", "c", `"third"`}, got); diff != "" || !ok {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if kept[0].HasAck() || !kept[2].HasAck() {
		t.Errorf("HasAck: got %v and %v, want false and true", kept[0].HasAck(), kept[2].HasAck())
	}
	if err := kept[0].Ack(); !errors.Is(err, ErrNoAck) {
		t.Errorf("Ack of one that asks for none: got %v, want %v", err, ErrNoAck)
	}
	if frame := kept[0].AckFrame(); frame != nil || !kept[0].Socket().Queue(frame) {
		t.Errorf("AckFrame of one that asks for none: got %q", frame)
	}
	if _, ok := kept[0].Binary(json.RawMessage(`{"_placeholder":true,"num":0}`)); ok {
		t.Error("a placeholder stands for an attachment that is not there")
	}
	socket := kept[2].Socket()
	socket.Queue(EventFrame("/", "before"))
	socket.Send(kept[2].AckFrame(json.RawMessage(`{"ok":true}`)))
	ws.Expect(`42["before"]`, `439[{"ok":true}]`)
}

func TestEmit(t *testing.T) {
	s := newServer(t, Config{})
	connected := sockets(s.Of("/"), nil)
	ws := joined(t, serve(t, s))
	socket := testclient.Receive(t, connected)
	socket.Emit("a", 1, "x", map[string]int{"k": 1}, nil, json.RawMessage(`[1,2]`))
	ws.Expect(`42["a",1,"x",{"k":1},null,[1,2]]`)
	socket.Emit("b", []byte("bin"), 7, []byte("ary"))
	ws.Expect(`452-["b",{"_placeholder":true,"num":0},7,{"_placeholder":true,"num":1}]`)
	ws.ExpectBinary([]byte("bin"))
	ws.ExpectBinary([]byte("ary"))
	if err := socket.Emit("c", func() {}); err == nil {
		t.Error("Emit of a function: got no error")
	}
	frame := EventFrame("/", "shared")
	for range 3 {
		if !socket.Send(frame) {
			t.Error("Send: got false")
		}
	}
	ws.Expect(`42["shared"]`, `42["shared"]`, `42["shared"]`)
}

func TestEmitWithAck(t *testing.T) {
	s := newServer(t, Config{})
	connected := sockets(s.Of("/"), nil)
	ws := joined(t, serve(t, s))
	socket := testclient.Receive(t, connected)
	type answer struct {
		reply *Reply
		err   error
	}
	ask := func(ctx context.Context) <-chan answer {
		c := make(chan answer, 1)
		go func() {
			reply, err := socket.Request(ctx, "ask", "x")
			c <- answer{reply, err}
		}()
		return c
	}
	ctx := context.Background()

	first := ask(ctx)
	ws.Expect(`420["ask","x"]`)
	second := ask(ctx)
	ws.Expect(`421["ask","x"]`)
	ws.Send(`4399["for nobody"]`, `431["two"]`, `430["one",1]`, `430["again"]`)
	if a := testclient.Receive(t, first); a.err != nil || len(a.reply.Args) != 2 || string(a.reply.Args[0]) != `"one"` {
		t.Errorf("first: got %+v, %v", a.reply, a.err)
	}
	if a := testclient.Receive(t, second); a.err != nil || len(a.reply.Args) != 1 || string(a.reply.Args[0]) != `"two"` {
		t.Errorf("second: got %+v, %v", a.reply, a.err)
	}

	binary := ask(ctx)
	ws.Expect(`422["ask","x"]`)
	ws.Send(`461-2["bar",{"_placeholder":true,"num":0}]`)
	ws.SendBinary([]byte{9})
	if a := testclient.Receive(t, binary); a.err != nil {
		t.Errorf("binary: %v", a.err)
	} else if data, ok := a.reply.Binary(a.reply.Args[1]); !ok || string(data) != "\x09" {
		t.Errorf("binary: got % x, %v", data, ok)
	}

	short, cancel := context.WithTimeout(ctx, time.Millisecond)
	defer cancel()
	if _, err := socket.EmitWithAck(short, "ask", "x"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("without an answer: got %v, want %v", err, context.DeadlineExceeded)
	}
	ws.Expect(`423["ask","x"]`)
	ws.Send(`433["late"]`)

	last := ask(ctx)
	ws.Expect(`424["ask","x"]`)
	ws.Conn.Close()
	if a := testclient.Receive(t, last); !errors.Is(a.err, ErrClosed) {
		t.Errorf("when the client goes: got %v, want %v", a.err, ErrClosed)
	}
	if _, err := socket.EmitWithAck(ctx, "ask"); !errors.Is(err, ErrClosed) {
		t.Errorf("afterwards: got %v, want %v", err, ErrClosed)
	}
	if err := socket.Emit("x"); !errors.Is(err, ErrClosed) {
		t.Errorf("Emit afterwards: got %v, want %v", err, ErrClosed)
	}
}

// A34: a client that never acknowledges costs a bounded amount.
func TestTooManyAcks(t *testing.T) {
	s := newServer(t, Config{})
	connected := sockets(s.Of("/"), nil)
	joined(t, serve(t, s))
	socket := testclient.Receive(t, connected)
	for range maxAcks {
		if _, _, err := socket.await(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := socket.EmitWithAck(context.Background(), "one more"); !errors.Is(err, ErrTooManyAcks) {
		t.Errorf("got %v, want %v", err, ErrTooManyAcks)
	}
}

func TestNamespaces(t *testing.T) {
	s := newServer(t, Config{})
	reasons := make(chan string, 10)
	for _, name := range []string{"/", "/custom"} {
		s.Of(name).OnConnect(func(s *Socket) {
			answerLikeASuite(s)
			s.OnClose(func(r Reason) { reasons <- s.Namespace() + " " + r.String() })
		})
	}
	ws := joined(t, serve(t, s))
	ws.Send("40/custom,")
	expectPrefix(t, ws, `40/custom,{"sid":"`)
	ws.Send(`42/custom,["message","x"]`, `42/custom,5["message-with-ack","y"]`)
	ws.Expect(`42/custom,["message-back","x"]`, `43/custom,5["y"]`)

	ws.Send("41/custom,", `42/custom,["message","late"]`, `42["message","to main"]`)
	ws.Expect(`42["message-back","to main"]`)
	if got, want := testclient.Receive(t, reasons), "/custom client disconnect"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	// Everything had been joined, so what it could be judged by is gone.
	ws.Send("40/custom,")
	ws.ExpectClose(wsframe.CloseNormal)
	if got, want := testclient.Receive(t, reasons), "/ transport close"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestJoinAgain(t *testing.T) {
	s := newServer(t, Config{})
	s.Of("/other") // not joined, so that the handshake is kept
	s.Of("/").OnConnect(answerLikeASuite)
	ws := joined(t, serve(t, s))
	ws.Send("41", "40")
	expectPrefix(t, ws, `40{"sid":"`)
	ws.Send(`42["message"]`)
	ws.Expect(`42["message-back"]`)
}

func TestLeave(t *testing.T) {
	s := newServer(t, Config{})
	closed := make(chan Reason, 2)
	s.Of("/other").OnConnect(answerLikeASuite)
	connected := sockets(s.Of("/"), func(s *Socket) { s.OnClose(func(r Reason) { closed <- r }) })
	ws := joined(t, serve(t, s))
	socket := testclient.Receive(t, connected)
	ws.Send("40/other,")
	expectPrefix(t, ws, "40/other,")
	socket.Leave()
	socket.Leave()
	ws.Expect("41")
	if got := testclient.Receive(t, closed); got != ReasonServerDisconnect {
		t.Errorf("closed: got %v, want %v", got, ReasonServerDisconnect)
	}
	if socket.Queue(EventFrame("/", "late")) || socket.QueueAll(EventFrame("/", "late")) {
		t.Error("a frame was taken after Leave")
	}
	ws.Send(`42["late"]`, `42/other,["message"]`)
	ws.Expect(`42/other,["message-back"]`)
}

func TestCloseAfter(t *testing.T) {
	for _, test := range []struct {
		reason Reason
		code   wsframe.CloseCode
		final  bool
	}{
		{ReasonServerDisconnect, wsframe.CloseNormal, true},
		{ReasonForced, wsframe.ClosePolicy, true},
		{ReasonSlow, 0, false},
		{ReasonShuttingDown, 0, false},
	} {
		t.Run(test.reason.String(), func(t *testing.T) {
			s := newServer(t, Config{})
			closed := make(chan Reason, 2)
			connected := sockets(s.Of("/"), func(s *Socket) {
				s.OnClose(func(r Reason) { closed <- r })
				s.OnEvent(func(*Event) { t.Error("an event was handled after CloseAfter") })
			})
			ws := joined(t, serve(t, s))
			socket := testclient.Receive(t, connected)
			socket.Queue(EventFrame("/", "queued"))
			socket.CloseAfter(EventFrame("/", "problem"), test.reason)
			socket.Close(ReasonForced)
			if socket.Queue(EventFrame("/", "late")) {
				t.Error("a frame was taken after CloseAfter")
			}
			ws.Send(`42["late"]`)
			ws.Expect(`42["queued"]`, `42["problem"]`)
			if test.final {
				ws.Expect("41")
			}
			if test.code == 0 {
				ws.ExpectEnd()
			} else {
				ws.ExpectClose(test.code)
			}
			if got := testclient.Receive(t, closed); got != test.reason {
				t.Errorf("OnClose: got %v, want %v", got, test.reason)
			}
			late := make(chan Reason, 1)
			socket.OnClose(func(r Reason) { late <- r })
			if got := testclient.Receive(t, late); got != test.reason {
				t.Errorf("OnClose of a closed socket: got %v, want %v", got, test.reason)
			}
			if len(closed) != 0 {
				t.Error("OnClose was called twice")
			}
		})
	}
}

func TestCloseReasons(t *testing.T) {
	reasons := make(chan Reason, 1)
	begin := func(config Config) (url string) {
		s := newServer(t, config)
		s.Of("/").OnConnect(func(s *Socket) { s.OnClose(func(r Reason) { reasons <- r }) })
		return serve(t, s)
	}
	url := begin(Config{MaxPayload: 1000})
	// One alone pings soon: with the others a slow machine would be in time for
	// nothing else.
	pinging := begin(Config{PingInterval: time.Second, PingTimeout: 50 * time.Millisecond})
	for want, attack := range map[Reason]func(ws *testclient.WS){
		ReasonTransportClose:   func(ws *testclient.WS) { ws.Conn.Close() },
		ReasonClientDisconnect: func(ws *testclient.WS) { ws.Send("41") },
		ReasonParseError:       func(ws *testclient.WS) { ws.Send("4x") },
		ReasonPayloadTooLarge:  func(ws *testclient.WS) { ws.Send(strings.Repeat("4", 1001)) },
		ReasonPingTimeout:      func(ws *testclient.WS) {},
	} {
		to := url
		if want == ReasonPingTimeout {
			to = pinging
		}
		attack(joined(t, to))
		if got := testclient.Receive(t, reasons); got != want {
			t.Errorf("got %v, want %v", got, want)
		}
	}
}

// Messages that the client sent before it went are handled before OnClose.
func TestOnCloseComesLast(t *testing.T) {
	s := newServer(t, Config{})
	order := make(chan string, 10)
	s.Of("/").OnConnect(func(s *Socket) {
		s.OnEvent(func(e *Event) { order <- e.Name })
		s.OnClose(func(Reason) { order <- "closed" })
	})
	ws := joined(t, serve(t, s))
	ws.Send(`42["a"]`, `42["b"]`, `42["c"]`)
	ws.Conn.Close()
	var got []string
	for range 4 {
		got = append(got, testclient.Receive(t, order))
	}
	if diff := cmp.Diff([]string{"a", "b", "c", "closed"}, got); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

func TestOnOverflow(t *testing.T) {
	overflown := make(chan *Socket, 10)
	s := newServer(t, Config{MaxQueue: 2000, OnOverflow: func(s *Socket) {
		overflown <- s
		s.CloseAfter(EventFrame("/", "problem", json.RawMessage(`{"code":"slow"}`)), ReasonSlow)
	}})
	connected := sockets(s.Of("/"), nil)
	ws := joined(t, serve(t, s))
	socket := testclient.Receive(t, connected)
	long := EventFrame("/", "long", json.RawMessage(`"`+strings.Repeat("x", 900)+`"`))
	for i, want := range []bool{true, true, false, false} {
		if got := socket.Queue(long); got != want {
			t.Errorf("frame %d taken: got %v, want %v", i+1, got, want)
		}
	}
	if got := testclient.Receive(t, overflown); got != socket || len(overflown) != 0 {
		t.Errorf("OnOverflow: got %d more calls, want one call", len(overflown))
	}
	expectPrefix(t, ws, `42["long"`)
	expectPrefix(t, ws, `42["long"`)
	ws.Expect(`42["problem",{"code":"slow"}]`)
	ws.ExpectEnd()
	if err := socket.Emit("late"); !errors.Is(err, ErrClosed) {
		t.Errorf("Emit: got %v, want %v", err, ErrClosed)
	}
}

func TestMiddlewareEndsWithTheServer(t *testing.T) {
	s := newServer(t, Config{Logger: quiet})
	entered, left := make(chan struct{}), make(chan error, 1)
	s.Of("/").Use(func(ctx context.Context, _ *Handshake) error {
		close(entered)
		<-ctx.Done()
		left <- ctx.Err()
		return ctx.Err()
	})
	s.Of("/").OnConnect(func(*Socket) { t.Error("a refused client is connected") })
	ws := connected(t, serve(t, s), nil)
	ws.Send("40")
	testclient.Receive(t, entered)
	if err := s.Close(context.Background()); err != nil {
		t.Errorf("Close: %v", err)
	}
	if err := testclient.Receive(t, left); !errors.Is(err, context.Canceled) {
		t.Errorf("middleware: got %v, want %v", err, context.Canceled)
	}
}

func TestUpgradeOfSocket(t *testing.T) {
	s := newServer(t, Config{})
	connected := sockets(s.Of("/"), answerLikeASuite)
	p := testclient.Poll(t, serve(t, s), nil)
	p.Send("40")
	p.Get()
	socket := testclient.Receive(t, connected)
	if got := socket.Transport(); got != "polling" {
		t.Errorf("Transport: got %q, want polling", got)
	}
	ws := testclient.Dial(t, p.WebSocketURL(), nil)
	ws.Send("2probe", "5", `42["message",1]`)
	ws.Expect("3probe", `42["message-back",1]`)
	if got := socket.Transport(); got != "websocket" {
		t.Errorf("Transport: got %q, want websocket", got)
	}
}

func TestServeHTTP(t *testing.T) {
	s := newServer(t, Config{})
	url := serve(t, s)
	for _, name := range []string{"socket.io.js", "socket.io.min.js"} {
		resp := testclient.Response(t, "GET", url+name, "", nil)
		resp.Body.Close()
		etag := resp.Header.Get("ETag")
		if resp.StatusCode != 200 || etag == "" || resp.Header.Get("Content-Type") != "text/javascript; charset=utf-8" || resp.ContentLength < 40_000 {
			t.Errorf("%s: got %d %v", name, resp.StatusCode, resp.Header)
		}
		for given, want := range map[string]int{etag: 304, "W/" + etag: 304, `"other", ` + etag: 304, `"other"`: 200} {
			if status, _ := testclient.Do(t, "GET", url+name, "", http.Header{"If-None-Match": {given}}); status != want {
				t.Errorf("%s with If-None-Match %s: got %d, want %d", name, given, status, want)
			}
		}
		if status, _ := testclient.Do(t, "POST", url+name, "", nil); status != 405 {
			t.Errorf("POST %s: got %d, want 405", name, status)
		}
	}
	for path, want := range map[string]int{"other.js": 404, "../": 404, "socket.io.js.map": 404} {
		if status, _ := testclient.Do(t, "GET", url+path, "", nil); status != want {
			t.Errorf("%s: got %d, want %d", path, status, want)
		}
	}
	without := strings.TrimSuffix(url, "/") + "?EIO=4&transport=polling"
	if status, _ := testclient.Do(t, "GET", without, "", nil); status != 200 {
		t.Errorf("without the slash: got %d, want 200", status)
	}
	// What a client of Socket.IO 2 is told.
	status, body := testclient.Do(t, "GET", url+"?EIO=3&transport=polling", "", nil)
	if want := `{"code":5,"message":"Unsupported protocol version"}`; status != 400 || body != want {
		t.Errorf("EIO 3: got %d %s, want 400 %s", status, body, want)
	}
	if got := s.NumConns(); got != 1 {
		t.Errorf("NumConns: got %d, want 1", got)
	}
}

func TestConfigRefused(t *testing.T) {
	for _, config := range []Config{{Path: "socket.io/"}, {Path: "/socket.io"}, {MaxQueue: -1}, {ConnectTimeout: -1}, {SessionIDPrefix: "a b"}} {
		if _, err := New(config); err == nil {
			t.Errorf("%+v: got no error", config)
		}
	}
	s := newServer(t, Config{})
	for _, name := range []string{"", "custom", "/a,b", "/" + strings.Repeat("x", maxNamespace)} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("Of(%.20q): no panic", name)
				}
			}()
			s.Of(name)
		}()
	}
}
