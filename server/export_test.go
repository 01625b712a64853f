package server

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"time"

	"github.com/parleychat/parley/api"
	"github.com/parleychat/parley/chat"
)

// HTTP lets a test shorten the times that a slow client is given, before Run.
func (s *Server) HTTP() *http.Server { return s.http }

// TrimLog forgets the records below an offset, as the retention does.
func (s *Server) TrimLog(ctx context.Context, before int64) error { return s.log.Trim(ctx, 0, before) }

// TrimNow forgets all of the log that is stored, however young it is. As in
// life, one trims at a time.
func (s *Server) TrimNow(ctx context.Context) error {
	s.trimmer.pause.Lock()
	defer s.trimmer.pause.Unlock()
	eager := &trimmer{log: s.trimmer.log, store: s.trimmer.store, keep: 1, now: s.trimmer.now, logger: s.logger}
	return eager.trim(ctx, 0)
}

// DoctorAt is Doctor with another clock.
func DoctorAt(ctx context.Context, cfg Config, now time.Time, tell func(Finding)) {
	d := doctor{ctx: ctx, cfg: cfg, tell: tell, now: func() time.Time { return now }}
	d.run()
}

// Ghost lets presence believe in a socket that is not there.
func (s *Server) Ghost(user chat.UserID) { s.presence.Enter(user, chat.StatusChoice{}) }

// MaxSocketsPerAddress is how many connections one address may have.
const MaxSocketsPerAddress = maxSocketsPerAddress

// AddressCounted is the address for which connections count that come from an
// address, which a proxy has told of.
func (s *Server) AddressCounted(from string) (counted netip.Addr) {
	r := httptest.NewRequest("GET", "/", nil)
	r.RemoteAddr = "127.0.0.1:1"
	if from != "" {
		r.Header.Set("X-Forwarded-For", from)
	}
	api.BehindProxies(s.cfg.TrustProxy, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { counted = addressCounted(r) })).ServeHTTP(nil, r)
	return counted
}
