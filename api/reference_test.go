package api

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the documents in docs/ anew")

func surface(t *testing.T) http.Handler {
	t.Helper()
	handler, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	return handler
}

func get(t *testing.T, handler http.Handler, path string) *httptest.ResponseRecorder {
	t.Helper()
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, httptest.NewRequest("GET", path, nil))
	if recorder.Code != http.StatusOK {
		t.Fatalf("GET %s: got %d %s, want 200", path, recorder.Code, recorder.Body)
	}
	return recorder
}

// The committed documents are those of the code: a change of the surface is
// seen as a change of a file.
func TestDocumentIsCommitted(t *testing.T) {
	committed(t, "openapi.json", get(t, surface(t), "/api/v1/openapi.json").Body.Bytes())
}

// committed compares a document with the file of this name in docs/, which
// -update writes.
func committed(t *testing.T, name string, made []byte) {
	t.Helper()
	file := filepath.Join("..", "docs", name)
	if *update {
		if err := os.WriteFile(file, made, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	there, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(made, there) {
		t.Errorf("docs/%s is not what the code makes; look at the change after: go test ./api -run TestDocument -update", name)
	}
}

// Every call says what it is, what it may be refused with, and whether it needs
// a token; every reference leads somewhere.
func TestDocumentIsComplete(t *testing.T) {
	text := get(t, surface(t), "/api/v1/openapi.json").Body.Bytes()
	var document struct {
		Paths map[string]map[string]struct {
			OperationID, Summary string
			Tags                 []string
			Security             []map[string][]string
			Responses            map[string]struct{ Content map[string]any }
		}
		Components struct{ Schemas map[string]any }
	}
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	ids := make(map[string]bool)
	for path, calls := range document.Paths {
		for method, call := range calls {
			name := method + " " + path
			if call.OperationID == "" || ids[call.OperationID] || call.Summary == "" || len(call.Tags) != 1 {
				t.Errorf("%s: got id %q, summary %q and tags %v, want an id of its own, a summary and a chapter", name, call.OperationID, call.Summary, call.Tags)
			}
			ids[call.OperationID] = true
			if _, refused := call.Responses["401"]; len(call.Security) > 0 && !refused {
				t.Errorf("%s needs a token and is never refused with 401", name)
			}
			for status, answer := range call.Responses {
				if _, isProblem := answer.Content["application/problem+json"]; (status >= "400") != isProblem {
					t.Errorf("%s: status %s has content %v", name, status, answer.Content)
				}
			}
		}
	}
	for _, found := range regexp.MustCompile(`"#/components/schemas/(\w+)"`).FindAllSubmatch(text, -1) {
		if document.Components.Schemas[string(found[1])] == nil {
			t.Errorf("there is no schema %s", found[1])
		}
	}
}

// The pages need no other host and no script or style that stands in them.
func TestReferencePages(t *testing.T) {
	handler := surface(t)
	const html, script = "text/html; charset=utf-8", "text/javascript; charset=utf-8"
	for path, contentType := range map[string]string{
		"/docs": html, "/docs/sockets": html, "/docs/page.js": script, "/docs/calls.js": script, "/docs/sockets.js": script,
		"/docs/page.css": "text/css; charset=utf-8",
	} {
		answer := get(t, handler, path)
		if got := answer.Header().Get("Content-Type"); got != contentType {
			t.Errorf("%s: got content type %q, want %q", path, got, contentType)
		}
		policy := answer.Header().Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "http") {
			t.Errorf("%s: got policy %q", path, policy)
		}
		text := answer.Body.String()
		for _, bad := range []string{"http://", "https://", "//cdn", "<style", " style=", "innerHTML", "eval(", " onclick", "@import"} {
			if strings.Contains(text, bad) {
				t.Errorf("%s contains %q", path, bad)
			}
		}
	}
}
