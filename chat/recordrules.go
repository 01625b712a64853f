package chat

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Bounds of a record's parts that are no matter of configuration: they are
// frozen with the record version, because a record outside of them is void for
// every node that reads that version. What a gateway takes from people is
// narrower and may change; see limits.go.
const (
	maxMACBytes   = 64
	maxReplyBytes = 64
	maxEmojiBytes = 64
)

// check reports what makes a record of this version impossible to apply. It
// looks at the record alone; what the room says to it is for [Apply].
func (r *Record) check() error {
	switch {
	case r.Room <= 0:
		return errors.New("it has no room")
	case r.User <= 0:
		return errors.New("it has no user")
	case r.At < 0:
		return errors.New("its time is negative")
	case CheckCID(r.CID) != nil:
		return errors.New("its cid is missing or malformed")
	case r.ID != PublicID(r.Room, r.User, r.CID):
		return errors.New("its id is not that of its room, user and cid")
	case len(r.MAC) > maxMACBytes:
		return errors.New("its mac is too long")
	case len(r.ReplyTo) > maxReplyBytes:
		return errors.New("its replyTo is too long")
	case !slices.Equal(r.Targets, r.membershipTargets()):
		return errors.New("its targets are not the people that it adds or removes")
	case !validUsers(r.Mentions):
		return errors.New("it mentions nobody")
	}
	for _, text := range []string{r.Text, r.Name, r.Topic, r.Emoji, r.ReplyTo, r.MAC} {
		if !utf8.ValidString(text) || strings.IndexByte(text, 0) >= 0 {
			return errors.New("its text is not UTF-8, or contains NUL")
		}
	}
	return r.checkKind()
}

// checkKind reports what a record of its kind lacks.
func (r *Record) checkKind() error {
	if r.Kind.ChangesMessage() {
		if r.TargetSeq == 0 || r.TargetUser <= 0 {
			return fmt.Errorf("%s needs a message (targetSeq) and its author (targetUser)", r.Kind)
		}
	}
	switch r.Kind {
	case KindCreate:
		return r.checkCreate()
	case KindMessage, KindEdit, KindDelete, KindPin, KindUnpin, KindJoin, KindLeave, KindTopic, KindArchive, KindUnarchive:
		return nil
	case KindReact, KindUnreact:
		if r.Emoji == "" || len(r.Emoji) > maxEmojiBytes {
			return fmt.Errorf("%s needs an emoji of at most %d bytes", r.Kind, maxEmojiBytes)
		}
		return nil
	case KindInvite, KindKick, KindBan, KindUnban:
		return r.checkTargetUser()
	case KindRole:
		if rankOf(r.Role) == outsider {
			return errors.New("role needs one of owner, admin, member")
		}
		return r.checkTargetUser()
	case KindRename:
		if r.Name == "" {
			return errors.New("rename needs a name")
		}
		return nil
	case KindVisibility:
		if r.RoomKind != PublicRoom && r.RoomKind != PrivateRoom {
			return errors.New("visibility needs public or private")
		}
		return nil
	}
	return fmt.Errorf("%q is no kind of version %d", r.Kind, Version)
}

// CheckChange refuses a draft of a change to a message that could not become
// one, whatever the room says: without a message, or with a malformed cid. The
// cid may be missing.
func (r *Record) CheckChange() error {
	if r.TargetSeq == 0 {
		return Errorf(Invalid, "Say which message: its seq, 1 or more.")
	}
	if r.CID != "" {
		return CheckCID(r.CID)
	}
	return nil
}

func (r *Record) checkTargetUser() error {
	if r.TargetUser <= 0 {
		return fmt.Errorf("%s needs a person (targetUser)", r.Kind)
	}
	return nil
}

// checkCreate asks for a room that can live: its creator in it, an owner where
// a room must have one, a name where people find it by one.
func (r *Record) checkCreate() error {
	owners, creator := 0, false
	seen := make(map[UserID]struct{}, len(r.Members))
	for _, member := range r.Members {
		if member.User <= 0 || rankOf(member.Role) == outsider {
			return errors.New("create has a member without an id or a role")
		}
		if _, twice := seen[member.User]; twice {
			return errors.New("create has a member twice")
		}
		seen[member.User] = struct{}{}
		creator = creator || member.User == r.User
		if member.Role == RoleOwner {
			owners++
		}
	}
	if !creator {
		return errors.New("create needs its creator as a member")
	}
	switch r.RoomKind {
	case PublicRoom, PrivateRoom:
		if r.Name == "" || owners == 0 {
			return errors.New("create needs a name and an owner")
		}
	case DirectRoom:
		if len(r.Members) != 2 {
			return errors.New("a direct room has two members")
		}
	case GroupRoom:
		if len(r.Members) < MinGroupMembers || len(r.Members) > MaxGroupMembers {
			return fmt.Errorf("a group has %d to %d members", MinGroupMembers, MaxGroupMembers)
		}
	default:
		return errors.New("create needs a kind of room")
	}
	return nil
}

func validUsers(users []UserID) bool {
	for _, user := range users {
		if user <= 0 {
			return false
		}
	}
	return true
}
