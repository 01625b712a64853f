package main

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// result is what a run of the program came to.
type result struct {
	code     int
	out, err string
}

func parley(t *testing.T, env map[string]string, args ...string) result {
	t.Helper()
	var out, errOut bytes.Buffer
	lookup, environ := environment(env)
	code := run(t.Context(), args, lookup, environ, &out, &errOut)
	return result{code: code, out: out.String(), err: errOut.String()}
}

func environment(env map[string]string) (lookupEnv, []string) {
	var environ []string
	for name, value := range env {
		environ = append(environ, name+"="+value)
	}
	return func(name string) (string, bool) { value, found := env[name]; return value, found }, environ
}

func configFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "parley.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// setting reads a line of config print.
func (r result) setting(t *testing.T, name string) (value, source string) {
	t.Helper()
	line := regexp.MustCompile(`(?m)^` + name + ` +(.*?) {2,}(.*)$`).FindStringSubmatch(r.out)
	if line == nil {
		t.Fatalf("no setting %s in:\n%s%s", name, r.out, r.err)
	}
	return line[1], line[2]
}

// A flag wins over the environment, the environment over the file, the file
// over PORT, PORT over the default.
func TestWhoWins(t *testing.T) {
	file := configFile(t, "listen: 127.0.0.1:4000\ntrust-proxy: [10.0.0.0/8, 192.0.2.1]\nlog-retention: 7d\naccept-new-epoch: true\nnode-id:\n")
	env := map[string]string{"PARLEY_LISTEN": "127.0.0.1:5000", "PORT": "3500"}
	port := map[string]string{"PORT": "3500"}
	empty := map[string]string{"PARLEY_LISTEN": "", "PORT": ""}
	for _, tc := range []struct {
		name          string
		env           map[string]string
		args          []string
		setting       string
		value, source string
	}{
		{"default", nil, nil, "listen", "127.0.0.1:3000", "default"},
		{"empty variables are none", empty, nil, "listen", "127.0.0.1:3000", "default"},
		{"PORT", port, nil, "listen", "127.0.0.1:3500", "PORT"},
		{"file over PORT", port, []string{"--config", file}, "listen", "127.0.0.1:4000", file},
		{"environment over file", env, []string{"--config=" + file}, "listen", "127.0.0.1:5000", "PARLEY_LISTEN"},
		{"flag over environment", env, []string{"--config", file, "--listen", "127.0.0.1:6000"}, "listen", "127.0.0.1:6000", "--listen"},
		{"a flag that says the default wins too", env, []string{"--listen", "127.0.0.1:3000"}, "listen", "127.0.0.1:3000", "--listen"},
		{"file named by the environment", map[string]string{"PARLEY_CONFIG": file}, nil, "listen", "127.0.0.1:4000", file},
		{"list in the file", nil, []string{"--config", file}, "trust-proxy", "10.0.0.0/8,192.0.2.1/32", file},
		{"list in the environment", map[string]string{"PARLEY_TRUST_PROXY": "10.0.0.0/8,fd00::/8"}, []string{"--config", file}, "trust-proxy", "10.0.0.0/8,fd00::/8", "PARLEY_TRUST_PROXY"},
		{"list on the command line", nil, []string{"--trust-proxy", "10.0.0.0/8", "--trust-proxy", "fd00::/8"}, "trust-proxy", "10.0.0.0/8,fd00::/8", "--trust-proxy"},
		{"time", nil, []string{"--config", file}, "log-retention", "7d", file},
		{"switch in the file", nil, []string{"--config", file}, "accept-new-epoch", "true", file},
		{"database in the environment", map[string]string{"PARLEY_DB": "mysql://parley:s%40fe@db/parley"}, nil, "db", "mysql://parley:***@db/parley", "PARLEY_DB"},
		{"database on the command line", nil, []string{"--db", "mysql://parley:safe@db:3307/parley?tls=true"}, "db", "mysql://parley:***@db:3307/parley?tls=true", "--db"},
		{"no database", nil, nil, "db", "-", "default"},
		{"brokers", map[string]string{"PARLEY_KAFKA": "a:9092,b:9092", "PARLEY_DB": "mysql://parley:safe@db/parley"}, nil, "kafka", "a:9092,b:9092", "PARLEY_KAFKA"},
		{"password of brokers", map[string]string{"PARLEY_KAFKA": "a:9092", "PARLEY_DB": "mysql://parley:safe@db/parley", "PARLEY_KAFKA_SASL_PASSWORD": "sesame"}, []string{"--kafka-sasl", "PLAIN", "--kafka-sasl-user", "u"}, "kafka-sasl-password", "***", "PARLEY_KAFKA_SASL_PASSWORD"},
		{"nothing after the colon", nil, []string{"--config", file}, "node-id", "-", "default"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := parley(t, tc.env, append([]string{"config", "print"}, tc.args...)...)
			if got.code != 0 {
				t.Errorf("exit code %d: %s", got.code, got.err)
			}
			if value, source := got.setting(t, tc.setting); value != tc.value || source != tc.source {
				t.Errorf("got %s from %s, want %s from %s", value, source, tc.value, tc.source)
			}
		})
	}
}

// A74: what cannot be meant is refused before anything is touched.
func TestRefused(t *testing.T) {
	for _, tc := range []struct {
		name string
		env  map[string]string
		args []string
		want string
	}{
		{"a flag of later versions", nil, []string{"serve", "--tls-domain", "chat.example.org"}, "unknown flag: --tls-domain"},
		{"no address of Redis", nil, []string{"serve", "--redis", "redis:6379"}, "write redis://host:port"},
		{"Kafka without a database", nil, []string{"serve", "--kafka", "x:9092"}, "--db mysql://"},
		{"no address", nil, []string{"serve", "--listen", "here"}, "listen"},
		{"no network", nil, []string{"serve", "--trust-proxy", "everyone"}, "is no network"},
		{"no network in the environment", map[string]string{"PARLEY_TRUST_PROXY": "10.0.0.0/99"}, []string{"serve"}, "is no network"},
		{"no database", map[string]string{"PARLEY_DB": "postgres://parley:safe@db/parley"}, []string{"serve"}, "postgres://parley:***@db/parley"},
		{"no time", nil, []string{"serve", "--log-retention", "soon"}, "30d"},
		{"no format", nil, []string{"serve", "--log-format", "xml"}, "log-format"},
		{"PORT that is none", map[string]string{"PORT": "http"}, []string{"serve"}, "listen"},
		{"no file", nil, []string{"serve", "--config", "/nonexistent/parley.yaml"}, "nonexistent"},
		{"no command", nil, nil, "say which command"},
		{"unknown command", nil, []string{"start"}, `unknown command "start"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := parley(t, tc.env, tc.args...)
			if got.code == 0 || !strings.Contains(got.err, tc.want) {
				t.Errorf("got exit code %d and %q, want a failure that says %q", got.code, got.err, tc.want)
			}
		})
	}
	for text, want := range map[string]string{
		"tls-domain: x":             `no setting "tls-domain"`,
		"Listen: :3000":             `no setting "Listen"`,
		"config: other.yaml":        `no setting "config"`,
		"listen: {port: 3000}":      "line 1: listen",
		"trust-proxy: [[10.0.0.0]]": "no plain value",
		"- listen":                  "cannot unmarshal",
		"listen: a\nlisten: b":      "already defined",
	} {
		t.Run(text, func(t *testing.T) {
			got := parley(t, nil, "serve", "--config", configFile(t, text))
			if got.code == 0 || !strings.Contains(got.err, want) {
				t.Errorf("got exit code %d and %q, want a failure that says %q", got.code, got.err, want)
			}
		})
	}
}

func TestVariablesWithoutMeaningAreTold(t *testing.T) {
	got := parley(t, map[string]string{"PARLEY_TYPO": "x", "PARLEY_LISTEN": ":0", "HOME": "/"}, "config", "print")
	if want := "PARLEY_TYPO is no setting"; !strings.Contains(got.err, want) || strings.Count(got.err, "is no setting") != 1 {
		t.Errorf("got %q, want %q and nothing more", got.err, want)
	}
}

// What is secret is never shown, wherever it comes from.
func TestSecretsAreNotShown(t *testing.T) {
	const secret = "hunter2"
	url := "://parley:" + secret + "@host/parley"
	env := map[string]string{"PARLEY_DB": "mysql" + url, "PARLEY_REDIS": "redis://u:" + secret + "@host:6379", "PARLEY_KAFKA_SASL_PASSWORD": secret}
	args := []string{"--db", "mysql" + url, "--redis", "redis://u:" + secret + "@host:6379", "--kafka-sasl-password", secret}
	for _, got := range []result{
		parley(t, env, "config", "print"), parley(t, nil, append([]string{"config", "print"}, args...)...),
		parley(t, env, "serve", "--listen", "here"), parley(t, env, "serve", "--help"),
	} {
		if strings.Contains(got.out+got.err, secret) {
			t.Errorf("the secret is shown: %+v", got)
		}
	}
}

func TestVersionAndHelp(t *testing.T) {
	if got := parley(t, nil, "version"); got.code != 0 || !strings.HasPrefix(got.out, "parley dev (go1.") {
		t.Errorf("version: got %+v", got)
	}
	for _, args := range [][]string{{"--help"}, {"serve", "--help"}, {"config", "print", "--help"}} {
		if got := parley(t, nil, args...); got.code != 0 || !strings.Contains(got.out, "Usage: parley") {
			t.Errorf("%v: got %+v", args, got)
		}
	}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if got := parley(t, nil, "completion", shell); got.code != 0 || !strings.Contains(got.out, "parley") {
			t.Errorf("completion %s: got %+v", shell, got)
		}
	}
}

// output tells when a line is complete.
type output struct {
	mu    sync.Mutex
	text  strings.Builder
	lines chan string
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text.Write(p)
	if text := o.text.String(); strings.HasSuffix(text, "\n") {
		o.lines <- text
		o.text.Reset()
	}
	return len(p), nil
}

// serve says where it is, answers healthcheck there, and ends with its context.
func TestServe(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	data := filepath.Join(t.TempDir(), "data")
	out := &output{lines: make(chan string, 1)}
	var errOut bytes.Buffer
	ended := make(chan int)
	lookup, environ := environment(map[string]string{"PARLEY_DATA": data, "PARLEY_TYPO": "x"})
	go func() {
		ended <- run(ctx, []string{"serve", "--listen", "127.0.0.1:0"}, lookup, environ, out, &errOut)
	}()
	url, found := strings.CutPrefix(strings.TrimSpace(<-out.lines), "Parley is at ")
	if !found {
		t.Fatalf("got %q, want where Parley is", url)
	}
	setup := <-out.lines
	_, token, found := strings.Cut(strings.TrimSpace(setup), url+"/setup#token=")
	if !found || len(token) < 22 {
		t.Errorf("got %q, want a setup link with 128 bits", setup)
	}
	address := strings.TrimPrefix(url, "http://")
	if got := parley(t, map[string]string{"PARLEY_LISTEN": address}, "healthcheck"); got.code != 0 || got.out != "ready\n" {
		t.Errorf("healthcheck: got %+v", got)
	}
	if got := parley(t, map[string]string{"PARLEY_DATA": data}, "serve", "--listen", "127.0.0.1:0"); got.code != 1 || !strings.Contains(got.err, "in use by another Parley") {
		t.Errorf("a second server: got %+v", got)
	}
	stop()
	if code := <-ended; code != 0 {
		t.Errorf("exit code %d: %s", code, errOut.String())
	}
	for _, want := range []string{`"msg":"parley started"`, "PARLEY_TYPO", `"msg":"stopped","took":"`} {
		if !strings.Contains(errOut.String(), want) {
			t.Errorf("the log lacks %s:\n%s", want, errOut.String())
		}
	}
	if strings.Contains(errOut.String(), token) {
		t.Errorf("the log contains the setup token:\n%s", errOut.String())
	}
	if got := parley(t, map[string]string{"PARLEY_LISTEN": address}, "healthcheck"); got.code != 1 || !strings.Contains(got.err, "no answer") {
		t.Errorf("healthcheck of a server that is gone: got %+v", got)
	}
}

func TestHealthcheckTellsReasons(t *testing.T) {
	body, status := `{"ready":false,"parts":{"hub":"ok","store":"the database does not answer","log":"gone"}}`, http.StatusServiceUnavailable
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/readyz" {
			t.Errorf("asked for %s", r.URL.Path)
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	defer server.Close()
	_, port, err := net.SplitHostPort(strings.TrimPrefix(server.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	ask := func() result { return parley(t, nil, "healthcheck", "--listen", ":"+port) }
	if got := ask(); got.code != 1 || !strings.Contains(got.err, "log: gone; store: the database does not answer") || strings.Contains(got.err, "hub") {
		t.Errorf("got %+v, want the parts that are not ready", got)
	}
	body = "somebody else"
	if got := ask(); got.code != 1 || !strings.Contains(got.err, "503") {
		t.Errorf("got %+v, want the status of whoever answers there", got)
	}
	http.DefaultClient.CloseIdleConnections()
}

func FuzzParseFile(f *testing.F) {
	f.Add([]byte("listen: 127.0.0.1:3000\ntrust-proxy: [10.0.0.0/8]\n"))
	f.Add([]byte("a: &a [*a]\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		values, err := parseFile(text)
		if err != nil && values != nil {
			t.Errorf("%q gives values and an error", text)
		}
	})
}
