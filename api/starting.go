package api

import (
	"net/http"
	"time"

	"github.com/parleychat/parley/chat"
)

// startingRetry is when to ask a server that is starting again.
const startingRetry = 2 * time.Second

// Starting answers while the server waits for something that it needs: the
// process is alive, nobody can be served yet, and missing says of each part
// what it waits for.
func Starting(missing func() []Check) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { writeAlive(w) })
	mux.HandleFunc("/readyz", func(w http.ResponseWriter, _ *http.Request) { writeReadiness(w, missing()) })
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		refusal := chat.Errorf(chat.Unavailable, "The server is starting. Try again in a moment.")
		refusal.RetryAfter = startingRetry
		refuseProblem(w, refusal)
	})
	return mux
}
