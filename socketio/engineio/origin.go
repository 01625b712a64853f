package engineio

import (
	"net/http"
	"net/url"
	"strings"
)

// AllowList returns a Config.AllowOrigin for exactly these origins, such as
// "https://chat.example.org" or "http://localhost:5173". Scheme, host and port
// must all be the same; letter case and a port that is the scheme's own do not
// matter. There are no wildcards. What is not an origin allows nobody.
func AllowList(origins ...string) func(origin string, r *http.Request) bool {
	allowed := make(map[string]bool, len(origins))
	for _, o := range origins {
		if canonical, ok := parseOrigin(o); ok {
			allowed[canonical] = true
		}
	}
	return func(origin string, _ *http.Request) bool { return allowed[origin] }
}

// parseOrigin gives the canonical form of scheme://host[:port]; everything
// else, "null" and look-alikes with a path, user or empty host, is refused.
func parseOrigin(s string) (string, bool) {
	u, err := url.Parse(s)
	if err != nil || u.Opaque != "" || u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" ||
		u.ForceQuery || strings.HasSuffix(s, "#") || u.Hostname() == "" || u.Scheme == "" {
		return "", false
	}
	return u.Scheme + "://" + canonicalHost(u.Host, u.Scheme), true
}

// canonicalHost is host in lower case without the scheme's own port.
func canonicalHost(host, scheme string) string {
	host = strings.ToLower(host)
	switch scheme {
	case "http":
		return strings.TrimSuffix(host, ":80")
	case "https":
		return strings.TrimSuffix(host, ":443")
	}
	return host
}

// checkOrigin decides about a request and sets the CORS headers of the answer.
// An origin is named in the answer only after it was found to be allowed.
func (s *Server) checkOrigin(w http.ResponseWriter, r *http.Request) bool {
	given := r.Header["Origin"]
	if len(given) == 0 {
		return true
	}
	w.Header().Add("Vary", "Origin")
	if len(given) > 1 {
		return false
	}
	origin, ok := parseOrigin(given[0])
	if !ok {
		return false
	}
	// The own host: the scheme is not compared, because behind a proxy that
	// ends TLS this server cannot know it.
	scheme, host, _ := strings.Cut(origin, "://")
	if (scheme == "http" || scheme == "https") && host == canonicalHost(r.Host, scheme) {
		return true
	}
	if !s.config.AllowOrigin(origin, r) {
		return false
	}
	w.Header().Set("Access-Control-Allow-Origin", given[0])
	if s.config.AllowCredentials {
		w.Header().Set("Access-Control-Allow-Credentials", "true")
	}
	return true
}

// preflight answers the browser's question before a request of another origin
// that carries headers of its own. The origin was checked before.
func preflight(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Access-Control-Allow-Methods", "GET, POST")
	if asked := r.Header.Get("Access-Control-Request-Headers"); headerList(asked) {
		h.Set("Access-Control-Allow-Headers", asked)
	}
	h.Set("Access-Control-Max-Age", "600")
	h.Set("Content-Length", "0")
	w.WriteHeader(http.StatusNoContent)
}

// headerList reports whether s is a short list of header names, such as an
// answer may name again.
func headerList(s string) bool {
	if s == "" || len(s) > 1024 {
		return false
	}
	for i := range len(s) {
		if !isIDByte(s[i]) && s[i] != ',' && s[i] != ' ' {
			return false
		}
	}
	return true
}
