package engineio

import (
	"sync"
	"time"
)

// wheel is the one clock of a server: every session lies in the slot of the
// tick at which it next wants to be looked at. Adding, moving and removing are
// a swap in a slice. Its goroutine runs while there is a session.
//
// A session is looked at no earlier than it asked for, and at most about one
// tick later; what lies beyond the last slot is looked at early and put back.
type wheel struct {
	tick  time.Duration
	start time.Time

	mu      sync.Mutex // taken after Session.mu, never before
	slots   [wheelSlots][]*Session
	firing  []*Session // taken out of their slot, being looked at
	next    int64      // the next tick whose slot is to be emptied
	n       int        // sessions in slots and in firing
	running bool
	stopped chan struct{} // closed when the last goroutine has ended
}

const (
	wheelSlots = 512
	minTick    = 5 * time.Millisecond
	maxTick    = 250 * time.Millisecond
)

// Values of Session.slot that are no slot.
const (
	slotNone   = -1 // not in the wheel
	slotFiring = -2 // taken out of its slot, being looked at
	slotGone   = -3 // removed while it was being looked at
)

// newWheel makes a wheel whose tick suits the shortest of these times.
func newWheel(shortest time.Duration) *wheel {
	return &wheel{tick: min(max(shortest/20, minTick), maxTick), start: time.Now()}
}

// now is the time since the wheel was made: monotonic, and in 8 bytes.
func (w *wheel) now() time.Duration { return time.Since(w.start) }

// schedule puts s where it is looked at next at the time at, wherever it was.
// A session that is being looked at is put there by its own answer, so for it
// this does nothing.
func (w *wheel) schedule(s *Session, at time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch s.slot {
	case slotFiring, slotGone:
		return
	case slotNone:
		w.n++
	default:
		w.takeOut(s)
	}
	if !w.running {
		w.running = true
		w.next = int64(w.now() / w.tick)
		w.stopped = make(chan struct{})
		go w.run(w.stopped)
	}
	w.put(s, at)
}

// remove takes s out for good.
func (w *wheel) remove(s *Session) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case s.slot >= 0:
		w.takeOut(s)
		w.n--
	case s.slot == slotFiring:
		s.slot = slotGone
	}
}

func (w *wheel) put(s *Session, at time.Duration) {
	// Rounded up, so that nobody is looked at early.
	tick := int64((at + w.tick - 1) / w.tick)
	tick = min(max(tick, w.next), w.next+wheelSlots-1)
	slot := tick % wheelSlots
	s.slot, s.place = int16(slot), int32(len(w.slots[slot]))
	w.slots[slot] = append(w.slots[slot], s)
}

func (w *wheel) takeOut(s *Session) {
	slot := w.slots[s.slot]
	last := len(slot) - 1
	slot[s.place] = slot[last]
	slot[s.place].place = s.place
	slot[last] = nil
	w.slots[s.slot] = slot[:last]
	s.slot = slotNone
}

func (w *wheel) run(stopped chan struct{}) {
	defer close(stopped)
	ticker := time.NewTicker(w.tick)
	defer ticker.Stop()
	for range ticker.C {
		if !w.turn() {
			return
		}
	}
}

// turn looks at every session whose time has come, and reports whether any
// session is left.
func (w *wheel) turn() bool {
	for {
		w.mu.Lock()
		if w.n == 0 {
			w.running = false
			for i := range w.slots {
				w.slots[i] = nil
			}
			w.mu.Unlock()
			return false
		}
		if time.Duration(w.next)*w.tick > w.now() {
			w.mu.Unlock()
			return true
		}
		slot := w.next % wheelSlots
		w.next++
		w.firing, w.slots[slot] = w.slots[slot], w.firing[:0]
		for _, s := range w.firing {
			s.slot = slotFiring
		}
		firing := w.firing
		w.mu.Unlock()

		for _, s := range firing {
			at, alive := s.expire()
			w.mu.Lock()
			if alive && s.slot == slotFiring {
				w.put(s, at)
			} else {
				s.slot = slotNone
				w.n--
			}
			w.mu.Unlock()
		}

		w.mu.Lock()
		clear(w.firing)
		w.firing = w.firing[:0]
		w.mu.Unlock()
	}
}

// all returns every session there is at this moment.
func (w *wheel) all() []*Session {
	w.mu.Lock()
	defer w.mu.Unlock()
	sessions := make([]*Session, 0, w.n)
	for _, slot := range w.slots {
		sessions = append(sessions, slot...)
	}
	for _, s := range w.firing {
		if s.slot == slotFiring {
			sessions = append(sessions, s)
		}
	}
	return sessions
}

// wait returns when the goroutine has ended, which it does by itself when no
// session is left.
func (w *wheel) wait() {
	w.mu.Lock()
	stopped := w.stopped
	w.mu.Unlock()
	if stopped != nil {
		<-stopped
	}
}
