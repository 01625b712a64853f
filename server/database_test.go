package server_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/parleychat/parley/internal/services"
	"github.com/parleychat/parley/limits"
	"github.com/parleychat/parley/server"
)

// A server whose database is late is alive, says that it waits, and goes on by
// itself when the database comes.
func TestLateDatabase(t *testing.T) {
	db := services.PrivateMariaDB(t)
	cfg := config(t)
	cfg.DB = server.DatabaseURL(db.NewDatabase(t))
	cfg.Listen = freeAddr(t)
	log := new(logText)
	cfg.Logger = slog.New(slog.NewJSONHandler(log, nil))
	if err := db.Kill(); err != nil {
		t.Fatal(err)
	}

	type made struct {
		server *server.Server
		err    error
	}
	opened := make(chan made, 1)
	go func() {
		s, err := server.New(t.Context(), cfg)
		opened <- made{s, err}
	}()
	c := &client{t: t, url: "http://" + cfg.Listen, http: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
	await(t, "an answer", func() bool {
		answer, err := c.http.Get(c.url + "/healthz")
		if err == nil {
			answer.Body.Close()
		}
		return err == nil && answer.StatusCode == http.StatusOK
	})
	var ready struct {
		Ready bool
		Parts map[string]string
	}
	c.do("GET", "/readyz", nil).want(http.StatusServiceUnavailable).into(&ready)
	if ready.Ready || !strings.Contains(ready.Parts["store"], "database") {
		t.Errorf("got %+v, want the store as the reason", ready)
	}
	c.do("POST", "/api/v1/login", credentials("ann@example.org")).wantCode(http.StatusServiceUnavailable, "unavailable")
	await(t, "the reason in the log", func() bool { return strings.Contains(log.String(), "waiting for the database") })

	if err := db.Start(); err != nil {
		t.Fatal(err)
	}
	m := <-opened
	if m.err != nil {
		t.Fatal(m.err)
	}
	n := &node{Server: m.server, t: t, cfg: cfg, log: log}
	n.run()
	if err := n.AwaitReady(t.Context()); err != nil {
		t.Fatal(err)
	}
	ann := n.join("ann@example.org")
	ann.say(ann.room("General"), "at last")
	if tellsPassword(log.String()) {
		t.Error("the log has the password")
	}
}

// A server that waits for its database can be stopped.
func TestStopWhileWaiting(t *testing.T) {
	cfg := config(t)
	cfg.DB = server.DatabaseURL("mysql://parley:secret@" + freeAddr(t) + "/parley")
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := server.New(ctx, cfg)
		ended <- err
	}()
	time.AfterFunc(50*time.Millisecond, cancel)
	if err := <-ended; err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v, want an error without the password", err)
	}
}

// What waiting cannot help is told at once, without the password.
func TestUnfitDatabase(t *testing.T) {
	db := services.SharedMariaDB(t)
	good := db.NewDatabase(t)
	for name, address := range map[string]string{
		"password": strings.Replace(good, "parley:", "parley:x", 1),
		"database": db.URL("parley_missing"),
	} {
		cfg := config(t)
		cfg.DB = server.DatabaseURL(address)
		_, err := server.New(t.Context(), cfg)
		if err == nil || !strings.Contains(err.Error(), "not set up for Parley") || !strings.Contains(err.Error(), "denied") && !strings.Contains(err.Error(), "Unknown") {
			t.Errorf("%s: got %v, want what is wrong", name, err)
		}
		if err != nil && tellsPassword(err.Error()) {
			t.Errorf("%s: %v tells the password", name, err)
		}
	}
}

// A database belongs to one log. A second server with a log of its own is
// refused.
func TestOneLogToADatabase(t *testing.T) {
	cfg := config(t)
	cfg.DB = server.DatabaseURL(services.SharedMariaDB(t).NewDatabase(t))
	n := start(t, cfg)
	ann := n.join("ann@example.org")
	ann.say(ann.room("General"), "hello")
	other := config(t)
	other.DB = cfg.DB
	if _, err := server.New(t.Context(), other); err == nil || !strings.Contains(err.Error(), "do not belong together") {
		t.Errorf("got %v, want it refused", err)
	}
}

// No way of printing a configuration shows the password.
func TestPasswordIsNotPrinted(t *testing.T) {
	cfg := server.Default()
	cfg.DB = "mysql://parley:secret@db:3306/parley"
	text, err := json.Marshal(struct{ DB server.DatabaseURL }{cfg.DB})
	if err != nil {
		t.Fatal(err)
	}
	log := new(logText)
	slog.New(slog.NewTextHandler(log, nil)).Info("x", slog.Any("db", cfg.DB))
	for _, got := range []string{cfg.DB.String(), string(text), log.String()} {
		if strings.Contains(got, "secret") || !strings.Contains(got, "parley:***@db") {
			t.Errorf("got %s, want *** for the password", got)
		}
	}
}

// tellsPassword looks for the password as it is and as an address has it.
func tellsPassword(text string) bool {
	_, escaped, _ := strings.Cut(url.UserPassword("", services.Password).String(), ":")
	return strings.Contains(text, services.Password) || strings.Contains(text, escaped)
}

func freeAddr(t *testing.T) string {
	t.Helper()
	addr, err := services.FreeAddr()
	if err != nil {
		t.Fatal(err)
	}
	return addr
}

// await asks until something that nobody announces has happened, no more often
// than one person may read: what is asked afterwards is not limited either.
func await(t *testing.T, what string, happened func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !happened(); time.Sleep(time.Second / limits.ReadsPerSecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}
