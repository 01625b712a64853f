package history

import (
	"fmt"
	"slices"

	"github.com/parleychat/parley/chat"
)

// answer is one attempt to answer at one position: everything that is known of
// the room there. It is used by one goroutine.
type answer struct {
	*sight
	// run are neighbouring events in their present form. It is what was read
	// of the store, with the events above laid over it and, if it reached the
	// store's head, behind it; otherwise what is in memory, up to the head.
	run []*chat.Event
	// read: run has what the store has for this answer.
	read bool

	material *material
	missing  map[chat.Seq]struct{} // messages that have to be read first
}

func newAnswer(s *sight, m *material) (*answer, error) {
	a := &answer{sight: s, run: s.ring, material: m}
	if m.rows == nil || !s.reaches {
		return a, nil // or the room moved on: read again
	}
	run, err := s.laidOver(m.rows)
	if err != nil {
		return nil, err
	}
	if last := len(run) - 1; last < 0 || run[last].Seq == m.rows.head {
		run = append(run, s.above...)
	}
	a.run, a.read = run, true
	return a, nil
}

// laidOver is the rows with the changes above them made, in a slice of the
// caller's own.
func (s *sight) laidOver(r *rows) ([]*chat.Event, error) {
	events := slices.Clone(r.events)
	for i := range events {
		for _, change := range s.changes[events[i].Seq] {
			var err error
			if change.Kind == chat.KindEdit {
				events[i], err = events[i].Edited(change)
			} else {
				events[i], err = events[i].Erased(change)
			}
			if err != nil {
				return nil, fmt.Errorf("lay event %d of room %d over what is stored: %w", change.Seq, change.Room, err)
			}
		}
	}
	return events, nil
}

// isMessage reports whether the event is one of those that n counts.
func isMessage(ev *chat.Event) bool { return ev.Kind == chat.KindMessage && !ev.Void() }

// indexOf finds an event among neighbours.
func indexOf(run []*chat.Event, seq chat.Seq) (int, bool) {
	if len(run) == 0 || seq < run[0].Seq || seq > run[len(run)-1].Seq {
		return 0, false
	}
	return int(seq - run[0].Seq), true
}

// between cuts the neighbours above after, up to and including last, out of a
// run.
func between(run []*chat.Event, after, last chat.Seq) []*chat.Event {
	if len(run) == 0 {
		return nil
	}
	first := run[0].Seq
	low := min(max(after+1, first)-first, chat.Seq(len(run)))
	high := min(max(last+1, first)-first, chat.Seq(len(run)))
	return run[low:max(low, high)]
}
