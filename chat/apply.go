package chat

import "github.com/parleychat/parley/internal/planted"

// NewState is a room before its first record.
func NewState(room RoomID) *State {
	return &State{
		Room:    room,
		Members: make(map[UserID]Member),
		Bans:    make(map[UserID]struct{}),
	}
}

// Apply decides what the next record of a room does, changes the state
// accordingly and says what it came to. It is a pure function of the state and
// the record: no clock, no configuration, no I/O takes part, so every follower
// that applies the same records in the same order gets the same events,
// whatever position it started from.
//
// rec comes from [Decode], or is one of this process that [Encode] made; body
// is the record's value, which the event keeps and nobody may change. pos is
// where it lies. rec must be of the state's room: anything else is a bug of
// the caller and panics, for the numbers behind it would be wrong on this node
// alone.
//
// What a record comes to, the first that holds:
//
//  1. a record above rec.After, of the last [WindowRecords] including this one,
//     has the same user and cid: void copy if it also has the same mac, else
//     void cid_conflict;
//  2. rec.After is not below the record's own seq, or more than
//     [WindowRecords] below it: void stale;
//  3. the sender may not do this, here and now: void forbidden;
//  4. the message it is about was deleted above rec.After: void gone;
//  5. it finds what it wants already so: void already;
//  6. it takes effect.
//
// Up to rec.After the gateway that wrote the record vouches that there is no
// event with its (user, cid), and that its target is a message of TargetUser
// which is not deleted.
//
// Changes to messages are not made here: the event carries TargetSeq, and the
// holder of the message calls [Event.Edited] or [Event.Deleted].
func Apply(state *State, rec *Record, pos Position, body []byte) *Event {
	state.mustBe(rec.Room)
	outcome, first := state.Judge(rec)
	ev := state.next(pos)
	ev.Kind = rec.Kind
	ev.Outcome = outcome
	ev.User = rec.User
	ev.At = rec.At
	ev.After = rec.After
	ev.FirstSeq = first
	if outcome.keepsCID() {
		ev.CID, ev.MAC = rec.CID, rec.MAC
	}
	if outcome != Effective {
		ev.ID = positionID(pos)
	} else {
		ev.ID = rec.ID
		ev.TargetSeq, ev.TargetUser = rec.TargetSeq, rec.TargetUser
		ev.Body = body
		if rec.Kind == KindEdit || rec.Kind == KindDelete {
			ev.Rev = ev.Seq
		}
		state.take(rec, ev)
	}
	state.append(ev)
	return ev
}

// ApplyUndecodable numbers a record that [Decode] refused with
// [ErrUndecodable], of the room that [Peek] found in its headers. It is void.
func ApplyUndecodable(state *State, pos Position) *Event {
	ev := state.next(pos)
	ev.ID = positionID(pos)
	ev.Kind = KindVoid
	ev.Outcome = VoidUndecodable
	state.append(ev)
	return ev
}

// ApplyUnknown numbers a record that [Decode] refused with [ErrUnknownVersion]
// or [ErrUnknownKind], so that a fan-out can pass it on: clients get its
// value, and this node's idea of the room stays as it was. A recorder must not
// call it; it leaves such a record to a node that can read it.
func ApplyUnknown(state *State, e Envelope, pos Position, body []byte) *Event {
	state.mustBe(e.Room)
	ev := state.next(pos)
	ev.ID = positionID(pos)
	ev.Kind = e.Kind
	ev.User = e.User
	ev.After = e.After
	ev.Body = body
	state.append(ev)
	return ev
}

func (s *State) mustBe(room RoomID) {
	if room != s.Room {
		panic("chat: a record was applied to another room")
	}
}

// next is the event of the next record, without its id.
func (s *State) next(pos Position) *Event {
	return &Event{
		Room: s.Room,
		Seq:  s.Head.Seq + 1,
		N:    s.Head.N,
		Pos:  pos,
	}
}

// append makes the event the room's head.
func (s *State) append(ev *Event) {
	ev.Chain = s.Head.Chain.Next(ev.ID)
	s.Head = Head{Seq: ev.Seq, N: ev.N, Chain: ev.Chain}
	entry := EntryOf(ev)
	s.Window.push(&entry)
}

// EntryOf is what the window remembers of an event. It needs nothing but what
// the store keeps of it too.
func EntryOf(ev *Event) WindowEntry {
	return WindowEntry{
		Seq:     ev.Seq,
		Kind:    ev.Kind,
		User:    ev.User,
		CID:     ev.CID,
		MAC:     ev.MAC,
		Outcome: ev.Outcome,
		Target:  ev.TargetSeq,
		Chain:   ev.Chain,
		At:      ev.At,
	}
}

// Judge is what [Apply] would say of this record if it came next, without
// applying it. first is, for a copy, the event that it copies.
func (s *State) Judge(rec *Record) (outcome Outcome, first Seq) {
	seq := s.Head.Seq + 1
	if e, found := s.Window.Find(rec.User, rec.CID, max(rec.After, leaving(seq))); found && !planted.CopiesOff {
		if e.MAC == rec.MAC {
			return VoidCopy, e.Seq
		}
		return VoidCIDConflict, 0
	}
	switch {
	case rec.After >= seq || seq-rec.After > WindowRecords:
		return VoidStale, 0
	case !s.allowed(rec):
		return VoidForbidden, 0
	case rec.Kind.ChangesMessage() && s.Window.Deleted(rec.TargetSeq, rec.After):
		return VoidGone, 0
	case s.already(rec):
		return VoidAlready, 0
	}
	return Effective, 0
}

// leaving is the seq that leaves the window when the record seq comes. A copy of
// it is stale, so that the first of a void copy can still be looked up in the
// window afterwards.
func leaving(seq Seq) Seq {
	if seq <= WindowRecords {
		return 0
	}
	return seq - WindowRecords
}

// keepsCID: a void that is the answer to its cid keeps it, so that a retry
// gets the same answer. The others leave the cid to the event that has it, or
// to the next attempt.
func (o Outcome) keepsCID() bool {
	switch o {
	case Effective, VoidForbidden, VoidGone, VoidAlready:
		return true
	}
	return false
}

// take makes an effective record true in the room.
func (s *State) take(rec *Record, ev *Event) {
	switch rec.Kind {
	case KindCreate:
		s.takeCreate(rec, ev.Seq)
	case KindMessage:
		ev.N++
	case KindJoin:
		s.Members[rec.User] = Member{User: rec.User, Role: RoleMember, From: ev.Seq}
	case KindLeave:
		delete(s.Members, rec.User)
	case KindInvite:
		s.Members[rec.TargetUser] = Member{User: rec.TargetUser, Role: RoleMember, From: ev.Seq}
	case KindKick:
		delete(s.Members, rec.TargetUser)
	case KindBan:
		delete(s.Members, rec.TargetUser)
		s.Bans[rec.TargetUser] = struct{}{}
	case KindUnban:
		delete(s.Bans, rec.TargetUser)
	case KindRole:
		place := s.Members[rec.TargetUser]
		place.Role = rec.Role
		s.Members[rec.TargetUser] = place
	case KindRename:
		s.Name = rec.Name
	case KindTopic:
		s.Topic = rec.Topic
	case KindVisibility:
		s.Kind = rec.RoomKind
	case KindArchive:
		s.Archived = true
	case KindUnarchive:
		s.Archived = false
	}
}

func (s *State) takeCreate(rec *Record, seq Seq) {
	s.Kind = rec.RoomKind
	s.Name = rec.Name
	s.Topic = rec.Topic
	s.CreatedBy = rec.User
	for _, place := range rec.Members {
		place.From = seq
		s.Members[place.User] = place
	}
}
