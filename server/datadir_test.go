package server

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What a start makes in the data directory stays there when the power fails:
// the directory itself, those above it, and the key.
func TestNamesAreForced(t *testing.T) {
	root := t.TempDir()
	real := forceNames
	defer func() { forceNames = real }()
	type forced struct {
		dir   string
		names []string // that it had then
	}
	var got []forced
	forceNames = func(path string) error {
		if !strings.HasPrefix(path, root) {
			return real(path)
		}
		f := forced{dir: "." + path[len(root):]}
		entries, err := os.ReadDir(path)
		if err != nil {
			return err
		}
		for _, entry := range entries {
			f.names = append(f.names, entry.Name())
		}
		got = append(got, f)
		return real(path)
	}
	data, err := openDataDir(filepath.Join(root, "var", "parley"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer data.close()
	made, err := data.key(jwtFile)
	if err != nil {
		t.Fatal(err)
	}
	want := []forced{{"./var", []string{"parley"}}, {".", []string{"var"}}, {"./var/parley", []string{jwtFile, lockFile}}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(forced{})); diff != "" {
		t.Errorf("forced (-want +got):\n%s", diff)
	}
	got = nil
	if again, err := data.key(jwtFile); err != nil || string(again) != string(made) || got != nil {
		t.Errorf("a second time: got key %x, %v, forced %v, want %x and nothing forced", again, err, got, made)
	}
}
