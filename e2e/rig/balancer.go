package rig

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
)

// Balance is a balancer in front of servers, seen as one of them: each request
// goes to the next one, whoever makes it, and to one that lives if that one does
// not.
func Balance(t testing.TB, servers ...*Server) *Server {
	t.Helper()
	var next atomic.Int64
	balancer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		server := servers[int(next.Add(1))%len(servers)]
		for tries := 0; !server.Running() && tries < len(servers); tries++ {
			server = servers[int(next.Add(1))%len(servers)]
		}
		address, err := url.Parse(server.URL)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		proxy := &httputil.ReverseProxy{
			Rewrite: func(request *httputil.ProxyRequest) {
				request.SetURL(address)
				request.Out.Host = request.In.Host
			},
			ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug),
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(balancer.Close)
	return At(t, strings.TrimPrefix(balancer.URL, "http://"))
}

// At is whatever answers for Parley at an address, seen as a server. It is not
// started or stopped here.
func At(t testing.TB, address string) *Server {
	return &Server{t: t, URL: "http://" + address, Addr: address}
}
