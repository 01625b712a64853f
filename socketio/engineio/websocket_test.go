package engineio

import (
	"bytes"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"

	"github.com/parleychat/parley/socketio/internal/testclient"
	"github.com/parleychat/parley/socketio/wsframe"
)

// quiet takes the place of a logger where a test provokes what is logged.
var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

func TestWebSocketMessages(t *testing.T) {
	w := start(t, Config{})
	w.onMessage = echo
	ws, r := w.dial(t)
	ws.Send("4hello", "4", "4€")
	ws.Expect("4hello", "4", "4€")
	ws.SendBinary([]byte{1, 2, 3, 4})
	ws.ExpectBinary([]byte{1, 2, 3, 4})
	long := "4" + strings.Repeat("x", 999_999)
	ws.Send(long)
	ws.Expect(long)
	ws.Raw(testclient.Frame(false, wsframe.Text, []byte("4frag")))
	ws.Raw(testclient.Frame(true, wsframe.Ping, []byte("p")))
	ws.Raw(testclient.Frame(true, wsframe.Continuation, []byte("ment")))
	if op, payload, _ := ws.Frame(); op != wsframe.Pong || string(payload) != "p" {
		t.Errorf("got frame %d %q, want pong p", op, payload)
	}
	ws.Expect("4fragment")
	if got := r.session.Transport(); got != "websocket" {
		t.Errorf("Transport: got %q, want websocket", got)
	}
}

func TestWebSocketInPieces(t *testing.T) {
	w := start(t, Config{})
	ws, r := w.dial(t)
	for _, b := range bytes.Join([][]byte{
		testclient.Frame(true, wsframe.Text, []byte("4one")),
		testclient.Frame(true, wsframe.Text, []byte("4"+strings.Repeat("x", 200))),
	}, nil) {
		ws.Raw([]byte{b})
	}
	r.expect(t, "text:one", "text:"+strings.Repeat("x", 200))
}

// A client may send right behind its handshake, before the answer.
func TestWebSocketEarlyBytes(t *testing.T) {
	w := start(t, Config{})
	w.onMessage = echo
	conn, err := net.Dial("tcp", w.http.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	request := "GET /engine.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
	frame := testclient.Frame(true, wsframe.Text, []byte("4early"))
	conn.Write(append([]byte(request), frame...))
	var got []byte
	buf := make([]byte, 1024)
	for !bytes.HasSuffix(got, []byte("4early")) {
		n, err := conn.Read(buf)
		if err != nil {
			t.Fatalf("after %q: %v", got, err)
		}
		got = append(got, buf[:n]...)
	}
}

func TestWebSocketMalformed(t *testing.T) {
	frame := func(op wsframe.Opcode, payload string) []byte { return testclient.Frame(true, op, []byte(payload)) }
	tests := []struct {
		name string
		in   []byte
		code wsframe.CloseCode
		why  Reason
	}{
		{"unknown packet type", frame(wsframe.Text, "abc"), 1002, ReasonParseError},
		{"empty packet", frame(wsframe.Text, ""), 1002, ReasonParseError},
		{"open packet", frame(wsframe.Text, "0"), 1002, ReasonParseError},
		{"ping in the wrong direction", frame(wsframe.Text, "2"), 1002, ReasonParseError},
		{"upgrade packet", frame(wsframe.Text, "5"), 1002, ReasonParseError},
		{"noop", frame(wsframe.Text, "6"), 1002, ReasonParseError},
		{"refused by the receiver", frame(wsframe.Text, "4refuse"), 1002, ReasonParseError},
		{"not UTF-8", frame(wsframe.Text, "4\xff"), 1002, ReasonParseError},
		{"unmasked", []byte("\x81\x02" + "4a"), 1002, ReasonParseError},
		{"2^63-1 bytes declared", []byte("\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff"), 1009, ReasonPayloadTooLarge},
		{"one byte above the limit", frame(wsframe.Text, "4"+strings.Repeat("x", 1000)), 1009, ReasonPayloadTooLarge},
		{"flood of pings", bytes.Repeat(frame(wsframe.Ping, ""), 65), 1008, ReasonFlood},
		{"flood of empty fragments", append(testclient.Frame(false, wsframe.Text, nil), bytes.Repeat(testclient.Frame(false, wsframe.Continuation, nil), 40)...), 1008, ReasonFlood},
	}
	w := start(t, Config{MaxPayload: 1000})
	w.onMessage = echo
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			ws, r := w.dial(t)
			ws.Raw(test.in)
			for {
				op, payload, ok := ws.Frame()
				if op == wsframe.Pong {
					continue
				}
				if !ok || op != wsframe.Close || wsframe.CloseCode(payload[0])<<8|wsframe.CloseCode(payload[1]) != test.code {
					t.Errorf("got frame %d %q (open: %v), want close %d", op, payload, ok, test.code)
				}
				break
			}
			ws.ExpectEnd()
			r.expectClosed(t, test.why)
		})
	}
}

func TestClientClosesWebSocket(t *testing.T) {
	w := start(t, Config{})
	t.Run("close frame", func(t *testing.T) {
		ws, r := w.dial(t)
		ws.Raw(testclient.Frame(true, wsframe.Close, []byte("\x03\xe9")))
		ws.ExpectClose(wsframe.CloseNormal)
		r.expectClosed(t, ReasonTransportClose)
	})
	t.Run("close packet", func(t *testing.T) {
		ws, r := w.dial(t)
		ws.Send("4last", "1", "4never")
		ws.ExpectClose(wsframe.CloseNormal)
		r.expectClosed(t, ReasonTransportClose)
		r.expect(t, "text:last")
		if len(r.got) != 0 {
			t.Error("a message behind the close packet was handled")
		}
	})
	t.Run("hangs up", func(t *testing.T) {
		ws, r := w.dial(t)
		ws.Conn.Close()
		r.expectClosed(t, ReasonTransportClose)
	})
	t.Run("hangs up inside a frame", func(t *testing.T) {
		ws, r := w.dial(t)
		ws.Raw(testclient.Frame(true, wsframe.Text, []byte("4hello"))[:7])
		ws.Conn.Close()
		r.expectClosed(t, ReasonTransportClose)
	})
}

func TestServerClosesWebSocket(t *testing.T) {
	w := start(t, Config{FarewellTimeout: testclient.Patience})
	ws, r := w.dial(t)
	r.session.Queue(TextFrame([]byte("queued")))
	r.session.CloseAfter(ReasonSlow, TextFrame([]byte("bye")))
	if r.session.Queue(TextFrame([]byte("late"))) {
		t.Error("a frame was taken after CloseAfter")
	}
	r.session.CloseAfter(ReasonForced, TextFrame([]byte("twice")))
	r.expectClosed(t, ReasonSlow)
	ws.Send("4late") // dropped
	ws.Expect("4queued", "4bye")
	ws.ExpectEnd()
	eventually(t, "the session is forgotten", func() bool { return w.server.NumSessions() == 0 })
	if len(r.got) != 0 {
		t.Error("a message was handled after CloseAfter")
	}
	if got := w.server.Stats().Closed[ReasonSlow]; got != 1 {
		t.Errorf("Stats.Closed[slow]: got %d, want 1", got)
	}
}

// A peer that does not hang up is hung up on.
func TestFarewellTimeout(t *testing.T) {
	w := start(t, Config{})
	ws, r := w.dial(t)
	r.session.CloseAfter(ReasonServerLeft)
	r.expectClosed(t, ReasonServerLeft)
	eventually(t, "the session is forgotten", func() bool { return w.server.NumSessions() == 0 })
	ws.ExpectClose(wsframe.CloseNormal)
}

func TestCloseWhileTheReceiverRuns(t *testing.T) {
	w := start(t, Config{})
	entered, leave := make(chan struct{}), make(chan struct{})
	w.onMessage = func(*recorder, []byte, bool) error {
		close(entered)
		<-leave
		return nil
	}
	ws, r := w.dial(t)
	ws.Send("4x", "4never")
	testclient.Receive(t, entered)
	r.session.CloseAfter(ReasonForced)
	if got := testclient.Receive(t, r.closing); got != ReasonForced {
		t.Errorf("Closing: got %v, want %v", got, ReasonForced)
	}
	select {
	case <-r.closed:
		t.Error("Closed was called while Message ran")
	default:
	}
	close(leave)
	if got := testclient.Receive(t, r.closed); got != ReasonForced {
		t.Errorf("Closed: got %v, want %v", got, ReasonForced)
	}
}

func TestReceiverThatPanics(t *testing.T) {
	w := start(t, Config{Logger: quiet})
	w.onMessage = func(r *recorder, data []byte, _ bool) error {
		if string(data) == "panic" {
			panic("bug")
		}
		return echo(r, data, false)
	}
	other, _ := w.dial(t)
	ws, r := w.dial(t)
	ws.Send("4panic", "4never")
	ws.ExpectClose(wsframe.CloseInternal)
	r.expectClosed(t, ReasonInternal)
	other.Send("4alive")
	other.Expect("4alive")
}
