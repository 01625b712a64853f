package engineio

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parleychat/parley/socketio/internal/testclient"
	"github.com/parleychat/parley/socketio/wsframe"
)

func TestFlushIsOneWrite(t *testing.T) {
	w := start(t, Config{})
	ws, r := w.dial(t)
	before := w.server.Stats()
	var want []string
	for i := range 100 {
		m := strconv.Itoa(i)
		r.session.Queue(TextFrame([]byte(m)))
		want = append(want, "4"+m)
	}
	if got := w.server.Stats().Writes; got != before.Writes {
		t.Errorf("Queue wrote %d times", got-before.Writes)
	}
	r.session.Flush()
	after := w.server.Stats()
	if got := after.Writes - before.Writes; got != 1 {
		t.Errorf("writes: got %d, want 1", got)
	}
	if got := after.Frames - before.Frames; got != 100 {
		t.Errorf("frames: got %d, want 100", got)
	}
	if got := r.session.Buffered(); got != 0 {
		t.Errorf("Buffered: got %d, want 0", got)
	}
	ws.Expect(want...)
}

// Frames of all sizes around the one up to which they are copied together.
func TestFlushOfLongFrames(t *testing.T) {
	w := start(t, Config{MaxQueue: 64 << 20})
	ws, r := w.dial(t)
	var want []string
	for _, n := range []int{10, coalesceSize - 1, 10, 10, coalesceSize, coalesceSize + 1, 300_000, 1, 1, coalesceSize - 20, 2} {
		m := strings.Repeat("x", n)
		r.session.Queue(TextFrame([]byte(m)))
		want = append(want, "4"+m)
	}
	r.session.Flush()
	ws.Expect(want...)
}

func TestFlushDoesNotAllocate(t *testing.T) {
	w := start(t, Config{})
	ws, r := w.dial(t)
	go io.Copy(io.Discard, ws.Conn)
	frame := TextFrame([]byte(`2["hello",{"text":"some text"}]`))
	for name, frames := range map[string]int{"one frame": 1, "sixteen frames": 16} {
		allocs := testing.AllocsPerRun(1000, func() {
			for range frames {
				r.session.Queue(frame)
			}
			r.session.Flush()
		})
		// The collector may empty a pool meanwhile; what is steady shows as 1.
		if allocs >= 1 {
			t.Errorf("%s: got %v allocations, want 0", name, allocs)
		}
	}
}

// stalled opens a session whose client does not read and fills it up until the
// kernel takes no more, with numbered messages. It returns how many there are.
func stalled(t *testing.T, w *world, ws *testclient.WS, r *recorder) int {
	t.Helper()
	filler := strings.Repeat("x", 4000)
	for n := 0; ; n++ {
		if !r.session.Queue(TextFrame([]byte(fmt.Sprintf("%d:%s", n, filler)))) {
			t.Fatal("the queue was full before the peer was stalled")
		}
		r.session.Flush()
		if r.session.Buffered() > 0 && w.server.Stats().Stalled > 0 {
			return n + 1
		}
	}
}

func expectNumbered(t *testing.T, ws *testclient.WS, n int) {
	t.Helper()
	for i := range n {
		if got := ws.Next(); !strings.HasPrefix(got, fmt.Sprintf("4%d:", i)) {
			t.Fatalf("got %.12q, want message %d", got, i)
		}
	}
}

func TestPeerThatDoesNotRead(t *testing.T) {
	w := start(t, Config{MaxQueue: 64 << 20, SendBuffer: 8 << 10})
	ws, r := w.dial(t)
	n := stalled(t, w, ws, r)
	for i := range 500 {
		r.session.Queue(TextFrame([]byte(fmt.Sprintf("%d:late", n+i))))
		r.session.Flush()
	}
	expectNumbered(t, ws, n+500)
	eventually(t, "nobody waits for the peer any more", func() bool {
		r.session.mu.Lock()
		defer r.session.mu.Unlock()
		return !r.session.writing && r.session.buffered == 0
	})
}

func TestOverflow(t *testing.T) {
	overflown := make(chan *Session, 10)
	w := start(t, Config{MaxQueue: 256 << 10, SendBuffer: 8 << 10, FarewellTimeout: testclient.Patience,
		Overflow: func(s *Session) { overflown <- s }})
	ws, r := w.dial(t)
	n := stalled(t, w, ws, r)
	for r.session.Queue(TextFrame([]byte(fmt.Sprintf("%d:%s", n, strings.Repeat("x", 4000))))) {
		n++
	}
	if r.session.Queue(TextFrame([]byte("small"))) || r.session.QueueAll(TextFrame([]byte("a")), TextFrame([]byte("b"))) {
		t.Error("a frame was taken after the overflow")
	}
	if got := testclient.Receive(t, overflown); got != r.session {
		t.Error("Overflow got another session")
	}
	if len(overflown) != 0 {
		t.Error("Overflow was called twice")
	}
	if got, limit := r.session.Buffered(), 256<<10; got > limit {
		t.Errorf("Buffered: got %d, want at most %d", got, limit)
	}
	r.session.CloseAfter(ReasonSlow, TextFrame([]byte("farewell")))
	r.expectClosed(t, ReasonSlow)
	expectNumbered(t, ws, n)
	ws.Expect("4farewell")
	ws.ExpectEnd()
	if got := w.server.Stats().Overflow; got != 1 {
		t.Errorf("Stats.Overflow: got %d, want 1", got)
	}
}

func TestOverflowByDefault(t *testing.T) {
	w := start(t, Config{MaxQueue: 1000})
	ws, r := w.dial(t)
	if r.session.Queue(TextFrame(make([]byte, 1000))) {
		t.Error("a frame above the bound was taken")
	}
	r.expectClosed(t, ReasonSlow)
	ws.ExpectEnd()
}

// A peer that never reads again is cut off, and nobody is left waiting for it:
// the end of the test sees to that.
func TestStalledPeerIsCutOff(t *testing.T) {
	// Long enough for a slow machine to fill the peer's buffers first.
	w := start(t, Config{MaxQueue: 64 << 20, SendBuffer: 8 << 10, PingInterval: time.Second, PingTimeout: time.Second})
	ws, r := w.dial(t)
	stalled(t, w, ws, r)
	r.expectClosed(t, ReasonPingTimeout)
}

func TestConcurrentFlush(t *testing.T) {
	const writers, each = 8, 300
	w := start(t, Config{MaxQueue: 64 << 20, SendBuffer: 8 << 10})
	ws, r := w.dial(t)
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			for k := range each {
				r.session.QueueAll(TextFrame([]byte(fmt.Sprintf("%d %d", i, k))), TextFrame([]byte(fmt.Sprintf("%d and %d", i, k))))
				r.session.Flush()
			}
		})
	}
	var next [writers]int
	for range writers * each {
		var i, k int
		if m := ws.Next(); !scan(m, "4%d %d", &i, &k) || next[i] != k {
			t.Fatalf("got %q, want what writer %d says %d.", m, i, next[i])
		}
		next[i]++
		ws.Expect(fmt.Sprintf("4%d and %d", i, k))
	}
	wg.Wait()
}

func scan(s, format string, to ...any) bool {
	n, err := fmt.Sscanf(s, format, to...)
	return err == nil && n == len(to)
}

// startTLS serves over TLS, where frames are written by waiting.
func startTLS(t *testing.T, config Config) (*world, func() (*testclient.WS, *recorder)) {
	t.Helper()
	w := startWith(t, config, httptest.NewUnstartedServer(nil), (*httptest.Server).StartTLS)
	return w, func() (*testclient.WS, *recorder) {
		t.Helper()
		conn, err := tls.Dial("tcp", w.http.Listener.Addr().String(), &tls.Config{InsecureSkipVerify: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		ws, resp := testclient.Handshake(t, conn, w.url+"?EIO=4&transport=websocket", nil)
		if ws == nil {
			t.Fatalf("got status %d, want 101", resp.StatusCode)
		}
		testclient.ParseOpen(t, ws.Next())
		return ws, w.next(t)
	}
}

func TestTLS(t *testing.T) {
	w, dial := startTLS(t, Config{MaxQueue: 64 << 20})
	w.onMessage = echo
	ws, r := dial()
	ws.Send("4hello")
	ws.Expect("4hello")
	var want []string
	for i := range 1000 {
		m := fmt.Sprintf("%d:%s", i, strings.Repeat("x", i))
		r.session.Queue(TextFrame([]byte(m)))
		r.session.Flush()
		want = append(want, "4"+m)
	}
	ws.Expect(want...)
	r.session.CloseAfter(ReasonServerLeft, TextFrame([]byte("bye")))
	ws.Expect("4bye")
	ws.ExpectClose(wsframe.CloseNormal)
	r.expectClosed(t, ReasonServerLeft)
}

func TestTLSPeerThatDoesNotRead(t *testing.T) {
	w, dial := startTLS(t, Config{MaxQueue: 64 << 20, TransferTimeout: 100 * time.Millisecond})
	_, r := dial()
	for i := 0; i < 64 && r.session.Queue(BinaryFrame(make([]byte, 512<<10))); i++ {
		r.session.Flush()
	}
	r.expectClosed(t, ReasonTransportError)
	_ = w
}

func TestServerClose(t *testing.T) {
	w := start(t, Config{FarewellTimeout: testclient.Patience})
	ws, wr := w.dial(t)
	p, pr := w.poll(t)
	answer := p.Later()
	eventually(t, "the poll waits", pr.session.waiting)
	closed := make(chan error, 1)
	go func() { closed <- w.server.Close(context.Background()) }()
	ws.ExpectEnd()
	if status, body := answer(); status != 200 || body != "1" {
		t.Errorf("pending poll: got %d %q, want 200 1", status, body)
	}
	wr.expectClosed(t, ReasonShuttingDown)
	pr.expectClosed(t, ReasonShuttingDown)
	if err := testclient.Receive(t, closed); err != nil {
		t.Errorf("Close: %v", err)
	}
	if status, _ := testclient.Do(t, "GET", w.url+"?EIO=4&transport=polling", "", nil); status != 503 {
		t.Errorf("handshake after Close: got %d, want 503", status)
	}
	if ws, resp := testclient.TryDial(t, w.url+"?EIO=4&transport=websocket", nil); ws != nil || resp.StatusCode != 503 {
		t.Errorf("WebSocket after Close: got %d, want 503", resp.StatusCode)
	}
}

func TestServerCloseOutOfTime(t *testing.T) {
	w := start(t, Config{FarewellTimeout: testclient.Patience})
	entered, leave := make(chan struct{}), make(chan struct{})
	w.onMessage = func(*recorder, []byte, bool) error {
		close(entered)
		<-leave
		return nil
	}
	ws, r := w.dial(t)
	ws.Send("4x")
	testclient.Receive(t, entered)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := w.server.Close(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Close: got %v, want %v", err, context.Canceled)
	}
	ws.ExpectEnd()
	close(leave)
	r.expectClosed(t, ReasonShuttingDown)
}

func TestWritingToALostPeer(t *testing.T) {
	w := start(t, Config{})
	ws, r := w.dial(t)
	ws.Conn.(*net.TCPConn).SetLinger(0)
	ws.Conn.Close() // a reset
	for r.session.Queue(TextFrame([]byte("x"))) {
		r.session.Flush()
	}
	r.session.Flush()
	reason := testclient.Receive(t, r.closed)
	if reason != ReasonTransportError && reason != ReasonTransportClose {
		t.Errorf("closed: got %v, want a loss of the transport", reason)
	}
}

// BenchmarkFlush compares one frame through the queue with a bare Write of the
// same bytes to the same kind of connection.
func BenchmarkFlush(b *testing.B) {
	frame := TextFrame([]byte(`2["receiveMessage",{"text":"` + strings.Repeat("x", 100) + `"}]`))
	b.Run("bare", func(b *testing.B) {
		client, server := tcpPair(b)
		go io.Copy(io.Discard, client)
		b.ReportAllocs()
		for b.Loop() {
			server.Write(frame)
		}
	})
	for _, frames := range []int{1, 16} {
		b.Run(fmt.Sprintf("%d frames", frames), func(b *testing.B) {
			client, conn := tcpPair(b)
			go io.Copy(io.Discard, client)
			server, err := New(Config{Open: func(*Session, *http.Request) Receiver { return nil }})
			if err != nil {
				b.Fatal(err)
			}
			s := &Session{server: server, receiver: &recorder{}, slot: slotNone, sent: &server.counters.sent[0]}
			s.attachLocked(newWSConn(conn, 1000))
			b.ReportAllocs()
			for b.Loop() {
				for range frames {
					s.Queue(frame)
				}
				s.Flush()
				for s.Buffered() > 0 { // the kernel's buffer is full, where Write waits
					runtime.Gosched()
				}
			}
		})
	}
}

func tcpPair(b *testing.B) (client, server net.Conn) {
	b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer listener.Close()
	if client, err = net.Dial("tcp", listener.Addr().String()); err != nil {
		b.Fatal(err)
	}
	if server, err = listener.Accept(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { client.Close(); server.Close() })
	return client, server
}
