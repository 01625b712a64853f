package engineio

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/parleychat/parley/socketio/internal/testclient"
)

func TestPollingMessages(t *testing.T) {
	w := start(t, Config{})
	w.onMessage = echo
	for _, payload := range []string{
		"4hello",
		"4test1\x1e4test2\x1e4test3",
		"4hello\x1ebAQIDBA==",
		"b",
		"4€",
		"4",
	} {
		p, _ := w.poll(t)
		p.Send(payload)
		p.Expect(payload)
	}
	p, _ := w.poll(t)
	p.Send("bAQID\nBA==\n") // as the client for Java does
	p.Expect("bAQIDBA==")
}

func TestPollWaitsForFlush(t *testing.T) {
	w := start(t, Config{})
	p, r := w.poll(t)
	answer := p.Later()
	eventually(t, "the poll waits", r.session.waiting)
	r.session.Queue(TextFrame([]byte("a")))
	r.session.Queue(TextFrame([]byte("b")))
	r.session.Flush()
	if status, body := answer(); status != 200 || body != "4a\x1e4b" {
		t.Errorf("got %d %q, want 200 %q", status, body, "4a\x1e4b")
	}
	if got := r.session.Buffered(); got != 0 {
		t.Errorf("Buffered: got %d, want 0", got)
	}
}

func TestPollingMalformed(t *testing.T) {
	w := start(t, Config{})
	for _, payload := range []string{
		"", "abc", "4ok\x1e", "\x1e4ok", "4ok\x1e\x1e4ok", "7", "0", "6", "5", "2", "1x", "b!!!!", "bAQIDBA", "bAQIDBA==x", "bAQIDBB==",
		"4\xff", "3" + strings.Repeat("x", 100), strings.Repeat("4\x1e", 10_000) + "4",
	} {
		p, r := w.poll(t)
		if status, _ := p.Post(payload); status != 400 {
			t.Errorf("POST %.20q: got %d, want 400", payload, status)
		}
		r.expectClosed(t, ReasonParseError)
		p.ExpectGone()
	}
}

func TestPollingReceiverRefuses(t *testing.T) {
	w := start(t, Config{})
	w.onMessage = echo
	p, r := w.poll(t)
	if status, _ := p.Post("4refuse\x1e4never"); status != 400 {
		t.Errorf("got %d, want 400", status)
	}
	r.expectClosed(t, ReasonParseError)
}

func TestDuplicatePoll(t *testing.T) {
	w := start(t, Config{})
	p, r := w.poll(t)
	first := p.Later()
	eventually(t, "the poll waits", r.session.waiting)
	if status, _ := p.Get(); status != 400 {
		t.Errorf("second poll: got %d, want 400", status)
	}
	if status, body := first(); status != 200 || body != "1" {
		t.Errorf("first poll: got %d %q, want 200 1", status, body)
	}
	p.ExpectGone()
	r.expectClosed(t, ReasonTransportError)
}

func TestCancelledPoll(t *testing.T) {
	w := start(t, Config{})
	p, r := w.poll(t)
	u, _ := url.Parse(p.URL)
	conn, err := net.Dial("tcp", u.Host)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", u.RequestURI())
	eventually(t, "the poll waits", r.session.waiting)
	conn.Close()
	r.expectClosed(t, ReasonTransportClose)
	p.ExpectGone()
}

// TestRepeatedPoll: a poll whose answer was lost is sent again by the peer's HTTP
// (browsers and libraries do, on another connection, when one that they had used
// before is reset), and nobody who reads polls there gets to know. The session
// ends, because what was in the answer is gone. Peers that mark their polls with
// always the same mark, or none, go on.
func TestRepeatedPoll(t *testing.T) {
	w := start(t, Config{})
	for _, tc := range []struct {
		name, first, second string
		sameConn, ends      bool
	}{
		{"the same again", "&t=a1", "&t=a1", false, true},
		{"the next one", "&t=a1", "&t=a2", false, false},
		{"no marks", "", "", false, false},
		{"always the same mark", "&t=1", "&t=1", true, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p, r := w.poll(t)
			u, _ := url.Parse(p.URL)
			connect := func() net.Conn {
				conn, err := net.Dial("tcp", u.Host)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { conn.Close() })
				return conn
			}
			get := func(conn net.Conn, mark string) int {
				fmt.Fprintf(conn, "GET %s%s HTTP/1.1\r\nHost: x\r\n\r\n", u.RequestURI(), mark)
				answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
				if err != nil {
					t.Fatal(err)
				}
				defer answer.Body.Close()
				if _, err := io.Copy(io.Discard, answer.Body); err != nil {
					t.Fatal(err)
				}
				return answer.StatusCode
			}
			r.session.Queue(TextFrame([]byte("lost")))
			r.session.Flush()
			conn := connect()
			if status := get(conn, tc.first); status != 200 {
				t.Fatalf("first poll: got %d, want 200", status)
			}
			r.session.Queue(TextFrame([]byte("next")))
			r.session.Flush()
			if !tc.sameConn {
				conn = connect()
			}
			status := get(conn, tc.second)
			if tc.ends {
				if status != 400 {
					t.Errorf("the poll that came again: got %d, want 400", status)
				}
				r.expectClosed(t, ReasonTransportError)
				p.ExpectGone()
			} else if status != 200 {
				t.Errorf("second poll: got %d, want 200", status)
			}
		})
	}
}

// slowPost begins a POST and returns what to write the body to and how to read
// the answer.
func slowPost(t *testing.T, p *testclient.Polling, length int) (net.Conn, func() int) {
	t.Helper()
	u, _ := url.Parse(p.URL)
	conn, err := net.Dial("tcp", u.Host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(testclient.Patience))
	fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", u.RequestURI(), length)
	return conn, func() int {
		t.Helper()
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.StatusCode
	}
}

func TestOverlappingPosts(t *testing.T) {
	w := start(t, Config{})
	p, r := w.poll(t)
	slowPost(t, p, 10)
	eventually(t, "the first POST is being read", func() bool {
		r.session.mu.Lock()
		defer r.session.mu.Unlock()
		return r.session.poll.posting
	})
	if status, _ := p.Post("4second"); status != 400 {
		t.Errorf("second POST: got %d, want 400", status)
	}
	r.expectClosed(t, ReasonTransportError)
}

func TestPollingBodyTooLarge(t *testing.T) {
	w := start(t, Config{MaxPayload: 1000})
	w.onMessage = echo
	fits := "4" + strings.Repeat("x", 999)
	p, _ := w.poll(t)
	p.Send(fits)
	p.Expect(fits)

	p, r := w.poll(t)
	if status, _ := p.Post(fits + "x"); status != 413 {
		t.Errorf("1,001 bytes: got %d, want 413", status)
	}
	r.expectClosed(t, ReasonPayloadTooLarge)
	p.ExpectGone()

	// A length that is only declared is refused before anything is read.
	p, r = w.poll(t)
	_, answer := slowPost(t, p, 1<<62)
	if status := answer(); status != 413 {
		t.Errorf("2^62 bytes declared: got %d, want 413", status)
	}
	r.expectClosed(t, ReasonPayloadTooLarge)

	// One that is not declared is found out.
	p, r = w.poll(t)
	req, err := http.NewRequest("POST", p.URL, io.MultiReader(strings.NewReader(fits), strings.NewReader("x")))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := testclient.HTTP.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 413 {
		t.Errorf("1,001 bytes in chunks: got %d, want 413", resp.StatusCode)
	}
	r.expectClosed(t, ReasonPayloadTooLarge)
}

func TestSlowPost(t *testing.T) {
	w := start(t, Config{TransferTimeout: 50 * time.Millisecond})
	p, r := w.poll(t)
	conn, _ := slowPost(t, p, 10)
	conn.Write([]byte("4"))
	r.expectClosed(t, ReasonTransportError)
	p.ExpectGone()
}

func TestPeerThatDoesNotReadItsPoll(t *testing.T) {
	w := start(t, Config{TransferTimeout: 50 * time.Millisecond, MaxQueue: 64 << 20, MaxPollBuffer: 64 << 20})
	p, r := w.poll(t)
	// More than the buffers of two kernels.
	r.session.Queue(BinaryFrame(make([]byte, 24<<20)))
	u, _ := url.Parse(p.URL)
	conn, err := net.Dial("tcp", u.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", u.RequestURI())
	r.expectClosed(t, ReasonTransportError)
}

// A keep-alive connection must not inherit the deadline of a poll.
func TestDeadlineIsTakenBack(t *testing.T) {
	w := start(t, Config{TransferTimeout: 200 * time.Millisecond})
	p, r := w.poll(t)
	client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: 1}}
	defer client.CloseIdleConnections()
	get := func() (int, string) {
		resp, err := client.Get(p.URL)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(body)
	}
	for _, m := range []string{"a", "b"} {
		time.AfterFunc(400*time.Millisecond, func() {
			r.session.Queue(TextFrame([]byte(m)))
			r.session.Flush()
		})
		if status, body := get(); status != 200 || body != "4"+m {
			t.Fatalf("got %d %q, want 200 %q", status, body, "4"+m)
		}
	}
}

// A33: many packets in one body cost their bytes and no more.
func TestManyPacketsInOneBody(t *testing.T) {
	packets := 0
	body := bytes.Repeat([]byte("4\x1e"), maxPackets-1)
	body = append(body, '4')
	if err := eachPacket(body, func(packet) bool { packets++; return true }); err != nil || packets != maxPackets {
		t.Errorf("got %d packets and error %v, want %d", packets, err, maxPackets)
	}
	million := bytes.Repeat([]byte("4\x1e"), 1_000_000)
	if err := eachPacket(million, func(packet) bool { t.Error("a packet was handled"); return false }); err == nil {
		t.Error("a million packets: got no error")
	}
	if allocs := testing.AllocsPerRun(10, func() {
		eachPacket(body, func(packet) bool { return true })
	}); allocs != 0 {
		t.Errorf("got %v allocations, want 0", allocs)
	}
}

func TestMaxPollBuffer(t *testing.T) {
	w := start(t, Config{MaxPollBuffer: 100})
	p, r := w.poll(t)
	long := strings.Repeat("x", 60)
	r.session.QueueAll(TextFrame([]byte(long)), TextFrame([]byte(long)), BinaryFrame(make([]byte, 300)))
	p.Expect("4" + long)
	p.Expect("4" + long)
	if _, body := p.Get(); !strings.HasPrefix(body, "bAAAA") || len(body) != 401 {
		t.Errorf("packet above the bound: got %.10q of %d bytes, want it alone", body, len(body))
	}
}

func TestPacketsPerPoll(t *testing.T) {
	w := start(t, Config{})
	p, r := w.poll(t)
	for range maxPollPackets + 1 {
		r.session.Queue(TextFrame([]byte("x")))
	}
	p.Expect(strings.Repeat("4x\x1e", maxPollPackets-1) + "4x")
	p.Expect("4x")
}

// A3: the session belongs to whoever opened it.
func TestSessionIsBoundToItsAuthorization(t *testing.T) {
	w := start(t, Config{})
	w.onMessage = echo
	alice := http.Header{"Authorization": {"Bearer alice"}}
	p := testclient.Poll(t, w.url, alice)
	p.Send("4first")
	p.Expect("4first")
	for name, header := range map[string]http.Header{
		"another":  {"Authorization": {"Bearer mallory"}},
		"none":     {},
		"two":      {"Authorization": {"Bearer alice", "Bearer mallory"}},
		"a prefix": {"Authorization": {"Bearer alic"}},
	} {
		for _, method := range []string{"GET", "POST"} {
			status, body := testclient.Do(t, method, p.URL, "4stolen", header)
			if status != 400 || body != `{"code":1,"message":"Session ID unknown"}` {
				t.Errorf("%s with %s: got %d %s, want an unknown session", method, name, status, body)
			}
		}
	}
	if ws, resp := testclient.TryDial(t, p.WebSocketURL(), http.Header{"Authorization": {"Bearer mallory"}}); ws != nil {
		t.Errorf("upgrade with another: got status %d, want 400", resp.StatusCode)
	}
	p.Send("4mine")
	p.Expect("4mine")

	open, _ := w.poll(t)
	open.Header = alice
	open.ExpectGone()

	// The client for Python.
	p = testclient.Poll(t, w.url, alice)
	p.Header = nil
	p.Send("4mine")
	p.Expect("4mine")
	p.Header = http.Header{"Authorization": {"Bearer mallory"}}
	p.ExpectGone()
}

func TestClientClosesPolling(t *testing.T) {
	w := start(t, Config{FarewellTimeout: testclient.Patience})
	p, r := w.poll(t)
	answer := p.Later()
	eventually(t, "the poll waits", r.session.waiting)
	p.Send("1")
	if status, body := answer(); status != 200 || body != "6" {
		t.Errorf("pending poll: got %d %q, want 200 6", status, body)
	}
	p.ExpectGone()
	r.expectClosed(t, ReasonTransportClose)

	p, r = w.poll(t)
	p.Send("4last\x1e1\x1e4never")
	p.Expect("6") // a poll that was on its way
	p.ExpectGone()
	r.expectClosed(t, ReasonTransportClose)
	r.expect(t, "text:last")
	if len(r.got) != 0 {
		t.Errorf("a message behind the close packet was handled")
	}
}

func TestServerClosesPolling(t *testing.T) {
	w := start(t, Config{FarewellTimeout: testclient.Patience})
	t.Run("with a poll waiting", func(t *testing.T) {
		p, r := w.poll(t)
		answer := p.Later()
		eventually(t, "the poll waits", r.session.waiting)
		r.session.CloseAfter(ReasonServerLeft, TextFrame([]byte("bye")))
		if status, body := answer(); status != 200 || body != "4bye" {
			t.Errorf("got %d %q, want 200 4bye", status, body)
		}
		p.Send("4late") // crosses the farewell
		p.Expect("1")
		p.ExpectGone()
		r.expectClosed(t, ReasonServerLeft)
	})
	t.Run("without", func(t *testing.T) {
		p, r := w.poll(t)
		r.session.Queue(TextFrame([]byte("queued")))
		r.session.CloseAfter(ReasonServerLeft, TextFrame([]byte("bye")))
		r.expectClosed(t, ReasonServerLeft)
		p.Send("4late") // an error would be heard before the farewell
		p.Expect("4queued\x1e4bye")
		p.Expect("1")
		p.ExpectGone()
		if status, _ := p.Post("4late"); status != 400 {
			t.Errorf("POST after the farewell: got %d, want 400", status)
		}
		if len(r.got) != 0 {
			t.Errorf("a message behind the close was handled")
		}
	})
}

func TestUnknownMethodOfASession(t *testing.T) {
	w := start(t, Config{})
	w.onMessage = echo
	p, _ := w.poll(t)
	if status, _ := testclient.Do(t, "DELETE", p.URL, "", nil); status != 400 {
		t.Errorf("DELETE: got %d, want 400", status)
	}
	p.Send("4still")
	p.Expect("4still")
}

func TestReceiverThatPanicsWhilePolling(t *testing.T) {
	w := start(t, Config{Logger: quiet})
	w.onMessage = func(*recorder, []byte, bool) error { panic("bug") }
	p, r := w.poll(t)
	p.Post("4x")
	r.expectClosed(t, ReasonInternal)
}
