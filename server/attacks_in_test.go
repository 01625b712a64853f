package server_test

import (
	"encoding/hex"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/parleychat/parley/e2e/rig"
	"github.com/parleychat/parley/protocol"
	"github.com/parleychat/parley/server"
)

// Attacks on getting in: A1 to A13, A22 to A29, A46.

func strangePasswords(t *testing.T) {
	n := start(t, config(t))
	n.join("ann@example.org")
	for _, value := range []string{`null`, `[]`, `{}`, `["x"]`, `{"$ne":1}`, `1`, `true`} {
		status, code := 400, "invalid"
		if value == "null" { // like one that is absent
			status, code = 401, "unauthorized"
		}
		n.client().do("POST", "/api/v1/login", `{"email":"ann@example.org","password":`+value+`}`).wantCode(status, code)
		n.client().do("POST", "/api/v1/register", `{"email":"new@example.org","password":`+value+`}`).wantCode(400, "invalid")
	}
	var first *answer
	for _, wrong := range []string{"", "wrong password", " " + password, password + " ", password + "\u0000", strings.Repeat("x", 4<<10), strings.Repeat("ä", 60<<10)} {
		if strings.Contains(wrong, "\u0000") {
			continue // refused by the decoder, see A56
		}
		answer := n.client().do("POST", "/api/v1/login", map[string]string{"email": "ann@example.org", "password": wrong})
		if first == nil {
			first = answer
		}
		if answer.status != http.StatusUnauthorized || answer.told() != first.told() {
			t.Errorf("a wrong password of %d bytes: got %d %s, want 401 in the same words", len(wrong), answer.status, answer.body)
		}
	}
	n.client().do("POST", "/api/v1/login", credentials("ann@example.org")).want(http.StatusOK)
}

func whatIsNoToken(t *testing.T) {
	n, clock := startWithClock(t, config(t))
	owner := n.owner("owner@example.org")
	ann, gone, shut := n.join("ann@example.org"), n.join("gone@example.org"), n.join("shut@example.org")
	ann.room("Talk")
	gone.do("POST", "/api/v1/logout", nil).want(http.StatusNoContent)
	owner.do("PATCH", fmt.Sprint("/api/v1/admin/users/", shut.id()), `{"disabled":true}`).want(http.StatusOK)
	refresh := n.client().do("POST", "/api/v1/login", credentials("ann@example.org")).header.Get("Set-Cookie")
	refresh, _, _ = strings.Cut(strings.TrimPrefix(refresh, "parley_refresh="), ";")
	other := start(t, config(t)).join("ann@example.org")
	expired := n.join("late@example.org").token
	clock.pass(7 * time.Hour)
	again := n.client()
	again.signIn("/api/v1/login", credentials("ann@example.org"), http.StatusOK)

	calls := n.calls()
	for name, token := range map[string]string{
		"none":                "",
		"garbage":             "x.y.z",
		"expired":             expired,
		"foreign":             other.token,
		"revoked":             gone.token,
		"of a disabled one":   shut.token,
		"refresh as access":   refresh,
		"two in one":          again.token + " " + again.token,
		"signature cut":       again.token[:len(again.token)-1],
		"a good one reversed": reversed(again.token),
	} {
		t.Run(name, func(t *testing.T) {
			var headers []header
			if token != "" {
				headers = append(headers, header{"Authorization", "Bearer " + token})
			}
			for _, call := range calls {
				if call.personal {
					n.client().do(call.method, call.path, call.body, headers...).want(http.StatusUnauthorized)
				}
			}
			for _, polling := range []bool{false, true} {
				if _, err := n.sockets().TryConnect(t, rig.How{Polling: polling, Token: token}); err == nil || !strings.Contains(err.Error(), `"unauthorized"`) {
					t.Errorf("a socket (polling %v): got %v, want it refused as unauthorized", polling, err)
				}
			}
			socket := n.connect(again)
			socket.WantRefusal("unauthorized", protocol.Authenticate, protocol.AuthenticateRequest{Token: token})
		})
	}
	again.do("GET", "/api/v1/me", nil).want(http.StatusOK)
}

func tokenInTheAddress(t *testing.T) {
	n := start(t, config(t))
	ann := n.join("ann@example.org")
	query := "?token=" + ann.token + "&access_token=" + ann.token + "&Authorization=Bearer%20" + ann.token
	for _, call := range n.calls() {
		if call.personal {
			n.client().do(call.method, call.path+query, call.body).want(http.StatusUnauthorized)
		}
	}
	open := n.client().do("GET", "/socket.io/"+query+"&EIO=4&transport=polling", nil).want(http.StatusOK)
	sid := sessionID.FindStringSubmatch(open.body)
	if sid == nil {
		t.Fatalf("no session in %s", open.body)
	}
	session := "/socket.io/" + query + "&EIO=4&transport=polling&sid=" + sid[1]
	n.client().do("POST", session, "40").want(http.StatusOK)
	if answer := n.client().do("GET", session, nil); !strings.Contains(answer.body, `"unauthorized"`) {
		t.Errorf("a socket with a token in its address: got %s, want it refused", answer.body)
	}
}

func pollingSessions(t *testing.T) {
	n := start(t, config(t))
	seen := make(map[string]bool)
	for range 20 {
		open := n.client().do("GET", "/socket.io/?EIO=4&transport=polling", nil).want(http.StatusOK)
		sid := sessionID.FindStringSubmatch(open.body)
		if sid == nil || len(sid[1]) < 22 || seen[sid[1]] {
			t.Fatalf("got session %q, want 128 bits that never were", sid)
		}
		seen[sid[1]] = true
		near := []byte(sid[1])
		near[len(near)-1] ^= 1
		n.client().do("POST", "/socket.io/?EIO=4&transport=polling&sid="+string(near), "40").want(http.StatusBadRequest)
		n.client().do("POST", "/socket.io/?EIO=4&transport=polling&sid="+sid[1], "1").want(http.StatusOK)
	}
}

// revokedWhileConnected: however somebody loses the right to be here, their
// sockets are told and closed; those of others stay.
func revokedWhileConnected(t *testing.T) {
	n, clock := startWithClock(t, config(t))
	owner := n.owner("owner@example.org")
	bystander := n.connect(n.join("bystander@example.org"))
	for what, lose := range map[string]func(c, elsewhere *client){
		"signed out":            func(c, _ *client) { c.do("POST", "/api/v1/logout", nil).want(http.StatusNoContent) },
		"signed out everywhere": func(_, e *client) { e.do("DELETE", "/api/v1/me/sessions", nil).want(http.StatusNoContent) },
		"others signed out":     func(_, e *client) { e.do("DELETE", "/api/v1/me/other-sessions", nil).want(http.StatusNoContent) },
		"password changed": func(_, e *client) {
			e.do("PUT", "/api/v1/me/password", map[string]string{"present": password, "wanted": "another password"}).want(http.StatusNoContent)
		},
		"account deleted": func(_, e *client) {
			e.do("DELETE", "/api/v1/me", map[string]string{"password": password}).want(http.StatusNoContent)
		},
		"disabled": func(c, _ *client) {
			owner.do("PATCH", fmt.Sprint("/api/v1/admin/users/", c.id()), `{"disabled":true}`).want(http.StatusOK)
		},
		"reset link used": func(c, _ *client) {
			var link protocol.ResetLink
			owner.do("POST", fmt.Sprint("/api/v1/admin/users/", c.id(), "/reset"), nil).want(http.StatusCreated).into(&link)
			n.client().do("POST", "/api/v1/reset", map[string]string{"token": link.Token, "password": "another password"}).want(http.StatusOK)
		},
	} {
		t.Run(what, func(t *testing.T) {
			email := strings.ReplaceAll(what, " ", ".") + "@example.org"
			c, elsewhere := n.join(email), n.client()
			elsewhere.signIn("/api/v1/login", credentials(email), http.StatusOK)
			sockets := []*rig.Socket{n.connect(c), n.sockets().Connect(t, rig.How{Polling: true, Token: c.token})}
			lose(c, elsewhere)
			for _, socket := range sockets {
				wantClosed(t, what, socket, "revoked")
			}
			c.do("GET", "/api/v1/me", nil).wantCode(401, "unauthorized")
			if _, err := n.sockets().TryConnect(t, rig.How{Token: c.token}); err == nil {
				t.Error("the token opens another socket")
			}
		})
	}
	t.Run("wrong password changes nothing", func(t *testing.T) {
		c := n.join("careful@example.org")
		socket := n.connect(c)
		c.do("PUT", "/api/v1/me/password", map[string]string{"present": "wrong", "wanted": "another password"}).wantCode(403, "forbidden")
		c.do("PUT", "/api/v1/me/password", map[string]string{"present": password, "wanted": "short"}).wantCode(400, "invalid")
		c.do("DELETE", "/api/v1/me", `{"password":"wrong"}`).wantCode(403, "forbidden")
		socket.Roundtrip()
	})
	bystander.Roundtrip()

	// A token is announced before it ends; who renews it stays, who does not is
	// closed, and may connect again.
	t.Run("token ends", func(t *testing.T) {
		renews, sleeps := n.join("renews@example.org"), n.join("sleeps@example.org")
		staying, leaving := n.connect(renews), n.connect(sleeps)
		clock.pass(6*time.Hour - 30*time.Second)
		for _, socket := range []*rig.Socket{staying, leaving} {
			socket.Await(protocol.Problem, func(e rig.Event) bool { return strings.Contains(e.String(), `"expiring"`) })
		}
		renews.signIn("/api/v1/refresh", nil, http.StatusOK)
		staying.Ask(new(protocol.AuthenticateAck), protocol.Authenticate, protocol.AuthenticateRequest{Token: renews.token})
		staying.WantRefusal("forbidden", protocol.Authenticate, protocol.AuthenticateRequest{Token: n.join("mallory@example.org").token})
		clock.pass(time.Minute)
		leaving.Await(protocol.Problem, func(e rig.Event) bool {
			return strings.Contains(e.String(), `"unauthorized"`) && strings.Contains(e.String(), `"reconnect":true`)
		})
		leaving.AwaitEnd()
		staying.Roundtrip()
	})
}

func fixation(t *testing.T) {
	n := start(t, config(t))
	c := n.client()
	seen := make(map[string]bool)
	for i := range 5 {
		path, status := "/api/v1/login", http.StatusOK
		if i == 0 {
			path, status = "/api/v1/register", http.StatusCreated
		}
		// The cookie and the token of the session before are shown.
		answer := c.do("POST", path, credentials("ann@example.org")).want(status)
		cookie, _, _ := strings.Cut(answer.header.Get("Set-Cookie"), ";")
		var in protocol.SignedIn
		answer.into(&in)
		c.token = in.Token
		var sessions protocol.SessionList
		c.do("GET", "/api/v1/me/sessions", nil).into(&sessions)
		id := ""
		for _, s := range sessions.Sessions {
			if s.Present {
				id = s.ID
			}
		}
		for _, value := range []string{cookie, in.Token, id} {
			if value == "" || seen[value] {
				t.Errorf("sign-in %d gave %q again", i, value)
			}
			seen[value] = true
		}
	}
	// A session that somebody made up is none.
	made := n.client()
	made.do("POST", "/api/v1/login", credentials("ann@example.org"), header{"Cookie", "parley_refresh=made-up"}).want(http.StatusOK)
	n.client().do("POST", "/api/v1/refresh", nil, header{"Cookie", "parley_refresh=made-up"}).wantCode(401, "unauthorized")
}

func badUpgrades(t *testing.T) {
	n := start(t, config(t))
	ann := n.join("ann@example.org")
	socket := n.sockets().Connect(t, rig.How{Polling: true, Token: ann.token})
	session, _ := socket.IDs()
	upgrade := func(query string) string {
		return askOnce(t, n.Addr().String(), "GET /socket.io/?"+query+" HTTP/1.1\r\nHost: "+n.Addr().String()+
			"\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
	}
	for _, query := range []string{
		"transport=websocket&sid=" + session,
		"EIO=3&transport=websocket&sid=" + session,
		"EIO=99&transport=websocket&sid=" + session,
		"EIO=4&transport=websocket&sid=" + session + "x",
		"EIO=4&transport=websocket&sid=%00",
		"EIO=4&transport=webtransport&sid=" + session,
		"EIO=4&sid=" + session,
	} {
		if status := upgrade(query); status != "400" {
			t.Errorf("upgrade with %s: got status %q, want 400", query, status)
		}
		socket.Roundtrip()
	}
	if err := socket.Upgrade(); err != nil {
		t.Fatalf("an upgrade as it should be: %v", err)
	}
	socket.Roundtrip()
	// A second one may be opened; it gets nowhere, and the first goes on.
	upgrade("EIO=4&transport=websocket&sid=" + session)
	socket.Roundtrip()
	socket.Leave()
	socket.AwaitEnd()
	rig.Eventually(t, "refusing an upgrade of a session that has ended", func() bool {
		return upgrade("EIO=4&transport=websocket&sid="+session) == "400"
	})
}

func bruteForce(t *testing.T) {
	t.Run("forwarding headers", forwardedAddress)
	n, clock := startWithClock(t, config(t))
	clock.stop()
	n.join("ann@example.org")
	try := func(email, password string) *answer {
		return n.client().do("POST", "/api/v1/login", map[string]string{"email": email, "password": password})
	}
	for _, account := range []string{"ann@example.org", "nobody@example.org"} {
		limited := 0
		for i := range 15 {
			answer := try([]string{account, strings.ToUpper(account), " " + account}[i%3], fmt.Sprint("guess ", i))
			switch answer.status {
			case http.StatusUnauthorized:
			case http.StatusTooManyRequests:
				limited++
				if answer.header.Get("Retry-After") == "" {
					t.Error("no Retry-After")
				}
			default:
				t.Errorf("guess %d: got %d %s", i, answer.status, answer.body)
			}
		}
		if limited != 5 {
			t.Errorf("%s: %d of 15 guesses were limited, want 5", account, limited)
		}
	}
	try("ann@example.org", password).wantCode(429, "rate_limited")
	// The password of an open session counts with them.
	clock.pass(time.Minute)
	try("ann@example.org", password).want(http.StatusOK)
}

func whichAddressesExist(t *testing.T) {
	n := start(t, config(t))
	ann := n.join("ann@example.org")
	same := func(what string, a, b *answer) {
		t.Helper()
		if a.status != b.status || a.told() != b.told() {
			t.Errorf("%s: got %d %s for one that exists and %d %s for one that does not", what, a.status, a.body, b.status, b.body)
		}
		for name := range a.header {
			if varies := name == "X-Request-Id" || name == "Date"; !varies && a.header.Get(name) != b.header.Get(name) {
				t.Errorf("%s: the header %s tells them apart", what, name)
			}
		}
	}
	login := func(path, email string) *answer {
		return n.client().do("POST", path, map[string]string{"email": email, "password": "wrong password"})
	}
	for _, path := range []string{"/api/v1/login", "/api/login"} {
		same(path, login(path, "ann@example.org"), login(path, "nobody@example.org"))
		same(path, login(path, "ann@example.org"), login(path, "no address"))
	}
	setup := func(email string) *answer {
		return n.client().do("POST", "/api/v1/setup", map[string]string{"token": "guess", "email": email, "password": password})
	}
	same("setup", setup("ann@example.org"), setup("nobody@example.org"))
	// Nothing finds somebody by an address.
	for _, path := range []string{"/api/v1/handles/ann@example.org", "/api/v1/users/ann@example.org"} {
		ann.do("GET", path, nil).wantCode(404, "not_found")
	}
	// An open registration has to say "taken"; it is limited instead (A12), and
	// one by invitation says it to those alone who have one (TestInvites).
	ann.do("POST", "/api/v1/register", credentials("ann@example.org")).wantCode(409, "conflict")
}

// key reads the key that signs the server's tokens.
func (n *node) key() []byte {
	n.t.Helper()
	text, err := os.ReadFile(filepath.Join(n.cfg.Data, "jwt.key"))
	if err != nil {
		n.t.Fatal(err)
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil {
		n.t.Fatal(err)
	}
	return key
}

func forgedTokens(t *testing.T) {
	n := start(t, config(t))
	ann := n.join("ann@example.org")
	good := jwt.MapClaims{}
	if _, _, err := jwt.NewParser().ParseUnverified(ann.token, good); err != nil {
		t.Fatal(err)
	}
	key := n.key()
	forge := func(method jwt.SigningMethod, key any, headers map[string]any, change jwt.MapClaims) string {
		claims := jwt.MapClaims{}
		for name, value := range good {
			claims[name] = value
		}
		for name, value := range change {
			claims[name] = value
			if value == nil {
				delete(claims, name)
			}
		}
		token := jwt.NewWithClaims(method, claims)
		for name, value := range headers {
			token.Header[name] = value
		}
		text, err := token.SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	// What follows differs from this one in the one thing that it says.
	n.client().do("GET", "/api/v1/me", nil, header{"Authorization", "Bearer " + forge(jwt.SigningMethodHS256, key, nil, nil)}).want(http.StatusOK)
	parts := strings.Split(ann.token, ".")
	for what, token := range map[string]string{
		"alg none":             forge(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil, nil),
		"alg none, signed":     forge(jwt.SigningMethodHS256, key, map[string]any{"alg": "none"}, nil),
		"alg NONE, unsigned":   strings.TrimSuffix(forge(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, map[string]any{"alg": "nOnE"}, nil), "."),
		"alg HS384":            forge(jwt.SigningMethodHS384, key, nil, nil),
		"alg HS512":            forge(jwt.SigningMethodHS512, key, nil, nil),
		"alg RS256 by name":    forge(jwt.SigningMethodHS256, key, map[string]any{"alg": "RS256"}, nil),
		"another key":          forge(jwt.SigningMethodHS256, []byte(strings.Repeat("k", 32)), nil, nil),
		"empty key":            forge(jwt.SigningMethodHS256, []byte{}, nil, nil),
		"kid to an empty file": forge(jwt.SigningMethodHS256, []byte{}, map[string]any{"kid": "../../../../dev/null"}, nil),
		"embedded key":         forge(jwt.SigningMethodHS256, []byte("mine"), map[string]any{"jwk": map[string]string{"kty": "oct", "k": "bWluZQ"}}, nil),
		"key from an address":  forge(jwt.SigningMethodHS256, []byte("mine"), map[string]any{"jku": "http://127.0.0.1:1/keys"}, nil),
		"empty signature":      parts[0] + "." + parts[1] + ".",
		"no signature":         parts[0] + "." + parts[1],
		"another person":       forge(jwt.SigningMethodHS256, key, nil, jwt.MapClaims{"userId": 2}),
		"another session":      forge(jwt.SigningMethodHS256, key, nil, jwt.MapClaims{"sid": "AAAAAAAAAAAAAAAAAAAAAA"}),
		"no session":           forge(jwt.SigningMethodHS256, key, nil, jwt.MapClaims{"sid": nil}),
		"no end":               forge(jwt.SigningMethodHS256, key, nil, jwt.MapClaims{"exp": nil}),
		"not yet":              forge(jwt.SigningMethodHS256, key, nil, jwt.MapClaims{"nbf": time.Now().Add(time.Hour).Unix()}),
	} {
		answer := n.client().do("GET", "/api/v1/me", nil, header{"Authorization", "Bearer " + token})
		if answer.status != http.StatusUnauthorized {
			t.Errorf("%s: got %d %s, want 401", what, answer.status, answer.body)
		}
	}
}

func giantTokens(t *testing.T) {
	n := start(t, config(t))
	ann := n.join("ann@example.org")
	for what, token := range map[string]string{
		"dots":                strings.Repeat(".", 8<<10),
		"parts":               strings.Repeat("a.", 4<<10),
		"one part":            strings.Repeat("a", 8<<10),
		"a good one, and air": ann.token + strings.Repeat("A", 5<<10),
	} {
		n.client().do("GET", "/api/v1/me", nil, header{"Authorization", "Bearer " + token}).want(http.StatusUnauthorized)
		if _, err := n.sockets().TryConnect(t, rig.How{Token: token}); err == nil || !strings.Contains(err.Error(), `"unauthorized"`) {
			t.Errorf("a socket with %s: got %v, want it refused", what, err)
		}
	}
	// More than a header can be is refused by the server itself.
	if status := converse(t, n.Addr().String(), "GET /api/v1/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "+strings.Repeat("a.", 1<<20)+"\r\n\r\n"); status != "431" {
		t.Errorf("a token of 2 MiB: got status %q, want 431", status)
	}
}

func weakKey(t *testing.T) {
	for what, text := range map[string]string{
		"empty":  "",
		"short":  strings.Repeat("a1b2", 4),
		"typed":  strings.Repeat("61", 32),
		"no hex": "a very secret secret that somebody has typed in",
	} {
		cfg := config(t)
		if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(cfg.Data, "jwt.key"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if n, err := server.New(t.Context(), cfg); err == nil {
			t.Errorf("a server starts with a key that is %s", what)
			_ = n.Close()
		} else if text != "" && strings.Contains(err.Error(), text) {
			t.Errorf("the error shows the key: %v", err)
		}
	}
	first, second := start(t, config(t)), start(t, config(t))
	if string(first.key()) == string(second.key()) || len(first.key()) < 32 {
		t.Error("two servers have the same key, or a short one")
	}
	info, err := os.Stat(filepath.Join(first.cfg.Data, "jwt.key"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key's file: got %v, %v, want mode 0600", info, err)
	}
}

func refreshReused(t *testing.T) {
	n, clock := startWithClock(t, config(t))
	ann := n.join("ann@example.org")
	thief := n.client()
	stolen := cookieOf(t, ann)
	ann.signIn("/api/v1/refresh", nil, http.StatusOK)
	socket := n.connect(ann)
	clock.pass(31 * time.Second)
	thief.do("POST", "/api/v1/refresh", nil, header{"Cookie", "parley_refresh=" + stolen}).wantCode(401, "unauthorized")
	wantClosed(t, "refresh token reused", socket, "revoked")
	ann.do("GET", "/api/v1/me", nil).wantCode(401, "unauthorized")
	ann.do("POST", "/api/v1/refresh", nil).wantCode(401, "unauthorized")
}

// cookieOf is the refresh token that somebody's browser keeps.
func cookieOf(t *testing.T, c *client) string {
	t.Helper()
	request, err := http.NewRequest("GET", c.url+"/api/v1/refresh", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, cookie := range c.http.Jar.Cookies(request.URL) {
		if cookie.Name == "parley_refresh" {
			return cookie.Value
		}
	}
	t.Fatal("no refresh cookie")
	return ""
}

func abusedInvites(t *testing.T) {
	cfg := config(t)
	cfg.Registration = server.RegistrationInvite
	n := start(t, cfg)
	owner := n.owner("owner@example.org")
	var link protocol.InviteLink
	owner.do("POST", "/api/v1/admin/invites", `{"uses":3}`).want(http.StatusCreated).into(&link)
	join := func(email, more string) *answer {
		return n.client().do("POST", "/api/v1/register", `{"email":"`+email+`","password":"`+password+`","invite":"`+link.Token+`"`+more+`}`)
	}
	join("king@example.org", `,"role":"owner"`).wantCode(400, "invalid")
	statuses := make(chan int, 12)
	var all sync.WaitGroup
	for i := range cap(statuses) {
		all.Go(func() { statuses <- join(fmt.Sprintf("p%d@example.org", i), "").status })
	}
	all.Wait()
	close(statuses)
	in := 0
	for status := range statuses {
		if status == http.StatusCreated {
			in++
		}
	}
	// Who found no turn to hash within a second took no use.
	for i := 0; in < 3 && i < 12; i++ {
		if join(fmt.Sprintf("late%d@example.org", i), "").status == http.StatusCreated {
			in++
		}
	}
	join("more@example.org", "").wantCode(403, "forbidden")
	var page protocol.AccountList
	owner.do("GET", "/api/v1/admin/users", nil).want(http.StatusOK).into(&page)
	if in != 3 || len(page.Users) != 4 {
		t.Errorf("an invite for three let in %d, the accounts are %+v", in, page.Users)
	}
	for _, user := range page.Users[1:] {
		if user.Role != "member" {
			t.Errorf("%s came in as %s", user.Email, user.Role)
		}
	}
}

func crowdSignsIn(t *testing.T) {
	n := start(t, config(t))
	ann := n.join("ann@example.org")
	ann.room("General")
	socket := n.connect(ann)
	socket.Join(1)
	var all sync.WaitGroup
	statuses := make(chan int, 200)
	for i := range cap(statuses) {
		c := n.client()
		all.Go(func() {
			answer := c.do("POST", "/api/v1/login", credentials(fmt.Sprintf("p%d@example.org", i)))
			if answer.status == http.StatusServiceUnavailable && answer.header.Get("Retry-After") == "" {
				t.Error("busy, but not until when")
			}
			statuses <- answer.status
		})
	}
	// Meanwhile people talk.
	for i := range 10 {
		socket.Say(1, fmt.Sprint("message ", i))
	}
	all.Wait()
	close(statuses)
	for status := range statuses {
		if status != http.StatusUnauthorized && status != http.StatusServiceUnavailable {
			t.Errorf("got status %d, want 401 or 503", status)
		}
	}
	socket.Roundtrip()
}
