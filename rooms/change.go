package rooms

import (
	"context"
	"fmt"
	"slices"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/fanout"
	"github.com/parleychat/parley/store"
)

// Change takes a change of a room or of its members to the log: a join, leave,
// invite, kick, ban, unban, role, rename, topic, visibility, archive or
// unarchive. It judges and completes what rec says, fills in a missing cid, and
// returns when every list shows the change. A change that finds the room as it
// would make it is answered like one that was made, with Already set.
//
// retry says that an earlier attempt with the same cid may be under way. The
// answer's error is a refusal; Err is [chat.Unknown] when the change may have
// happened.
func (s *Service) Change(ctx context.Context, rec chat.Record, retry bool) (chat.Answer, error) {
	if err := s.complete(ctx, &rec); err != nil {
		return chat.Answer{}, err
	}
	if err := s.claimName(ctx, &rec); err != nil {
		return chat.Answer{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, chat.AckTimeout)
	defer cancel()
	answer := s.cfg.Hub.SubmitWait(ctx, fanout.Submission{Draft: rec, Retry: retry})
	if answer.Err != nil {
		return chat.Answer{}, s.refused(ctx, &rec, answer.Err)
	}
	if err := s.cfg.Hub.WaitStored(ctx, rec.Room, answer.Seq); err != nil {
		return chat.Answer{}, fmt.Errorf("wait until event %d of room %d is stored: %w: %w", answer.Seq, rec.Room,
			chat.Errorf(chat.Unknown, "It happened, but lists may not show it yet. Ask again with the same cid."), err)
	}
	return answer, nil
}

// complete judges what can be judged without the room.
func (s *Service) complete(ctx context.Context, rec *chat.Record) (err error) {
	if rec.CID == "" {
		if rec.CID, err = chat.NewCID(); err != nil {
			return fmt.Errorf("change room: %w", err)
		}
	}
	if err := chat.CheckCID(rec.CID); err != nil {
		return err
	}
	switch rec.Kind {
	case chat.KindRename:
		rec.Name, err = chat.NormalizeRoomName(rec.Name)
	case chat.KindTopic:
		rec.Topic, err = chat.NormalizeTopic(rec.Topic)
	case chat.KindRole:
		if rec.Role != chat.RoleOwner && rec.Role != chat.RoleAdmin && rec.Role != chat.RoleMember {
			err = chat.Errorf(chat.Invalid, "A role is owner, admin or member.")
		}
	case chat.KindVisibility:
		if rec.RoomKind != chat.PublicRoom && rec.RoomKind != chat.PrivateRoom {
			err = chat.Errorf(chat.Invalid, "A room can be made public or private.")
		}
	case chat.KindInvite, chat.KindBan:
		err = s.checkPeople(ctx, []chat.UserID{rec.TargetUser})
		if err == nil && rec.Kind == chat.KindInvite {
			err = s.checkCount(ctx, rec.TargetUser)
		}
	case chat.KindJoin:
		err = s.checkCount(ctx, rec.User)
	case chat.KindLeave, chat.KindKick, chat.KindUnban, chat.KindArchive, chat.KindUnarchive:
	default:
		err = fmt.Errorf("rooms: %q is no change of a room", rec.Kind)
	}
	return err
}

// checkPeople refuses people whom there are not, or not any more.
func (s *Service) checkPeople(ctx context.Context, ids []chat.UserID) error {
	if len(ids) == 0 {
		return nil
	}
	people, err := s.cfg.Store.People(ctx, ids)
	if err != nil {
		return unavailable(fmt.Errorf("look people up: %w", err))
	}
	for _, id := range ids {
		if !slices.ContainsFunc(people, func(p chat.Person) bool { return p.ID == id && !store.IsDeleted(p) }) {
			return chat.Errorf(chat.NotFound, "There is no person with the id %d.", id)
		}
	}
	s.cfg.Hub.KnowPeople(people...)
	return nil
}

// checkCount refuses a person one more room when they are in as many as they
// may be.
func (s *Service) checkCount(ctx context.Context, user chat.UserID) error {
	n, err := s.cfg.Store.CountRooms(ctx, user)
	if err != nil {
		return unavailable(fmt.Errorf("count rooms: %w", err))
	}
	if n >= chat.MaxRoomsPerPerson {
		return chat.Errorf(chat.Forbidden, "A person can be in at most %d rooms; leave one first.", chat.MaxRoomsPerPerson)
	}
	return nil
}

// claimName reserves the name that a change gives to a public room: SQL decides
// what is unique, and the change carries it out.
func (s *Service) claimName(ctx context.Context, rec *chat.Record) error {
	if rec.Kind != chat.KindRename && rec.Kind != chat.KindVisibility {
		return nil
	}
	var name string
	err := s.cfg.Hub.View(ctx, rec.Room, 0, func(v *fanout.View) error {
		// Whether they may is judged on the way to the log; nobody reserves
		// names in rooms where they can do nothing.
		if v.State.Members[rec.User].Role == "" {
			return nil
		}
		switch {
		case rec.Kind == chat.KindRename && v.State.Kind == chat.PublicRoom && chat.RoomNameKey(rec.Name) != chat.RoomNameKey(v.State.Name):
			name = rec.Name
		case rec.Kind == chat.KindVisibility && rec.RoomKind == chat.PublicRoom && v.State.Kind == chat.PrivateRoom:
			name = v.State.Name
		}
		return nil
	})
	if err != nil {
		return hide(fmt.Errorf("room %d: %w", rec.Room, err))
	}
	if name == "" {
		return nil
	}
	if err := s.cfg.Store.ReserveName(ctx, rec.Room, rec.User, rec.CID, chat.RoomNameKey(name)); err != nil {
		return unavailable(fmt.Errorf("change room %d: %w", rec.Room, err))
	}
	return nil
}

// refused is the refusal of a change, in the words that fit. A name that was
// reserved for a change which can never happen is given back; should that fail,
// the room's next change of name frees it.
func (s *Service) refused(ctx context.Context, rec *chat.Record, refusal *chat.Error) error {
	if refusal.Code.Final() && (rec.Kind == chat.KindRename || rec.Kind == chat.KindVisibility) {
		if err := s.cfg.Store.ReleaseName(ctx, rec.Room, rec.User, rec.CID); err != nil {
			s.cfg.Logger.WarnContext(ctx, "a name stays reserved", "room", rec.Room, "error", err)
		}
	}
	if refusal.Code != chat.Forbidden {
		return hide(refusal)
	}
	explained := refusal
	// Only to find better words: without an answer the refusal stands.
	_ = s.cfg.Hub.View(ctx, rec.Room, 1, func(v *fanout.View) error {
		if better := explain(v.State, rec); better != nil {
			explained = better
		}
		return nil
	})
	return explained
}

// explain says what somebody in the room can do about a change that is
// forbidden, nil when there is nothing special to say.
func explain(s *chat.State, rec *chat.Record) *chat.Error {
	own, in := s.Members[rec.User]
	if !in {
		return nil
	}
	_, banned := s.Bans[rec.TargetUser]
	target, present := s.Members[rec.TargetUser]
	switch {
	case s.Kind == chat.DirectRoom:
		return chat.Errorf(chat.Forbidden, "A direct room stays as it is.")
	case rec.Kind == chat.KindLeave && own.Role == chat.RoleOwner,
		rec.Kind == chat.KindRole && rec.TargetUser == rec.User && own.Role == chat.RoleOwner:
		return chat.Errorf(chat.Forbidden, "You are the room's last owner. Make another member an owner first, or archive the room.")
	case rec.Kind == chat.KindInvite && banned:
		return chat.Errorf(chat.Forbidden, "This person is banned from the room. Lift the ban first.")
	case rec.Kind == chat.KindInvite && s.Kind == chat.GroupRoom && len(s.Members) >= chat.MaxGroupMembers:
		return chat.Errorf(chat.Forbidden, "A group has at most %d people. Make a private room instead.", chat.MaxGroupMembers)
	case (rec.Kind == chat.KindKick || rec.Kind == chat.KindBan || rec.Kind == chat.KindRole) && present && target.Role == own.Role:
		return chat.Errorf(chat.Forbidden, "This person has the same role as you.")
	case rec.Kind == chat.KindRole && !present:
		return chat.Errorf(chat.Forbidden, "This person is not in the room.")
	}
	return nil
}
