package server

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/parleychat/parley/store"
)

// expelledNames is a log that takes note of who was expelled.
type expelledNames struct {
	names []string
	err   error
}

func (e *expelledNames) Expel(_ context.Context, _, instance string) error {
	if e.err == nil {
		e.names = append(e.names, instance)
	}
	return e.err
}

// TestDeadAreBuried: a server that does not beat loses its share, once, by the
// deed of one server; not while nobody could look, and not when it has started
// again.
func TestDeadAreBuried(t *testing.T) {
	now := time.Now()
	clock := func() time.Time { return now }
	list := []store.Node{{Tag: "1", ID: "one"}, {Tag: "2", ID: "two"}, {Tag: "3", ID: "three"}}
	var watchers []*nodes
	for _, self := range list[:2] {
		n := newNodes(nil, self, slog.New(slog.DiscardHandler))
		n.now = clock
		watchers = append(watchers, n)
	}
	log := new(expelledNames)
	// after lets time pass, then the servers with these tags beat, and those that
	// watch look.
	after := func(pause time.Duration, beat ...string) {
		now = now.Add(pause)
		for i := range list {
			if slices.Contains(beat, list[i].Tag) {
				list[i].Beats++
			}
		}
		for _, n := range watchers {
			n.see(list)
			n.bury(t.Context(), log)
		}
	}
	want := func(names ...string) {
		t.Helper()
		if !slices.Equal(log.names, names) {
			t.Fatalf("expelled: got %q, want %q", log.names, names)
		}
	}
	after(0, "1", "2", "3")
	for range 2 {
		after(nodeBeat, "1", "2")
	}
	want()
	log.err = errors.New("brokers are away")
	after(nodeBeat, "1", "2")
	want()
	log.err = nil
	after(nodeBeat, "1", "2")
	want("three")
	after(nodeBeat, "1", "2")
	want("three")

	// It was only slow. Then the database is away: nobody beats, and nobody looks.
	after(nodeBeat, "1", "2", "3")
	after(time.Minute)
	after(nodeBeat/2, "1", "2")
	after(nodeBeat/2, "1", "2", "3")
	want("three")

	// The one that buries dies itself, and the next does it.
	watchers = watchers[1:]
	for range 5 {
		after(nodeBeat, "2", "3")
	}
	want("three", "one")

	// Whoever starts again within that time has a new tag and the same id.
	list = append(list, store.Node{Tag: "4", ID: "three"})
	for range 5 {
		after(nodeBeat, "2", "4")
	}
	want("three", "one")
}
