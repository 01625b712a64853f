//go:build unix

package loadgen_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/parleychat/parley/internal/loadgen"
)

// TestParleyStage runs against the REST calls of a Parley server in front of
// the floor, which acknowledges like one.
func TestParleyStage(t *testing.T) {
	var registered, rooms atomic.Int64
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/register", func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Email, Password string }
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil || !strings.Contains(in.Email, "@") || len(in.Password) < 8 {
			http.Error(w, `{"error":"bad"}`, http.StatusBadRequest)
			return
		}
		json.NewEncoder(w).Encode(map[string]string{"token": "t" + strconv.FormatInt(registered.Add(1), 10)})
	})
	mux.HandleFunc("POST /api/chat", func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer t") {
			http.Error(w, `{"error":"Unauthorized: No token provided"}`, http.StatusUnauthorized)
			return
		}
		json.NewEncoder(w).Encode(map[string]any{"id": 100 + rooms.Add(1), "name": "x"})
	})
	floor, err := url.Parse(startFloor(t))
	if err != nil {
		t.Fatal(err)
	}
	mux.Handle("/socket.io/", httputil.NewSingleHostReverseProxy(floor))
	web := httptest.NewServer(mux)
	defer web.Close()

	cfg := short(loadgen.ManyRooms, web.URL+"/")
	cfg.Rooms, cfg.Rate = 4, 100
	cfg.Stage = &loadgen.Parley{}
	for range 2 {
		res := mustRun(t, cfg)
		wantOK(t, res)
		if got, want := res.Answer.Count, int64(25); got != want {
			t.Errorf("measured answers: got %d, want %d", got, want)
		}
	}
	// 100 messages a second need 13 people of whom each sends up to 8.
	if got, want := registered.Load(), int64(13); got != want {
		t.Errorf("people of two runs: got %d, want %d", got, want)
	}
	if got, want := rooms.Load(), int64(8); got != want {
		t.Errorf("rooms of two runs: got %d, want %d", got, want)
	}
}

func TestParleyStageKeepsPeople(t *testing.T) {
	registered := 0
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		registered++ // one call at a time below
		json.NewEncoder(w).Encode(map[string]string{"token": "t" + strconv.Itoa(registered)})
	}))
	defer web.Close()
	var stage loadgen.Parley
	for _, n := range []int{1, 2, 1, 3} {
		tokens, err := stage.Tokens(t.Context(), web.URL, n)
		if err != nil || len(tokens) != n || tokens[0] != "t1" {
			t.Errorf("got %q, %v, want %d tokens, the first t1", tokens, err, n)
		}
	}
	if registered != 3 {
		t.Errorf("registered: got %d, want 3", registered)
	}
}

func TestParleyStageAsksABusyServerAgain(t *testing.T) {
	asked := 0
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++ // one call at a time below
		if asked == 1 {
			w.Header().Set("Retry-After", "1")
			http.Error(w, `{"error":"busy"}`, http.StatusServiceUnavailable)
			return
		}
		json.NewEncoder(w).Encode(map[string]string{"token": "t"})
	}))
	defer web.Close()
	tokens, err := new(loadgen.Parley).Tokens(t.Context(), web.URL, 1)
	if err != nil || len(tokens) != 1 || asked != 2 {
		t.Errorf("got %q, %v after %d calls, want one token after 2", tokens, err, asked)
	}
}

func TestParleyStageTellsRefusals(t *testing.T) {
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, `{"error":"closed"}`, http.StatusForbidden)
	}))
	defer web.Close()
	_, err := new(loadgen.Parley).Tokens(t.Context(), web.URL, 1)
	if err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("got error %v, want the server's reason", err)
	}
}
