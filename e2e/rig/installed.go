package rig

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// required reports that nothing may be skipped.
func required() bool { return os.Getenv("PARLEY_TEST_REQUIRED") != "" }

// cacheDir is where what tests install lies.
func cacheDir(t testing.TB) string {
	t.Helper()
	cache := os.Getenv("XDG_CACHE_HOME")
	if cache == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			t.Fatalf("no cache directory: %v", err)
		}
		cache = filepath.Join(home, ".cache")
	}
	return filepath.Join(cache, "parley")
}

// clientPins are the files that say which version of a client library is
// wanted.
var clientPins = map[string][]string{
	"node":   {"package.json", "package-lock.json"},
	"python": {"requirements.txt"},
	"java":   {"pom.xml", "Client.java"},
}

// ClientLibrary is where socketio/clients/install.sh has put the Socket.IO
// client for "node", "python" or "java". It is installed when nothing may be
// skipped; otherwise the test is skipped if it is not there.
func ClientLibrary(t testing.TB, client string) string {
	t.Helper()
	root := mustRoot(t)
	scripts := filepath.Join(root, "socketio", "clients")
	cache := filepath.Join(cacheDir(t), "socketio-clients")
	var want []byte
	for _, name := range clientPins[client] {
		pins, err := os.ReadFile(filepath.Join(scripts, client, name))
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, pins...)
	}
	installed, err := os.ReadFile(filepath.Join(cache, client+".installed"))
	if err != nil || !bytes.Equal(installed, want) {
		if !required() {
			Missing(t, "the %s client is not installed (run socketio/clients/install.sh %s)", client, client)
		}
		if out, err := exec.Command(filepath.Join(scripts, "install.sh"), client).CombinedOutput(); err != nil {
			t.Fatalf("install.sh %s: %v\n%s", client, err, out)
		}
	}
	return filepath.Join(cache, client)
}

// DocumentJudges is the node_modules directory where scripts/documents.sh has
// put what judges the documents of docs/. It is installed when nothing may be
// skipped; otherwise the test is skipped if it is not there.
func DocumentJudges(t testing.TB) string {
	t.Helper()
	root := mustRoot(t)
	cache := filepath.Join(cacheDir(t), "documents")
	want, err := os.ReadFile(filepath.Join(root, "e2e", "testdata", "documents", "package-lock.json"))
	if err != nil {
		t.Fatal(err)
	}
	if installed, err := os.ReadFile(filepath.Join(cache, "installed")); err != nil || !bytes.Equal(installed, want) {
		if !required() {
			Missing(t, "what judges the documents is not installed (run scripts/documents.sh)")
		}
		if out, err := exec.Command(filepath.Join(root, "scripts", "documents.sh")).CombinedOutput(); err != nil {
			t.Fatalf("scripts/documents.sh: %v\n%s", err, out)
		}
	}
	return filepath.Join(cache, "node_modules")
}

// WebModules is the node_modules directory of the web client, which has the
// library that drives browsers. If the web client's own is not there, its
// packages are installed beside it when nothing may be skipped.
func WebModules(t testing.TB) string {
	t.Helper()
	web := filepath.Join(mustRoot(t), "web")
	modules := filepath.Join(web, "node_modules")
	if _, err := os.Stat(filepath.Join(modules, "playwright", "package.json")); err == nil {
		return modules
	}
	cache := filepath.Join(cacheDir(t), "e2e-web")
	lock, err := os.ReadFile(filepath.Join(web, "package-lock.json"))
	if err != nil {
		t.Fatal(err)
	}
	done := filepath.Join(cache, "installed")
	if installed, err := os.ReadFile(done); err == nil && bytes.Equal(installed, lock) {
		return filepath.Join(cache, "node_modules")
	}
	if !required() {
		Missing(t, "the web client's packages are not installed (run npm --prefix web ci)")
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"package.json", "package-lock.json"} {
		content, err := os.ReadFile(filepath.Join(web, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(cache, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	// Not npm ci: where a registry does not have the optional packages of other
	// platforms, the lock file cannot name them, and npm ci refuses it.
	npm := exec.Command("npm", "install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")
	npm.Dir = cache
	if out, err := npm.CombinedOutput(); err != nil {
		t.Fatalf("npm install: %v\n%s", err, out)
	}
	if err := os.WriteFile(done, lock, 0o644); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(cache, "node_modules")
}

func mustRoot(t testing.TB) string {
	t.Helper()
	root, err := Root()
	if err != nil {
		t.Fatal(err)
	}
	return root
}
