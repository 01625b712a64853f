package chat

// ReadMark is how far a person has read a room: everything up to and including
// the event Seq. Reading moves it forward; going back to read something again
// begins a new Version. So of two marks of the same person and room the later
// one is known without a clock: see [ReadMark.Before].
type ReadMark struct {
	Seq     Seq
	N       uint64 // messages in the room up to Seq
	Version uint64
}

// Before reports whether other is the later mark: it has the greater Version or,
// at the same, the greater Seq.
func (m ReadMark) Before(other ReadMark) bool {
	if m.Version != other.Version {
		return m.Version < other.Version
	}
	return m.Seq < other.Seq
}

// Unread is how many messages of a room with this head come behind the mark,
// deleted ones too: their numbers stay.
func (m ReadMark) Unread(head Head) uint64 {
	if head.N <= m.N {
		return 0
	}
	return head.N - m.N
}

// Marks reports whether the person has read up to this event by writing it, or
// by coming in with it. (A room's creation brings people in who have nothing to
// read yet.)
func (e *Event) Marks(user UserID) bool {
	switch {
	case e.Void():
		return false
	case e.Kind == KindInvite:
		return e.TargetUser == user
	default:
		return e.User == user && (e.Kind == KindMessage || e.Kind == KindJoin || e.Kind == KindCreate)
	}
}
