package rig

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// built is the binary of this test process.
var built struct {
	once sync.Once
	dir  string // to be removed
	path string
	err  error
}

// Main runs the tests of a package that uses [Binary], and removes what was
// built for them. Call it from TestMain.
func Main(m *testing.M) {
	code := m.Run()
	if built.dir != "" {
		if err := os.RemoveAll(built.dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	os.Exit(code)
}

// Binary is the path of the parley binary, built from this tree once for all
// tests of the process. PARLEY_BIN names one that is there already.
func Binary(t testing.TB) string {
	t.Helper()
	built.once.Do(func() {
		if built.path = os.Getenv("PARLEY_BIN"); built.path == "" {
			built.err = build()
		}
	})
	if built.err != nil {
		t.Fatalf("build parley: %v", built.err)
	}
	return built.path
}

func build() error {
	root, err := Root()
	if err != nil {
		return err
	}
	if built.dir, err = os.MkdirTemp("", "parley-e2e-"); err != nil {
		return err
	}
	built.path = filepath.Join(built.dir, "parley")
	cmd := exec.Command("go", "build", "-o", built.path, "./cmd/parley")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	return nil
}
