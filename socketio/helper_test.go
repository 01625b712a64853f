package socketio

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/parleychat/parley/socketio/internal/testclient"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// quiet takes the place of a logger where a test provokes what is logged.
var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

func newServer(t testing.TB, config Config) *Server {
	t.Helper()
	if config.FarewellTimeout == 0 {
		// Most tests end with clients that never take leave.
		config.FarewellTimeout = 200 * time.Millisecond
	}
	s, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), testclient.Patience)
		defer cancel()
		if err := s.Close(ctx); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

// serve serves on 127.0.0.1 until the test ends and returns the URL of the path.
func serve(t testing.TB, s *Server) string {
	t.Helper()
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	return web.URL + s.Path()
}

// connected is a WebSocket whose session is open and that has joined nothing.
func connected(t *testing.T, url string, header http.Header) *testclient.WS {
	t.Helper()
	ws := testclient.Dial(t, url+"?EIO=4&transport=websocket", header)
	testclient.ParseOpen(t, ws.Next())
	return ws
}

// joined is a WebSocket that has joined "/".
func joined(t *testing.T, url string) *testclient.WS {
	t.Helper()
	ws := connected(t, url, nil)
	ws.Send("40")
	expectPrefix(t, ws, `40{"sid":"`)
	return ws
}

func expectPrefix(t *testing.T, ws *testclient.WS, prefix string) string {
	t.Helper()
	got := ws.Next()
	rest, ok := strings.CutPrefix(got, prefix)
	if !ok {
		t.Fatalf("got %q, want it to begin with %q", got, prefix)
	}
	return rest
}

// sockets collects the sockets of a namespace, after f has set them up.
func sockets(n *Namespace, f func(*Socket)) <-chan *Socket {
	c := make(chan *Socket, 100)
	n.OnConnect(func(s *Socket) {
		if f != nil {
			f(s)
		}
		c <- s
	})
	return c
}
