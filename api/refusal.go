package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/protocol"
)

var (
	errNoToken = chat.Errorf(chat.Unauthorized, "Send the access token in the header Authorization: Bearer <token>.")
	errMethod  = chat.Errorf(chat.Invalid, "This address has no call with this method.")
)

// refusal finds what to tell. What is no refusal is logged, with the request's
// id, and told as internal.
func (a *api) refusal(r *http.Request, err error) *chat.Error {
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		return chat.Errorf(chat.Unavailable, "The request was given up.")
	}
	refusal := chat.AsError(err)
	switch {
	case refusal.Code == chat.Internal && errors.Is(err, context.DeadlineExceeded):
		refusal = chat.Errorf(chat.Unavailable, "The server did not get to this in time. Try again in a moment.")
		refusal.RetryAfter = lateRetry
	case refusal.Code == chat.Internal:
		a.logFailure(r, slog.LevelError, "request failed", err)
	case refusal.Code == chat.Unavailable && refusal != err:
		a.logFailure(r, slog.LevelWarn, "request refused, something cannot be reached", err)
	}
	a.cfg.Refused(refusal.Code)
	return refusal
}

func (a *api) logFailure(r *http.Request, level slog.Level, message string, err error) {
	if a.failures.Allow() {
		a.logger.LogAttrs(r.Context(), level, message, requestAttrs(r), slog.Any("error", err))
	}
}

func requestAttrs(r *http.Request) slog.Attr {
	return slog.Group("request", slog.String("id", requestID(r)), slog.String("method", r.Method), slog.String("call", r.Pattern))
}

// refuseProblem writes RFC 9457 problem details.
func refuseProblem(w http.ResponseWriter, refusal *chat.Error) {
	refusalHeaders(w.Header(), refusal)
	write(w, statusOf(refusal), problemJSON, problemDetails(refusal, w.Header().Get(requestIDHeader)))
}

func problemDetails(refusal *chat.Error, request string) protocol.ProblemDetails {
	return protocol.ProblemDetails{
		Type:       "about:blank",
		Title:      refusal.Code.Info().Meaning,
		Status:     statusOf(refusal),
		Detail:     refusal.Message,
		Code:       string(refusal.Code),
		RetryAfter: refusal.RetryAfter.Seconds(),
		RequestID:  request,
	}
}

// refuseTurbo writes a refusal as Turbo-Chat does.
func refuseTurbo(w http.ResponseWriter, refusal *chat.Error) {
	text := refusal.Message
	switch {
	case refusal == errNoToken:
		text = "Unauthorized: No token provided"
	case refusal.Code == chat.Unauthorized:
		text = "Unauthorized: Invalid token"
	}
	refuseTurboText(w, refusal, text)
}

func refuseTurboText(w http.ResponseWriter, refusal *chat.Error, text string) {
	refusalHeaders(w.Header(), refusal)
	writeJSON(w, statusOf(refusal), struct {
		Error string `json:"error"`
	}{text})
}

func statusOf(refusal *chat.Error) int {
	if refusal == errMethod {
		return http.StatusMethodNotAllowed
	}
	return refusal.Code.Info().Status
}

// refusalHeaders sets what RFC 9110 asks for beside the status: 11.6.1 and
// 10.2.3, whose seconds are whole.
func refusalHeaders(header http.Header, refusal *chat.Error) {
	if refusal.Code == chat.Unauthorized {
		header.Set("WWW-Authenticate", "Bearer")
	}
	if refusal.RetryAfter > 0 {
		header.Set("Retry-After", strconv.Itoa(int(math.Ceil(refusal.RetryAfter.Seconds()))))
	}
}

// writeJSON answers with one of protocol's structs.
func writeJSON(w http.ResponseWriter, status int, payload any) {
	write(w, status, "application/json", payload)
}

func write(w http.ResponseWriter, status int, contentType string, payload any) {
	body, err := json.Marshal(payload)
	if err != nil {
		panic("api: payloads are plain structs: " + err.Error())
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	// Whether the client is still there to read it is not our concern.
	_, _ = w.Write(body)
}
