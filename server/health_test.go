package server

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parleychat/parley/api"
)

// The log tells of a part that is not well any more at once, and of one that has
// not begun yet only when it does not come. Whoever asks is told at once of both.
func TestHealthTellsWhatChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		health := newHealth(slog.New(slog.NewTextHandler(&log, nil)))
		note := func(err error) api.Check {
			checks := []api.Check{{Name: "hub", Err: err}}
			health.note(t.Context(), checks)
			return checks[0]
		}
		wants := func(when, want string) {
			t.Helper()
			if got := log.String(); want == "" && got != "" || !strings.Contains(got, want) || strings.Count(got, "\n") > 1 {
				t.Errorf("%s: the log says %q, want one line with %q", when, got, want)
			}
			log.Reset()
		}
		wrong, begun := errors.New("it does not follow"), time.Now()
		if check := note(wrong); !check.Since.Equal(begun) {
			t.Errorf("since: got %v, want %v", check.Since, begun)
		}
		time.Sleep(healthEvery - time.Nanosecond)
		note(wrong)
		wants("before it began", "")
		time.Sleep(time.Nanosecond)
		note(wrong)
		note(wrong)
		wants("it does not begin", "something is wrong with a part")
		if check := note(nil); !check.Since.IsZero() {
			t.Errorf("well since %v", check.Since)
		}
		wants("it has begun", "a part is well again")
		note(nil)
		wants("it is well", "")
		note(wrong)
		wants("it is not any more", "something is wrong with a part")
	})
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		health := newHealth(slog.New(slog.NewTextHandler(&log, nil)))
		health.note(t.Context(), []api.Check{{Name: "hub", Err: errors.New("not yet")}})
		health.note(t.Context(), []api.Check{{Name: "hub"}})
		if log.Len() > 0 {
			t.Errorf("a start as it should be says %q", log.String())
		}
	})
}
