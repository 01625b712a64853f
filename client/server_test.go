package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/parleychat/parley/client"
	"github.com/parleychat/parley/protocol"
	"github.com/parleychat/parley/server"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what has to happen.
const patience = time.Minute

const password = "correct horse battery"

// serve runs a server until the test ends, and returns its address.
func serve(t *testing.T) string {
	t.Helper()
	url, stop, err := run(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Errorf("server: %v", err)
		}
	})
	return url
}

// run runs a server until it is stopped.
func run(dir string) (url string, stop func() error, err error) {
	cfg := server.Default()
	cfg.Listen = "127.0.0.1:0"
	cfg.Data = filepath.Join(dir, "data")
	cfg.Logger = slog.New(slog.DiscardHandler)
	s, err := server.New(context.Background(), cfg)
	if err != nil {
		return "", nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	stop = func() error {
		cancel()
		return <-ended
	}
	if err := s.AwaitReady(ctx); err != nil {
		return "", nil, errors.Join(err, stop())
	}
	return s.URL(), stop, nil
}

// person is somebody with an account.
type person struct {
	t     *testing.T
	url   string
	email string
	web   *http.Client
}

func register(t *testing.T, url, name string) person {
	t.Helper()
	p := person{t: t, url: url, email: name + "@example.org", web: &http.Client{Transport: &http.Transport{}}}
	t.Cleanup(p.web.CloseIdleConnections)
	if err := client.Register(t.Context(), url, p.email, password); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	return p
}

// dial connects the person, to the server or through what is before it.
func (p person) dial(through string) *client.Client {
	p.t.Helper()
	c, err := client.Dial(p.soon(), client.Config{
		URL: through, Token: client.Password(p.url, p.email, password), HTTPClient: p.web,
	})
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(c.Close)
	return c
}

// soon is a context for what has to happen.
func (p person) soon() context.Context { return soon(p.t) }

func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

func create(t *testing.T, c *client.Client, wanted protocol.CreateRoom) protocol.RoomInfo {
	t.Helper()
	room, err := c.CreateRoom(soon(t), wanted)
	if err != nil {
		t.Fatal(err)
	}
	return room
}

func join(t *testing.T, c *client.Client, id int64, start client.Start) *client.Room {
	t.Helper()
	room, err := c.Join(soon(t), id, start)
	if err != nil {
		t.Fatal(err)
	}
	return room
}

func send(t *testing.T, room *client.Room, draft client.Draft) protocol.SendAck {
	t.Helper()
	ack, err := room.Send(soon(t), draft)
	if err != nil {
		t.Fatal(err)
	}
	return ack
}

// next takes n events.
func next(t *testing.T, room *client.Room, n int) []protocol.Event {
	t.Helper()
	var events []protocol.Event
	for ev, err := range room.Events(soon(t)) {
		if err != nil {
			t.Fatalf("after %d of %d events: %v", len(events), n, err)
		}
		if events = append(events, ev); len(events) == n {
			break
		}
	}
	return events
}

func summary(events []protocol.Event) []string {
	var list []string
	for _, ev := range events {
		list = append(list, strings.TrimSpace(fmt.Sprintf("%d %s %s", ev.Seq, ev.Kind, ev.MessageText)))
	}
	return list
}

func wantRefused(t *testing.T, what string, err error, code string) {
	t.Helper()
	var refused *client.Refused
	if !errors.As(err, &refused) || refused.Code != code {
		t.Errorf("%s: got error %v, want it refused as %s", what, err, code)
	}
}

// cutter stands before a server and cuts connections.
type cutter struct {
	url    string
	target string

	mu    sync.Mutex
	cuts  int // to come by themselves
	conns map[net.Conn]struct{}
}

// cutting puts something before the server that cuts so many connections by
// itself, each after some hundred or thousand bytes.
func cutting(t *testing.T, url string, cuts int) *cutter {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cutter{
		url: "http://" + listener.Addr().String(), target: strings.TrimPrefix(url, "http://"),
		cuts: cuts, conns: make(map[net.Conn]struct{}),
	}
	var work sync.WaitGroup
	work.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			work.Go(func() { c.pass(conn) })
		}
	})
	t.Cleanup(func() {
		listener.Close()
		c.cut()
		work.Wait()
	})
	return c
}

func (c *cutter) pass(conn net.Conn) {
	defer c.forget(conn)
	up, err := net.Dial("tcp", c.target)
	if err != nil {
		return
	}
	defer up.Close()
	c.mu.Lock()
	c.conns[conn] = struct{}{}
	budget := int64(1) << 40
	if c.cuts > 0 {
		c.cuts--
		budget = 600 + rand.Int64N(5000)
	}
	c.mu.Unlock()
	var both sync.WaitGroup
	both.Go(func() {
		_, _ = io.Copy(up, conn) // its end is what the test is about
		up.Close()
	})
	_, _ = io.CopyN(conn, up, budget)
	conn.Close()
	up.Close()
	both.Wait()
}

func (c *cutter) forget(conn net.Conn) {
	conn.Close()
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.conns, conn)
}

// cut cuts all connections.
func (c *cutter) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for conn := range c.conns {
		conn.Close()
	}
}

// left is how many cuts are still to come.
func (c *cutter) left() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cuts
}
