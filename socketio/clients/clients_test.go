package clients

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parleychat/parley/socketio"
)

// patience is how long one client may take for everything it does; for each
// thing it waits a minute.
const patience = 5 * time.Minute

func TestNode(t *testing.T) {
	modules := installed(t, "node", "node", "package.json", "package-lock.json")
	for _, version := range []string{"4.8", "4.5", "4.3"} {
		for _, transports := range []string{"websocket", "polling", "polling,websocket"} {
			t.Run(version+"/"+transports, func(t *testing.T) {
				run(t, "node", "node/client.mjs", modules, "socket.io-client-"+version, serve(t), transports)
			})
		}
	}
	for _, transport := range []string{"websocket", "polling"} {
		t.Run("2/"+transport, func(t *testing.T) {
			run(t, "node", "node/client2.mjs", modules, serve(t), transport)
		})
	}
}

func TestPython(t *testing.T) {
	venv := installed(t, "python", "python3", "requirements.txt")
	for _, transports := range []string{"websocket", "polling", "polling,websocket"} {
		t.Run(transports, func(t *testing.T) {
			run(t, filepath.Join(venv, "bin", "python"), "python/client.py", serve(t), transports)
		})
	}
}

func TestJava(t *testing.T) {
	dir := installed(t, "java", "java", "pom.xml", "Client.java")
	classes := filepath.Join(dir, "classes") + string(os.PathListSeparator) + filepath.Join(dir, "lib", "*")
	for _, transports := range []string{"websocket", "polling", "polling,websocket"} {
		t.Run(transports, func(t *testing.T) {
			run(t, "java", "-cp", classes, "Client", serve(t), transports)
		})
	}
}

// installed returns where install.sh has put a client, and skips the test if it
// is not there in the version these files ask for.
func installed(t *testing.T, client, tool string, pins ...string) string {
	t.Helper()
	cache := os.Getenv("XDG_CACHE_HOME")
	if cache == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			t.Skipf("no cache directory: %v", err)
		}
		cache = filepath.Join(home, ".cache")
	}
	cache = filepath.Join(cache, "parley", "socketio-clients")
	if os.Getenv("PARLEY_TEST_CLIENTS") == "required" {
		if out, err := exec.Command("./install.sh", client).CombinedOutput(); err != nil {
			t.Fatalf("install.sh %s: %v\n%s", client, err, out)
		}
		return filepath.Join(cache, client)
	}
	if _, err := exec.LookPath(tool); err != nil {
		t.Skipf("the %s client was not tested: there is no %s here", client, tool)
	}
	var want []byte
	for _, name := range pins {
		b, err := os.ReadFile(filepath.Join(client, name))
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, b...)
	}
	if got, err := os.ReadFile(filepath.Join(cache, client+".installed")); err != nil || !bytes.Equal(got, want) {
		t.Skipf("the %s client was not tested: install it with socketio/clients/install.sh %s", client, client)
	}
	return filepath.Join(cache, client)
}

// run runs a client, which ends with "ok" or says what was wrong.
func run(t *testing.T, name string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	out, err := exec.CommandContext(ctx, name, args...).CombinedOutput()
	if err != nil || !strings.HasSuffix(strings.TrimSpace(string(out)), "ok") {
		t.Errorf("%s: %v\n%s", filepath.Base(args[0]), err, out)
	}
}

// serve starts the server that the clients expect.
func serve(t *testing.T) string {
	t.Helper()
	server, err := socketio.New(socketio.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"/", "/other"} {
		n := server.Of(name)
		n.Use(checkToken)
		n.OnConnect(func(s *socketio.Socket) {
			s.OnEvent(func(e *socketio.Event) { handle(t, e) })
			if s.Namespace() == "/" {
				s.Emit("hello", "world", map[string]int{"n": 1}, nil)
			}
		})
	}
	web := httptest.NewServer(http.Handler(server))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := server.Close(ctx); err != nil {
			t.Errorf("Close: %v", err)
		}
		web.Close()
	})
	return web.URL
}

func checkToken(_ context.Context, h *socketio.Handshake) error {
	var auth struct{ Token string }
	if h.Auth != nil {
		if err := json.Unmarshal(h.Auth, &auth); err != nil {
			return &socketio.ConnectError{Message: "Malformed"}
		}
	}
	if auth.Token == "good" || h.Header.Get("Authorization") == "good" {
		return nil
	}
	return &socketio.ConnectError{Message: "Unauthorized", Data: map[string]string{"code": "unauthorized"}}
}

func handle(t *testing.T, e *socketio.Event) {
	s := e.Socket()
	switch e.Name {
	case "echo":
		args := make([]any, len(e.Args))
		for i, arg := range e.Args {
			args[i] = arg
			if data, ok := e.Binary(arg); ok {
				args[i] = data
			}
		}
		e.Ack(args...)
	case "say":
		s.QueueAll(socketio.EventFrames(s.Namespace(), "back", e.Args, e.Attachments)...)
		s.Flush()
	case "number":
		s.Send(socketio.EventFrame(s.Namespace(), "number", e.Args...))
	case "askMe":
		go func() { // the answer is read by the goroutine that called this
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			reply, err := s.Request(ctx, "question", "everything")
			if err != nil || len(reply.Args) != 2 || string(reply.Args[0]) != `"answer to everything"` {
				e.Ack("not as it should be")
				return
			}
			if data, ok := reply.Binary(reply.Args[1]); !ok || !bytes.Equal(data, []byte{0, 1, 2, 255}) {
				e.Ack("not the bytes")
				return
			}
			e.Ack("as it should be")
		}()
	case "restart":
		s.CloseAfter(socketio.EventFrame(s.Namespace(), "problem", json.RawMessage(`{"code":"draining"}`)), socketio.ReasonShuttingDown)
	case "kick":
		s.Close(socketio.ReasonServerDisconnect)
	default:
		t.Errorf("unexpected event %q", e.Name)
	}
}
