package fanout_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/fanout"
)

// inMemory is the events of the room that the hub holds.
func (w *world) inMemory() []*chat.Event {
	w.t.Helper()
	var events []*chat.Event
	if err := w.hub.View(context.Background(), room, 0, func(v *fanout.View) error {
		events, _ = v.Events(0, 1<<20)
		return nil
	}); err != nil {
		w.t.Fatal(err)
	}
	return events
}

func bytesOf(events []*chat.Event) (n int64) {
	for _, ev := range events {
		n += int64(len(ev.Body))
	}
	return n
}

// TestRingsAreBounded: above the bound the oldest stored events leave memory;
// what is not stored stays, whatever it takes.
func TestRingsAreBounded(t *testing.T) {
	const bound = 64 << 10
	w := newWorld(t)
	w.tune = func(cfg *fanout.Config) { cfg.RingBytes = bound }
	w.start().make()
	long := strings.Repeat("x", 1000)
	w.fill(150, long)
	if got := len(w.inMemory()); got != 151 {
		t.Errorf("in memory while nothing is stored: got %d events, want all 151", got)
	}
	w.stored()
	for range 20 {
		w.mustSend(text(ann, long))
		w.stored()
	}
	events := w.inMemory()
	if got := bytesOf(events); got > bound {
		t.Errorf("in memory once it is stored: got %d bytes in %d events, want at most %d", got, len(events), bound)
	}
	if len(events) == 0 || events[len(events)-1].Seq != 171 {
		t.Errorf("in memory: got %d events, want the last ones, up to 171", len(events))
	}
	w.fill(100, long)
	events = w.inMemory()
	for i, ev := range events[len(events)-100:] {
		if want := chat.Seq(172 + i); ev.Seq != want {
			t.Fatalf("in memory: got event %d, want %d: none that is not stored may be missing", ev.Seq, want)
		}
	}
}

// TestRingsAreCountedTogether: a room that is closed, and changes of what it
// holds, are taken out of the count, so that the bound means what it says.
func TestRingsAreCountedTogether(t *testing.T) {
	w := newWorld(t)
	w.tune = func(cfg *fanout.Config) { cfg.RingBytes = 512 << 10 }
	w.start().make()
	for range 20 {
		var all sync.WaitGroup
		for range 5 {
			all.Go(func() {
				first := w.send(text(ann, strings.Repeat("x", 1000)))
				edited := w.send(edit(ann, first.Seq, strings.Repeat("y", 2000)))
				erased := w.send(erase(ann, first.Seq))
				if first.Err != nil || edited.Err != nil || erased.Err != nil {
					t.Errorf("answers: got %v, %v, %v", first.Err, edited.Err, erased.Err)
				}
			})
		}
		all.Wait()
		w.stored()
		w.clock.advance(chat.RoomIdle)
		w.tick()
	}
	before := len(w.inMemory())
	if before < 200 {
		t.Fatalf("in memory after the room was opened anew: got %d events, want what opening loads", before)
	}
	w.mustSend(text(ann, "one more"))
	if got := len(w.inMemory()); got < before {
		t.Errorf("in memory: got %d events, want more than %d: closed rooms are still counted", got, before)
	}
}

// TestBusyWhileTheStoreIsFarBehind: sends are refused only when what the store
// does not hold passes the bound, and taken again when it has caught up.
func TestBusyWhileTheStoreIsFarBehind(t *testing.T) {
	w := newWorld(t)
	w.tune = func(cfg *fanout.Config) { cfg.UnstoredBytes = 64 << 10 }
	w.start().make()
	long := strings.Repeat("x", 1000)
	taken := 0
	for ; taken < 1000; taken++ {
		if answer := w.send(text(ann, long)); answer.Err != nil {
			wantCode(t, answer, chat.Busy)
			if answer.Err.RetryAfter <= 0 {
				t.Error("busy does not say when to ask again")
			}
			break
		}
	}
	if taken < 30 || taken > 64 {
		t.Errorf("taken before busy: got %d messages of a kilobyte, want at most 64 and not much less", taken)
	}
	w.stored()
	w.mustSend(text(ann, long))
}
