package chat

// ReadableFrom reports whether a person may read the room at this position,
// and from which event on. Anyone who is not banned reads a public room from
// the beginning. Of any other room only a present member reads: from the
// beginning, in a group from their latest join.
func (s *State) ReadableFrom(user UserID) (from Seq, ok bool) {
	if _, banned := s.Bans[user]; banned {
		return 0, false
	}
	if s.Kind == PublicRoom {
		return 1, true
	}
	member, present := s.Members[user]
	if !present {
		return 0, false
	}
	if s.Kind == GroupRoom {
		return member.From, true
	}
	return 1, true
}
