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
		"came and went, and somebody asked":      seenComing,
		"went and returned, and somebody asked":  seenGoing,
		"leaving without entering":               stranger,
		"a status is told, and outlasts a tab":   choosing,
		"the later choice counts":                laterChoice,
		"a choice of somebody who is not here":   absentChoice,
		"another status for less than a tick":    flicker,
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

// unchosen is what somebody has chosen who never chose.
var unchosen chat.StatusChoice

// as are people who are shown like this.
func as(status chat.Status, users ...chat.UserID) map[chat.UserID]chat.Status {
	shown := make(map[chat.UserID]chat.Status)
	for _, user := range users {
		shown[user] = status
	}
	return shown
}

func wantChanges(t *testing.T, p presence.Presence, want map[chat.UserID]chat.Status) {
	t.Helper()
	got := p.Changes()
	for _, c := range got {
		if status, expected := want[c.User]; !expected || status != c.Status {
			t.Errorf("Changes told %+v, want %v", c, want)
		}
	}
	if len(got) != len(want) {
		t.Errorf("Changes told %d people %v, want %d", len(got), got, len(want))
	}
}

func wantStatus(t *testing.T, p presence.Presence, user chat.UserID, want chat.Status) {
	t.Helper()
	if got := p.Status(user); got != want {
		t.Errorf("Status(%d): got %v, want %v", user, got, want)
	}
}

func entering(t *testing.T, p presence.Presence, _ *Clock) {
	wantStatus(t, p, ann, chat.StatusOffline)
	p.Enter(ann, unchosen)
	wantStatus(t, p, ann, chat.StatusOnline)
	wantStatus(t, p, bo, chat.StatusOffline)
	wantChanges(t, p, as(chat.StatusOnline, ann))
	wantChanges(t, p, nil)
	p.Enter(ann, unchosen)
	wantChanges(t, p, nil)
}

// twoTabs is defect P1 of Turbo-Chat: closing one of two tabs showed the
// person offline.
func twoTabs(t *testing.T, p presence.Presence, clock *Clock) {
	p.Enter(ann, unchosen)
	p.Enter(ann, unchosen)
	wantChanges(t, p, as(chat.StatusOnline, ann))
	p.Leave(ann)
	clock.Advance(time.Hour)
	wantStatus(t, p, ann, chat.StatusOnline)
	wantChanges(t, p, nil)
	p.Leave(ann)
	clock.Advance(presence.Grace)
	wantStatus(t, p, ann, chat.StatusOffline)
	wantChanges(t, p, as(chat.StatusOffline, ann))
}

func leaving(t *testing.T, p presence.Presence, clock *Clock) {
	p.Enter(ann, unchosen)
	wantChanges(t, p, as(chat.StatusOnline, ann))
	p.Leave(ann)
	clock.Advance(presence.Grace - time.Millisecond)
	wantStatus(t, p, ann, chat.StatusOnline)
	wantChanges(t, p, nil)
	clock.Advance(time.Millisecond)
	wantStatus(t, p, ann, chat.StatusOffline)
	wantChanges(t, p, as(chat.StatusOffline, ann))
	wantChanges(t, p, nil)
}

func reload(t *testing.T, p presence.Presence, clock *Clock) {
	p.Enter(ann, unchosen)
	wantChanges(t, p, as(chat.StatusOnline, ann))
	p.Leave(ann)
	wantChanges(t, p, nil)
	clock.Advance(presence.Grace / 2)
	p.Enter(ann, unchosen)
	clock.Advance(time.Hour)
	wantChanges(t, p, nil)
	wantStatus(t, p, ann, chat.StatusOnline)
}

func blink(t *testing.T, p presence.Presence, clock *Clock) {
	p.Enter(ann, unchosen)
	p.Leave(ann)
	clock.Advance(presence.Grace)
	wantStatus(t, p, ann, chat.StatusOffline)
	wantChanges(t, p, nil)
}

// seenComing: whoever was told that the person is here hears that they are not.
func seenComing(t *testing.T, p presence.Presence, clock *Clock) {
	p.Enter(ann, unchosen)
	wantStatus(t, p, ann, chat.StatusOnline)
	p.Leave(ann)
	clock.Advance(presence.Grace)
	wantChanges(t, p, as(chat.StatusOffline, ann))
	wantChanges(t, p, nil)
}

// seenGoing: the grace ends behind one tick, somebody asks, and the person is
// back before the next.
func seenGoing(t *testing.T, p presence.Presence, clock *Clock) {
	p.Enter(ann, unchosen)
	wantChanges(t, p, as(chat.StatusOnline, ann))
	p.Leave(ann)
	clock.Advance(presence.Grace)
	wantStatus(t, p, ann, chat.StatusOffline)
	p.Enter(ann, unchosen)
	wantChanges(t, p, as(chat.StatusOnline, ann))
	wantChanges(t, p, nil)
}

func choosing(t *testing.T, p presence.Presence, clock *Clock) {
	p.Enter(ann, chat.StatusChoice{Status: chat.StatusAway, Rev: 1})
	wantChanges(t, p, as(chat.StatusAway, ann))
	p.Choose(ann, chat.StatusChoice{Status: chat.StatusDoNotDisturb, Rev: 2})
	wantStatus(t, p, ann, chat.StatusDoNotDisturb)
	wantChanges(t, p, as(chat.StatusDoNotDisturb, ann))
	wantChanges(t, p, nil)
	p.Enter(ann, unchosen) // a node that knows nothing of it
	p.Leave(ann)
	wantChanges(t, p, nil)
	p.Choose(ann, chat.StatusChoice{Status: chat.StatusOnline, Rev: 3})
	wantChanges(t, p, as(chat.StatusOnline, ann))
	p.Leave(ann)
	clock.Advance(presence.Grace)
	wantChanges(t, p, as(chat.StatusOffline, ann))
}

func laterChoice(t *testing.T, p presence.Presence, _ *Clock) {
	p.Enter(ann, chat.StatusChoice{Status: chat.StatusAway, Rev: 5})
	p.Enter(ann, chat.StatusChoice{Status: chat.StatusDoNotDisturb, Rev: 4})
	p.Choose(ann, chat.StatusChoice{Status: chat.StatusOnline, Rev: 3})
	wantChanges(t, p, as(chat.StatusAway, ann))
	p.Leave(ann)
	p.Leave(ann)
	p.Enter(ann, chat.StatusChoice{Status: chat.StatusOnline, Rev: 4}) // within the grace
	wantChanges(t, p, nil)
}

func absentChoice(t *testing.T, p presence.Presence, _ *Clock) {
	p.Choose(ann, chat.StatusChoice{Status: chat.StatusAway, Rev: 1})
	wantStatus(t, p, ann, chat.StatusOffline)
	wantChanges(t, p, nil)
	p.Enter(ann, unchosen)
	wantChanges(t, p, as(chat.StatusOnline, ann))
}

func flicker(t *testing.T, p presence.Presence, _ *Clock) {
	p.Enter(ann, unchosen)
	wantChanges(t, p, as(chat.StatusOnline, ann))
	p.Choose(ann, chat.StatusChoice{Status: chat.StatusAway, Rev: 1})
	p.Choose(ann, chat.StatusChoice{Status: chat.StatusOnline, Rev: 2})
	wantChanges(t, p, nil)
	p.Choose(ann, chat.StatusChoice{Status: chat.StatusAway, Rev: 3})
	wantStatus(t, p, ann, chat.StatusAway)
	p.Choose(ann, chat.StatusChoice{Status: chat.StatusOnline, Rev: 4})
	wantChanges(t, p, as(chat.StatusOnline, ann))
}

func stranger(t *testing.T, p presence.Presence, clock *Clock) {
	p.Leave(ann)
	clock.Advance(presence.Grace)
	wantStatus(t, p, ann, chat.StatusOffline)
	wantChanges(t, p, nil)
	p.Enter(ann, unchosen)
	wantChanges(t, p, as(chat.StatusOnline, ann))
}

func many(t *testing.T, p presence.Presence, clock *Clock) {
	var all sync.WaitGroup
	for user := chat.UserID(1); user <= 50; user++ {
		for range 4 {
			all.Go(func() {
				p.Enter(user, unchosen)
				p.Status(user)
				p.Leave(user)
				p.Enter(user, unchosen)
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
