package engineio

import (
	"net/http"
	"strconv"
)

// refusal is an answer to a request that cannot be served, with the codes and
// words of the reference server where it has them, because clients show them.
type refusal struct {
	status  int
	code    int
	message string
}

var (
	errUnknownTransport   = &refusal{http.StatusBadRequest, 0, "Transport unknown"}
	errUnknownSession     = &refusal{http.StatusBadRequest, 1, "Session ID unknown"}
	errHandshakeMethod    = &refusal{http.StatusBadRequest, 2, "Bad handshake method"}
	errBadRequest         = &refusal{http.StatusBadRequest, 3, "Bad request"}
	errForbidden          = &refusal{http.StatusForbidden, 4, "Forbidden"}
	errUnsupportedVersion = &refusal{http.StatusBadRequest, 5, "Unsupported protocol version"}

	// Those the reference server has no code for are bad requests to a client.
	errOverlap          = &refusal{http.StatusBadRequest, 3, "Overlapping requests"}
	errTooLarge         = &refusal{http.StatusRequestEntityTooLarge, 3, "Payload too large"}
	errWebSocketVersion = &refusal{http.StatusUpgradeRequired, 3, "Unsupported WebSocket version"}
	errTooManySessions  = &refusal{http.StatusTooManyRequests, 3, "Too many sessions"}
	errUnavailable      = &refusal{http.StatusServiceUnavailable, 3, "Server is shutting down"}
)

// refuse answers with the refusal as JSON.
func (s *Server) refuse(w http.ResponseWriter, why *refusal) {
	s.counters.refused.Add(1)
	body := `{"code":` + strconv.Itoa(why.code) + `,"message":` + strconv.Quote(why.message) + `}`
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	switch why.status {
	case http.StatusUpgradeRequired:
		h.Set("Sec-WebSocket-Version", "13")
	case http.StatusServiceUnavailable, http.StatusTooManyRequests:
		h.Set("Retry-After", "5")
	}
	w.WriteHeader(why.status)
	// A peer that does not read its refusal needs no other.
	_, _ = w.Write([]byte(body))
}
