package reading

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/fanout"
	"github.com/parleychat/parley/rooms"
	"github.com/parleychat/parley/store"
)

// Store is what is kept of reading in SQL.
type Store interface {
	Reading(ctx context.Context, user chat.UserID, room chat.RoomID, at chat.Seq) (r store.Reading, n uint64, found bool, err error)
	// MoveMarks and SetMark are durable when they return.
	MoveMarks(ctx context.Context, marks []store.OwnMark) error
	SetMark(ctx context.Context, user chat.UserID, room chat.RoomID, seq chat.Seq) (store.Reading, error)
}

var _ Store = (*store.Store)(nil)

// Config is what a service works with. Store, Hub and Rooms are required.
type Config struct {
	Store Store
	Hub   *fanout.Hub
	Rooms *rooms.Service

	Logger *slog.Logger // nil: slog.Default
}

// Service keeps read marks. Its methods may be called from any goroutine while
// the hub runs.
//
// What changes or tells a person's marks takes the person's turn, and tells
// their devices before it gives the turn back: so all devices hear of changes in
// the order in which they were made.
type Service struct {
	cfg     Config
	changed func(Change)

	mu    sync.Mutex
	turns map[chat.UserID]*turn
	moved map[chat.UserID]map[chat.RoomID]chat.ReadMark // not written yet
}

// Standing is where a person stands in a room.
type Standing struct {
	Room     chat.RoomID
	Mark     chat.ReadMark
	Head     chat.Head // of the room, when it was counted
	Mentions int       // messages behind the mark that name the person
}

// Unread is how many messages come behind the mark.
func (s Standing) Unread() uint64 { return s.Mark.Unread(s.Head) }

// Reader is whoever reads.
type Reader struct {
	User chat.UserID
	From *fanout.Client // the socket that says so; nil: a REST call
}

// Change is a mark that was moved, for the person's devices.
type Change struct {
	Reader
	Standing
}

// New makes a service.
func New(cfg Config) *Service {
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	return &Service{
		cfg: cfg, changed: func(Change) {},
		turns: make(map[chat.UserID]*turn),
		moved: make(map[chat.UserID]map[chat.RoomID]chat.ReadMark),
	}
}

// OnChange sets who is told of marks that moved. It is called in the person's
// turn and must not block. Set it before the service is used.
func (s *Service) OnChange(fn func(Change)) { s.changed = fn }

// turn lets one at a time do something about a person's marks.
type turn struct {
	held  chan struct{}
	users int // who has it or waits for it; guarded by Service.mu
}

// take waits for the person's turn. Whoever got it calls the function that is
// returned.
func (s *Service) take(ctx context.Context, user chat.UserID) (give func(), err error) {
	s.mu.Lock()
	t := s.turns[user]
	if t == nil {
		t = &turn{held: make(chan struct{}, 1)}
		s.turns[user] = t
	}
	t.users++
	s.mu.Unlock()
	leave := func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if t.users--; t.users == 0 {
			delete(s.turns, user)
		}
	}
	select {
	case t.held <- struct{}{}:
		return func() { <-t.held; leave() }, nil
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
}

// InTurn calls fn in the person's turn. What it posts to their devices comes
// behind every list of theirs that was read before, and ahead of every one that
// is read after it.
func (s *Service) InTurn(ctx context.Context, user chat.UserID, fn func() error) error {
	if err := s.inTurn(ctx, user, fn); err != nil {
		return fmt.Errorf("in the turn of user %d: %w", user, err)
	}
	return nil
}

// inTurn calls fn in the person's turn.
func (s *Service) inTurn(ctx context.Context, user chat.UserID, fn func() error) error {
	give, err := s.take(ctx, user)
	if err != nil {
		return err
	}
	defer give()
	return fn()
}

// movedMark is a mark that waits to be written.
func (s *Service) movedMark(user chat.UserID, room chat.RoomID) (chat.ReadMark, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	mark, moved := s.moved[user][room]
	return mark, moved
}

func (s *Service) move(user chat.UserID, room chat.RoomID, mark chat.ReadMark) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.moved[user] == nil {
		s.moved[user] = make(map[chat.RoomID]chat.ReadMark)
	}
	s.moved[user][room] = mark
}

// unavailable marks an error of a database that cannot be used now, so that
// people are told to come back.
func unavailable(err error) error {
	if _, refused := errors.AsType[*chat.Error](err); refused || !store.IsOutage(err) {
		return err
	}
	refusal := chat.Errorf(chat.Unavailable, "What was read cannot be looked up right now. Try again in a moment.")
	refusal.RetryAfter = 2 * time.Second
	return fmt.Errorf("%w: %w", refusal, err)
}
