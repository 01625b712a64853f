package engineio

import (
	"net/http"
	"testing"
	"time"

	"github.com/parleychat/parley/socketio/internal/testclient"
	"github.com/parleychat/parley/socketio/wsframe"
)

// upgraded takes a polling session over to a WebSocket.
func upgraded(t *testing.T, p *testclient.Polling) *testclient.WS {
	t.Helper()
	ws := testclient.Dial(t, p.WebSocketURL(), nil)
	ws.Send("2probe")
	ws.Expect("3probe")
	ws.Send("5")
	return ws
}

func TestUpgrade(t *testing.T) {
	w := start(t, Config{})
	w.onMessage = echo
	p, r := w.poll(t)
	ws := testclient.Dial(t, p.WebSocketURL(), nil)
	ws.Send("2probe")
	ws.Expect("3probe")
	p.Expect("6") // so that the client can stop polling
	p.Send("4by polling")
	p.Expect("4by polling")
	r.session.Queue(TextFrame([]byte("queued")))
	ws.Send("5", "4hello")
	ws.Expect("4queued", "4hello")
	if got := r.session.Transport(); got != "websocket" {
		t.Errorf("Transport: got %q, want websocket", got)
	}
	if got := w.server.Stats().Upgraded; got != 1 {
		t.Errorf("Stats.Upgraded: got %d, want 1", got)
	}
	// All at once, as a client may that does not wait for the pong.
	p, _ = w.poll(t)
	ws = testclient.Dial(t, p.WebSocketURL(), nil)
	ws.Send("2probe", "5", "4hello")
	ws.Expect("3probe", "4hello")
}

func TestUpgradeEndsPendingPoll(t *testing.T) {
	w := start(t, Config{})
	p, r := w.poll(t)
	answer := p.Later()
	eventually(t, "the poll waits", r.session.waiting)
	ws := testclient.Dial(t, p.WebSocketURL(), nil)
	ws.Send("2probe")
	ws.Expect("3probe")
	if status, body := answer(); status != 200 || body != "6" {
		t.Errorf("pending poll: got %d %q, want 200 6", status, body)
	}
}

// A poll that crosses the upgrade packet on another connection is refused, like
// one that comes behind it.
func TestPollCrossesUpgrade(t *testing.T) {
	w := start(t, Config{})
	for range 20 {
		p, _ := w.poll(t)
		ws := testclient.Dial(t, p.WebSocketURL(), nil)
		ws.Send("2probe")
		ws.Expect("3probe")
		answer := p.Later()
		ws.Send("5")
		if status, body := answer(); status != 400 && body != "6" {
			t.Fatalf("got %d %q, want 400, or 6 on a slow machine", status, body)
		}
	}
}

func TestRequestsAfterUpgrade(t *testing.T) {
	w := start(t, Config{})
	w.onMessage = echo
	p, _ := w.poll(t)
	ws := upgraded(t, p)
	ws.Send("4switched")
	ws.Expect("4switched")
	p.ExpectGone()
	if status, _ := p.Post("4x"); status != 400 {
		t.Errorf("POST: got %d, want 400", status)
	}
	second := testclient.Dial(t, p.WebSocketURL(), nil)
	second.ExpectClose(wsframe.ClosePolicy)
	ws.Send("4hello")
	ws.Expect("4hello")
}

// A11: whatever a WebSocket does that does not keep to the upgrade, the session
// goes on.
func TestUpgradeThatFails(t *testing.T) {
	// Three attacks wait for this time to end; what keeps to the upgrade has to do
	// so within it, on a slow machine too.
	w := start(t, Config{UpgradeTimeout: 1500 * time.Millisecond})
	w.onMessage = echo
	tests := map[string]func(t *testing.T, p *testclient.Polling){
		"other EIO": func(t *testing.T, p *testclient.Polling) {
			ws, resp := testclient.TryDial(t, w.url+"?EIO=3&transport=websocket&sid="+p.Open.SID, nil)
			if ws != nil || resp.StatusCode != 400 {
				t.Errorf("got status %d, want 400", resp.StatusCode)
			}
		},
		"no EIO": func(t *testing.T, p *testclient.Polling) {
			ws, resp := testclient.TryDial(t, w.url+"?transport=websocket&sid="+p.Open.SID, nil)
			if ws != nil || resp.StatusCode != 400 {
				t.Errorf("got status %d, want 400", resp.StatusCode)
			}
		},
		"no WebSocket": func(t *testing.T, p *testclient.Polling) {
			ws, resp := testclient.TryDial(t, p.WebSocketURL(), http.Header{"Upgrade": {}})
			if ws != nil || resp.StatusCode != 400 {
				t.Errorf("got status %d, want 400", resp.StatusCode)
			}
		},
		"no probe": func(t *testing.T, p *testclient.Polling) {
			ws := testclient.Dial(t, p.WebSocketURL(), nil)
			ws.Send("5")
			ws.ExpectEnd()
		},
		"message before the upgrade": func(t *testing.T, p *testclient.Polling) {
			ws := testclient.Dial(t, p.WebSocketURL(), nil)
			ws.Send("2probe", "4injected")
			ws.Expect("3probe")
			ws.ExpectEnd()
		},
		"silence": func(t *testing.T, p *testclient.Polling) {
			testclient.Dial(t, p.WebSocketURL(), nil).ExpectEnd()
		},
		"silence after the probe": func(t *testing.T, p *testclient.Polling) {
			ws := testclient.Dial(t, p.WebSocketURL(), nil)
			ws.Send("2probe")
			ws.Expect("3probe")
			ws.ExpectEnd()
		},
		"a frame without end": func(t *testing.T, p *testclient.Polling) {
			ws := testclient.Dial(t, p.WebSocketURL(), nil)
			ws.Raw(testclient.Frame(true, wsframe.Text, make([]byte, 100_000))[:50_000])
			ws.ExpectEnd()
		},
		"hangs up": func(t *testing.T, p *testclient.Polling) {
			testclient.Dial(t, p.WebSocketURL(), nil).Conn.Close()
		},
		"a second one meanwhile": func(t *testing.T, p *testclient.Polling) {
			first := testclient.Dial(t, p.WebSocketURL(), nil)
			testclient.Dial(t, p.WebSocketURL(), nil).ExpectClose(wsframe.ClosePolicy)
			first.Conn.Close()
		},
	}
	for name, attack := range tests {
		t.Run(name, func(t *testing.T) {
			p, r := w.poll(t)
			attack(t, p)
			p.Send("4alive")
			p.Expect("4alive")
			eventually(t, "another WebSocket may try", func() bool {
				r.session.mu.Lock()
				defer r.session.mu.Unlock()
				return !r.session.poll.upgrading
			})
			ws := upgraded(t, p)
			ws.Send("4hello")
			ws.Expect("4hello")
		})
	}
}

func TestUpgradeAfterClose(t *testing.T) {
	w := start(t, Config{FarewellTimeout: testclient.Patience})
	p, r := w.poll(t)
	p.Send("1")
	r.expectClosed(t, ReasonTransportClose)
	testclient.Dial(t, p.WebSocketURL(), nil).ExpectClose(wsframe.ClosePolicy)
	p.Expect("6")
	if ws, resp := testclient.TryDial(t, p.WebSocketURL(), nil); ws != nil || resp.StatusCode != 400 {
		t.Errorf("when it is forgotten: got status %d, want 400", resp.StatusCode)
	}
}

func TestCloseDuringUpgrade(t *testing.T) {
	w := start(t, Config{FarewellTimeout: testclient.Patience})
	p, r := w.poll(t)
	ws := testclient.Dial(t, p.WebSocketURL(), nil)
	ws.Send("2probe")
	ws.Expect("3probe")
	r.session.CloseAfter(ReasonServerLeft)
	r.expectClosed(t, ReasonServerLeft)
	p.Expect("1")
	ws.ExpectEnd()
}

func TestUpgradeDuringClose(t *testing.T) {
	w := start(t, Config{FarewellTimeout: testclient.Patience})
	p, r := w.poll(t)
	ws := testclient.Dial(t, p.WebSocketURL(), nil)
	ws.Send("2probe")
	ws.Expect("3probe")
	r.session.CloseAfter(ReasonServerLeft, TextFrame([]byte("bye")))
	r.expectClosed(t, ReasonServerLeft)
	ws.Send("5", "4late")
	ws.Expect("4bye", "1")
	ws.ExpectEnd()
	if len(r.got) != 0 {
		t.Error("a message was handled after CloseAfter")
	}
}

// The Authorization header cannot come along from a browser, but when it does,
// it has to be the right one.
func TestUpgradeAuthorization(t *testing.T) {
	w := start(t, Config{})
	w.onMessage = echo
	alice := http.Header{"Authorization": {"alice"}}
	for _, header := range []http.Header{nil, alice} {
		p := testclient.Poll(t, w.url, alice)
		ws := testclient.Dial(t, p.WebSocketURL(), header)
		ws.Send("2probe", "5", "4hello")
		ws.Expect("3probe", "4hello")
	}
}
