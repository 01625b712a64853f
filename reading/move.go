package reading

import (
	"context"
	"fmt"
	"time"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/fanout"
)

// MarkRead says that a member of a room has read everything up to and including
// the event seq, or up to the room's present end when it is 0. A mark that is
// further stays. It refuses with [chat.Invalid] a number that the room has not
// reached, with [chat.Forbidden] somebody who reads a public room without being
// in it, and with [chat.NotFound] whoever may not read the room.
func (s *Service) MarkRead(ctx context.Context, who Reader, room chat.RoomID, seq chat.Seq) (standing Standing, err error) {
	err = s.inTurn(ctx, who.User, func() error {
		place, err := s.look(ctx, who.User, room, seq)
		if err != nil {
			return err
		}
		read := false
		if standing, read, err = s.readUpTo(ctx, who.User, place); err != nil || !read {
			return err
		}
		s.move(who.User, room, standing.Mark)
		s.changed(Change{who, standing})
		return nil
	})
	if err != nil {
		return Standing{}, fmt.Errorf("mark as read: %w", err)
	}
	return standing, nil
}

// MarkUnread says that a member of a room wants to read it again from the event
// seq on: everything before counts as read, also what was not. It is on the disk
// when it returns. It refuses as MarkRead does.
//
// It waits until the recorder has stored the room's present end, for the
// recorder moves the mark to what the person themselves wrote: afterwards that
// would be forward again.
func (s *Service) MarkUnread(ctx context.Context, who Reader, room chat.RoomID, seq chat.Seq) (standing Standing, err error) {
	if seq == 0 {
		return Standing{}, chat.Errorf(chat.Invalid, "Say from which event on: seq is 1 or more.")
	}
	err = s.inTurn(ctx, who.User, func() error {
		place, err := s.look(ctx, who.User, room, seq)
		if err != nil {
			return err
		}
		if seq < place.from {
			return chat.Errorf(chat.NotFound, "There is no such event.")
		}
		if err := s.awaitStored(ctx, place); err != nil {
			return err
		}
		set, err := s.cfg.Store.SetMark(ctx, who.User, room, seq-1)
		if err != nil {
			return unavailable(err)
		}
		s.forget(who.User, room)
		standing = Standing{Room: room, Mark: set.Mark, Mentions: set.Mentions, Head: place.head}
		s.changed(Change{who, standing})
		return nil
	})
	if err != nil {
		return Standing{}, fmt.Errorf("mark as unread: %w", err)
	}
	return standing, nil
}

// Stand calls tell with where a member stands in a room, in the person's turn,
// once the store holds what the counts are of. tell must not block.
func (s *Service) Stand(ctx context.Context, user chat.UserID, room chat.RoomID, tell func(Standing)) error {
	err := s.inTurn(ctx, user, func() error {
		place, err := s.look(ctx, user, room, 0)
		if err != nil {
			return err
		}
		if err := s.awaitStored(ctx, place); err != nil {
			return err
		}
		place.seq = 0
		standing, _, err := s.readUpTo(ctx, user, place)
		if err == nil {
			tell(standing)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("where user %d stands in room %d: %w", user, room, err)
	}
	return nil
}

// forget drops a mark that waits to be written.
func (s *Service) forget(user chat.UserID, room chat.RoomID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.moved[user], room)
	if len(s.moved[user]) == 0 {
		delete(s.moved, user)
	}
}

// place is an event of a room as a member sees it at this node's applied
// position.
type place struct {
	room  chat.RoomID
	head  chat.Head
	from  chat.Seq // the first event that the person may read
	seq   chat.Seq // the event
	n     uint64   // messages up to it
	known bool     // n is: memory has the event
	// own is the person's mark as far as what they wrote, or came in with, moves
	// it and is not stored yet; zero when there is nothing of that.
	own chat.ReadMark
}

// look judges whether somebody may read the room and is in it, and finds the
// event seq (0: the last one).
func (s *Service) look(ctx context.Context, user chat.UserID, room chat.RoomID, seq chat.Seq) (place, error) {
	found := place{room: room, seq: seq}
	judge := func(v *fanout.View) error {
		from, readable := v.State.ReadableFrom(user)
		if !readable {
			return fanout.NotReadable(v.State, user)
		}
		if _, member := v.State.Members[user]; !member {
			return chat.Errorf(chat.Forbidden, "Join the room first.")
		}
		found.head, found.from, found.own = v.Head, from, v.UnstoredMark(user)
		if seq == 0 || seq == v.Head.Seq {
			found.seq, found.n, found.known = v.Head.Seq, v.Head.N, true
		} else if ev := v.Event(seq); ev != nil {
			found.n, found.known = ev.N, true
		}
		return nil
	}
	err := s.cfg.Hub.Permit(ctx, room, judge)
	if err == nil && seq > found.head.Seq {
		// It may have been seen on another node.
		err = s.cfg.Hub.View(ctx, room, 0, judge)
	}
	if err == nil && seq > found.head.Seq {
		err = chat.Errorf(chat.Invalid, "The room has not come to event %d yet.", seq)
	}
	return found, err
}

// readUpTo tells where the person stands when they have read up to the place.
// moved says that this is news.
func (s *Service) readUpTo(ctx context.Context, user chat.UserID, p place) (standing Standing, moved bool, err error) {
	waiting, _ := s.movedMark(user, p.room)
	at := max(p.seq, waiting.Seq, p.own.Seq)
	stored, n, found, err := s.cfg.Store.Reading(ctx, user, p.room, at)
	switch {
	case err != nil:
		return Standing{}, false, unavailable(err)
	case !found:
		// The person has come in a moment ago.
		if err := s.awaitStored(ctx, p); err != nil {
			return Standing{}, false, err
		}
		if stored, n, found, err = s.cfg.Store.Reading(ctx, user, p.room, at); err != nil {
			return Standing{}, false, unavailable(err)
		} else if !found {
			return Standing{}, false, fmt.Errorf("user %d is in room %d without a read mark", user, p.room)
		}
	}
	if waiting.Seq > 0 && waiting.Version < stored.Mark.Version {
		// Another node has begun a new version since.
		s.forget(user, p.room)
		return s.readUpTo(ctx, user, p)
	}
	mark := stored.Mark
	if waiting.Seq > mark.Seq {
		mark = waiting
	}
	if p.own.Seq > mark.Seq {
		mark.Seq, mark.N = p.own.Seq, p.own.N
	}
	if moved = p.seq > mark.Seq; moved {
		if p.known {
			n = p.n
		}
		mark.Seq, mark.N = p.seq, n
	}
	return Standing{Room: p.room, Mark: mark, Mentions: stored.Mentions, Head: p.head}, moved, nil
}

// awaitStored waits, for [chat.ReadWait] at most, until the store holds what the
// place was seen with.
func (s *Service) awaitStored(ctx context.Context, p place) error {
	wait, cancel := context.WithTimeout(ctx, chat.ReadWait)
	defer cancel()
	err := s.cfg.Hub.WaitStored(wait, p.room, p.head.Seq)
	if err == nil || ctx.Err() != nil || wait.Err() == nil {
		return err
	}
	refusal := chat.Errorf(chat.Unavailable, "What was said last is not in the database yet. Try again in a moment.")
	refusal.RetryAfter = time.Second
	return refusal
}
