package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// serveOnce runs a server on a new data directory, until stop, which gives what
// it has logged.
func serveOnce(t *testing.T) (url, data string, stop func() (log string)) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	data = filepath.Join(t.TempDir(), "data")
	out := &output{lines: make(chan string, 2)}
	var errOut bytes.Buffer
	ended := make(chan int)
	lookup, environ := environment(map[string]string{"PARLEY_DATA": data})
	go func() {
		ended <- run(ctx, []string{"serve", "--listen", "127.0.0.1:0"}, lookup, environ, out, &errOut)
	}()
	stop = sync.OnceValue(func() string {
		cancel()
		if code := <-ended; code != 0 {
			t.Errorf("serve: exit code %d, %s", code, &errOut)
		}
		return errOut.String()
	})
	t.Cleanup(func() { stop() })
	return strings.TrimPrefix(strings.TrimSpace(<-out.lines), "Parley is at "), data, stop
}

// People are looked after by the same commands beside a server and without
// one; the server's own sessions end at once.
func TestUser(t *testing.T) {
	url, data, stop := serveOnce(t)

	call := func(path, token, body string) (status int, answer map[string]any) {
		t.Helper()
		method := http.MethodGet
		if body != "" {
			method = http.MethodPost
		}
		request, err := http.NewRequest(method, url+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Authorization", "Bearer "+token)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		defer http.DefaultClient.CloseIdleConnections()
		if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, answer
	}
	_, registered := call("/api/v1/register", "", `{"email":"ann@example.org","password":"correct horse"}`)
	token, _ := registered["token"].(string)

	user := func(want string, args ...string) string {
		t.Helper()
		got := parley(t, map[string]string{"PARLEY_DATA": data}, append([]string{"user"}, args...)...)
		if got.code != 0 || !regexp.MustCompile(want).MatchString(got.out) {
			t.Errorf("user %s: got %+v, want %s", strings.Join(args, " "), got, want)
		}
		return got.out
	}
	refused := func(want string, args ...string) {
		t.Helper()
		got := parley(t, map[string]string{"PARLEY_DATA": data}, append([]string{"user"}, args...)...)
		if got.code != 1 || !strings.Contains(got.err, want) {
			t.Errorf("user %s: got %+v, want a refusal with %s", strings.Join(args, " "), got, want)
		}
	}
	user(`(?m)^1 +@ann +member +\d{4}-\d\d-\d\d +ann@example\.org +ann`, "list")
	user(`"handle":"ann"`, "list", "--json")
	user(`member since .*; signed in at 1 places`, "show", "@ann")
	user(`: owner since`, "role", "ann@example.org", "owner")
	refused("last owner", "role", "1", "member")
	refused("last owner", "disable", "1")
	refused("A role on the server is", "role", "1", "king")
	refused("no such account", "show", "99")
	refused("is no id", "show", "a b")

	call("/api/v1/register", "", `{"email":"ben@example.org","password":"correct horse"}`)
	user(`: owner since`, "role", "@ben", "owner")
	user(`owner, disabled since .*; signed out everywhere`, "disable", "@ann")
	if status, _ := call("/api/v1/me", token, ""); status != http.StatusUnauthorized {
		t.Errorf("the token of somebody who is disabled: got %d, want 401", status)
	}
	user(`may sign in`, "enable", "@ann")
	link := user(`(?m)^/reset#token=[\w-]{22}$`, "reset", "@ann")
	_, reset, _ := strings.Cut(strings.TrimSpace(link), "#token=")
	if status, answer := call("/api/v1/reset", "", `{"token":"`+reset+`","password":"another password"}`); status != http.StatusOK {
		t.Errorf("the reset link: got %d %v, want 200", status, answer)
	}
	log := stop()

	user(`@ann "ann"`, "show", "1")
	user(`signed out everywhere`, "disable", "@ann")
	user(`owner, disabled`, "list")
	if strings.Contains(log, reset) {
		t.Error("the log contains the reset token")
	}
}
