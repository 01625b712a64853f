package api

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"github.com/parleychat/parley/chat"
)

func newAPI(log *bytes.Buffer) *api {
	return &api{logger: slog.New(slog.NewTextHandler(log, nil)), now: time.Now, failures: rate.NewLimiter(failuresPerSecond, failuresBurst), cfg: Config{Refused: func(chat.Code) {}}}
}

// A70, S7: a panic ends its request with an answer that tells nothing; the
// trace is in the log.
func TestPanic(t *testing.T) {
	var log bytes.Buffer
	handler := newAPI(&log).guard(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("the secret cause") }))
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, httptest.NewRequest("GET", "/api/v1/x", nil))
	if answer.Code != http.StatusInternalServerError {
		t.Errorf("got status %d, want 500", answer.Code)
	}
	if body := answer.Body.String(); strings.Contains(body, "secret") || strings.Contains(body, ".go") || !strings.Contains(body, `"code":"internal"`) {
		t.Errorf("got %s, want an internal error and nothing more", body)
	}
	id := answer.Header().Get("X-Request-Id")
	if text := log.String(); !strings.Contains(text, "the secret cause") || !strings.Contains(text, "guard_test.go") || id == "" || !strings.Contains(text, id) {
		t.Errorf("got log %q, want the cause, the trace and the request's id %s", text, id)
	}
}

// An aborted answer is not a failure of ours; net/http knows what to do.
func TestAbortPassesThrough(t *testing.T) {
	var log bytes.Buffer
	handler := newAPI(&log).guard(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	defer func() {
		if got := recover(); got != http.ErrAbortHandler {
			t.Errorf("got %v, want http.ErrAbortHandler", got)
		}
		if log.Len() > 0 {
			t.Errorf("it was logged: %s", log.String())
		}
	}()
	handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
}

// Every code has its status, in both forms of refusals, and says when to come
// back.
func TestRefusals(t *testing.T) {
	for _, info := range chat.Codes {
		refusal := chat.Errorf(info.Code, "Why.")
		refusal.RetryAfter = 1500 * time.Millisecond
		problem, turbo := httptest.NewRecorder(), httptest.NewRecorder()
		refuseProblem(problem, refusal)
		refuseTurbo(turbo, refusal)
		for _, answer := range []*httptest.ResponseRecorder{problem, turbo} {
			if answer.Code != info.Status {
				t.Errorf("%s: got status %d, want %d", info.Code, answer.Code, info.Status)
			}
			if got := answer.Header().Get("Retry-After"); got != "2" {
				t.Errorf("%s: got Retry-After %q, want whole seconds, not fewer: 2", info.Code, got)
			}
			if got, want := answer.Header().Get("WWW-Authenticate") != "", info.Status == 401; got != want {
				t.Errorf("%s: WWW-Authenticate: got %v, want %v", info.Code, got, want)
			}
		}
		if want := `"detail":"Why.","code":"` + string(info.Code) + `","retryAfter":1.5}`; !strings.HasSuffix(problem.Body.String(), want) {
			t.Errorf("got %s, want it to end with %s", problem.Body, want)
		}
	}
}

// A49: while something is broken the log does not grow with every request.
func TestFailuresAreLoggedSparingly(t *testing.T) {
	var log bytes.Buffer
	a := newAPI(&log)
	broken := a.resource(methods{"GET": func(http.ResponseWriter, *http.Request) error { return errors.New("broken") }}, refuseProblem)
	for range 500 {
		answer := httptest.NewRecorder()
		request := httptest.NewRequest("GET", "/", nil)
		request.Header.Set(requestIDHeader, "mine")
		a.guard(broken).ServeHTTP(answer, request)
		if answer.Code != http.StatusInternalServerError || strings.Contains(answer.Body.String(), "broken") {
			t.Fatalf("got %d %s, want 500 without the cause", answer.Code, answer.Body)
		}
	}
	if !strings.Contains(log.String(), "request.id=mine") {
		t.Errorf("the log does not tell the request's id: %.300s", log.String())
	}
	if got := strings.Count(log.String(), "error=broken"); got < 1 || got > 2*failuresBurst {
		t.Errorf("500 failures wrote %d lines, want about %d", got, failuresBurst)
	}
}
