package engineio

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parleychat/parley/socketio/internal/testclient"
)

// pollOnce makes one polling request without a network.
func pollOnce(server *Server, method, sid, body string) (int, string) {
	url := "/engine.io/?EIO=4&transport=polling"
	if sid != "" {
		url += "&sid=" + sid
	}
	w := httptest.NewRecorder()
	server.ServeHTTP(w, httptest.NewRequest(method, url, strings.NewReader(body)))
	return w.Code, w.Body.String()
}

// newBubbled makes a server that ends with the bubble.
func newBubbled(t *testing.T, config Config) *Server {
	t.Helper()
	server, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(context.Background()); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return server
}

// In a bubble time is exact: what is promised for 25 s happens then.
func TestHeartbeatTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{got: make(chan string, 1), closing: make(chan Reason, 1), closed: make(chan Reason, 1)}
		server := newBubbled(t, Config{Open: func(s *Session, _ *http.Request) Receiver { r.session = s; return r }})
		begin := time.Now()
		_, packet := pollOnce(server, "GET", "", "")
		sid := testclient.ParseOpen(t, packet).SID
		for i := range 3 {
			if status, body := pollOnce(server, "GET", sid, ""); status != 200 || body != "2" {
				t.Fatalf("poll %d: got %d %q, want 200 2", i, status, body)
			}
			// The wheel may be one tick late.
			if got, want := time.Since(begin), time.Duration(i+1)*25*time.Second; got < want || got > want+maxTick {
				t.Errorf("ping %d: got it after %v, want %v", i, got, want)
			}
			time.Sleep(3 * time.Second) // a slow pong does not delay the next ping
			if status, _ := pollOnce(server, "POST", sid, "3"); status != 200 {
				t.Fatalf("pong: got %d, want 200", status)
			}
		}
		// The next ping gets no pong.
		pinged := begin.Add(4 * 25 * time.Second)
		if _, body := pollOnce(server, "GET", sid, ""); body != "2" {
			t.Fatalf("got %q, want a ping", body)
		}
		if got := <-r.closed; got != ReasonPingTimeout {
			t.Errorf("closed: got %v, want %v", got, ReasonPingTimeout)
		}
		if got := time.Since(pinged); got < 20*time.Second || got > 20*time.Second+maxTick {
			t.Errorf("given up %v after the ping, want 20s", got)
		}
	})
}

// A peer that never polls is found out by its next poll even if the clock of
// the server has not been there yet.
func TestPingTimeoutIsExactForPolls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{closing: make(chan Reason, 1), closed: make(chan Reason, 1)}
		server := newBubbled(t, Config{
			Open:         func(*Session, *http.Request) Receiver { return r },
			PingInterval: 300 * time.Millisecond,
			PingTimeout:  200 * time.Millisecond,
		})
		_, packet := pollOnce(server, "GET", "", "")
		time.Sleep(500 * time.Millisecond)
		if status, body := pollOnce(server, "GET", testclient.ParseOpen(t, packet).SID, ""); status != 400 {
			t.Errorf("got %d %q, want 400", status, body)
		}
		if got := <-r.closed; got != ReasonPingTimeout {
			t.Errorf("closed: got %v, want %v", got, ReasonPingTimeout)
		}
	})
}

func TestSetTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{closing: make(chan Reason, 1), closed: make(chan Reason, 1)}
		server := newBubbled(t, Config{Open: func(s *Session, _ *http.Request) Receiver {
			r.session = s
			s.SetTimeout(time.Second, ReasonForced)
			return r
		}})
		pollOnce(server, "GET", "", "")
		r.session.ClearTimeout()
		time.Sleep(2 * time.Second)
		begin := time.Now()
		r.session.SetTimeout(3*time.Second, ReasonConnectTimeout)
		if got := <-r.closed; got != ReasonConnectTimeout {
			t.Errorf("closed: got %v, want %v", got, ReasonConnectTimeout)
		}
		if got := time.Since(begin); got < 3*time.Second || got > 3*time.Second+maxTick {
			t.Errorf("closed after %v, want 3s", got)
		}
		// Nobody polls for the close packet; then the session is forgotten.
		time.Sleep(5*time.Second + maxTick)
		synctest.Wait()
		if got := server.NumSessions(); got != 0 {
			t.Errorf("sessions: got %d, want 0", got)
		}
	})
}

// A pong before a ping timeout that is longer than the interval must not delay
// the next ping.
func TestPingTimeoutLongerThanInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{closing: make(chan Reason, 1), closed: make(chan Reason, 1)}
		server := newBubbled(t, Config{
			Open:         func(s *Session, _ *http.Request) Receiver { r.session = s; return r },
			PingInterval: time.Second,
			PingTimeout:  60 * time.Second,
		})
		_, packet := pollOnce(server, "GET", "", "")
		sid := testclient.ParseOpen(t, packet).SID
		for range 5 {
			begin := time.Now()
			if _, body := pollOnce(server, "GET", sid, ""); body != "2" {
				t.Fatalf("got %q, want a ping", body)
			}
			if got := time.Since(begin); got > time.Second+2*maxTick {
				t.Errorf("ping after %v, want 1s", got)
			}
			pollOnce(server, "POST", sid, "3")
		}
		r.session.CloseAfter(ReasonForced)
		pollOnce(server, "GET", sid, "")
		<-r.closed
	})
}

func TestWebSocketHeartbeat(t *testing.T) {
	t.Run("answered", func(t *testing.T) {
		// The pong may be late: what is missed within this time is another test's.
		w := start(t, Config{PingInterval: 50 * time.Millisecond, PingTimeout: testclient.Patience})
		ws, _ := w.dial(t)
		for range 4 {
			ws.Expect("2")
			ws.Send("3")
		}
	})
	t.Run("missed", func(t *testing.T) {
		w := start(t, Config{PingInterval: 50 * time.Millisecond, PingTimeout: 50 * time.Millisecond})
		ws, r := w.dial(t)
		ws.Expect("2") // and no pong
		ws.ExpectEnd()
		r.expectClosed(t, ReasonPingTimeout)
	})
}

// Sessions far beyond the last slot of the wheel, and many in the same slot.
func TestWheelHoldsManySessions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 1000
		closed := make(chan Reason, n)
		var sessions []*Session
		server := newBubbled(t, Config{
			PingInterval:    time.Hour,
			FarewellTimeout: minTick, // a tick of 5 ms, so an hour is 1,400 turns
			Open: func(s *Session, _ *http.Request) Receiver {
				sessions = append(sessions, s)
				return &recorder{session: s, closing: make(chan Reason, 1), closed: closed}
			},
		})
		for range n {
			pollOnce(server, "GET", "", "")
		}
		if got := len(server.wheel.all()); got != n {
			t.Errorf("sessions in the wheel: got %d, want %d", got, n)
		}
		for i, s := range sessions {
			s.SetTimeout(time.Duration(i%10+1)*10*time.Second, ReasonForced)
		}
		begin := time.Now()
		for range n {
			<-closed
		}
		if got := time.Since(begin); got < 100*time.Second || got > 100*time.Second+time.Second {
			t.Errorf("the last was closed after %v, want 100s", got)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if got := len(server.wheel.all()); got != 0 {
			t.Errorf("sessions in the wheel at the end: got %d, want 0", got)
		}
	})
}
