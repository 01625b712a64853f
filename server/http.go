package server

import (
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/parleychat/parley/api"
	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/gateway"
	"github.com/parleychat/parley/web"
)

// Bounds on requests. A connection that has become a WebSocket has left them
// behind.
const (
	maxHeaderBytes = 16 << 10
	headerTime     = 10 * time.Second
	// requestTime is how long a request may take to arrive. It must be longer
	// than a poll hangs (the ping interval, 25 s): a request whose time is up
	// is given up also when it has long arrived.
	requestTime = 60 * time.Second
	idleTime    = 2 * time.Minute
	// fileTime is how long a client may take to read a file of the web client.
	fileTime = time.Minute
)

// buildHTTP lays out the addresses.
func (s *Server) buildHTTP() error {
	rest, err := api.New(api.Config{
		Auth:      s.auth,
		Rooms:     s.rooms,
		Reading:   s.reading,
		Hub:       s.hub,
		Reader:    s.reader,
		Limits:    s.limits,
		Room:      s.gateway.ListedRoom,
		Draft:     gateway.MessageDraftInfo,
		Standing:  gateway.StandingInfo,
		Page:      s.gateway.Page,
		Recent:    s.gateway.Recent,
		Status:    s.presence.Status,
		SetStatus: s.gateway.SetStatus,
		ShownAnew: s.gateway.ShownAnew,
		Origins:   s.cfg.origins(),
		ShowEmail: s.cfg.ShowEmail == ShowEmailToMembers,
		PublicURL: strings.TrimRight(s.cfg.PublicURL, "/"),
		Secure:    strings.HasPrefix(s.cfg.PublicURL, "https://"),
		Ready:     s.checks,
		Version:   s.cfg.Version,
		Refused:   func(code chat.Code) { s.metrics.refusals[surfaceREST].add(string(code)) },
		Logger:    s.logger,
		Now:       s.seams.Now,
	})
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/api/", rest)
	mux.Handle("/docs", rest)
	mux.Handle("/docs/", rest)
	mux.Handle("/healthz", rest)
	mux.Handle("/readyz", rest)
	var sockets http.Handler = s.sockets
	if s.nodes != nil {
		sockets = s.nodes.passOn(sockets)
	}
	mux.Handle(s.sockets.Path(), sockets)
	mux.Handle("/", deadline(web.Handler(), fileTime))
	s.http = &http.Server{
		Handler:           api.BehindProxies(s.cfg.TrustProxy, stayOverTLS(strings.HasPrefix(s.cfg.PublicURL, "https://"), mux)),
		MaxHeaderBytes:    maxHeaderBytes,
		ReadHeaderTimeout: headerTime,
		ReadTimeout:       requestTime,
		IdleTimeout:       idleTime,
		ConnState:         s.silent.track,
		ErrorLog:          slog.NewLogLogger(s.logger.Handler(), slog.LevelWarn),
	}
	return nil
}

// stayOverTLS lets browsers that came over TLS, or were meant to, never come
// without it again (RFC 6797).
func stayOverTLS(always bool, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if always || api.OverTLS(r) {
			w.Header().Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

// deadline ends answers that their client does not read.
func deadline(next http.Handler, d time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Not every writer can do it; a test's recorder cannot.
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(d))
		next.ServeHTTP(w, r)
	})
}
