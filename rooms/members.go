package rooms

import (
	"context"
	"fmt"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/fanout"
	"github.com/parleychat/parley/store"
)

// Member is a present member of a room.
type Member = store.ListedMember

// Members is a page of a room's members, by id: at most limit of those above
// after, for whoever may read the room. It shows every change of members that
// was answered before, and when they were last online to members alone.
func (s *Service) Members(ctx context.Context, user chat.UserID, room chat.RoomID, after chat.UserID, limit int) (members []Member, more bool, err error) {
	isMember := false
	err = s.storedView(ctx, room, func(v *fanout.View) error {
		if _, readable := v.State.ReadableFrom(user); !readable {
			return fanout.NotReadable(v.State, user)
		}
		_, isMember = v.State.Members[user]
		return nil
	})
	if err != nil {
		return nil, false, err
	}
	members, err = s.cfg.Store.ListMembers(ctx, room, after, limit+1)
	if err != nil {
		return nil, false, unavailable(fmt.Errorf("members: %w", err))
	}
	if more = len(members) > limit; more {
		members = members[:limit]
	}
	if !isMember {
		for i := range members {
			members[i].Seen = 0
		}
	}
	return members, more, nil
}

// Bans is a page of who is banned from a room, by id, for its admins and
// owners.
func (s *Service) Bans(ctx context.Context, user chat.UserID, room chat.RoomID, after chat.UserID, limit int) (banned []chat.Person, more bool, err error) {
	if err := s.storedView(ctx, room, func(v *fanout.View) error { return mayModerate(v.State, user) }); err != nil {
		return nil, false, err
	}
	banned, err = s.cfg.Store.ListBans(ctx, room, after, limit+1)
	if err != nil {
		return nil, false, unavailable(fmt.Errorf("bans: %w", err))
	}
	if more = len(banned) > limit; more {
		banned = banned[:limit]
	}
	return banned, more, nil
}

// mayModerate lets admins and owners of a room pass.
func mayModerate(s *chat.State, user chat.UserID) error {
	if _, readable := s.ReadableFrom(user); !readable {
		return fanout.NotReadable(s, user)
	}
	if role := s.Members[user].Role; role != chat.RoleAdmin && role != chat.RoleOwner {
		return chat.Errorf(chat.Forbidden, "This is for the room's admins and owners.")
	}
	return nil
}

// storedView judges the room as of everything that is in the log now, and
// waits until the store holds that, so that lists read from it are no older
// than the judgement.
func (s *Service) storedView(ctx context.Context, room chat.RoomID, judge func(*fanout.View) error) error {
	var head chat.Seq
	err := s.cfg.Hub.View(ctx, room, 0, func(v *fanout.View) error {
		head = v.Head.Seq
		return judge(v)
	})
	if err != nil {
		return hide(fmt.Errorf("room %d: %w", room, err))
	}
	ctx, cancel := context.WithTimeout(ctx, chat.ReadWait)
	defer cancel()
	if err := s.cfg.Hub.WaitStored(ctx, room, head); err != nil {
		refusal := chat.Errorf(chat.Unavailable, "The database is behind right now. Try again in a moment.")
		refusal.RetryAfter = chat.ReadWait
		return fmt.Errorf("room %d: %w: %w", room, refusal, err)
	}
	return nil
}

// member lets whoever is in a room pass.
func (s *Service) member(ctx context.Context, user chat.UserID, room chat.RoomID) error {
	err := s.cfg.Hub.Permit(ctx, room, func(v *fanout.View) error { return mustBeIn(v.State, user) })
	if err != nil {
		return hide(fmt.Errorf("room %d: %w", room, err))
	}
	return nil
}

func mustBeIn(s *chat.State, user chat.UserID) error {
	if _, readable := s.ReadableFrom(user); !readable {
		return fanout.NotReadable(s, user)
	}
	if _, member := s.Members[user]; !member {
		return notIn()
	}
	return nil
}

func notIn() *chat.Error { return chat.Errorf(chat.Forbidden, "Join the room first.") }
