// Package presencetest is the conformance suite of [presence.Presence]: what
// every implementation must do.
package presencetest

import (
	"sync"
	"testing"
	"time"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/presence"
)

// Clock is the time of the presence under test.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now returns the clock's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Run runs the suite. open makes an empty presence with the given clock.
func Run(t *testing.T, open func(t *testing.T, clock *Clock) presence.Presence) {
	tests := map[string]func(*testing.T, presence.Presence, *Clock){
		"entering is told once":                  entering,
		"two tabs, one closed":                   twoTabs,
		"leaving is told after the grace":        leaving,
		"a reload within the grace says nothing": reload,
		"came and went between two ticks":        blink,
		"leaving without entering":               stranger,
		"many at once":                           many,
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			clock := &Clock{now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
			test(t, open(t, clock), clock)
		})
	}
}

const ann, bo chat.UserID = 1, 2

func wantChanges(t *testing.T, p presence.Presence, want map[chat.UserID]bool) {
	t.Helper()
	got := p.Changes()
	for _, c := range got {
		if online, expected := want[c.User]; !expected || online != c.Online {
			t.Errorf("Changes told %+v, want %v", c, want)
		}
	}
	if len(got) != len(want) {
		t.Errorf("Changes told %d people %v, want %d", len(got), got, len(want))
	}
}

func wantOnline(t *testing.T, p presence.Presence, user chat.UserID, want bool) {
	t.Helper()
	if got := p.Online(user); got != want {
		t.Errorf("Online(%d): got %v, want %v", user, got, want)
	}
}

func entering(t *testing.T, p presence.Presence, _ *Clock) {
	wantOnline(t, p, ann, false)
	p.Enter(ann)
	wantOnline(t, p, ann, true)
	wantOnline(t, p, bo, false)
	wantChanges(t, p, map[chat.UserID]bool{ann: true})
	wantChanges(t, p, nil)
	p.Enter(ann)
	wantChanges(t, p, nil)
}

// twoTabs is defect P1 of Turbo-Chat: closing one of two tabs showed the
// person offline.
func twoTabs(t *testing.T, p presence.Presence, clock *Clock) {
	p.Enter(ann)
	p.Enter(ann)
	wantChanges(t, p, map[chat.UserID]bool{ann: true})
	p.Leave(ann)
	clock.Advance(time.Hour)
	wantOnline(t, p, ann, true)
	wantChanges(t, p, nil)
	p.Leave(ann)
	clock.Advance(presence.Grace)
	wantOnline(t, p, ann, false)
	wantChanges(t, p, map[chat.UserID]bool{ann: false})
}

func leaving(t *testing.T, p presence.Presence, clock *Clock) {
	p.Enter(ann)
	wantChanges(t, p, map[chat.UserID]bool{ann: true})
	p.Leave(ann)
	clock.Advance(presence.Grace - time.Millisecond)
	wantOnline(t, p, ann, true)
	wantChanges(t, p, nil)
	clock.Advance(time.Millisecond)
	wantOnline(t, p, ann, false)
	wantChanges(t, p, map[chat.UserID]bool{ann: false})
	wantChanges(t, p, nil)
}

func reload(t *testing.T, p presence.Presence, clock *Clock) {
	p.Enter(ann)
	wantChanges(t, p, map[chat.UserID]bool{ann: true})
	p.Leave(ann)
	wantChanges(t, p, nil)
	clock.Advance(presence.Grace / 2)
	p.Enter(ann)
	clock.Advance(time.Hour)
	wantChanges(t, p, nil)
	wantOnline(t, p, ann, true)
}

func blink(t *testing.T, p presence.Presence, clock *Clock) {
	p.Enter(ann)
	p.Leave(ann)
	clock.Advance(presence.Grace)
	wantOnline(t, p, ann, false)
	wantChanges(t, p, nil)
}

func stranger(t *testing.T, p presence.Presence, clock *Clock) {
	p.Leave(ann)
	clock.Advance(presence.Grace)
	wantOnline(t, p, ann, false)
	wantChanges(t, p, nil)
	p.Enter(ann)
	wantChanges(t, p, map[chat.UserID]bool{ann: true})
}

func many(t *testing.T, p presence.Presence, clock *Clock) {
	var all sync.WaitGroup
	for user := chat.UserID(1); user <= 50; user++ {
		for range 4 {
			all.Go(func() {
				p.Enter(user)
				p.Online(user)
				p.Leave(user)
				p.Enter(user)
			})
		}
	}
	all.Wait()
	if got := len(p.Changes()); got != 50 {
		t.Errorf("Changes told %d people, want 50", got)
	}
	for user := chat.UserID(1); user <= 50; user++ {
		for range 4 {
			all.Go(func() { p.Leave(user) })
		}
	}
	all.Wait()
	clock.Advance(presence.Grace)
	if got := len(p.Changes()); got != 50 {
		t.Errorf("Changes told %d people, want 50", got)
	}
}
