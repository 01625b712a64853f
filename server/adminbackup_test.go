package server_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/parleychat/parley/admin"
	"github.com/parleychat/parley/backup"
	"github.com/parleychat/parley/server"
)

// makeBackup backs the data up.
func makeBackup(t *testing.T, o *server.Operator, target string) *backup.Manifest {
	t.Helper()
	m := new(backup.Manifest)
	if err := o.Call(t.Context(), "backup", server.BackupRequest{Target: target}, admin.Into(m)); err != nil {
		t.Fatal(err)
	}
	return m
}

// listed are the names in a directory.
func listed(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// A76: what is restored is what was, sessions excepted.
func TestBackupAndRestore(t *testing.T) {
	for _, form := range []string{"backup", "backup.tar"} {
		t.Run(form, func(t *testing.T) {
			cfg := config(t)
			n := start(t, cfg)
			ann := n.join("ann@example.org")
			room := ann.room("General")
			for i := range 30 {
				ann.say(room, fmt.Sprint("message ", i))
			}
			place := t.TempDir()
			target := filepath.Join(place, form)
			m := makeBackup(t, operate(t, cfg), target)
			if want := (backup.Counts{Users: 1, Rooms: 1, Events: 31}); m.Counts != want || m.Partitions[0].Watermark != 31 {
				t.Errorf("got %+v up to %d, want %+v up to 31", m.Counts, m.Partitions[0].Watermark, want)
			}
			ann.say(room, "after the backup")
			if got := listed(t, place); !slices.Equal(got, []string{form}) {
				t.Errorf("beside the backup there is %v", got)
			}
			n.stop()

			restored := config(t)
			if _, err := server.Restore(t.Context(), target, restored); err != nil {
				t.Fatal(err)
			}
			if got, want := listed(t, restored.Data), []string{"jwt.key", "lock", "log.db", "parley.db"}; !slices.Equal(got, want) {
				t.Errorf("restored: got %v, want %v", got, want)
			}
			for _, name := range []string{"jwt.key", "log.db", "parley.db"} {
				before, err := os.Stat(filepath.Join(cfg.Data, name))
				if err != nil {
					t.Fatal(err)
				}
				if after, err := os.Stat(filepath.Join(restored.Data, name)); err != nil || name == "jwt.key" && after.Mode() != before.Mode() {
					t.Errorf("%s: got mode %v, %v, want %v", name, after.Mode(), err, before.Mode())
				}
			}
			n = start(t, restored)
			old := n.client()
			old.token = ann.token
			old.do("GET", "/api/v1/me", nil).want(http.StatusUnauthorized)
			again := n.client()
			var in struct {
				Token string
				User  struct{ ID int64 }
			}
			again.do("POST", "/api/v1/login", credentials("ann@example.org")).want(http.StatusOK).into(&in)
			again.token = in.Token
			var page struct {
				Events []struct{ MessageText string }
			}
			again.do("GET", room+"/messages?limit=200", nil).want(http.StatusOK).into(&page)
			if got := len(page.Events); got != 31 || page.Events[30].MessageText != "message 29" {
				t.Errorf("got %d events, the last %q, want 31 up to \"message 29\"", got, page.Events[got-1].MessageText)
			}
			again.say(room, "after the restore")
			// R16: ids that were given after the backup are not given again.
			var second struct{ User struct{ ID int64 } }
			n.client().do("POST", "/api/v1/register", credentials("bob@example.org")).want(http.StatusCreated).into(&second)
			if second.User.ID <= 1_000_000 {
				t.Errorf("the next account has id %d, want one far from all that may be out", second.User.ID)
			}
			if path := again.room("Next"); len(path) < len("/api/v1/rooms/1000000") {
				t.Errorf("the next room is %s, want one far from all that may be out", path)
			}
			lines, err := tail(t, operate(t, restored), server.TailRequest{From: offset(30)})
			if err != nil || len(lines) < 2 || lines[0].Epoch != m.Epoch || lines[1].Epoch == m.Epoch {
				t.Errorf("the log goes on with %+v, %v, want another epoch than %s", lines, err, m.Epoch)
			}
			n.stop()
			start(t, restored).stop()
		})
	}
}

// What a server that was killed has left in the log is in the backup.
func TestBackupAlone(t *testing.T) {
	cfg := config(t)
	n := start(t, cfg)
	ann := n.join("ann@example.org")
	ann.say(ann.room("General"), "one")
	n.stop()
	target := filepath.Join(t.TempDir(), "backup")
	if m := makeBackup(t, operate(t, cfg), target); m.Counts.Events != 2 {
		t.Errorf("got %d events, want 2", m.Counts.Events)
	}
}

func TestBackupRefuses(t *testing.T) {
	cfg := config(t)
	n := start(t, cfg)
	ann := n.join("ann@example.org")
	ann.room("General")
	o := operate(t, cfg)
	place := t.TempDir()
	call := func(ctx context.Context, target string) error {
		return o.Call(ctx, "backup", server.BackupRequest{Target: target}, func([]byte) error { return nil })
	}
	for _, there := range []string{"dir", "file.tar"} {
		path := filepath.Join(place, there)
		if err := os.Mkdir(path, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := call(t.Context(), path); err == nil || !strings.Contains(err.Error(), "overwrites nothing") {
			t.Errorf("%s exists: got %v", there, err)
		}
	}
	if err := call(t.Context(), filepath.Join(place, "none", "backup")); err == nil || !strings.Contains(err.Error(), "directory must be there") {
		t.Errorf("no directory to write to: got %v", err)
	}
	if err := call(t.Context(), "relative"); err == nil || !strings.Contains(err.Error(), "no absolute path") {
		t.Errorf("a relative path: got %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := call(ended, filepath.Join(place, "interrupted")); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: got %v", err)
	}
	if got := listed(t, place); !slices.Equal(got, []string{"dir", "file.tar"}) {
		t.Errorf("left behind: %v", got)
	}
}

func TestRestoreRefuses(t *testing.T) {
	cfg := config(t)
	n := start(t, cfg)
	ann := n.join("ann@example.org")
	ann.say(ann.room("General"), "one")
	place := t.TempDir()
	makeBackup(t, operate(t, cfg), filepath.Join(place, "whole"))
	n.stop()

	damaged := func(name string, damage func(dir string) error) string {
		dir := filepath.Join(place, name)
		if err := os.CopyFS(dir, os.DirFS(filepath.Join(place, "whole"))); err != nil {
			t.Fatal(err)
		}
		if err := damage(dir); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	rewrite := func(old, new string) func(string) error {
		return func(dir string) error {
			path := filepath.Join(dir, "manifest.json")
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			if !strings.Contains(string(text), old) {
				return fmt.Errorf("the manifest lacks %s", old)
			}
			return os.WriteFile(path, []byte(strings.Replace(string(text), old, new, 1)), 0o600)
		}
	}
	for _, tc := range []struct{ name, backup, want string }{
		{"nothing", filepath.Join(place, "none"), "no such file"},
		{"an empty directory", t.TempDir(), "it is no backup"},
		{"a bit flipped", damaged("flipped", func(dir string) error {
			return flipBit(filepath.Join(dir, "parley.db"), 5000)
		}), "parley.db is damaged"},
		{"the end missing", damaged("short", func(dir string) error {
			return os.Truncate(filepath.Join(dir, "log.db"), 4096)
		}), "log.db is damaged"},
		{"a file missing", damaged("missing", func(dir string) error {
			return os.Remove(filepath.Join(dir, "jwt.key"))
		}), "it is no backup, or not all of one"},
		{"no manifest", damaged("bare", func(dir string) error {
			return os.Remove(filepath.Join(dir, "manifest.json"))
		}), "it is no backup, or not all of one"},
		{"a newer format", damaged("newer", rewrite(`"format": 1`, `"format": 2`)), "has format 2"},
		{"a path", damaged("path", rewrite(`"jwt.key"`, `"../jwt.key"`)), "../jwt.key"},
		{"another position", damaged("moved", rewrite(`"watermark": 2`, `"watermark": 1`)), "the backup was made at 1"},
		{"no tar file", filepath.Join(place, "whole", "parley.db"), "no tar file of a backup"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			cfg := config(t)
			if _, err := server.Restore(t.Context(), tc.backup, cfg); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want an error that says %q", err, tc.want)
			}
			if _, err := os.Stat(cfg.Data); err == nil {
				t.Errorf("left behind: %v", listed(t, cfg.Data))
			}
		})
	}
	t.Run("a directory that is not empty", func(t *testing.T) {
		if _, err := server.Restore(t.Context(), filepath.Join(place, "whole"), cfg); err == nil || !strings.Contains(err.Error(), "is not empty, it has") {
			t.Errorf("got %v", err)
		}
		start(t, cfg).stop()
	})
	t.Run("a restore that was killed", func(t *testing.T) {
		cfg := config(t)
		if err := os.MkdirAll(filepath.Join(cfg.Data, "restoring-ABCD"), 0o700); err != nil {
			t.Fatal(err)
		}
		if _, err := server.New(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "was interrupted (restoring-ABCD") {
			t.Errorf("a server started: %v", err)
		}
	})
}

func flipBit(path string, at int64) error {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	var b [1]byte
	_, err = file.ReadAt(b[:], at)
	if err == nil {
		b[0] ^= 1
		_, err = file.WriteAt(b[:], at)
	}
	return errors.Join(err, file.Close())
}
