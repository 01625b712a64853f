package web

import (
	"compress/gzip"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func get(t *testing.T, h http.Handler, path string, header ...string) *http.Response {
	t.Helper()
	request := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	recorder := httptest.NewRecorder()
	h.ServeHTTP(recorder, request)
	return recorder.Result()
}

func TestEveryBuiltFileIsServed(t *testing.T) {
	h := Handler()
	err := fs.WalkDir(Assets(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		want, err := fs.ReadFile(Assets(), name)
		if err != nil {
			return err
		}
		if name == "index.html" || name == "sw.js" {
			return nil // The version is written into these.
		}
		response := get(t, h, "/"+name)
		got, err := io.ReadAll(response.Body)
		if err != nil {
			return err
		}
		if response.StatusCode != http.StatusOK || string(got) != string(want) {
			t.Errorf("GET /%s: got %d with %d bytes, want 200 with %d bytes", name, response.StatusCode, len(got), len(want))
		}
		if response.Header.Get("ETag") == "" || response.Header.Get("Cache-Control") != "no-cache" {
			t.Errorf("GET /%s: got ETag %q, Cache-Control %q, want an ETag and no-cache",
				name, response.Header.Get("ETag"), response.Header.Get("Cache-Control"))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestPathsOfTheClientGetIndex(t *testing.T) {
	h := Handler()
	index := embedded().files["index.html"].body
	tests := []struct {
		path string
		want int
	}{
		{"/", 200},
		{"/r/17", 200},
		{"/r/17/m/3", 200},
		{"/assets", 200},
		{"/assets/missing.js", 404},
		{"/../../etc/passwd.txt", 404},
		{"/favicon.ico", 404},
	}
	for _, test := range tests {
		response := get(t, h, test.path)
		if response.StatusCode != test.want {
			t.Errorf("GET %s: got %d, want %d", test.path, response.StatusCode, test.want)
			continue
		}
		if test.want != 200 {
			continue
		}
		body, _ := io.ReadAll(response.Body)
		if string(body) != string(index) {
			t.Errorf("GET %s: got %.60q, want index.html", test.path, body)
		}
	}
}

func TestOtherMethodsAreRefused(t *testing.T) {
	recorder := httptest.NewRecorder()
	Handler().ServeHTTP(recorder, httptest.NewRequest(http.MethodPost, "/", strings.NewReader("x")))
	if recorder.Code != http.StatusMethodNotAllowed || recorder.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("POST /: got %d, Allow %q, want 405, \"GET, HEAD\"", recorder.Code, recorder.Header().Get("Allow"))
	}
}

func TestAnswersAreConfined(t *testing.T) {
	h := Handler()
	for _, path := range []string{"/", "/r/1", "/missing.js"} {
		header := get(t, h, path).Header
		for name, want := range map[string]string{
			"Content-Security-Policy":    "script-src 'self';",
			"Cross-Origin-Opener-Policy": "same-origin",
			"Referrer-Policy":            "no-referrer",
			"X-Content-Type-Options":     "nosniff",
		} {
			if got := header.Get(name); !strings.Contains(got, want) {
				t.Errorf("GET %s: got %s %q, want it to contain %q", path, name, got, want)
			}
		}
		if got := header.Get("Content-Security-Policy"); strings.Contains(got, "unsafe") {
			t.Errorf("GET %s: got policy %q, want nothing unsafe in it", path, got)
		}
	}
}

// sample is a build with a file that compresses and one that does not.
func sample(t *testing.T) http.Handler {
	t.Helper()
	client, err := load(sampleFiles())
	if err != nil {
		t.Fatal(err)
	}
	return &handler{client}
}

func sampleFiles() fstest.MapFS {
	return fstest.MapFS{
		"index.html": {Data: []byte("<!doctype html>" + strings.Repeat("<p>parley</p>", 200) +
			`<link rel="icon" href="/favicon.svg"><script src="/assets/dot.js"></script>`)},
		"sw.js":         {Data: []byte("const version = '{version}', files = '{files}'")},
		"favicon.svg":   {Data: []byte("1")},
		"icon.png":      {Data: []byte("x")},
		"LICENSES.txt":  {Data: []byte("x")},
		"assets/dot.js": {Data: []byte("0")},
	}
}

func TestPiecesOfABuildNeverMix(t *testing.T) {
	h := sample(t)
	page := get(t, h, "/r/1")
	version := page.Header.Get("Parley-Client")
	body, _ := io.ReadAll(page.Body)
	if version == "" || !strings.Contains(string(body), `"/assets/`+version+`/dot.js"`) || !strings.Contains(string(body), `"/favicon.svg"`) {
		t.Fatalf("version %q: got the page %s, want its script below the version", version, body)
	}
	for path, want := range map[string]struct {
		status int
		cached string
	}{
		"/":                                   {200, "no-cache"},
		"/assets/" + version + "/dot.js":      {200, "public, max-age=31536000, immutable"},
		"/assets/" + version + "/none.js":     {404, "no-store"},
		"/assets/0123456789abcdef/dot.js":     {404, "no-store"},
		"/assets/dot.js":                      {200, "no-cache"},
		"/" + version + "/assets/dot.js":      {404, "no-store"},
		"/assets/" + version + "/favicon.svg": {404, "no-store"},
	} {
		response := get(t, h, path)
		if got := response.Header.Get("Cache-Control"); response.StatusCode != want.status || got != want.cached {
			t.Errorf("GET %s: got %d, Cache-Control %q, want %d, %q", path, response.StatusCode, got, want.status, want.cached)
		}
	}

	changed := sampleFiles()
	changed["assets/dot.js"].Data = []byte("1")
	other, err := load(changed)
	if err != nil {
		t.Fatal(err)
	}
	again, err := load(sampleFiles())
	if err != nil {
		t.Fatal(err)
	}
	if other.version == version || again.version != version {
		t.Errorf("got versions %s, %s with another script, %s with the same files, want only the second to differ", version, other.version, again.version)
	}
}

func TestWorkerKnowsItsBuild(t *testing.T) {
	h := sample(t)
	version := get(t, h, "/").Header.Get("Parley-Client")
	response := get(t, h, "/sw.js")
	body, _ := io.ReadAll(response.Body)
	want := "const version = '" + version + "', files = '/assets/" + version + "/dot.js /favicon.svg'"
	if string(body) != want {
		t.Errorf("got the worker %q, want %q", body, want)
	}
	if got := response.Header.Get("Cache-Control"); got != "no-cache" {
		t.Errorf("got Cache-Control %q, want no-cache: a browser must learn of another build", got)
	}

	// What the worker of this build keeps is there to be kept.
	h = Handler()
	worker, _ := io.ReadAll(get(t, h, "/sw.js").Body)
	_, files, _ := strings.Cut(string(worker), "const files = '")
	files, _, found := strings.Cut(files, "'")
	if !found || !strings.Contains(files, "/parley.js") {
		t.Fatalf("got the list %q, want the files of the build", files)
	}
	for _, name := range strings.Fields(files) {
		if got := get(t, h, name).StatusCode; got != 200 {
			t.Errorf("GET %s: got %d, want 200", name, got)
		}
	}
}

func TestUnchangedFilesAreNotSentAgain(t *testing.T) {
	h := sample(t)
	for _, encoding := range []string{"identity", "gzip"} {
		first := get(t, h, "/", "Accept-Encoding", encoding)
		again := get(t, h, "/", "Accept-Encoding", encoding, "If-None-Match", first.Header.Get("ETag"))
		body, _ := io.ReadAll(again.Body)
		if again.StatusCode != http.StatusNotModified || len(body) != 0 {
			t.Errorf("%s: got %d with %d bytes, want 304 with none", encoding, again.StatusCode, len(body))
		}
	}
	plain, packed := get(t, h, "/"), get(t, h, "/", "Accept-Encoding", "gzip")
	if plain.Header.Get("ETag") == packed.Header.Get("ETag") {
		t.Errorf("both encodings have ETag %s, want one for each", plain.Header.Get("ETag"))
	}
}

func TestTextIsCompressed(t *testing.T) {
	h := sample(t)
	response := get(t, h, "/", "Accept-Encoding", "br, gzip;q=0.5")
	if got := response.Header.Get("Content-Encoding"); got != "gzip" {
		t.Fatalf("got Content-Encoding %q, want gzip", got)
	}
	reader, err := gzip.NewReader(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(reader)
	if err != nil || !strings.HasPrefix(string(body), "<!doctype html><p>parley</p>") {
		t.Errorf("got %.40q, %v, want the page", body, err)
	}
	if got := get(t, h, "/assets/dot.js", "Accept-Encoding", "gzip").Header.Get("Content-Encoding"); got != "" {
		t.Errorf("one byte: got Content-Encoding %q, want none", got)
	}
}

func TestAcceptsGzip(t *testing.T) {
	for header, want := range map[string]bool{
		"":                      false,
		"gzip":                  true,
		"br, GZIP":              true,
		"gzip;q=0":              false,
		"gzip; q=0.000, *":      false,
		"gzip;q=0.001":          true,
		"*":                     true,
		"*;q=0":                 false,
		"br;q=1, *;q=0, gzip":   true,
		"gzipped, not-gzip;q=1": false,
	} {
		if got := acceptsGzip([]string{header}); got != want {
			t.Errorf("acceptsGzip(%q): got %v, want %v", header, got, want)
		}
	}
}

func TestUnknownTypesAreNotLoaded(t *testing.T) {
	_, err := load(fstest.MapFS{"index.html": {Data: []byte("x")}, "dump.bin": {Data: []byte("x")}})
	if err == nil || !strings.Contains(err.Error(), "dump.bin") {
		t.Errorf("got %v, want an error that names dump.bin", err)
	}
}

func ExampleHandler() {
	server := httptest.NewServer(Handler())
	defer server.Close()
	response, err := http.Get(server.URL + "/r/17")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer response.Body.Close()
	fmt.Println(response.StatusCode, response.Header.Get("Content-Type"))
	// Output: 200 text/html; charset=utf-8
}
