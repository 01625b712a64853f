package server

import (
	"context"
	"net/http"
)

// HTTP lets a test shorten the times that a slow client is given, before Run.
func (s *Server) HTTP() *http.Server { return s.http }

// TrimLog forgets the records below an offset, as the retention does.
func (s *Server) TrimLog(ctx context.Context, before int64) error { return s.log.Trim(ctx, 0, before) }
