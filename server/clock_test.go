package server_test

import (
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/parleychat/parley/server"
)

// clock is a server's clock, which runs on when the test says so.
type clock struct {
	mu      sync.Mutex
	forward time.Duration
	still   time.Time // when it was stopped; zero: it runs
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.still.IsZero() {
		return c.still.Add(c.forward)
	}
	return time.Now().Add(c.forward)
}

// stop lets no time pass but what the test says, however slow the machine is.
func (c *clock) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.still = time.Now()
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.forward += d
}

// startWithClock is start with a clock of the test.
func startWithClock(t *testing.T, cfg server.Config) (*node, *clock) {
	t.Helper()
	c := new(clock)
	n := &node{t: t, cfg: cfg, log: new(logText)}
	cfg.Logger = slog.New(slog.NewJSONHandler(n.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var err error
	if n.Server, err = server.NewWithSeams(t.Context(), cfg, server.Seams{Now: c.now}); err != nil {
		t.Fatal(err)
	}
	n.run()
	if err := n.AwaitReady(t.Context()); err != nil {
		t.Fatal(err)
	}
	return n, c
}
