package api

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/parleychat/parley/chat"
)

// guard is what every request goes through: it gets an id and a time limit,
// its answer the headers that confine it, and a panic ends this request alone.
func (a *api) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get(requestIDHeader)
		if !isRequestID(id) {
			id = rand.Text()
		}
		header := w.Header()
		header.Set(requestIDHeader, id)
		confine(header)

		ctx, cancel := context.WithTimeout(context.WithValue(r.Context(), requestIDKey{}, id), requestTime)
		defer cancel()
		r = r.WithContext(ctx)
		defer a.recovered(w, r)

		// Not every writer can do it; a test's recorder cannot.
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(requestTime + answerTime))
		if !a.shareWith(w, r) {
			next.ServeHTTP(w, r)
		}
	})
}

const requestIDHeader = "X-Request-Id"

// isRequestID reports whether an id that the client or a proxy gave can stand in
// logs and answers: 1 to 64 of A-Z a-z 0-9 . _ -
func isRequestID(id string) bool {
	strange := strings.ContainsFunc(id, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("._-", r)
	})
	return id != "" && len(id) <= 64 && !strange
}

type requestIDKey struct{}

// requestID is how log lines and answers of one request are told to belong
// together.
func requestID(r *http.Request) string {
	id, _ := r.Context().Value(requestIDKey{}).(string)
	return id
}

// recovered answers a request whose handling panicked. The trace goes to the
// log, never into the answer.
func (a *api) recovered(w http.ResponseWriter, r *http.Request) {
	failure := recover()
	if failure == nil {
		return
	}
	if failure == http.ErrAbortHandler {
		panic(failure)
	}
	a.logger.ErrorContext(r.Context(), "request panicked", requestAttrs(r), slog.Any("panic", failure), slog.String("stack", string(debug.Stack())))
	refuseProblem(w, chat.Errorf(chat.Internal, "%s", chat.Internal.Info().Meaning))
}

// confine sets the headers that keep answers out of caches, frames, sniffers
// and referrers. Answers of the API are data: nothing in them may run.
func confine(header http.Header) {
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Frame-Options", "DENY")
}
