package chat

// rank orders the roles; a person outside of the room has the lowest. Ranks
// are in memory only.
type rank uint8

const (
	outsider rank = iota
	member
	admin
	owner
	nobody // stands in the table where no rank suffices
)

func rankOf(role Role) rank {
	switch role {
	case RoleMember:
		return member
	case RoleAdmin:
		return admin
	case RoleOwner:
		return owner
	}
	return outsider
}

func (s *State) rankOf(user UserID) rank { return rankOf(s.Members[user].Role) }

// right is the least rank that a kind of event takes in each kind of room, and
// whether an archived room allows it.
type right struct {
	public, private, group, direct rank
	archived                       bool
}

// rights is the whole table. What it cannot say stands in [State.allowed]: who
// may act on whom, whose messages, the last owner, and full rooms. It belongs
// to the record version, like everything that Apply looks at.
var rights = map[Kind]right{
	KindMessage: {public: member, private: member, group: member, direct: member},
	KindReact:   {public: member, private: member, group: member, direct: member},
	KindUnreact: {public: member, private: member, group: member, direct: member},
	KindPin:     {public: admin, private: admin, group: member, direct: member},
	KindUnpin:   {public: admin, private: admin, group: member, direct: member},

	// One's own message: with these. Somebody else's: moderation, below.
	KindEdit:   {public: member, private: member, group: member, direct: member},
	KindDelete: {public: member, private: member, group: member, direct: member, archived: true},

	KindJoin:   {public: outsider, private: nobody, group: nobody, direct: nobody, archived: true},
	KindLeave:  {public: outsider, private: outsider, group: outsider, direct: nobody, archived: true},
	KindInvite: {public: member, private: admin, group: member, direct: nobody, archived: true},
	KindKick:   {public: admin, private: admin, group: admin, direct: nobody, archived: true},
	KindBan:    {public: admin, private: admin, group: nobody, direct: nobody, archived: true},
	KindUnban:  {public: admin, private: admin, group: nobody, direct: nobody, archived: true},
	KindRole:   {public: owner, private: owner, group: nobody, direct: nobody, archived: true},

	KindRename:     {public: admin, private: admin, group: member, direct: nobody, archived: true},
	KindTopic:      {public: admin, private: admin, group: member, direct: nobody, archived: true},
	KindVisibility: {public: owner, private: owner, group: nobody, direct: nobody, archived: true},
	KindArchive:    {public: owner, private: owner, group: nobody, direct: nobody, archived: true},
	KindUnarchive:  {public: owner, private: owner, group: nobody, direct: nobody, archived: true},
}

// moderation is the least rank that deletes what somebody else wrote.
var moderation = right{public: admin, private: admin, group: nobody, direct: nobody, archived: true}

func (r right) in(kind RoomKind) rank {
	switch kind {
	case PublicRoom:
		return r.public
	case PrivateRoom:
		return r.private
	case GroupRoom:
		return r.group
	case DirectRoom:
		return r.direct
	}
	return nobody
}

// allowed judges a record by the room as it stands. It is one half of "not
// allowed, gone, already"; see [State.already] for the other.
func (s *State) allowed(rec *Record) bool {
	if rec.Kind == KindCreate {
		return s.Kind == ""
	}
	r, ruled := rights[rec.Kind]
	if !ruled || s.Archived && !r.archived || s.rankOf(rec.User) < r.in(s.Kind) {
		return false
	}
	switch rec.Kind {
	case KindEdit:
		return rec.TargetUser == rec.User && s.refersToMessage(rec)
	case KindDelete:
		own := rec.TargetUser == rec.User
		return (own || s.rankOf(rec.User) >= moderation.in(s.Kind)) && s.refersToMessage(rec)
	case KindReact, KindUnreact, KindPin, KindUnpin:
		return s.refersToMessage(rec)
	case KindJoin:
		return s.admits(rec.User)
	case KindInvite:
		return s.admits(rec.TargetUser)
	case KindLeave:
		return !s.LastOwner(rec.User)
	case KindKick, KindBan:
		return rec.TargetUser != rec.User && s.outranks(rec.User, rec.TargetUser)
	case KindRole:
		return s.mayGiveRole(rec)
	}
	return true
}

// refersToMessage: up to After the gateway vouches that the target is a message
// of that author. Above it only the window can tell.
func (s *State) refersToMessage(rec *Record) bool {
	if rec.TargetSeq <= rec.After {
		return true
	}
	e, ok := s.Window.At(rec.TargetSeq)
	return ok && e.Kind == KindMessage && e.Outcome == Effective && e.User == rec.TargetUser
}

// admits reports whether a person can be, or is already, in the room.
func (s *State) admits(user UserID) bool {
	if _, banned := s.Bans[user]; banned {
		return false
	}
	if _, present := s.Members[user]; present {
		return true
	}
	if s.Kind == GroupRoom {
		return len(s.Members) < MaxGroupMembers
	}
	return len(s.Members) < MaxRoomMembers
}

func (s *State) outranks(user, other UserID) bool { return s.rankOf(user) > s.rankOf(other) }

// mayGiveRole: an owner gives roles to those below, up to their own, and may
// step down while another owner stays. Nobody takes a role from an equal.
func (s *State) mayGiveRole(rec *Record) bool {
	if _, present := s.Members[rec.TargetUser]; !present {
		return false
	}
	if rec.TargetUser == rec.User {
		return rec.Role == RoleOwner || !s.LastOwner(rec.User)
	}
	return s.outranks(rec.User, rec.TargetUser) || s.Members[rec.TargetUser].Role == rec.Role
}

// LastOwner reports whether a person is the only owner of a room that has to
// have one: a public or private room never loses its last owner. Another
// member is made an owner first, or the room is archived.
func (s *State) LastOwner(user UserID) bool {
	if s.Kind != PublicRoom && s.Kind != PrivateRoom || s.rankOf(user) != owner {
		return false
	}
	for other, place := range s.Members {
		if other != user && place.Role == RoleOwner {
			return false
		}
	}
	return true
}

// already reports whether the room is as the record would make it.
func (s *State) already(rec *Record) bool {
	_, targetPresent := s.Members[rec.TargetUser]
	_, targetBanned := s.Bans[rec.TargetUser]
	switch rec.Kind {
	case KindJoin:
		return s.rankOf(rec.User) != outsider
	case KindLeave:
		return s.rankOf(rec.User) == outsider
	case KindInvite:
		return targetPresent
	case KindKick:
		return !targetPresent
	case KindBan:
		return targetBanned
	case KindUnban:
		return !targetBanned
	case KindRole:
		return s.Members[rec.TargetUser].Role == rec.Role
	case KindRename:
		return s.Name == rec.Name
	case KindTopic:
		return s.Topic == rec.Topic
	case KindVisibility:
		return s.Kind == rec.RoomKind
	case KindArchive:
		return s.Archived
	case KindUnarchive:
		return !s.Archived
	}
	return false
}
