package engineio

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/parleychat/parley/socketio/internal/testclient"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// recorder is a receiver that tells the test what it is told.
type recorder struct {
	session *Session
	got     chan string // "text:..." or "binary:..."
	closing chan Reason
	closed  chan Reason

	onMessage func(r *recorder, data []byte, binary bool) error
}

func (r *recorder) Message(data []byte, binary bool) error {
	if r.onMessage != nil {
		return r.onMessage(r, data, binary)
	}
	kind := "text"
	if binary {
		kind = "binary"
	}
	r.got <- fmt.Sprintf("%s:%s", kind, data)
	return nil
}

func (r *recorder) Closing(reason Reason) { r.closing <- reason }
func (r *recorder) Closed(reason Reason)  { r.closed <- reason }

// expectClosed waits until the session is closed for that reason.
func (r *recorder) expectClosed(t *testing.T, want Reason) {
	t.Helper()
	if got := testclient.Receive(t, r.closing); got != want {
		t.Errorf("Closing: got %v, want %v", got, want)
	}
	if got := testclient.Receive(t, r.closed); got != want {
		t.Errorf("Closed: got %v, want %v", got, want)
	}
}

func (r *recorder) expect(t *testing.T, want ...string) {
	t.Helper()
	for _, w := range want {
		if got := testclient.Receive(t, r.got); got != w {
			t.Fatalf("receiver got %q, want %q", got, w)
		}
	}
}

// echo returns what it gets; the message "refuse" it does not like.
func echo(r *recorder, data []byte, binary bool) error {
	switch {
	case binary:
		r.session.Queue(BinaryFrame(data))
	case string(data) == "refuse":
		return errors.New("refused")
	default:
		r.session.Queue(TextFrame(data))
	}
	r.session.Flush()
	return nil
}

// world is a server at an address, and the receivers of its sessions.
type world struct {
	server    *Server
	http      *httptest.Server
	url       string // of the path
	receivers chan *recorder
	onMessage func(r *recorder, data []byte, binary bool) error
}

// start serves on 127.0.0.1 until the test ends. Everything must then be gone.
func start(t *testing.T, config Config) *world {
	t.Helper()
	return startWith(t, config, httptest.NewUnstartedServer(nil), (*httptest.Server).Start)
}

func startWith(t *testing.T, config Config, h *httptest.Server, begin func(*httptest.Server)) *world {
	t.Helper()
	// Most tests end with sessions whose clients never take leave.
	setDefault(&config.FarewellTimeout, 200*time.Millisecond)
	w := &world{receivers: make(chan *recorder, 10_000)}
	config.Open = func(s *Session, _ *http.Request) Receiver {
		r := &recorder{
			session:   s,
			got:       make(chan string, 10_000),
			closing:   make(chan Reason, 2),
			closed:    make(chan Reason, 2),
			onMessage: w.onMessage,
		}
		w.receivers <- r
		return r
	}
	server, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	w.server = server
	h.Config.Handler = server
	begin(h)
	w.http = h
	w.url = w.http.URL + "/engine.io/"
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), testclient.Patience)
		defer cancel()
		if err := server.Close(ctx); err != nil {
			t.Errorf("Close: %v", err)
		}
		if n := server.NumSessions(); n != 0 {
			t.Errorf("sessions after Close: got %d, want 0", n)
		}
		w.http.Close()
	})
	return w
}

func (w *world) next(t *testing.T) *recorder {
	t.Helper()
	return testclient.Receive(t, w.receivers)
}

// dial opens a WebSocket session.
func (w *world) dial(t *testing.T) (*testclient.WS, *recorder) {
	t.Helper()
	ws := testclient.Dial(t, w.url+"?EIO=4&transport=websocket", nil)
	testclient.ParseOpen(t, ws.Next())
	r := w.next(t)
	eventually(t, "the open packet is accounted for", func() bool {
		r.session.mu.Lock()
		defer r.session.mu.Unlock()
		return !r.session.writing
	})
	return ws, r
}

// poll opens a polling session.
func (w *world) poll(t *testing.T) (*testclient.Polling, *recorder) {
	t.Helper()
	p := testclient.Poll(t, w.url, nil)
	return p, w.next(t)
}

// eventually waits for a condition that the code under test offers no barrier
// for.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(testclient.Patience); !condition(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not after %v: %s", testclient.Patience, what)
		}
	}
}

// waiting reports whether a poll of the session waits for an answer.
func (s *Session) waiting() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.poll.wake != nil
}
