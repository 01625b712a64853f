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
	"connect-src 'self'; worker-src 'self'; manifest-src 'self'; object-src 'none'; frame-ancestors 'none'; " +
	"base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'; trusted-types parley-worker"

// versionHeader names the build that index.html belongs to. A page compares it
// with its own, and the service worker knows by its absence that this server
// has none.
const versionHeader = "Parley-Client"

// Handler serves the built client. Mount it at "/", behind the more specific
// patterns of the API and the socket.
//
// GET and HEAD only, others get 405. A path that names no file and has no
// extension gets 404. Every answer carries an ETag, and says no-cache: a browser
// asks each time and gets 304 while nothing changed. Text is sent compressed to
// whoever accepts gzip.
//
// index.html names its scripts and styles under assets/VERSION/, where VERSION
// is made from the whole build. These never change, so browsers keep them; of
// any other version they are 404, so that a page never runs pieces of two.
func Handler() http.Handler { return &handler{embedded()} }

// embedded compresses the client once for all handlers of the process: a test
// that starts a thousand servers would do little else.
var embedded = sync.OnceValue(func() *build {
	client, err := load(Assets())
	if err != nil {
		panic("web: the client is embedded in the binary and must be readable: " + err.Error())
	}
	return client
})

type handler struct{ *build }

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	secure(w.Header())
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "this address is read with GET", http.StatusMethodNotAllowed)
		return
	}
	f, forever := h.find(r.URL.Path)
	if f == nil {
		// Another server behind the same proxy, or the next version, may have it.
		w.Header().Set("Cache-Control", "no-store")
		http.Error(w, "there is no such file", http.StatusNotFound)
		return
	}
	header := w.Header()
	header.Set("Cache-Control", "no-cache")
	if forever {
		header.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if f == h.files[index] {
		header.Set(versionHeader, h.version)
	}
	f.serve(w, r)
}

// find returns the file at the path, index.html for a path that the client
// routes, nil when there is no such file; and whether what the path names never
// changes.
func (h *handler) find(requested string) (f *file, forever bool) {
	name := strings.TrimPrefix(path.Clean("/"+requested), "/")
	if rest, ok := strings.CutPrefix(name, "assets/"+h.version+"/"); ok {
		name, forever = "assets/"+rest, true
	}
	if f, ok := h.files[name]; ok {
		return f, forever
	}
	if path.Ext(name) != "" {
		return nil, false
	}
	return h.files[index], false
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
