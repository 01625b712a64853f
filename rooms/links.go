package rooms

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"time"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/fanout"
	"github.com/parleychat/parley/store"
)

// Link lets people into a room. Its token is not kept.
type Link = store.RoomLink

// Bounds of a link.
const (
	DefaultLinkTime = 7 * 24 * time.Hour
	MaxLinkTime     = 90 * 24 * time.Hour
	DefaultLinkUses = 100
	MaxLinkUses     = 10_000
	maxLinks        = 100 // of one room
)

// AddLink makes a link that lets people into a public or private room, in the
// name of whoever made it: it works as long as they may invite. The token is
// shown once and kept as a hash. A zero duration or count means the default.
func (s *Service) AddLink(ctx context.Context, user chat.UserID, room chat.RoomID, lasts time.Duration, uses int) (link Link, token string, err error) {
	if lasts == 0 {
		lasts = DefaultLinkTime
	}
	if uses == 0 {
		uses = DefaultLinkUses
	}
	switch {
	case lasts < time.Minute || lasts > MaxLinkTime:
		return Link{}, "", chat.Errorf(chat.Invalid, "A link lasts from a minute to %d days.", int(MaxLinkTime.Hours())/24)
	case uses < 1 || uses > MaxLinkUses:
		return Link{}, "", chat.Errorf(chat.Invalid, "A link can be used from 1 to %d times.", MaxLinkUses)
	}
	links, err := s.Links(ctx, user, room)
	if err != nil {
		return Link{}, "", err
	}
	if len(links) >= maxLinks {
		return Link{}, "", chat.Errorf(chat.Forbidden, "A room has at most %d links; remove one first.", maxLinks)
	}
	var random [16]byte
	if _, err := rand.Read(random[:]); err != nil {
		return Link{}, "", fmt.Errorf("make link: %w", err)
	}
	token = base64.RawURLEncoding.EncodeToString(random[:])
	now := s.cfg.Now()
	link, err = s.cfg.Store.AddRoomLink(ctx, Link{
		Room: room, CreatedBy: user, CreatedAt: now.UnixMilli(), ExpiresAt: now.Add(lasts).UnixMilli(), UsesLeft: uses,
	}, linkHash(token))
	if err != nil {
		return Link{}, "", unavailable(fmt.Errorf("make link: %w", err))
	}
	return link, token, nil
}

// linkHash is what is kept of a token.
func linkHash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// Links lists a room's links, for its admins and owners.
func (s *Service) Links(ctx context.Context, user chat.UserID, room chat.RoomID) ([]Link, error) {
	err := s.cfg.Hub.View(ctx, room, 0, func(v *fanout.View) error {
		if err := mayModerate(v.State, user); err != nil {
			return err
		}
		if v.State.Kind != chat.PublicRoom && v.State.Kind != chat.PrivateRoom {
			return chat.Errorf(chat.Forbidden, "Public and private rooms have links; into a group people are invited.")
		}
		return nil
	})
	if err != nil {
		return nil, hide(fmt.Errorf("links of room %d: %w", room, err))
	}
	links, err := s.cfg.Store.RoomLinks(ctx, room, s.cfg.Now().UnixMilli())
	if err != nil {
		return nil, unavailable(fmt.Errorf("links of room %d: %w", room, err))
	}
	return links, nil
}

// RemoveLink ends a link, for the room's admins and owners.
func (s *Service) RemoveLink(ctx context.Context, user chat.UserID, room chat.RoomID, id int64) error {
	if _, err := s.Links(ctx, user, room); err != nil {
		return err
	}
	return unavailable(s.cfg.Store.RemoveRoomLink(ctx, room, id))
}

// LinkedRoom is the room that a link leads to. Whoever holds the token may know
// the room's name.
func (s *Service) LinkedRoom(ctx context.Context, user chat.UserID, token string) (chat.Room, error) {
	link, err := s.cfg.Store.RoomLinkByHash(ctx, linkHash(token), user, s.cfg.Now().UnixMilli())
	if err != nil {
		return chat.Room{}, unavailable(err)
	}
	room, err := s.cfg.Store.RoomByID(ctx, link.Room)
	return room, unavailable(err)
}

// JoinByLink makes the person a member of the room that a link leads to. A
// person's first use counts; asking again costs nothing.
func (s *Service) JoinByLink(ctx context.Context, user chat.UserID, token string) (Room, error) {
	link, err := s.cfg.Store.UseRoomLink(ctx, linkHash(token), user, s.cfg.Now().UnixMilli())
	if err != nil {
		return Room{}, unavailable(err)
	}
	// The cid is of the link's maker, so it is not the joiner's to choose; what
	// makes repeating safe is that nobody is invited twice.
	_, err = s.Change(ctx, chat.Record{Kind: chat.KindInvite, Room: link.Room, User: link.CreatedBy, TargetUser: user}, false)
	switch {
	case err == nil:
		return s.ByID(ctx, user, link.Room)
	case chat.AsError(err).Code == chat.Forbidden:
		// Its maker may not invite any more, the room is full, or this person
		// is banned: that is for the people inside to know.
		return Room{}, chat.Errorf(chat.NotFound, "This link does not work any more. Ask for a new one.")
	}
	return Room{}, err
}
