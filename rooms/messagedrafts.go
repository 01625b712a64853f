package rooms

import (
	"context"
	"fmt"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/fanout"
)

// DraftChange is what a person has begun to write in a room, for their devices.
type DraftChange struct {
	User  chat.UserID
	Room  chat.RoomID
	Draft chat.MessageDraft
	From  *fanout.Client // the socket that says so; nil: a REST call
}

// OnDraft sets who is told of changed drafts. It must not block. Changes made at
// once may be told in any order: their versions say which is the later. Set it
// before the service is used.
func (s *Service) OnDraft(fn func(DraftChange)) { s.drafted = fn }

// SetDraft changes what a member of a room has begun to write there, and returns
// what it is then: see [chat.NewDraftChange]. It goes when they leave. from is the
// socket that asks, nil for a REST call. It refuses with [chat.Forbidden]
// somebody who reads a public room without being in it, with [chat.NotFound]
// whoever may not read the room, and with [chat.Conflict] one draft more than
// anybody may have.
func (s *Service) SetDraft(ctx context.Context, user chat.UserID, room chat.RoomID, change chat.DraftChange, from *fanout.Client) (chat.MessageDraft, error) {
	if err := s.member(ctx, user, room); err != nil {
		return chat.MessageDraft{}, fmt.Errorf("set draft: %w", err)
	}
	draft, changed, stored, err := s.cfg.Store.SetDraft(ctx, user, room, change)
	if err == nil && !stored {
		// They have come in, or gone out, a moment ago.
		draft, changed, err = s.setDraftStored(ctx, user, room, change)
	}
	if err != nil {
		return chat.MessageDraft{}, unavailable(err)
	}
	if changed {
		s.drafted(DraftChange{User: user, Room: room, Draft: draft, From: from})
	}
	return draft, nil
}

// setDraftStored is SetDraft once the store knows who is in the room.
func (s *Service) setDraftStored(ctx context.Context, user chat.UserID, room chat.RoomID, change chat.DraftChange) (draft chat.MessageDraft, changed bool, err error) {
	err = s.storedView(ctx, room, func(v *fanout.View) error { return mustBeIn(v.State, user) })
	if err != nil {
		return draft, false, err
	}
	draft, changed, stored, err := s.cfg.Store.SetDraft(ctx, user, room, change)
	if err == nil && !stored {
		err = notIn()
	}
	return draft, changed, err
}

// Draft is what a member of a room has begun to write there. It refuses as
// SetDraft does.
func (s *Service) Draft(ctx context.Context, user chat.UserID, room chat.RoomID) (chat.MessageDraft, error) {
	if err := s.member(ctx, user, room); err != nil {
		return chat.MessageDraft{}, fmt.Errorf("draft: %w", err)
	}
	draft, err := s.cfg.Store.Draft(ctx, user, room)
	return draft, unavailable(err)
}
