package api

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"github.com/parleychat/parley/protocol"
)

// Check is one part of the server and how it is.
type Check struct {
	Name  string
	Err   error     // why it cannot do its work, in words for everybody; nil: it can
	Note  string    // said instead of "ok"
	Since time.Time // since when something is wrong; zero: nothing is
	// Cause is what is wrong in detail, which is nobody's business. A part with
	// a Cause and no Err does its work, but not all of it: the Note says so.
	Cause error
}

// Wrong reports whether something is not as it should be.
func (c Check) Wrong() bool { return c.Err != nil || c.Cause != nil }

// Text is what everybody is told.
func (c Check) Text() string {
	if c.Err != nil {
		return c.Err.Error()
	}
	return cmp.Or(c.Note, "ok")
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
	// Since has the parts with which something is wrong, and for how long.
	Since map[string]time.Time `json:"since,omitempty"`
}

// ready says whether people can be served: 200, or 503 with the reasons.
func (a *api) ready(w http.ResponseWriter, r *http.Request) error {
	writeReadiness(w, a.cfg.Ready(r.Context()))
	return nil
}

func writeReadiness(w http.ResponseWriter, checks []Check) {
	answer := readiness{Ready: true, Parts: make(map[string]string), Since: make(map[string]time.Time)}
	status := http.StatusOK
	for _, check := range checks {
		answer.Parts[check.Name] = check.Text()
		if check.Err != nil {
			answer.Ready, status = false, http.StatusServiceUnavailable
		}
		if !check.Since.IsZero() {
			answer.Since[check.Name] = check.Since.UTC().Truncate(time.Second)
		}
	}
	writeJSON(w, status, answer)
}

// version says which Parley this is.
func (a *api) version(context.Context, *nothing) (*said[protocol.Version], error) {
	return say(protocol.Version{Version: a.cfg.Version}), nil
}
