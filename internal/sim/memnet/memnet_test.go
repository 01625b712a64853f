package memnet

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

const delay = 30 * time.Millisecond

var here, there = &net.TCPAddr{IP: net.IPv4(10, 0, 0, 1), Port: 1}, &net.TCPAddr{IP: net.IPv4(10, 0, 0, 2), Port: 2}

// pair runs a test with a connection, in virtual time.
func pair(t *testing.T, window int, test func(t *testing.T, a, b *Conn)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		a, b := Pair(Link{Delay: delay, Window: window}, here, there)
		defer a.Close()
		defer b.Close()
		test(t, a, b)
	})
}

func write(t *testing.T, c *Conn, text string) {
	t.Helper()
	if n, err := c.Write([]byte(text)); n != len(text) || err != nil {
		t.Fatalf("write %d bytes: got %d, %v", len(text), n, err)
	}
}

// expect reads what comes until the end, which is want or io.EOF for nil.
func expect(t *testing.T, c *Conn, text string, want error) {
	t.Helper()
	got, err := io.ReadAll(c)
	if string(got) != text || !errors.Is(err, want) {
		t.Errorf("read: got %q, %v, want %q, %v", got, err, text, want)
	}
}

func TestBytesTakeTime(t *testing.T) {
	pair(t, 0, func(t *testing.T, a, b *Conn) {
		begun := time.Now()
		write(t, a, "hello")
		b.SetReadDeadline(begun.Add(delay - 1))
		if _, err := b.Read(make([]byte, 9)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("before the delay: got %v, want a deadline", err)
		}
		b.SetReadDeadline(time.Time{})
		buf := make([]byte, 9)
		n, err := b.Read(buf)
		if string(buf[:n]) != "hello" || err != nil || time.Since(begun) != delay {
			t.Errorf("got %q, %v after %v, want hello after %v", buf[:n], err, time.Since(begun), delay)
		}
	})
}

func TestWindow(t *testing.T) {
	pair(t, 4, func(t *testing.T, a, b *Conn) {
		a.SetWriteDeadline(time.Now().Add(time.Second))
		n, err := a.Write([]byte("123456"))
		if n != 4 || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("a reader that does not read: got %d, %v, want 4 bytes and a deadline", n, err)
		}
		a.SetWriteDeadline(time.Time{})
		go func() {
			a.Write([]byte("56789"))
			a.CloseWrite()
		}()
		expect(t, b, "123456789", nil)
		write(t, b, "back")
		b.Close()
		expect(t, a, "back", nil)
	})
}

func TestClose(t *testing.T) {
	pair(t, 0, func(t *testing.T, a, b *Conn) {
		write(t, a, "last words")
		waiting := make(chan error)
		go func() {
			_, err := a.Read(make([]byte, 1))
			waiting <- err
		}()
		synctest.Wait()
		a.Close()
		if err := <-waiting; !errors.Is(err, net.ErrClosed) {
			t.Errorf("a read that waits: got %v, want net.ErrClosed", err)
		}
		if _, err := a.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
			t.Errorf("write after Close: got %v, want net.ErrClosed", err)
		}
		if err := a.SetDeadline(time.Now()); !errors.Is(err, net.ErrClosed) {
			t.Errorf("deadline after Close: got %v, want net.ErrClosed", err)
		}
		expect(t, b, "last words", nil)
		if _, err := b.Write([]byte("x")); !errors.Is(err, syscall.EPIPE) {
			t.Errorf("write to a closed peer: got %v, want EPIPE", err)
		}
	})
}

func TestBreakAfter(t *testing.T) {
	pair(t, 0, func(t *testing.T, a, b *Conn) {
		a.BreakAfter(3)
		write(t, a, "1")
		if n, err := a.Write([]byte("23456")); n != 2 || !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("got %d, %v, want 2 bytes and a reset", n, err)
		}
		expect(t, b, "123", syscall.ECONNRESET)
		expect(t, a, "", syscall.ECONNRESET)
	})
}

func TestSilenceAndReset(t *testing.T) {
	pair(t, 8, func(t *testing.T, a, b *Conn) {
		write(t, a, "1234")
		a.Silence()
		write(t, a, "56")
		b.SetReadDeadline(time.Now().Add(time.Hour))
		if n, err := b.Read(make([]byte, 1)); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("got %d, %v, want nothing for an hour", n, err)
		}
		b.SetReadDeadline(time.Time{})
		b.Close() // nobody hears of it
		a.SetWriteDeadline(time.Now().Add(time.Hour))
		if n, err := a.Write([]byte("7890")); n != 2 || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("got %d, %v, want two bytes that fit, and then nothing", n, err)
		}
		a.SetWriteDeadline(time.Time{})
		a.Reset()
		expect(t, a, "", syscall.ECONNRESET)
	})
}

func TestHold(t *testing.T) {
	pair(t, 0, func(t *testing.T, a, b *Conn) {
		begun := time.Now()
		b.Hold(time.Minute)
		write(t, a, "late")
		a.CloseWrite()
		expect(t, b, "late", nil)
		if took := time.Since(begun); took != time.Minute {
			t.Errorf("read after %v, want a minute", took)
		}
	})
}

// TestKill: what a process has written before it was killed arrives, and the
// listener is gone.
func TestKill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := Listen(here)
		client, err := l.Dial(t.Context(), there, Link{Delay: delay})
		if err != nil {
			t.Fatal(err)
		}
		server, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		write(t, server.(*Conn), "said")
		write(t, client, "not heard")
		if got := len(l.Conns()); got != 1 {
			t.Errorf("got %d connections, want 1", got)
		}
		l.Kill()
		if _, err := server.Write([]byte("from the grave")); !errors.Is(err, net.ErrClosed) {
			t.Errorf("write of a killed server: got %v, want net.ErrClosed", err)
		}
		expect(t, client, "said", nil)
		if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("accept: got %v, want net.ErrClosed", err)
		}
		if _, err := l.Dial(t.Context(), there, Link{}); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("dial: got %v, want ECONNREFUSED", err)
		}
	})
}

// TestHTTP: net/http can live on it.
func TestHTTP(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := Listen(here)
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			text, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			w.Write([]byte("you said " + string(text[:5])))
		})}
		go server.Serve(l)
		transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return l.Dial(ctx, there, Link{Delay: delay, Window: 4 << 10})
		}}
		for range 2 {
			answer, err := (&http.Client{Transport: transport}).Post("http://memory", "text/plain", strings.NewReader("hello "+strings.Repeat("x", 100_000)))
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(answer.Body)
			if string(text) != "you said hello" || err != nil {
				t.Errorf("got %q, %v", text, err)
			}
			answer.Body.Close()
		}
		transport.CloseIdleConnections()
		if err := server.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
