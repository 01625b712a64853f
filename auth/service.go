package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/store"
)

// Store is what auth keeps. What a call has written is durable when it
// returns. Refusals are [*chat.Error], as the methods of [store.Store] say.
type Store interface {
	CreateUser(ctx context.Context, n store.NewUser) (store.User, error)
	UserByEmail(ctx context.Context, email string) (store.User, error)
	UserByID(ctx context.Context, id chat.UserID) (store.User, error)
	UserByHandle(ctx context.Context, handle string) (store.User, error)
	ListUsers(ctx context.Context, after chat.UserID, limit int) ([]store.User, error)
	RenewPasswordHash(ctx context.Context, id chat.UserID, old, renewed string) error
	ChangePassword(ctx context.Context, id chat.UserID, old, hash, except string, at int64) (ended []string, err error)
	DeleteUser(ctx context.Context, id chat.UserID, at int64) (user store.User, ended []string, err error)
	SetProfile(ctx context.Context, id chat.UserID, p store.Profile) (store.User, error)
	SetPicture(ctx context.Context, id chat.UserID, p store.Picture) (store.User, error)
	RemovePicture(ctx context.Context, id chat.UserID) (store.User, error)
	Picture(ctx context.Context, id string) (store.Picture, error)
	FindPeople(ctx context.Context, q store.PeopleQuery) ([]store.FoundPerson, error)
	SetStatus(ctx context.Context, id chat.UserID, c store.StatusChange) (store.User, error)
	SetServerRole(ctx context.Context, actor, target chat.UserID, role chat.ServerRole) (store.User, error)
	DisableUser(ctx context.Context, actor, target chat.UserID, at int64) (user store.User, ended []string, err error)
	EnableUser(ctx context.Context, actor, target chat.UserID) (store.User, error)

	CreateSession(ctx context.Context, n store.NewSession) error
	SessionByID(ctx context.Context, sid string) (store.Session, error)
	RotateRefresh(ctx context.Context, r store.Rotation) (store.Session, error)
	SessionsOf(ctx context.Context, user chat.UserID, now int64) ([]store.Session, error)
	RevokeSession(ctx context.Context, sid string, at int64) error
	RevokeSessionOf(ctx context.Context, user chat.UserID, sid string, at int64) error
	RevokeSessionsOf(ctx context.Context, user chat.UserID, except string, at int64) (ended []string, err error)
	PruneSessions(ctx context.Context, before int64) error

	OfferSetup(ctx context.Context, hash []byte, at int64) (offered bool, err error)
	CheckSetup(ctx context.Context, hash []byte) error
	SetUp(ctx context.Context, hash []byte, existing chat.UserID, n store.NewUser) (store.User, error)
	AddReset(ctx context.Context, actor, target chat.UserID, n store.NewReset) (store.User, error)
	ResetOf(ctx context.Context, hash []byte, now int64) (store.User, error)
	UseReset(ctx context.Context, hash []byte, password string, at int64) (user store.User, ended []string, err error)
	AddInvite(ctx context.Context, n store.Invite, hash []byte) (store.Invite, error)
	Invites(ctx context.Context, now int64) ([]store.Invite, error)
	RemoveInvite(ctx context.Context, id int64) error
	CheckInvite(ctx context.Context, hash []byte, now int64) error

	LastRevocation(ctx context.Context) (int64, error)
	RevocationsSince(ctx context.Context, id int64) ([]store.Revocation, error)
}

var _ Store = (*store.Store)(nil)

// Config is what a service works with. Store and Key are required.
type Config struct {
	Store Store
	// Key signs access tokens: at least [MinKeyBytes] random bytes. Another
	// key makes every token worthless; sessions are renewed with their refresh
	// tokens.
	Key          []byte
	Registration Registration // "": open
	// Announce tells every other node of a change, and returns when they are
	// certain to hear of it. nil: there is no other node.
	Announce func(context.Context, Change) error
	// Fresh reports whether what other nodes change is heard, so that a session
	// of which nothing was heard is as good as it was. nil: there is no other
	// node.
	Fresh func() bool

	Logger *slog.Logger     // nil: slog.Default
	Now    func() time.Time // nil: time.Now
}

// What the store keeps of people, as it is handed on.
type (
	User   = store.User
	Invite = store.Invite
)

// Operator acts for whoever runs the server, on its own machine.
const Operator = store.Operator

// Registration says who may make an account.
type Registration string

const (
	RegistrationOpen   Registration = "open"   // everybody
	RegistrationInvite Registration = "invite" // who has an invite of an owner or admin
	RegistrationClosed Registration = "closed" // nobody
)

// Client is where a request comes from.
type Client struct {
	// Addr is the client's address, behind trusted proxies the one that they
	// tell. Attempts are counted by it.
	Addr      netip.Addr
	UserAgent string // shown to the person in the list of their sessions
}

// Identity is who a valid token belongs to.
type Identity struct {
	User      chat.Person
	Role      chat.ServerRole
	Choice    chat.StatusChoice // how the person wants to be shown
	Session   string
	ExpiresAt time.Time // of the token
}

// SignedIn is what signing in and renewing give.
type SignedIn struct {
	User             chat.Person
	Role             chat.ServerRole
	Session          string
	Token            string // access token
	ExpiresAt        time.Time
	Refresh          string // refresh token
	RefreshExpiresAt time.Time
}

// Service signs people in and out. Its methods may be called from any
// goroutine.
type Service struct {
	store        Store
	registration Registration
	announce     func(context.Context, Change) error
	fresh        func() bool
	logger       *slog.Logger
	now          func() time.Time

	hasher   *hasher
	drawing  chan struct{} // held while a picture is made: one at a time
	signer   *signer
	attempts attempts
	sessions sessions
	watchers watchers
	renewals renewals

	// spreading guards lastRevocation, the newest revocation that the sockets
	// of this node were told of, and is held while they are told.
	spreading      sync.Mutex
	lastRevocation int64
	polled         atomic.Pointer[time.Time] // when the store was asked, the last time it answered
}

// New makes a service.
func New(ctx context.Context, cfg Config) (*Service, error) {
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	signer, err := newSigner(cfg.Key, cfg.Now)
	if err != nil {
		return nil, err
	}
	last, err := cfg.Store.LastRevocation(ctx)
	if err != nil {
		return nil, fmt.Errorf("auth: %w", err)
	}
	if cfg.Fresh == nil {
		cfg.Fresh = func() bool { return true }
	}
	return &Service{
		store:          cfg.Store,
		registration:   cfg.Registration,
		announce:       cfg.Announce,
		fresh:          cfg.Fresh,
		logger:         cfg.Logger,
		now:            cfg.Now,
		hasher:         newHasher(runtime.GOMAXPROCS(0), hashWait),
		drawing:        make(chan struct{}, 1),
		signer:         signer,
		attempts:       newAttempts(),
		sessions:       newSessions(),
		watchers:       newWatchers(),
		renewals:       newRenewals(),
		lastRevocation: last,
	}, nil
}

// pruneEvery is how often what has expired is removed from the store.
const pruneEvery = time.Hour

// Run removes expired sessions now and then, until ctx ends. It returns nil.
func (s *Service) Run(ctx context.Context) error {
	tick := time.NewTicker(pruneEvery)
	defer tick.Stop()
	for {
		// An access token of a session that expired before this has expired
		// too, so nothing can be shown any more that needs the row.
		if err := s.store.PruneSessions(ctx, s.now().Add(-AccessLife).UnixMilli()); err != nil && ctx.Err() == nil {
			s.logger.WarnContext(ctx, "expired sessions stay for now", slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// unavailable marks an error of a database that cannot be used now, so that
// people are told to come back.
func unavailable(err error) error {
	if !store.IsOutage(err) || isRefusal(err) {
		return err
	}
	refusal := chat.Errorf(chat.Unavailable, "Accounts cannot be reached right now. Try again in a moment.")
	refusal.RetryAfter = 2 * time.Second
	return fmt.Errorf("%w: %w", refusal, err)
}

func isRefusal(err error) bool {
	_, refused := errors.AsType[*chat.Error](err)
	return refused
}

func isNotFound(err error) bool {
	refusal, refused := errors.AsType[*chat.Error](err)
	return refused && refusal.Code == chat.NotFound
}
