package e2e

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/parleychat/parley/e2e/rig"
	"github.com/parleychat/parley/internal/services"
	"github.com/parleychat/parley/protocol"
)

// proxies are what deploy/ has settings for. Each starts one with these settings
// on address, in front of servers, and does not return before it listens.
var proxies = map[string]func(t *testing.T, address string, servers []string){
	"Caddy": startCaddy,
	"nginx": startNginx,
}

// TestProxies puts two servers behind each proxy, which may send every request
// to either of them, and lets people come through it.
func TestProxies(t *testing.T) {
	var servers []*rig.Server
	var behind []string
	redis := services.PrivateRedis(t)
	kafka := services.PrivateKafka(t)
	db := services.SharedMariaDB(t).NewDatabase(t)
	for i := range 2 {
		s := rig.Serve(t, rig.WithEnv(
			"PARLEY_DB="+db, "PARLEY_KAFKA="+strings.Join(kafka.Addrs(), ","), "PARLEY_KAFKA_PARTITIONS=2", "PARLEY_REDIS="+redis.URL(),
			"PARLEY_TRUST_PROXY=127.0.0.1", fmt.Sprint("PARLEY_NODE_ID=behind-", i)))
		servers, behind = append(servers, s), append(behind, s.Addr)
	}
	for name, start := range proxies {
		t.Run(name, func(t *testing.T) {
			t.Run("Addresses", func(t *testing.T) { proxyForwards(t, start, servers[0]) })
			address := rig.FreeAddr(t)
			start(t, address, behind)
			front := rig.At(t, address)
			awaitFront(t, front)
			people := front.People(strings.ToLower(name)+"-ann", strings.ToLower(name)+"-bob")
			room := createAtLast(t, people[0], name+"'s harbour")
			t.Run("Sessions", func(t *testing.T) { proxySessions(t, front, people, room) })
			t.Run("TooLarge", func(t *testing.T) { proxyTooLarge(t, people[0]) })
			t.Run("Drain", func(t *testing.T) { proxyDrain(t, front, servers, people, room) })
		})
	}
}

// awaitFront waits until the proxy knows of a server that is ready.
func awaitFront(t *testing.T, front *rig.Server) {
	t.Helper()
	rig.Eventually(t, "a server that the proxy takes for ready", func() bool {
		return front.TryCall(nil, "GET", "/readyz", "", nil) == nil
	})
}

// proxySessions: WebSockets, long polling whose requests go to either server,
// and an upgrade in between.
func proxySessions(t *testing.T, front *rig.Server, people []*rig.Person, room int64) {
	direct, polling, upgraded := people[0].Connect(), people[1].ConnectPolling(), people[1].ConnectPolling()
	sockets := []*rig.Socket{direct, polling, upgraded}
	for _, socket := range sockets {
		defer socket.Cut()
		socket.Join(room)
	}
	upgraded.Roundtrip()
	if err := upgraded.Upgrade(); err != nil {
		t.Fatal(err)
	}
	const each = 8
	for i := range each {
		for k, socket := range sockets {
			socket.Say(room, fmt.Sprintf("%d of %d", i, k))
		}
	}
	last := people[0].Page(room, "?limit=1").Head.Seq
	for k, socket := range sockets {
		socket.AwaitSeq(room, last)
		events := socket.InRoom(room)
		if err := rig.Contiguous(events); err != nil {
			t.Errorf("socket %d: %v", k, err)
		}
		if said := rig.Messages(events); len(said) != each*len(sockets) {
			t.Errorf("socket %d: got %d messages, want %d", k, len(said), each*len(sockets))
		}
	}
	// A page of another origin is refused behind a proxy too.
	request, err := http.NewRequest("GET", front.URL+"/socket.io/?EIO=4&transport=polling", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Origin", "https://elsewhere.example")
	if _, err := front.Do(request); rig.StatusOf(err) != http.StatusForbidden {
		t.Errorf("a foreign origin: got %v, want 403", err)
	}
}

// proxyTooLarge: what is too large is refused, be it by the proxy or by Parley,
// and harms nobody.
func proxyTooLarge(t *testing.T, who *rig.Person) {
	for _, size := range []int{1_500_000, 3_000_000} {
		err := who.TryCall(nil, "POST", "/api/v1/rooms", map[string]string{"name": strings.Repeat("x", size)})
		if rig.StatusOf(err) != http.StatusRequestEntityTooLarge {
			t.Errorf("a body of %d bytes: got %.200v, want 413", size, err)
		}
	}
	who.Call(nil, "GET", "/api/v1/me", nil)
}

// proxyDrain: a server stops; its people are told, and come back through the
// proxy without missing anything.
func proxyDrain(t *testing.T, front *rig.Server, servers []*rig.Server, people []*rig.Person, room int64) {
	speaker := people[0].Connect()
	speaker.Join(room)
	for i, server := range servers {
		// At this server, so that it is the one that has to go.
		listener := server.As(people[1]).Connect()
		listener.Join(room)
		if _, err := speaker.SayAtLast(room, fmt.Sprint("before ", i), rig.NewCID()); err != nil {
			t.Fatal(err)
		}
		listener.AwaitText(room, fmt.Sprint("before ", i))
		seen := listener.InRoom(room)
		server.Interrupt()
		listener.Await(protocol.Draining, func(rig.Event) bool { return true })
		listener.AwaitEnd()
		speaker.Cut()

		// Also while it stops there is somebody to talk to; whoever comes to the
		// one that stops asks again.
		connectAtLast(t, people[1]).Cut()
		if code := server.Wait(); code != 0 {
			t.Errorf("server %d: exit code %d", i, code)
		}
		back := connectAtLast(t, people[1])
		speaker = connectAtLast(t, people[0])
		back.JoinSince(room, seen[len(seen)-1].Cursor)
		if _, err := speaker.SayAtLast(room, fmt.Sprint("after ", i), rig.NewCID()); err != nil {
			t.Fatal(err)
		}
		back.AwaitText(room, fmt.Sprint("after ", i))
		if err := rig.Contiguous(slices.Concat(seen, back.InRoom(room))); err != nil {
			t.Error(err)
		}
		back.Cut()
		server.Start()
		awaitFront(t, front)
	}
	speaker.Cut()
}

func connectAtLast(t *testing.T, who *rig.Person) (socket *rig.Socket) {
	t.Helper()
	rig.Eventually(t, "a connection through the proxy", func() bool {
		var err error
		socket, err = who.TryConnect(t)
		return err == nil
	})
	return socket
}

// proxyForwards: what the proxy tells of the client is what it sees itself, and
// what the server counts attempts by: it refuses one address after a while,
// whatever that claims to be, and not another.
func proxyForwards(t *testing.T, start func(*testing.T, string, []string), server *rig.Server) {
	got := make(chan *http.Request, 100)
	behind := httptest.NewServer(abroad(t, server, func(r *http.Request) {
		select {
		case got <- r:
		default: // enough was seen
		}
	}))
	defer behind.Close()
	address := rig.FreeAddr(t)
	start(t, address, []string{behind.Listener.Addr().String()})
	front := rig.At(t, address)
	awaitFront(t, front)
	one, other := clientAt(address, 2), clientAt(address, 3)
	rig.Eventually(t, "too many attempts", func() bool { return attempt(t, one, front) == http.StatusTooManyRequests })
	if status := attempt(t, other, front); status != http.StatusBadRequest {
		t.Errorf("the first attempt of another address: got %d, want 400", status)
	}
	seen := <-got
	if from := seen.Header.Values("X-Forwarded-For"); !slices.Equal(from, []string{"127.0.0.2"}) {
		t.Errorf("X-Forwarded-For: got %q, want the client's address alone", from)
	}
	if proto := seen.Header.Values("X-Forwarded-Proto"); !slices.Equal(proto, []string{"http"}) {
		t.Errorf("X-Forwarded-Proto: got %q, want http, which it was", proto)
	}
	if seen.Host != address {
		t.Errorf("Host: got %s, want %s, by which origins are judged", seen.Host, address)
	}
}

// abroad passes requests on to a server, and moves the clients' addresses, which
// are this machine's and so are not counted, to another network: 127.0.0.2 to
// 203.0.113.2. It shows those that are not of the proxy itself.
func abroad(t *testing.T, server *rig.Server, show func(*http.Request)) http.Handler {
	target, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	const header = "X-Forwarded-For"
	return &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		if r.In.URL.Path != "/readyz" {
			show(r.In)
		}
		r.SetURL(target)
		r.Out.Host = r.In.Host
		r.Out.Header[header] = nil
		for _, from := range r.In.Header.Values(header) {
			r.Out.Header.Add(header, strings.ReplaceAll(from, "127.0.0.", "203.0.113."))
		}
	}}
}

// clientAt is a client of an address of its own, 127.0.0.n, for an address.
func clientAt(address string, n byte) *http.Client {
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, n)}}
	return &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return dialer.DialContext(ctx, network, address)
	}}}
}

// attempt tries to register with what is no e-mail address, and claims to be
// somebody else each time.
func attempt(t *testing.T, client *http.Client, front *rig.Server) (status int) {
	request, err := http.NewRequest("POST", front.URL+"/api/v1/register", strings.NewReader(`{"email":"nobody","password":"long enough"}`))
	if err != nil {
		t.Fatal(err)
	}
	claimed := fmt.Sprint("198.51.100.", rand.IntN(250))
	request.Header.Set("Content-Type", "application/json")
	request.Header["X-Forwarded-For"] = []string{claimed, "127.0.0.1"}
	request.Header.Set("X-Real-IP", claimed)
	request.Header.Set("Forwarded", "for="+claimed)
	request.Header.Set("X-Forwarded-Proto", "https")
	answer, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode
}

// startCaddy runs deploy/Caddyfile.
func startCaddy(t *testing.T, address string, servers []string) {
	caddy := rig.Tool(t, "caddy", "caddy")
	dir := t.TempDir()
	cmd := exec.Command(caddy, "run", "--adapter", "caddyfile", "--config", deployed(t, "Caddyfile"))
	cmd.Env = append(os.Environ(), "HOME="+dir, "XDG_DATA_HOME="+dir, "XDG_CONFIG_HOME="+dir, "CADDY_ADMIN="+rig.FreeAddr(t),
		"PARLEY_DOMAIN=http://"+address, "PARLEY_SERVERS="+strings.Join(servers, " "))
	startProxy(t, cmd, address)
}

// startNginx runs deploy/nginx.conf with other servers, and without TLS.
func startNginx(t *testing.T, address string, servers []string) {
	nginx := rig.Tool(t, "nginx", "nginx-light")
	dir := t.TempDir()
	text, err := os.ReadFile(deployed(t, "nginx.conf"))
	if err != nil {
		t.Fatal(err)
	}
	change := func(from, to string) {
		t.Helper()
		if !bytes.Contains(text, []byte(from)) {
			t.Fatalf("deploy/nginx.conf has no line %q", from)
		}
		text = bytes.Replace(text, []byte(from), []byte(to), 1)
	}
	const first, second = "server parley-1:3000", "server parley-2:3000 max_fails=1 fail_timeout=2s;"
	change(first, "server "+servers[0])
	if len(servers) > 1 {
		change("server parley-2:3000", "server "+servers[1])
	} else {
		change(second, "")
	}
	change("listen 443 ssl;", "listen "+address+";")
	change("ssl_certificate /etc/ssl/chat.pem;", "")
	change("ssl_certificate_key /etc/ssl/chat.key;", "")
	whole := fmt.Sprintf("daemon off; master_process off; pid %[1]s/pid; error_log stderr;\nevents {}\nhttp {\naccess_log off;\n", dir)
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		whole += fmt.Sprintf("%s_temp_path %s;\n", kind, filepath.Join(dir, kind))
	}
	config := filepath.Join(dir, "whole.conf")
	if err := os.WriteFile(config, []byte(whole+string(text)+"\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	startProxy(t, exec.Command(nginx, "-e", "stderr", "-p", dir, "-c", config), address)
}

// startProxy starts a proxy that ends with the test, and waits until it listens.
func startProxy(t *testing.T, cmd *exec.Cmd, address string) {
	running := rig.Run(t, filepath.Base(cmd.Path), cmd)
	rig.Eventually(t, "the proxy to listen", func() bool {
		running.Alive(t)
		conn, err := net.Dial("tcp", address)
		if err == nil {
			conn.Close()
		}
		return err == nil
	})
}

// deployed is a file of deploy/.
func deployed(t *testing.T, name string) string {
	root, err := rig.Root()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(root, "deploy", name)
}
