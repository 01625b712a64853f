package server

import (
	"context"
	"net/http"
)

// HTTP lets a test shorten the times that a slow client is given, before Run.
func (s *Server) HTTP() *http.Server { return s.http }

// TrimLog forgets the records below an offset, as the retention does.
func (s *Server) TrimLog(ctx context.Context, before int64) error { return s.log.Trim(ctx, 0, before) }

// TrimNow forgets all of the log that is stored, however young it is.
func (s *Server) TrimNow(ctx context.Context) error {
	eager := &trimmer{log: s.trimmer.log, store: s.trimmer.store, keep: 1, now: s.trimmer.now, logger: s.logger}
	return eager.trim(ctx, 0)
}
