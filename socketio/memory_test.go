//go:build linux

package socketio

import (
	"bytes"
	"net"
	"net/http"
	"runtime"
	"syscall"
	"testing"
	"time"
)

// idleBudget is the most user-space memory an idle WebSocket with one namespace
// joined may take, in bytes. It takes about 4,080; the rest is for the noise of
// measuring, and for what another version of Go may add to a connection.
const idleBudget = 4500

// TestMemoryPerConnection measures the slope of this process's memory over the
// number of connections. The clients are bare descriptors, so what grows is the
// server.
func TestMemoryPerConnection(t *testing.T) {
	if testing.Short() {
		t.Skip("opens thousands of connections")
	}
	const first, second = 500, 3000
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil || limit.Cur < 2*second+200 {
		t.Skipf("needs %d descriptors, there are %d", 2*second+200, limit.Cur)
	}
	server := newServer(t, Config{})
	server.Of("/").OnConnect(func(s *Socket) {
		s.OnEvent(func(*Event) {})
		s.OnClose(func(Reason) {})
	})
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	web := &http.Server{Handler: server}
	go web.Serve(listener)
	t.Cleanup(func() { web.Close() })
	addr := listener.Addr().(*net.TCPAddr)

	var fds []int
	t.Cleanup(func() {
		for _, fd := range fds {
			syscall.Close(fd)
		}
	})
	grow := func(n int) {
		for len(fds) < n {
			fds = append(fds, connectRaw(t, addr.Port))
		}
	}
	grow(first)
	before := memoryNow()
	grow(second)
	after := memoryNow()
	perConn := int(after-before) / (second - first)
	t.Logf("%d bytes per idle connection (heap and stacks, %d to %d connections)", perConn, first, second)
	if perConn > idleBudget && !raceEnabled {
		t.Errorf("got %d bytes per idle connection, want at most %d", perConn, idleBudget)
	}
}

// memoryNow is heap and stacks in use, and what the runtime needs for them,
// after garbage is gone.
func memoryNow() uint64 {
	// Two collections: pools keep their victims for one.
	for range 3 {
		runtime.GC()
		time.Sleep(20 * time.Millisecond) // lets finished request goroutines end
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse + m.OtherSys + m.MSpanInuse
}

// connectRaw opens a WebSocket, joins "/" and returns the descriptor.
func connectRaw(t *testing.T, port int) int {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Connect(fd, &syscall.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	writeRaw(t, fd, "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"+
		"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
	readRawUntil(t, fd, `"maxPayload":1000000}`)
	writeRaw(t, fd, "\x81\x82\x00\x00\x00\x0040")
	readRawUntil(t, fd, `"}`)
	return fd
}

func writeRaw(t *testing.T, fd int, s string) {
	t.Helper()
	if _, err := syscall.Write(fd, []byte(s)); err != nil {
		t.Fatal(err)
	}
}

func readRawUntil(t *testing.T, fd int, end string) {
	t.Helper()
	var buf [1024]byte
	var got []byte
	for !bytes.HasSuffix(got, []byte(end)) {
		n, err := syscall.Read(fd, buf[:])
		if err != nil || n == 0 {
			t.Fatalf("read %q, then %v", got, err)
		}
		got = append(got, buf[:n]...)
	}
}
