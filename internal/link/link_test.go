package link

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// patience is for what has to come.
const patience = time.Minute

// echo answers each Kafka frame with the same one, and tells what it got when a
// connection ends.
func echo(t *testing.T) (addr string, ends <-chan error) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	ended := make(chan error, 100)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				for {
					body, err := readFrame(conn)
					if err != nil {
						ended <- err
						return
					}
					if _, err := conn.Write(frame(body)); err != nil {
						ended <- err
						return
					}
				}
			}()
		}
	}()
	return listener.Addr().String(), ended
}

func frame(body string) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), body...)
}

func readFrame(r io.Reader) (string, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return "", err
	}
	body := make([]byte, binary.BigEndian.Uint32(head[:]))
	if _, err := io.ReadFull(r, body); err != nil {
		return "", fmt.Errorf("in the middle of a frame: %w", err)
	}
	return string(body), nil
}

func open(t *testing.T, frames Frames, target func() string) *Link {
	t.Helper()
	l, err := Open(frames, target)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return l
}

func dial(t *testing.T, l *Link) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", l.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return conn
}

func ask(conn net.Conn, body string) (string, error) {
	if _, err := conn.Write(frame(body)); err != nil {
		return "", err
	}
	return readFrame(conn)
}

func wantAnswer(t *testing.T, conn net.Conn, body string) {
	t.Helper()
	if got, err := ask(conn, body); got != body || err != nil {
		t.Fatalf("got %.20q, %v, want %.20q", got, err, body)
	}
}

// TestPasses: without a fault everything passes as it is, and an end too.
func TestPasses(t *testing.T) {
	addr, ends := echo(t)
	conn := dial(t, open(t, Kafka, To(addr)))
	wantAnswer(t, conn, "hello")
	wantAnswer(t, conn, strings.Repeat("long ", 100_000))
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if _, err := readFrame(conn); !errors.Is(err, io.EOF) {
		t.Errorf("got %v, want the end", err)
	}
	if err := <-ends; !errors.Is(err, io.EOF) {
		t.Errorf("the server got %v, want the end", err)
	}
}

// TestNobody: who connects to nobody is cut off, and let through when there is
// somebody again.
func TestNobody(t *testing.T) {
	addr, _ := echo(t)
	there := make(chan string, 2)
	l := open(t, Kafka, func() string { return <-there })
	there <- ""
	if conn, err := net.Dial("tcp", l.Addr()); err == nil {
		if got, err := ask(conn, "hello"); err == nil {
			t.Errorf("got %q of nobody", got)
		}
		conn.Close()
	}
	there <- addr
	wantAnswer(t, dial(t, l), "hello")
}

// TestCutInFrame: one of the two gets a part of a frame and then the end.
func TestCutInFrame(t *testing.T) {
	addr, ends := echo(t)
	l := open(t, Kafka, To(addr))
	conn := dial(t, l)
	wantAnswer(t, conn, "hello")
	type cut struct {
		direction Direction
		err       error
	}
	cuts := make(chan cut, 1)
	go func() {
		direction, err := l.CutInFrame(t.Context())
		cuts <- cut{direction, err}
	}()
	var err error
	for err == nil {
		_, err = ask(conn, "how are you")
	}
	got := <-cuts
	if got.err != nil {
		t.Fatal(got.err)
	}
	if got.direction == ToServer {
		err = <-ends
	}
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("cut %s: got %v there, want a part of a frame", got.direction, err)
	}
	// Others are served.
	wantAnswer(t, dial(t, l), "hello")
}

// TestCutInFrameInVain: without frames nothing is cut, then or later.
func TestCutInFrameInVain(t *testing.T) {
	addr, _ := echo(t)
	l := open(t, Kafka, To(addr))
	conn := dial(t, l)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if direction, err := l.CutInFrame(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %q, %v, want %v", direction, err, context.Canceled)
	}
	wantAnswer(t, conn, "hello")
}

func TestCut(t *testing.T) {
	addr, _ := echo(t)
	l := open(t, Kafka, To(addr))
	conn := dial(t, l)
	wantAnswer(t, conn, "hello")
	l.Cut()
	if got, err := ask(conn, "hello"); err == nil {
		t.Errorf("got %q of a connection that was cut", got)
	}
	wantAnswer(t, dial(t, l), "hello")
}

// TestBlock: nothing passes, nobody is told, and nothing is lost.
func TestBlock(t *testing.T) {
	addr, _ := echo(t)
	l := open(t, Kafka, To(addr))
	conn := dial(t, l)
	wantAnswer(t, conn, "hello")
	l.Block()
	if _, err := conn.Write(frame("are you there")); err != nil {
		t.Fatal(err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	var timeout net.Error
	if got, err := readFrame(conn); !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Fatalf("got %q, %v over a way that is blocked", got, err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	l.Mend()
	if got, err := readFrame(conn); got != "are you there" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

// TestSlow: delayed and throttled pieces take the time that was asked for at
// least, and Mend does not leave them waiting.
func TestSlow(t *testing.T) {
	addr, _ := echo(t)
	for name, slow := range map[string]func(*Link){
		"delayed":   func(l *Link) { l.Delay(30 * time.Millisecond) },
		"throttled": func(l *Link) { l.Throttle(1000) },
	} {
		t.Run(name, func(t *testing.T) {
			l := open(t, Kafka, To(addr))
			conn := dial(t, l)
			wantAnswer(t, conn, "hello")
			slow(l)
			begun := time.Now()
			wantAnswer(t, conn, "thirty bytes, or so, are sent.")
			if took := time.Since(begun); took < 60*time.Millisecond {
				t.Errorf("there and back took %v, want 60 ms at least", took)
			}
			l.Delay(time.Hour)
			go l.Mend()
			wantAnswer(t, conn, "hello")
		})
	}
}

// TestHold: the piece that is asked for waits, and what others send does not.
func TestHold(t *testing.T) {
	addr, _ := echo(t)
	l := open(t, Kafka, To(addr))
	one, other := dial(t, l), dial(t, l)
	held := l.Hold(func(piece []byte) bool { return bytes.Contains(piece, []byte("guard")) })
	wantAnswer(t, one, "hello")
	if _, err := one.Write(frame("the guard")); err != nil {
		t.Fatal(err)
	}
	select {
	case <-held:
	case <-time.After(patience):
		t.Fatal("nothing is held")
	}
	wantAnswer(t, other, "hello")
	l.Mend()
	if got, err := readFrame(one); got != "the guard" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

// TestCutBehind: the piece that is asked for arrives whole, and its answer does
// not; what others send is answered, and what comes later too.
func TestCutBehind(t *testing.T) {
	addr, ends := echo(t)
	l := open(t, Kafka, To(addr))
	one, other := dial(t, l), dial(t, l)
	cut := l.CutBehind(func(piece []byte) bool { return bytes.Contains(piece, []byte("commit")) })
	wantAnswer(t, one, "hello")
	if _, err := one.Write(frame("commit")); err != nil {
		t.Fatal(err)
	}
	select {
	case <-cut:
	case <-time.After(patience):
		t.Fatal("nothing is cut")
	}
	if said, err := readFrame(one); err == nil {
		t.Errorf("got the answer %q", said)
	}
	wantAnswer(t, other, "commit too")
	if err := <-ends; errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("the server has read a part: %v", err)
	}
}

// TestFrames: wherever a stream is cut into pieces, the middle that is found is
// inside a frame, and one is found in each large piece.
func TestFrames(t *testing.T) {
	kafka := append(frame("one"), frame(strings.Repeat("two", 50))...)
	mysql := append([]byte{5, 0, 0, 0, 'q', 'u', 'e', 'r', 'y', 44, 1, 0, 1}, bytes.Repeat([]byte("x"), 300)...)
	upgrade := "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"
	socket := append([]byte(upgrade), 0x81, 5, 'h', 'e', 'l', 'l', 'o', 0x81, 126, 1, 44)
	socket = append(socket, bytes.Repeat([]byte("x"), 300)...)
	masked := append([]byte("GET / HTTP/1.1\r\nUpgrade: WebSocket\r\n\r\n"), 0x81, 0x85, 1, 2, 3, 4, 'h', 'e', 'l', 'l', 'o')
	for _, test := range []struct {
		name   string
		frames Frames
		stream []byte
		bounds []int // where frames end
	}{
		{"kafka", Kafka, kafka, []int{0, 7, len(kafka)}},
		{"mysql", MySQL, mysql, []int{0, 9, len(mysql)}},
		{"redis", Redis, []byte("$5\r\nhello\r\n+OK\r\n"), []int{0, 4, 11, 16}},
		{"socket", HTTP, socket, []int{0, len(upgrade), len(upgrade) + 7, len(socket)}},
		{"masked", HTTP, masked, []int{0, len(masked) - 11, len(masked)}},
		{"request", HTTP, []byte("GET / HTTP/1.1\r\n\r\n"), []int{0, 18}},
	} {
		for size := 1; size <= len(test.stream); size++ {
			s := test.frames()
			found := false
			for at := 0; at < len(test.stream); at += size {
				piece := test.stream[at:min(at+size, len(test.stream))]
				middle := s.take(piece)
				if middle == 0 {
					continue
				}
				found = true
				if middle >= len(piece) && at+middle == len(test.stream) {
					t.Fatalf("%s in pieces of %d: a middle at the end", test.name, size)
				}
				for _, bound := range test.bounds {
					if at+middle == bound {
						t.Fatalf("%s in pieces of %d: a middle at %d, where a frame ends", test.name, size, bound)
					}
				}
			}
			if !found && size >= len(test.stream)/2+2 {
				t.Errorf("%s in pieces of %d: no middle", test.name, size)
			}
		}
	}
}

// Example puts a link in front of a server and cuts a frame.
func Example() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	defer listener.Close()
	go func() {
		conn, err := listener.Accept()
		for err == nil {
			_, err = conn.Write([]byte("+a long answer\r\n"))
		}
	}()
	l, err := Open(Redis, To(listener.Addr().String()))
	if err != nil {
		panic(err)
	}
	defer l.Close()
	conn, err := net.Dial("tcp", l.Addr())
	if err != nil {
		panic(err)
	}
	defer conn.Close()
	got := make(chan []byte)
	go func() {
		answers, _ := io.ReadAll(conn)
		got <- answers
	}()
	direction, err := l.CutInFrame(context.Background())
	fmt.Println("cut", direction, err)
	fmt.Println("the last answer is whole:", bytes.HasSuffix(<-got, []byte("\n")))
	// Output:
	// cut to the client <nil>
	// the last answer is whole: false
}
