package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/parleychat/parley/internal/services"
	"github.com/parleychat/parley/server"
	"github.com/parleychat/parley/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// node is a running server.
type node struct {
	*server.Server
	t    *testing.T
	cfg  server.Config
	log  *logText
	stop func() // stops it in order and waits; a second call does nothing
}

// logText is what a server has logged.
type logText struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func config(t *testing.T) server.Config {
	cfg := server.Default()
	cfg.Listen = "127.0.0.1:0"
	cfg.Data = filepath.Join(t.TempDir(), "data")
	cfg.Logger = slog.New(slog.DiscardHandler)
	if services.OnMariaDB() {
		cfg.DB = server.DatabaseURL(services.SharedMariaDB(t).NewDatabase(t))
	}
	return cfg
}

// onSQLite is for a test that looks into the store's file.
func onSQLite(t *testing.T) {
	t.Helper()
	if services.OnMariaDB() {
		t.Skip("it is about the file of SQLite")
	}
}

// openStore opens the store of a server that does not run.
func openStore(t *testing.T, cfg server.Config) *store.Store {
	t.Helper()
	db, err := store.Open(t.Context(), store.Config{URL: string(cfg.DB), Path: filepath.Join(cfg.Data, "parley.db")})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// start runs a server on a free port until the test ends.
func start(t *testing.T, cfg server.Config) *node {
	t.Helper()
	n := &node{t: t, cfg: cfg, log: new(logText)}
	cfg.Logger = slog.New(slog.NewJSONHandler(n.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var err error
	if n.Server, err = server.New(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	n.run()
	if err := n.AwaitReady(t.Context()); err != nil {
		t.Fatal(err)
	}
	return n
}

func (n *node) run() {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- n.Run(ctx) }()
	n.stop = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				n.t.Errorf("Run: %v", err)
			}
		case <-time.After(2 * server.DrainTime):
			n.t.Error("Run did not return")
		}
	})
	n.t.Cleanup(n.stop)
}

// client is somebody who calls.
type client struct {
	t     *testing.T
	url   string
	http  *http.Client
	token string
}

func (n *node) client() *client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		n.t.Fatal(err)
	}
	transport := &http.Transport{}
	n.t.Cleanup(transport.CloseIdleConnections)
	return &client{t: n.t, url: n.URL(), http: &http.Client{Transport: transport, Jar: jar}}
}

// answer is what came back.
type answer struct {
	t      *testing.T
	call   string
	status int
	header http.Header
	body   string
}

type header struct{ name, value string }

// do makes a call. body is sent as it is when it is text, else as JSON.
func (c *client) do(method, path string, body any, headers ...header) *answer {
	c.t.Helper()
	var reader io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		reader = strings.NewReader(b)
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			c.t.Fatal(err)
		}
		reader = bytes.NewReader(raw)
	}
	request, err := http.NewRequestWithContext(c.t.Context(), method, c.url+path, reader)
	if err != nil {
		c.t.Fatal(err)
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	for _, h := range headers {
		request.Header.Set(h.name, h.value)
	}
	response, err := c.http.Do(request)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	return &answer{t: c.t, call: method + " " + path, status: response.StatusCode, header: response.Header, body: string(text)}
}

// told is what the answer says, whichever request it answers.
func (a *answer) told() string {
	return strings.ReplaceAll(a.body, a.header.Get("X-Request-Id"), "this request")
}

// want checks the status.
func (a *answer) want(status int) *answer {
	a.t.Helper()
	if a.status != status {
		a.t.Errorf("%s: got status %d %s, want %d", a.call, a.status, a.body, status)
	}
	return a
}

// wantCode checks a refusal of /api/v1.
func (a *answer) wantCode(status int, code string) *answer {
	a.t.Helper()
	a.want(status)
	var problem struct {
		Code   string
		Status int
	}
	a.into(&problem)
	if problem.Code != code || problem.Status != status {
		a.t.Errorf("%s: got problem %s, want code %s and status %d", a.call, a.body, code, status)
	}
	if got := a.header.Get("Content-Type"); got != "application/problem+json" {
		a.t.Errorf("%s: got content type %s, want application/problem+json", a.call, got)
	}
	return a
}

// wantError checks a refusal of Turbo-Chat's calls.
func (a *answer) wantError(status int, text string) *answer {
	a.t.Helper()
	a.want(status)
	var refusal map[string]string
	a.into(&refusal)
	if len(refusal) != 1 || refusal["error"] == "" || text != "" && refusal["error"] != text {
		a.t.Errorf("%s: got %s, want {\"error\":%q}", a.call, a.body, text)
	}
	return a
}

func (a *answer) into(v any) *answer {
	a.t.Helper()
	if err := json.Unmarshal([]byte(a.body), v); err != nil {
		a.t.Errorf("%s: answer %q: %v", a.call, a.body, err)
	}
	return a
}

const password = "correct horse battery"

func credentials(email string) map[string]string {
	return map[string]string{"email": email, "password": password}
}

// join makes an account on the server and signs it in.
func (n *node) join(email string) *client {
	n.t.Helper()
	c := n.client()
	var in struct{ Token string }
	c.do("POST", "/api/v1/register", credentials(email)).want(http.StatusCreated).into(&in)
	c.token = in.Token
	return c
}

// room makes a room and gives its path.
func (c *client) room(name string) string {
	c.t.Helper()
	var room struct{ ID json.Number }
	c.do("POST", "/api/v1/rooms", map[string]string{"name": name}).want(http.StatusCreated).into(&room)
	return "/api/v1/rooms/" + room.ID.String()
}

func (c *client) say(room, text string) *answer {
	c.t.Helper()
	return c.do("POST", room+"/messages", map[string]string{"messageText": text}).want(http.StatusCreated)
}

// refill is long enough for every bucket of a person to fill again.
const refill = 10 * time.Second

func mustRead(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// rawGet asks for a path exactly as it is written; clients would clean it.
func rawGet(t *testing.T, addr, path string) (status, body string) {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", path, addr); err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	head, body, _ := strings.Cut(string(text), "\r\n\r\n")
	if fields := strings.Fields(head); len(fields) > 1 {
		status = fields[1]
	}
	return status, body
}
