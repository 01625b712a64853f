package rig

import (
	"errors"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// Proxy serves pages of its own on a port of its own and passes /api and
// /socket.io on to a server, as a web server in front of it does. While it
// holds upgrades, no WebSocket comes about through it.
type Proxy struct {
	URL string

	release sync.Once
	open    chan struct{} // closed when upgrades are let through
}

// Front starts a proxy with the pages of this directory. It ends with the test.
func (s *Server) Front(t testing.TB, pages string) *Proxy {
	t.Helper()
	target, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{open: make(chan struct{})}
	pass := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host
		},
		FlushInterval: -1,
		// The server may be down, and a browser may go at any time.
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	mux := http.NewServeMux()
	mux.Handle("/", http.FileServer(http.Dir(pages)))
	mux.Handle("/api/", pass)
	mux.HandleFunc("/socket.io/", func(w http.ResponseWriter, r *http.Request) {
		if strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
			select {
			case <-p.open:
			case <-r.Context().Done():
				return
			}
		}
		pass.ServeHTTP(w, r)
	})
	listener, err := net.Listen("tcp", FreeAddr(t))
	if err != nil {
		t.Fatal(err)
	}
	p.URL = "http://" + listener.Addr().String()
	server := &http.Server{Handler: mux}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() {
		p.Release()
		if err := server.Close(); err != nil {
			t.Errorf("close the proxy: %v", err)
		}
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("proxy: %v", err)
		}
	})
	return p
}

// Release lets WebSockets through from now on.
func (p *Proxy) Release() { p.release.Do(func() { close(p.open) }) }
