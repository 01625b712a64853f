package auth

import (
	"context"
	"fmt"
	"time"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/store"
)

const (
	// ResetLife is how long a reset link is good.
	ResetLife = 24 * time.Hour
	// DefaultInviteLife and MaxInviteLife are how long an invite is good.
	DefaultInviteLife = 7 * 24 * time.Hour
	MaxInviteLife     = 90 * 24 * time.Hour
	// MaxInviteUses is how many people one invite can let in.
	MaxInviteUses = 1000

	linkBytes = 16
)

// Link is what is in a link: a token that is known to nobody else and stored
// nowhere.
type Link struct {
	Token     string
	ExpiresAt time.Time
}

// OfferSetup makes the token of a link that makes the first owner. It reports
// false when the server has an owner.
func (s *Service) OfferSetup(ctx context.Context) (token string, offered bool, err error) {
	token = randomText(linkBytes)
	offered, err = s.store.OfferSetup(ctx, hashToken(token), s.now().UnixMilli())
	if err != nil || !offered {
		return "", false, err
	}
	return token, true, nil
}

// SetUp makes the first owner: of an account that there is, if the password is
// its, else of a new one. It signs them in. It refuses with [chat.Forbidden] a
// token that is none, or is none any more.
func (s *Service) SetUp(ctx context.Context, token, email, password string, from Client) (SignedIn, error) {
	if err := s.attempts.register(from.Addr, s.now()); err != nil {
		return SignedIn{}, err
	}
	hash := hashToken(token)
	if err := s.store.CheckSetup(ctx, hash); err != nil {
		return SignedIn{}, unavailable(err)
	}
	address, _, err := chat.ParseEmail(email)
	if err != nil {
		return SignedIn{}, err
	}
	existing, err := s.account(ctx, address)
	if err != nil {
		return SignedIn{}, err
	}
	var applicant store.NewUser
	if existing.ID != 0 {
		err = s.itsPassword(ctx, existing, password)
	} else {
		applicant, err = s.applicant(ctx, address, password)
	}
	if err != nil {
		return SignedIn{}, err
	}
	owner, err := s.store.SetUp(ctx, hash, existing.ID, applicant)
	if err != nil {
		return SignedIn{}, unavailable(err)
	}
	if err := s.changed(ctx, Change{User: owner.ID}); err != nil {
		return SignedIn{}, err
	}
	return s.begin(ctx, owner, from)
}

func (s *Service) itsPassword(ctx context.Context, user store.User, password string) error {
	right, _, err := s.hasher.check(ctx, user.PasswordHash, password)
	if err != nil {
		return fmt.Errorf("set up with user %d: %w", user.ID, err)
	}
	if !right {
		return chat.Errorf(chat.Unauthorized, "There is an account with this e-mail address. Its password is another one.")
	}
	return nil
}

// OfferReset makes a link with which somebody sets their password anew, once,
// within [ResetLife]. Former links of theirs end.
func (s *Service) OfferReset(ctx context.Context, actor, target chat.UserID) (Link, error) {
	now := s.now()
	link := Link{Token: randomText(linkBytes), ExpiresAt: now.Add(ResetLife)}
	_, err := s.store.AddReset(ctx, actor, target, store.NewReset{
		Hash:      hashToken(link.Token),
		At:        now.UnixMilli(),
		ExpiresAt: link.ExpiresAt.UnixMilli(),
	})
	if err != nil {
		return Link{}, unavailable(err)
	}
	return link, nil
}

// Reset sets the password of whom a reset link was made for, ends all of their
// sessions and signs them in. It refuses with [chat.Forbidden] a token that is
// none, or is none any more: of several calls with one token one succeeds.
func (s *Service) Reset(ctx context.Context, token, password string, from Client) (SignedIn, error) {
	if err := s.attempts.register(from.Addr, s.now()); err != nil {
		return SignedIn{}, err
	}
	hash := hashToken(token)
	user, err := s.store.ResetOf(ctx, hash, s.now().UnixMilli())
	if err != nil {
		return SignedIn{}, unavailable(err)
	}
	if err := chat.CheckPassword(user.Email, password); err != nil {
		return SignedIn{}, err
	}
	hashed, err := s.hasher.hash(ctx, password)
	if err != nil {
		return SignedIn{}, err
	}
	user, ended, err := s.store.UseReset(ctx, hash, hashed, s.now().UnixMilli())
	if err != nil {
		return SignedIn{}, unavailable(err)
	}
	if err := s.changed(ctx, Change{Ended: ended}); err != nil {
		return SignedIn{}, err
	}
	return s.begin(ctx, user, from)
}

// OfferInvite makes an invite that lets uses people make accounts within life;
// 0 is one person, and [DefaultInviteLife].
func (s *Service) OfferInvite(ctx context.Context, actor chat.UserID, uses int, life time.Duration) (Invite, Link, error) {
	if uses == 0 {
		uses = 1
	}
	if life == 0 {
		life = DefaultInviteLife
	}
	if uses < 0 || uses > MaxInviteUses {
		return Invite{}, Link{}, chat.Errorf(chat.Invalid, "An invite lets in 1 to %d people.", MaxInviteUses)
	}
	if life < time.Minute || life > MaxInviteLife {
		return Invite{}, Link{}, chat.Errorf(chat.Invalid, "An invite is good for a minute to %d days.", MaxInviteLife/(24*time.Hour))
	}
	now := s.now()
	link := Link{Token: randomText(linkBytes), ExpiresAt: now.Add(life)}
	invite, err := s.store.AddInvite(ctx, store.Invite{
		CreatedBy: actor,
		CreatedAt: now.UnixMilli(),
		ExpiresAt: link.ExpiresAt.UnixMilli(),
		UsesLeft:  uses,
	}, hashToken(link.Token))
	if err != nil {
		return Invite{}, Link{}, unavailable(err)
	}
	return invite, link, nil
}
