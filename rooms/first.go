package rooms

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/fanout"
)

// The first room of a server, and what is said in it. Both have fixed cids, so
// whoever makes them again finds them made.
const (
	firstName  = "general"
	firstTopic = "For everybody on this server"
	firstCID   = "first-room"

	welcomeCID  = "first-room-welcome"
	welcomeText = `**Welcome!** This room is for everybody on this server. What to do first:
1. Say hello here, so that whoever comes in finds somebody.
2. Give yourself a name and a picture, in your profile.
3. Let people in: tell them the address of this server, or send them an invite.
4. Make a room for each thing that you want to talk about; private ones are seen only by their members.
The server wrote this in your name. Edit it into your own words, or delete it.`
)

// MakeFirst makes the first room of a server that has got its first owner and
// had no room until then: public, with the owner in it and a message that says
// what to do first. It returns when lists show the room and the message is in
// the log. Once it is made, and on every other server, it does nothing.
//
// That it is to be made is stored with the making of the owner, and forgotten
// at the end of this, so whoever calls next finishes what was begun, however
// far it came. Several may do it at once: there is one room and one message. A
// refusal ends it, for by then somebody else has made a room of that name, or
// the owner has closed it.
func (s *Service) MakeFirst(ctx context.Context) error {
	owners, err := s.cfg.Store.FirstRooms(ctx)
	if err != nil {
		return fmt.Errorf("look whether the first room is to be made: %w", err)
	}
	var failed []error
	for _, owner := range owners {
		failed = append(failed, s.makeFirst(ctx, owner))
	}
	return errors.Join(failed...)
}

func (s *Service) makeFirst(ctx context.Context, owner chat.UserID) error {
	if err := s.welcome(ctx, owner); err != nil {
		if !chat.AsError(err).Code.Final() {
			return fmt.Errorf("first room of user %d: %w", owner, err)
		}
		s.cfg.Logger.InfoContext(ctx, "the first room is left as it is", slog.Int64("owner", int64(owner)), slog.Any("reason", err))
	}
	return s.cfg.Store.FirstRoomMade(ctx, owner)
}

func (s *Service) welcome(ctx context.Context, owner chat.UserID) error {
	if err := s.know(ctx, []chat.UserID{owner}); err != nil {
		return err
	}
	room, _, err := s.Create(ctx, owner, Draft{Name: firstName, Topic: firstTopic, CID: firstCID})
	if err != nil {
		return err
	}
	// An earlier attempt may be under way, in a process that has ended.
	answer := s.cfg.Hub.SubmitWait(ctx, fanout.Submission{
		Draft: chat.Record{Kind: chat.KindMessage, Room: room.ID, User: owner, CID: welcomeCID, Text: welcomeText},
		Retry: true,
	})
	if answer.Err != nil {
		return answer.Err
	}
	return nil
}
