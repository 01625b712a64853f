package server_test

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite"

	"github.com/parleychat/parley/server"
)

// break runs SQL on one of the server's files from outside, as nobody should.
func breakFile(t *testing.T, path, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		t.Fatal(err)
	}
}

// A log that cannot be written any more ends the process, which says why.
func TestBrokenLogEndsTheServer(t *testing.T) {
	cfg := config(t)
	n := &node{t: t, cfg: cfg, log: new(logText)}
	cfg.Logger = slog.New(slog.NewJSONHandler(n.log, nil))
	var err error
	if n.Server, err = server.New(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- n.Run(context.Background()) }()
	ann := n.join("ann@example.org")
	room := ann.room("General")

	breakFile(t, filepath.Join(cfg.Data, "log.db"), "DROP TABLE records")
	answer := ann.do("POST", room+"/messages", map[string]string{"messageText": "hello"})
	if answer.status != http.StatusGatewayTimeout && answer.status != http.StatusServiceUnavailable {
		t.Errorf("a send into a broken log: got %d %s, want 504 or 503", answer.status, answer.body)
	}
	err = <-ended
	if err == nil || !strings.Contains(err.Error(), "log: ") || !strings.Contains(err.Error(), "records") {
		t.Errorf("Run: got %v, want what is wrong with the log", err)
	}
	if !strings.Contains(n.log.String(), "the server cannot go on") {
		t.Errorf("the log does not say why the server ended:\n%s", n.log)
	}
}

// A recorder that cannot go on turns readiness red; what is said still reaches
// the log and everybody who is here.
func TestStoppedRecorder(t *testing.T) {
	onSQLite(t)
	cfg := config(t)
	n := start(t, cfg)
	ann := n.join("ann@example.org")
	room := ann.room("General")
	breakFile(t, filepath.Join(cfg.Data, "parley.db"), "CREATE TRIGGER no_more BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'no more'); END")
	for i := range 3 {
		ann.say(room, fmt.Sprint("message ", i))
	}
	if err := n.awaitNotReady("recorder"); err != nil {
		t.Fatal(err)
	}
	ann.say(room, "after")
	var p page
	ann.do("GET", room+"/messages", nil).want(http.StatusOK).into(&p)
	if got := p.texts(); len(got) != 4 || got[3] != "after" {
		t.Errorf("messages: got %q, want all four", got)
	}
	n.stop()

	// Nothing is lost: once the cause is gone the next start records it.
	breakFile(t, filepath.Join(cfg.Data, "parley.db"), "DROP TRIGGER no_more")
	n = start(t, cfg)
	again := n.client()
	again.token = ann.token
	answer := again.do("GET", room+"/messages", nil).want(http.StatusOK).into(&p)
	if got := p.texts(); len(got) != 4 {
		t.Errorf("messages after the next start: got %s, want all four", answer.body)
	}
}

// awaitNotReady asks until /readyz names the part; the test's own time limit
// ends it otherwise.
func (n *node) awaitNotReady(part string) error {
	c := n.client()
	for {
		answer := c.do("GET", "/readyz", nil)
		if answer.status == http.StatusOK {
			continue
		}
		var ready struct {
			Ready bool
			Parts map[string]string
		}
		answer.into(&ready)
		if ready.Ready || ready.Parts[part] == "ok" || answer.status != http.StatusServiceUnavailable {
			return fmt.Errorf("got %d %s, want 503 because of %s", answer.status, answer.body, part)
		}
		return nil
	}
}
