package server

import "net/http"

// HTTP lets a test shorten the times that a slow client is given, before Run.
func (s *Server) HTTP() *http.Server { return s.http }
