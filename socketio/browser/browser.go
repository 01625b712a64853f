// Package browser holds the official Socket.IO client for a script tag, as its
// makers publish it (npm package socket.io-client, version 4.8.4, MIT licence,
// see LICENSE), and serves it over HTTP.
package browser

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"net/http"
	"time"
)

// Version is the version of the client.
const Version = "4.8.4"

var (
	//go:embed socket.io.js
	plain []byte
	//go:embed socket.io.min.js
	minified []byte
)

type file struct {
	content []byte
	etag    string
}

var files = map[string]file{
	"socket.io.js":     newFile(plain),
	"socket.io.min.js": newFile(minified),
}

func newFile(content []byte) file {
	sum := sha256.Sum256(content)
	return file{content, `"` + base64.RawURLEncoding.EncodeToString(sum[:18]) + `"`}
}

// ServeFile answers a request for the file of that name, socket.io.js or
// socket.io.min.js, and with 404 for any other.
func ServeFile(w http.ResponseWriter, r *http.Request, name string) {
	f, ok := files[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	h.Set("Content-Type", "text/javascript; charset=utf-8")
	h.Set("ETag", f.etag)
	// Kept, but asked about each time: the name stays when the version changes.
	h.Set("Cache-Control", "public, no-cache")
	h.Set("X-Content-Type-Options", "nosniff")
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(f.content))
}
