package server_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/server"
	"github.com/parleychat/parley/store"
)

func TestRestartKeepsEverything(t *testing.T) {
	cfg := config(t)
	n := start(t, cfg)
	ann := n.join("ann@example.org")
	room := ann.room("General")
	ann.say(room, "before")
	n.stop()

	n = start(t, cfg)
	again := n.client()
	again.token = ann.token
	again.do("GET", "/api/v1/me", nil).want(http.StatusOK)
	var page struct {
		Events []struct {
			MessageText string
			UserName    string
		}
	}
	again.do("GET", room+"/messages", nil).want(http.StatusOK).into(&page)
	last := page.Events[len(page.Events)-1]
	if last.MessageText != "before" || last.UserName != "ann" {
		t.Errorf("last message after a restart: got %+v, want \"before\" of ann", last)
	}
	again.say(room, "after")
}

// O3: whatever was acknowledged is stored when Run has returned, and nothing is
// left open.
func TestStopInOrder(t *testing.T) {
	cfg := config(t)
	n := start(t, cfg)
	ann := n.join("ann@example.org")
	room := ann.room("General")
	for i := range 20 {
		ann.say(room, fmt.Sprint("message ", i))
	}
	n.stop()
	if _, err := net.Dial("tcp", n.Addr().String()); err == nil {
		t.Error("the address still takes connections")
	}
	log, err := eventlog.OpenSQLite(filepath.Join(cfg.Data, "log.db"), eventlog.SQLiteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	db := openStore(t, cfg)
	defer db.Close()
	end, err := log.End(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	stored, err := db.Watermark(t.Context(), log.Epoch(), 0)
	if err != nil {
		t.Fatal(err)
	}
	if stored != end || end < 21 {
		t.Errorf("stored up to %d, the log ends at %d, want both the same and at least 21", stored, end)
	}
	if err := n.Close(); err != nil {
		t.Errorf("Close after Run: %v", err)
	}
}

func TestSecondProcessIsRefused(t *testing.T) {
	cfg := config(t)
	start(t, cfg)
	_, err := server.New(t.Context(), cfg)
	if err == nil {
		t.Fatal("a second server took the same directory")
	}
	for _, want := range []string{cfg.Data, fmt.Sprintf("process %d", os.Getpid()), "--data"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got %q, want it to name %q", err, want)
		}
	}
}

func TestAddressInUse(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	cfg := config(t)
	cfg.Listen = listener.Addr().String()
	if _, err := server.New(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "--listen") {
		t.Errorf("got %v, want an error that names --listen", err)
	}
	// What was opened before is closed again.
	cfg.Listen = "127.0.0.1:0"
	n, err := server.New(t.Context(), cfg)
	if err != nil {
		t.Fatalf("the directory is still held: %v", err)
	}
	if err := n.Close(); err != nil {
		t.Error(err)
	}
}

// S3, A24: keys are made at the first start, for this user's eyes only; weak
// ones are refused.
func TestKeys(t *testing.T) {
	cfg := config(t)
	start(t, cfg).stop()
	path := filepath.Join(cfg.Data, "jwt.key")
	first, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(strings.TrimSpace(string(first))) != 64 {
		t.Errorf("got a key of %d characters, want 64 (32 bytes)", len(first)-1)
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode of the key: got %v, %v, want 0600", info.Mode(), err)
	}
	start(t, cfg).stop()
	if second, err := os.ReadFile(path); err != nil || string(second) != string(first) {
		t.Errorf("the key changed at the second start: %v", err)
	}
	for name, text := range map[string]string{
		"empty":      "",
		"short":      "0123456789abcdef",
		"not hex":    "secret",
		"not random": strings.Repeat("00", 32),
		"typed":      strings.Repeat("deadbeef", 8),
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := server.New(t.Context(), cfg); err == nil {
				t.Errorf("the key %q was accepted", text)
			}
		})
	}
}

func TestDataDirectoryIsPrivate(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("directories have other rights there")
	}
	cfg := config(t)
	cfg.Data = filepath.Join(t.TempDir(), "made", "here")
	start(t, cfg).stop()
	info, err := os.Stat(cfg.Data)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != 0o700 {
		t.Errorf("mode of the data directory: got %v, want 0700", got)
	}
	if err := os.Chmod(cfg.Data, 0o755); err != nil {
		t.Fatal(err)
	}
	n := start(t, cfg)
	n.stop()
	if !strings.Contains(n.log.String(), "can look into the data directory") {
		t.Error("no warning about a directory that others can read")
	}
}

// G17: a log and a store that do not belong together are not served quietly.
func TestLostLog(t *testing.T) {
	onSQLite(t)
	cfg := config(t)
	n := start(t, cfg)
	ann := n.join("ann@example.org")
	room := ann.room("General")
	ann.say(room, "one")
	n.stop()
	remove := func(t *testing.T, cfg server.Config, name string) {
		t.Helper()
		for _, suffix := range []string{"", "-wal", "-shm"} {
			if err := os.Remove(filepath.Join(cfg.Data, name+suffix)); err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err)
			}
		}
	}
	t.Run("the store is gone", func(t *testing.T) {
		copied := cfg
		copied.Data = copyDir(t, cfg.Data)
		remove(t, copied, "parley.db")
		if _, err := server.New(t.Context(), copied); !errors.Is(err, server.ErrLostLog) {
			t.Errorf("got %v, want ErrLostLog", err)
		}
	})
	t.Run("the log is an older copy", func(t *testing.T) {
		older := copyDir(t, cfg.Data)
		n := start(t, cfg)
		c := n.client()
		c.token = ann.token
		c.say(room, "two")
		n.stop()
		newer := cfg
		newer.Data = copyDir(t, cfg.Data)
		remove(t, newer, "log.db")
		text, err := os.ReadFile(filepath.Join(older, "log.db"))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(newer.Data, "log.db"), text, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := server.New(t.Context(), newer); !errors.Is(err, server.ErrLostLog) {
			t.Errorf("got %v, want ErrLostLog", err)
		}
	})
	t.Run("the log is gone", func(t *testing.T) {
		remove(t, cfg, "log.db")
		_, err := server.New(t.Context(), cfg)
		if !errors.Is(err, server.ErrLostLog) || !strings.Contains(err.Error(), "--accept-new-epoch") {
			t.Fatalf("got %v, want ErrLostLog with the way out", err)
		}
		accepted := cfg
		accepted.AcceptNewEpoch = true
		n := start(t, accepted)
		c := n.client()
		c.token = ann.token
		var sent struct{ Seq int }
		c.say(room, "three").into(&sent)
		if sent.Seq != 4 {
			t.Errorf("got seq %d, want the room to number on with 4", sent.Seq)
		}
		n.stop()
		start(t, cfg).stop() // from now on this is the log
	})
}

func copyDir(t *testing.T, from string) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	return to
}

// A room whose name a former process reserved, and no more, comes to be.
func TestRoomsAreRolledForward(t *testing.T) {
	cfg := config(t)
	n := start(t, cfg)
	ann := n.join("ann@example.org")
	var me struct{ ID chat.UserID }
	ann.do("GET", "/api/v1/me", nil).into(&me)
	n.stop()

	db := openStore(t, cfg)
	reserved, err := db.ReserveRoom(t.Context(), store.NewRoom{
		Kind: chat.PublicRoom, Name: "Half made", NameKey: chat.RoomNameKey("Half made"),
		CreatedBy: me.ID, CID: "c1", At: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}

	n = start(t, cfg)
	c := n.client()
	c.token = ann.token
	// The creator asks again, while the start may be at it too.
	var room struct {
		ID   chat.RoomID
		Role string
		Head struct{ Seq int }
	}
	again := c.do("POST", "/api/v1/rooms", map[string]string{"name": "Half made", "cid": "c1"})
	if again.status != http.StatusOK && again.status != http.StatusCreated {
		t.Fatalf("got %d %s", again.status, again.body)
	}
	again.into(&room)
	if room.ID != reserved.Room.ID || room.Role != "owner" || room.Head.Seq < 1 {
		t.Errorf("got %+v, want room %d with an owner and an event", room, reserved.Room.ID)
	}
	c.say(fmt.Sprintf("/api/v1/rooms/%d", room.ID), "hello")
}

func TestStopsWhenContextHasEnded(t *testing.T) {
	cfg := config(t)
	n, err := server.New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := n.Run(ctx); err != nil {
		t.Errorf("Run with an ended context: got %v, want nil", err)
	}
}
