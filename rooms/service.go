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

// Store is what is kept of rooms in SQL. Refusals are [*chat.Error], as the
// methods of [store.Store] say.
type Store interface {
	// ReserveRoom is durable when it returns.
	ReserveRoom(ctx context.Context, n store.NewRoom) (store.Reservation, error)
	NewRooms(ctx context.Context) ([]store.Reservation, error)
	RoomByID(ctx context.Context, id chat.RoomID) (chat.Room, error)
	RoomByName(ctx context.Context, key string) (chat.Room, error)
	OwnRooms(ctx context.Context, user chat.UserID, after chat.RoomID, limit int) (store.RoomList, error)
	ListRooms(ctx context.Context, user chat.UserID, after chat.RoomID, limit int) (store.RoomList, error)
	SearchRooms(ctx context.Context, user chat.UserID, search chat.RoomSearch, after chat.RoomID, limit int) ([]store.ListedRoom, error)
	CountRooms(ctx context.Context, user chat.UserID) (int, error)

	// ReserveName and ReleaseName are durable when they return.
	ReserveName(ctx context.Context, room chat.RoomID, user chat.UserID, cid, key string) error
	ReleaseName(ctx context.Context, room chat.RoomID, user chat.UserID, cid string) error

	ListMembers(ctx context.Context, room chat.RoomID, after chat.UserID, limit int) ([]store.ListedMember, error)
	ListBans(ctx context.Context, room chat.RoomID, after chat.UserID, limit int) ([]chat.Person, error)
	People(ctx context.Context, ids []chat.UserID) ([]chat.Person, error)
	Departures(ctx context.Context) ([]store.Departure, error)
	Departed(ctx context.Context, user chat.UserID) error
	FirstRooms(ctx context.Context) ([]chat.UserID, error)
	FirstRoomMade(ctx context.Context, owner chat.UserID) error

	AddRoomLink(ctx context.Context, link store.RoomLink, hash []byte) (store.RoomLink, error)
	RoomLinks(ctx context.Context, room chat.RoomID, now int64) ([]store.RoomLink, error)
	RemoveRoomLink(ctx context.Context, room chat.RoomID, id int64) error
	RoomLinkByHash(ctx context.Context, hash []byte, user chat.UserID, now int64) (store.RoomLink, error)
	UseRoomLink(ctx context.Context, hash []byte, user chat.UserID, now int64) (store.RoomLink, error)

	// ChangeRoomSettings is durable when it returns.
	ChangeRoomSettings(ctx context.Context, user chat.UserID, room chat.RoomID, change chat.RoomSettingsChange) (chat.RoomSettings, error)

	SetDraft(ctx context.Context, user chat.UserID, room chat.RoomID, change chat.DraftChange) (draft chat.MessageDraft, changed, member bool, err error)
	Draft(ctx context.Context, user chat.UserID, room chat.RoomID) (chat.MessageDraft, error)
}

var _ Store = (*store.Store)(nil)

// Config is what a service works with. Store, Hub and Partitions are required.
type Config struct {
	Store      Store
	Hub        *fanout.Hub
	Partitions int32 // of the log; a new room is put into one of them

	Logger *slog.Logger     // nil: slog.Default
	Now    func() time.Time // nil: time.Now
}

// Service creates, changes and finds rooms. Its methods may be called from any
// goroutine while the hub and the recorder run.
type Service struct {
	cfg     Config
	settled func(SettingsChange)
	drafted func(DraftChange)

	unfinished map[chat.RoomID]time.Time // rooms without a create event, since when; of FinishLeft
}

// New makes a service.
func New(cfg Config) *Service {
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Service{cfg: cfg, settled: func(SettingsChange) {}, drafted: func(DraftChange) {}}
}

// Room is a room as one person sees it.
type Room struct {
	chat.Room
	Role chat.Role   // empty: not a member
	Peer chat.UserID // of a direct room the other person

	// In lists, of rooms that the person is in, as stored.

	Reading  *store.Reading
	Settings chat.RoomSettings
	Draft    store.ListedDraft
	Last     *chat.Event // the last message, if the person may read it
}

// noSuchRoom is the one answer for a room that does not exist and for one that
// the person may not see, so that nobody learns which of the two it is.
func noSuchRoom() *chat.Error { return fanout.NotReadable(chat.NewState(0), 0) }

// hide turns every not_found into the same one.
func hide(err error) error {
	if refusal, refused := errors.AsType[*chat.Error](err); refused && refusal.Code == chat.NotFound {
		return noSuchRoom()
	}
	return err
}

// unavailable marks an error of a database that cannot be used now, so that
// people are told to come back.
func unavailable(err error) error {
	if _, refused := errors.AsType[*chat.Error](err); refused || !store.IsOutage(err) {
		return err
	}
	refusal := chat.Errorf(chat.Unavailable, "Rooms cannot be looked up right now. Try again in a moment.")
	refusal.RetryAfter = 2 * time.Second
	return fmt.Errorf("%w: %w", refusal, err)
}
