package web

import (
	"bytes"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"
)

// policy is the Content-Security-Policy of every answer. The client needs no
// other host, no inline script or style and no HTML made from strings, so
// nothing of that is allowed. 'self' in connect-src covers WebSockets to the
// same host and port (CSP Level 3, section 6.7.2.8).
const policy = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"connect-src 'self'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; " +
	"require-trusted-types-for 'script'"

// Handler serves the built client. Mount it at "/", behind the more specific
// patterns of the API and the socket.
//
// GET and HEAD only, others get 405. A path that names no file and has no
// extension gets index.html, because the client routes by itself; one with an
// extension gets 404. File names are stable, so every answer says no-cache and
// carries an ETag: a browser asks each time and gets 304 while nothing changed.
// Text is sent compressed to whoever accepts gzip.
func Handler() http.Handler { return &handler{files: embedded()} }

// embedded compresses the client once for all handlers of the process: a test
// that starts a thousand servers would do little else.
var embedded = sync.OnceValue(func() map[string]*file {
	files, err := load(Assets())
	if err != nil {
		panic("web: the client is embedded in the binary and must be readable: " + err.Error())
	}
	return files
})

type handler struct {
	files map[string]*file // by path, without a leading slash; never changed after load
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	secure(w.Header())
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "this address is read with GET", http.StatusMethodNotAllowed)
		return
	}
	f := h.find(r.URL.Path)
	if f == nil {
		http.Error(w, "there is no such file", http.StatusNotFound)
		return
	}
	f.serve(w, r)
}

// find returns the file at the path, index.html for a path that the client
// routes, nil when there is no such file.
func (h *handler) find(requested string) *file {
	name := strings.TrimPrefix(path.Clean("/"+requested), "/")
	if f, ok := h.files[name]; ok {
		return f
	}
	if path.Ext(name) != "" {
		return nil
	}
	return h.files["index.html"]
}

// secure sets the headers that confine the client.
func secure(header http.Header) {
	header.Set("Content-Security-Policy", policy)
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Frame-Options", "DENY")
}

// serve answers with the file, compressed when that is smaller and accepted.
// The two representations have ETags of their own (RFC 9110, section 8.8.3.3).
func (f *file) serve(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Type", f.contentType)
	header.Set("Cache-Control", "no-cache")
	body, etag := f.body, f.etag
	if f.gzipped != nil {
		header.Set("Vary", "Accept-Encoding")
		if acceptsGzip(r.Header.Values("Accept-Encoding")) {
			header.Set("Content-Encoding", "gzip")
			body, etag = f.gzipped, f.gzippedETag
		}
	}
	header.Set("ETag", etag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

// acceptsGzip reads Accept-Encoding (RFC 9110, section 12.5.3): gzip must be
// named, or covered by "*", with a weight other than zero.
func acceptsGzip(values []string) bool {
	accepted := false
	for _, element := range strings.Split(strings.Join(values, ","), ",") {
		coding, parameters, _ := strings.Cut(element, ";")
		switch strings.ToLower(strings.TrimSpace(coding)) {
		case "gzip", "x-gzip":
			return !isZeroWeight(parameters)
		case "*":
			accepted = !isZeroWeight(parameters)
		}
	}
	return accepted
}

func isZeroWeight(parameters string) bool {
	weight, found := strings.CutPrefix(strings.ReplaceAll(strings.ToLower(parameters), " ", ""), "q=")
	return found && strings.Trim(weight, "0.") == ""
}
