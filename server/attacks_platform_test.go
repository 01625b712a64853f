package server_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/parleychat/parley/protocol"
	"github.com/parleychat/parley/server"
)

// Attacks on what holds everything else: A67 to A74.

// constantTime looks through the code that has to do with secrets: none is
// compared with == or bytes.Equal. What is looked up in a table
// is looked up by its hash, of which nobody can choose a beginning.
func constantTime(t *testing.T) {
	secret := regexp.MustCompile(`(?i)password|secret|hash|digest|token|refresh|signature`)
	harmless := regexp.MustCompile(`^(""|nil|\d+|err|errNoToken)$|^len\(`)
	compared := 0
	for _, dir := range []string{"auth", "api", "store", "gateway"} {
		files, err := filepath.Glob(filepath.Join("..", dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			compared += strings.Count(string(text), "subtle.ConstantTimeCompare(")
			fset := token.NewFileSet()
			file, err := parser.ParseFile(fset, name, text, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			source := func(n ast.Node) string { return string(text[n.Pos()-file.FileStart : n.End()-file.FileStart]) }
			ast.Inspect(file, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.BinaryExpr:
					if n.Op != token.EQL && n.Op != token.NEQ {
						return true
					}
					x, y := source(n.X), source(n.Y)
					if (secret.MatchString(x) || secret.MatchString(y)) && !harmless.MatchString(x) && !harmless.MatchString(y) && isValue(n.X) && isValue(n.Y) {
						t.Errorf("%s: %s %s %s", fset.Position(n.Pos()), x, n.Op, y)
					}
				case *ast.CallExpr:
					called := source(n.Fun)
					if slices.Contains([]string{"bytes.Equal", "slices.Equal", "bytes.Compare"}, called) && secret.MatchString(source(n)) {
						t.Errorf("%s: %s", fset.Position(n.Pos()), source(n))
					}
				}
				return true
			})
		}
	}
	if compared < 2 {
		t.Errorf("found %d comparisons in constant time, want those of passwords and of setup links", compared)
	}
}

// isValue: constants have names of types and packages, or begin with a letter
// that says so; they are no secrets.
func isValue(e ast.Expr) bool {
	selector, ok := e.(*ast.SelectorExpr)
	if !ok {
		return true
	}
	pkg, ok := selector.X.(*ast.Ident)
	return !ok || !slices.Contains([]string{"chat", "store", "auth", "http", "sqlite3"}, pkg.Name)
}

// markedSecrets lets secrets through every call that takes or makes one, then
// looks for them wherever something comes out for others.
func markedSecrets(t *testing.T) {
	cfg := config(t)
	cfg.ShowEmail = server.ShowEmailToNobody
	n := start(t, cfg)
	var out strings.Builder // what others were answered
	secrets := make(map[string]string)
	mark := func(what, value string) string { secrets[what] = value; return value }

	link, err := n.OfferSetup(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, setup, _ := strings.Cut(link, "#token=")
	owner := n.client()
	owner.signIn("/api/v1/setup", map[string]string{"token": mark("setup token", setup), "email": mark("address", "marked.owner@example.org"), "password": mark("password of the owner", "marked password 1")}, 200)
	mark("token of the owner", owner.token)
	ann := n.client()
	ann.signIn("/api/v1/register", map[string]string{"email": mark("address of Ann", "marked.ann@example.org"), "password": mark("password of Ann", "marked password 2")}, 201)
	mark("token of Ann", ann.token)
	mark("refresh token of Ann", cookieOf(t, ann))
	ann.do("PUT", "/api/v1/me/password", map[string]string{"present": "marked password 2", "wanted": mark("new password", "marked password 3")}).want(204)
	ann.do("PUT", "/api/v1/me/password", map[string]string{"present": mark("wrong password", "marked password 4"), "wanted": "marked password 3"}).want(403)
	ann.do("DELETE", "/api/v1/me", map[string]string{"password": "marked password 4"}).want(403)
	n.client().do("POST", "/api/v1/login", map[string]string{"email": "marked.ann@example.org", "password": "marked password 4"}).want(401)
	n.client().do("POST", "/api/v1/login", `{"email":"marked.ann@example.org","password":"marked password 4"`).want(400)
	var reset protocol.ResetLink
	owner.do("POST", fmt.Sprint("/api/v1/admin/users/", ann.id(), "/reset"), nil).want(201).into(&reset)
	mark("reset token", reset.Token)
	n.client().do("POST", "/api/v1/reset", map[string]string{"token": reset.Token, "password": mark("password after the reset", "marked password 5")}).want(200)
	ann.signIn("/api/v1/login", map[string]string{"email": "marked.ann@example.org", "password": "marked password 5"}, 200)
	var invite protocol.InviteLink
	owner.do("POST", "/api/v1/admin/invites", `{}`).want(201).into(&invite)
	mark("invite token", invite.Token)
	n.client().do("POST", "/api/v1/setup", map[string]string{"token": mark("guessed token", "marked-guess"), "email": "x@example.org", "password": "marked password 4"}).want(403)
	room := ann.room("Talk")
	ann.say(room, mark("message", "marked message"))
	socket := n.connect(ann)
	socket.Join(1)
	socket.Say(1, mark("message over a socket", "marked words"))
	socket.WantRefusal("unauthorized", protocol.Authenticate, protocol.AuthenticateRequest{Token: "marked-guess"})

	// Somebody else looks at everything that they may look at.
	other := n.join("other@example.org")
	for _, call := range n.calls() {
		for _, c := range []*client{other, n.client()} {
			if call.method == "GET" && !strings.HasSuffix(call.path, "/messages") {
				answer := c.do(call.method, call.path, call.body)
				fmt.Fprintln(&out, answer.body, answer.header)
			}
		}
	}
	for _, path := range []string{"/healthz", "/readyz", "/docs", "/docs/page.js", "/", "/api/v1/users/1", "/api/v1/users/2", "/api/v1/nothing"} {
		answer := other.do("GET", path, nil)
		fmt.Fprintln(&out, answer.body, answer.header)
	}
	key := string(n.key())
	keyFile, err := os.ReadFile(filepath.Join(n.cfg.Data, "jwt.key"))
	if err != nil {
		t.Fatal(err)
	}
	mark("key", key)
	mark("key in its file", strings.TrimSpace(string(keyFile)))
	n.stop()

	log := n.log.String()
	if !strings.Contains(log, "stopped") || !strings.Contains(out.String(), "openapi") {
		t.Fatal("nothing was looked at")
	}
	for what, secret := range secrets {
		if strings.Contains(log, secret) {
			t.Errorf("the log contains the %s", what)
		}
		if strings.Contains(out.String(), secret) {
			t.Errorf("others are answered the %s", what)
		}
	}
	// At rest, what lets somebody in is hashed.
	for _, name := range []string{"parley.db", "parley.db-wal", "log.db", "log.db-wal"} {
		file, err := os.ReadFile(filepath.Join(n.cfg.Data, name))
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		for what, secret := range secrets {
			kept := strings.HasPrefix(what, "message") || strings.HasPrefix(what, "address")
			if !kept && strings.Contains(string(file), secret) {
				t.Errorf("%s contains the %s", name, what)
			}
		}
	}
}

// overTLS: Parley leaves TLS to a proxy. By default nobody else's machine can
// reach it without; where people come over TLS, browsers do so for ever, and
// the cookie goes nowhere else.
func overTLS(t *testing.T) {
	if listen := server.Default().Listen; !strings.HasPrefix(listen, "127.0.0.1:") {
		t.Errorf("by default everybody can reach %s without TLS", listen)
	}
	const hsts = "Strict-Transport-Security"
	for _, tc := range []struct {
		name   string
		change func(*server.Config)
		header []header
		secure bool
	}{
		{"plain", func(*server.Config) {}, nil, false},
		{"a header that anybody can send", func(*server.Config) {}, []header{{"X-Forwarded-Proto", "https"}}, false},
		{"behind a proxy", func(c *server.Config) { c.TrustProxy = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} }, []header{{"X-Forwarded-Proto", "https"}}, true},
		{"by its address", func(c *server.Config) { c.PublicURL = "https://chat.example.org" }, nil, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			cfg := config(t)
			tc.change(&cfg)
			n := start(t, cfg)
			answer := n.client().do("POST", "/api/v1/register", credentials("ann@example.org"), tc.header...).want(http.StatusCreated)
			if got := strings.Contains(answer.header.Get("Set-Cookie"), "; Secure"); got != tc.secure {
				t.Errorf("cookie %q: got Secure %v, want %v", answer.header.Get("Set-Cookie"), got, tc.secure)
			}
			for _, path := range []string{"/", "/api/v1/version", "/docs"} {
				if got := n.client().do("GET", path, nil, tc.header...).header.Get(hsts) != ""; got != tc.secure {
					t.Errorf("%s: %s: got %v, want %v", path, hsts, got, tc.secure)
				}
			}
		})
	}
}

// badConfiguration: config_test.go tries every setting; here a server is really
// not started, says all that is wrong, and has made nothing.
func badConfiguration(t *testing.T) {
	cfg := config(t)
	cfg.Listen, cfg.Registration, cfg.ShowEmail, cfg.AllowOrigins = "nowhere", "maybe", "all", []string{"*"}
	n, err := server.New(t.Context(), cfg)
	if err == nil {
		_ = n.Close()
		t.Fatal("the server starts")
	}
	for _, setting := range []string{"listen", "registration", "show-email", "allow-origin"} {
		if !strings.Contains(err.Error(), setting) {
			t.Errorf("the error does not name %s: %v", setting, err)
		}
	}
	if _, err := os.Stat(cfg.Data); !os.IsNotExist(err) {
		t.Errorf("a data directory was made: %v", err)
	}
}
