package api

import (
	"cmp"
	"context"
	"net/http"

	"github.com/parleychat/parley/protocol"
)

// Check is one part of the server and why it cannot do its work, nil when it
// can.
type Check struct {
	Name string
	Err  error
	Note string // said instead of "ok"
}

// alive says that the process answers, whatever else may be missing.
func (a *api) alive(w http.ResponseWriter, _ *http.Request) error {
	writeAlive(w)
	return nil
}

func writeAlive(w http.ResponseWriter) {
	writeJSON(w, http.StatusOK, struct {
		Status string `json:"status"`
	}{"ok"})
}

// readiness answers /readyz.
type readiness struct {
	Ready bool              `json:"ready"`
	Parts map[string]string `json:"parts"` // "ok" or a note, or what is wrong
}

// ready says whether people can be served: 200, or 503 with the reasons.
func (a *api) ready(w http.ResponseWriter, r *http.Request) error {
	writeReadiness(w, a.cfg.Ready(r.Context()))
	return nil
}

func writeReadiness(w http.ResponseWriter, checks []Check) {
	answer := readiness{Ready: true, Parts: make(map[string]string)}
	status := http.StatusOK
	for _, check := range checks {
		answer.Parts[check.Name] = cmp.Or(check.Note, "ok")
		if check.Err != nil {
			answer.Parts[check.Name] = check.Err.Error()
			answer.Ready, status = false, http.StatusServiceUnavailable
		}
	}
	writeJSON(w, status, answer)
}

// version says which Parley this is.
func (a *api) version(context.Context, *nothing) (*said[protocol.Version], error) {
	return say(protocol.Version{Version: a.cfg.Version}), nil
}
