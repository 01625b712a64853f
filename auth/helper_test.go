package auth_test

import (
	"bytes"
	"context"
	"errors"
	"net/netip"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/parleychat/parley/auth"
	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/internal/services"
	"github.com/parleychat/parley/store"
)

// office is a service over a real store, with a clock that is set by hand.
type office struct {
	*auth.Service
	store *store.Store
	key   []byte
	clock *clock
	ctx   context.Context
}

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func openOffice(t *testing.T, change ...func(*auth.Config)) *office {
	t.Helper()
	ctx := t.Context()
	db, err := store.Open(ctx, services.Store(t, filepath.Join(t.TempDir(), "parley.db")))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close store: %v", err)
		}
	})
	o := &office{
		store: db,
		key:   bytes.Repeat([]byte{7}, auth.MinKeyBytes),
		clock: &clock{now: time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)},
		ctx:   ctx,
	}
	o.Service = o.newService(t, change...)
	return o
}

// newService is another process on the same store.
func (o *office) newService(t *testing.T, change ...func(*auth.Config)) *auth.Service {
	t.Helper()
	cfg := auth.Config{Store: o.store, Key: o.key, Now: o.clock.Now}
	for _, fn := range change {
		fn(&cfg)
	}
	service, err := auth.New(o.ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return service
}

var home = auth.Client{Addr: netip.MustParseAddr("192.0.2.7"), UserAgent: "test"}

const (
	ann      = "ann@example.org"
	password = "correct horse battery"
)

func (o *office) register(t *testing.T, email string) auth.SignedIn {
	t.Helper()
	in, err := o.Register(o.ctx, email, password, "", home)
	if err != nil {
		t.Fatalf("register %s: %v", email, err)
	}
	return in
}

// wantCode checks which refusal an error is, "" for none.
func wantCode(t *testing.T, what string, err error, want chat.Code) {
	t.Helper()
	var got chat.Code
	if refusal, ok := errors.AsType[*chat.Error](err); ok {
		got = refusal.Code
	} else if err != nil {
		got = "no refusal: " + chat.Code(err.Error())
	}
	if got != want {
		t.Errorf("%s: got %q (%v), want %q", what, got, err, want)
	}
}
