package chat

// Err is the refusal that the sender of a void gets, nil when it is none. A
// stale record is busy: the same cid may be sent again.
func (o Outcome) Err() *Error {
	switch o {
	case VoidForbidden:
		return Errorf(Forbidden, "%s", Forbidden.Info().Meaning)
	case VoidGone:
		return Errorf(Gone, "%s", Gone.Info().Meaning)
	case VoidCIDConflict:
		return Errorf(CIDConflict, "%s", CIDConflict.Info().Meaning)
	case VoidStale:
		return Errorf(Busy, "%s", Busy.Info().Meaning)
	case VoidUndecodable:
		return Errorf(Internal, "%s", Internal.Info().Meaning)
	}
	return nil
}

// Answer is what the event says to whoever sent it, the first time. A void
// copy is answered by the entry of FirstSeq: see [WindowEntry.Answer].
func (e *Event) Answer() Answer {
	entry := EntryOf(e)
	return entry.Answer(e.Room)
}

// Answer is what the record says to whoever sent it, the first time; a copy of
// it gets the same with Duplicate set.
func (w *WindowEntry) Answer(room RoomID) Answer {
	if refusal := w.Outcome.Err(); refusal != nil {
		return Answer{Err: refusal}
	}
	answer := Answer{
		Seq:    w.Seq,
		Cursor: Cursor{Seq: w.Seq, Check: w.Chain.Check()},
		At:     w.At,
	}
	if w.Outcome == VoidAlready {
		answer.Already = true
		return answer
	}
	answer.ID = PublicID(room, w.User, w.CID)
	return answer
}
