package rooms

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/fanout"
	"github.com/parleychat/parley/store"
)

const (
	// departEvery is how often it is looked whether a deleted account has rooms
	// to leave, which another server, or a former process, has begun.
	departEvery = 20 * time.Second
	// departAgain is how long after its deletion an account is looked at once
	// more: whoever was asked to take it in just before has done so by then.
	departAgain = time.Minute
)

// Depart lets somebody whose account is deleted leave their rooms, as events
// that members see, and returns when lists show it. Should it fail, or the
// process end, [Service.KeepDeparting] goes on.
//
// A direct room keeps both. Where the person is the last owner of a room and
// others have come since, the room is handed over: to the admin who has been
// there longest, or else the member; where nobody else is in it, it is archived
// and keeps its owner, because a room never loses the last one.
func (s *Service) Depart(ctx context.Context, user chat.UserID) error {
	var failed []error
	for after, more := chat.RoomID(0), true; more; {
		part, err := s.cfg.Store.OwnRooms(ctx, user, after, listPart)
		if err != nil {
			return unavailable(fmt.Errorf("rooms that user %d leaves: %w", user, err))
		}
		for _, room := range part.Rooms {
			after = room.ID
			if room.Kind == chat.DirectRoom {
				continue
			}
			if err := s.departFrom(ctx, room.ID, user); err != nil {
				failed = append(failed, fmt.Errorf("user %d leaves room %d: %w", user, room.ID, err))
			}
		}
		more = part.More
	}
	return errors.Join(failed...)
}

// departFrom takes somebody out of one room. Each of its steps may have been
// taken before, here or elsewhere: then it changes nothing.
func (s *Service) departFrom(ctx context.Context, room chat.RoomID, user chat.UserID) error {
	var steps []chat.Record
	err := s.cfg.Hub.View(ctx, room, 0, func(v *fanout.View) error {
		steps = departure(v.State, user)
		return nil
	})
	if err != nil {
		return err
	}
	for _, step := range steps {
		if _, err := s.Change(ctx, step, false); err != nil {
			return err
		}
	}
	return nil
}

// departure is what somebody does in a room whose account is deleted.
func departure(s *chat.State, user chat.UserID) []chat.Record {
	if _, in := s.Members[user]; !in {
		return nil
	}
	leave := chat.Record{Kind: chat.KindLeave, Room: s.Room, User: user}
	switch heir := heirOf(s, user); {
	case !s.LastOwner(user):
		return []chat.Record{leave}
	case heir != 0:
		return []chat.Record{{Kind: chat.KindRole, Room: s.Room, User: user, TargetUser: heir, Role: chat.RoleOwner}, leave}
	case !s.Archived:
		return []chat.Record{{Kind: chat.KindArchive, Room: s.Room, User: user}}
	}
	return nil
}

// heirOf is who gets a room of the last owner: of the highest role, who has been
// there longest; 0 when nobody else is in it.
func heirOf(s *chat.State, owner chat.UserID) (heir chat.UserID) {
	better := func(a, b chat.Member) bool {
		if admin := a.Role == chat.RoleAdmin; admin != (b.Role == chat.RoleAdmin) {
			return admin
		}
		return a.From < b.From || a.From == b.From && a.User < b.User
	}
	for user, place := range s.Members {
		if user != owner && (heir == 0 || better(place, s.Members[heir])) {
			heir = user
		}
	}
	return heir
}

// KeepDeparting finishes what [Service.Depart] has begun, whoever began it,
// until ctx ends. It returns nil. Call it after the hub follows the log.
func (s *Service) KeepDeparting(ctx context.Context) error {
	tick := time.NewTicker(departEvery)
	defer tick.Stop()
	for {
		if err := s.finishDepartures(ctx); err != nil && ctx.Err() == nil {
			s.cfg.Logger.WarnContext(ctx, "deleted accounts stay in lists of members for now", slog.Any("error", err))
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

func (s *Service) finishDepartures(ctx context.Context) error {
	departures, err := s.cfg.Store.Departures(ctx)
	if err != nil {
		return fmt.Errorf("look for deleted accounts: %w", err)
	}
	var failed []error
	for _, d := range departures {
		failed = append(failed, s.finishDeparture(ctx, d))
	}
	return errors.Join(failed...)
}

func (s *Service) finishDeparture(ctx context.Context, d store.Departure) error {
	begun := s.cfg.Now()
	if err := s.know(ctx, []chat.UserID{d.User}); err != nil {
		return err
	}
	if err := s.Depart(ctx, d.User); err != nil {
		return err
	}
	if begun.Sub(time.UnixMilli(d.At)) < departAgain {
		return nil
	}
	if err := s.cfg.Store.Departed(ctx, d.User); err != nil {
		return fmt.Errorf("user %d has left all rooms: %w", d.User, err)
	}
	return nil
}
