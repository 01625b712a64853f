package rooms_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/fanout"
	"github.com/parleychat/parley/history"
	"github.com/parleychat/parley/internal/services"
	"github.com/parleychat/parley/rooms"
	"github.com/parleychat/parley/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// house is a service over a real store, log, hub and recorder.
type house struct {
	*rooms.Service
	store *store.Store
	log   eventlog.Log
	hub   *fanout.Hub
	ctx   context.Context
	ann   chat.UserID
	bob   chat.UserID
}

func openHouse(t *testing.T, change ...func(*rooms.Config)) *house {
	t.Helper()
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	db, err := store.Open(ctx, services.Store(t, filepath.Join(dir, "parley.db")))
	if err != nil {
		t.Fatal(err)
	}
	log, err := eventlog.OpenSQLite(filepath.Join(dir, "log.db"), eventlog.SQLiteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.InitWatermark(ctx, log.Epoch(), 0, 0); err != nil {
		t.Fatal(err)
	}
	h := &house{store: db, log: log, ctx: ctx}
	h.hub = fanout.New(fanout.Config{
		Log: log, Store: db, MACKey: []byte("key"),
		Encode: func(fanout.Shape, *chat.Event, string, chat.Person) []byte { return nil },
		Reset:  func(chat.RoomID, chat.ResetReason, chat.Head) []byte { return nil },
	})
	recorder := history.NewRecorder(history.RecorderConfig{Log: log, Store: db, Stored: h.hub.Stored})
	var running sync.WaitGroup
	running.Go(func() {
		if err := h.hub.Run(ctx); err != nil && ctx.Err() == nil && !errors.Is(err, eventlog.ErrClosed) {
			t.Errorf("hub: %v", err)
		}
	})
	running.Go(func() {
		if err := recorder.Run(ctx); err != nil && ctx.Err() == nil && !errors.Is(err, eventlog.ErrClosed) {
			t.Errorf("recorder: %v", err)
		}
	})
	t.Cleanup(func() {
		cancel()
		running.Wait()
		if err := errors.Join(log.Close(), db.Close()); err != nil {
			t.Error(err)
		}
	})
	cfg := rooms.Config{Store: db, Hub: h.hub, Partitions: log.Partitions()}
	for _, fn := range change {
		fn(&cfg)
	}
	h.Service = rooms.New(cfg)
	h.ann, h.bob = h.person(t, "ann"), h.person(t, "bob")
	return h
}

func (h *house) person(t *testing.T, name string) chat.UserID {
	t.Helper()
	user, err := h.store.CreateUser(h.ctx, store.NewUser{Email: name + "@example.org", Name: name, Handle: name, PasswordHash: "-", At: 1})
	if err != nil {
		t.Fatal(err)
	}
	return user.ID
}

func wantCode(t *testing.T, what string, err error, want chat.Code) {
	t.Helper()
	var got chat.Code
	if refusal, ok := errors.AsType[*chat.Error](err); ok {
		got = refusal.Code
	} else if err != nil {
		got = "no refusal: " + chat.Code(err.Error())
	}
	if got != want {
		t.Errorf("%s: got %q (%v), want %q", what, got, err, want)
	}
}

func TestCreate(t *testing.T) {
	h := openHouse(t)
	room, duplicate, err := h.Create(h.ctx, h.ann, rooms.Draft{Name: " General  talk ", CID: "c1"})
	if err != nil {
		t.Fatal(err)
	}
	if duplicate || room.Name != "General talk" || room.Kind != chat.PublicRoom || room.Role != chat.RoleOwner || room.Members != 1 || room.Head.Seq != 1 {
		t.Errorf("created: got %+v, duplicate %v", room, duplicate)
	}
	t.Run("lists show it at once", func(t *testing.T) {
		for _, user := range []chat.UserID{h.ann, h.bob} {
			list, err := h.List(h.ctx, user)
			if err != nil || len(list) != 1 || list[0].ID != room.ID {
				t.Errorf("list of user %d: got %+v, %v", user, list, err)
			}
		}
	})
	t.Run("the same cid gives the same room", func(t *testing.T) {
		again, duplicate, err := h.Create(h.ctx, h.ann, rooms.Draft{Name: "General talk", CID: "c1"})
		if err != nil || again.ID != room.ID || !duplicate {
			t.Errorf("got room %d, duplicate %v, %v, want room %d again", again.ID, duplicate, err, room.ID)
		}
	})
	t.Run("its name is taken, however it is written", func(t *testing.T) {
		for _, name := range []string{"General talk", "GENERAL TALK", "general tal\u212a"} {
			_, _, err := h.Create(h.ctx, h.bob, rooms.Draft{Name: name, CID: ""})
			wantCode(t, name, err, chat.Conflict)
		}
	})
	t.Run("A54 names that mislead", func(t *testing.T) {
		for _, name := range []string{"", " ", "a\nb", "a\u202eb", "a\u200bb", strings.Repeat("x", 81), "z\u0301\u0301\u0301\u0301\u0301\u0301"} {
			_, _, err := h.Create(h.ctx, h.ann, rooms.Draft{Name: name, CID: ""})
			wantCode(t, fmt.Sprintf("%q", name), err, chat.Invalid)
		}
		_, _, err := h.Create(h.ctx, h.ann, rooms.Draft{Name: "fine", CID: "not a cid"})
		wantCode(t, "cid", err, chat.Invalid)
	})
}

// An attempt whose end was not seen is taken up by the next one, by name or by
// cid, and there is one room.
func TestCreateIsTakenUp(t *testing.T) {
	var lost *lostStore
	h := openHouse(t, func(cfg *rooms.Config) {
		lost = &lostStore{Store: cfg.Store}
		cfg.Store = lost
	})
	lost.lose = true
	_, _, err := h.Create(h.ctx, h.ann, rooms.Draft{Name: "General", CID: "c1"})
	if err == nil {
		t.Fatal("the answer was to be lost")
	}
	lost.lose = false
	_, _, err = h.Create(h.ctx, h.bob, rooms.Draft{Name: "General", CID: "c2"})
	wantCode(t, "somebody else", err, chat.Conflict)
	var all sync.WaitGroup
	ids := make(chan chat.RoomID, 10)
	for range cap(ids) {
		all.Go(func() {
			room, _, err := h.Create(h.ctx, h.ann, rooms.Draft{Name: "General", CID: ""})
			// Who comes after the room is live finds its name taken.
			if err == nil {
				ids <- room.ID
			} else if chat.AsError(err).Code != chat.Conflict {
				t.Errorf("create: %v", err)
			}
		})
	}
	all.Wait()
	close(ids)
	found := 0
	for id := range ids {
		found++
		if id != 1 {
			t.Errorf("got room %d, want 1", id)
		}
	}
	if found == 0 {
		t.Error("nobody got the room")
	}
	end, err := h.log.End(h.ctx, 0)
	if err != nil || end < 1 {
		t.Fatal(end, err)
	}
	room, duplicate, err := h.Create(h.ctx, h.ann, rooms.Draft{Name: "General", CID: "c1"})
	if err != nil || !duplicate || room.ID != 1 || room.Members != 1 {
		t.Errorf("with the first cid: got %+v, duplicate %v, %v", room, duplicate, err)
	}
}

// lostStore reserves and then says nothing of it.
type lostStore struct {
	rooms.Store
	lose bool
}

func (l *lostStore) ReserveRoom(ctx context.Context, n store.NewRoom) (store.Reservation, error) {
	r, err := l.Store.ReserveRoom(ctx, n)
	if l.lose {
		return store.Reservation{}, context.Canceled
	}
	return r, err
}

func TestRollForward(t *testing.T) {
	h := openHouse(t)
	var reserved []store.Reservation
	for i, name := range []string{"One", "Two"} {
		r, err := h.store.ReserveRoom(h.ctx, store.NewRoom{
			Kind: chat.PublicRoom, Name: name, NameKey: chat.RoomNameKey(name), CreatedBy: h.ann, CID: fmt.Sprint("c", i), At: 1,
		})
		if err != nil {
			t.Fatal(err)
		}
		reserved = append(reserved, r)
	}
	for range 2 {
		if err := h.RollForward(h.ctx); err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range reserved {
		room, err := h.ByID(h.ctx, h.bob, r.Room.ID)
		if err != nil || room.Head.Seq != 1 || room.Name != r.Room.Name {
			t.Errorf("room %s: got %+v, %v, want it with its one event", r.Room.Name, room, err)
		}
	}
}

// Rooms that somebody has left unfinished are finished once they were seen for
// long enough; those that are under way are left alone.
func TestFinishLeft(t *testing.T) {
	now := time.UnixMilli(1)
	h := openHouse(t, func(c *rooms.Config) { c.Now = func() time.Time { return now } })
	reserve := func(name string) chat.RoomID {
		t.Helper()
		r, err := h.store.ReserveRoom(h.ctx, store.NewRoom{
			Kind: chat.PublicRoom, Name: name, NameKey: chat.RoomNameKey(name), CreatedBy: h.ann, CID: name, At: 1,
		})
		if err != nil {
			t.Fatal(err)
		}
		return r.Room.ID
	}
	look := func(pause time.Duration, wantWaiting ...string) {
		t.Helper()
		now = now.Add(pause)
		if err := h.FinishLeft(h.ctx); err != nil {
			t.Fatal(err)
		}
		waiting, err := h.store.NewRooms(h.ctx)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, r := range waiting {
			names = append(names, r.Room.Name)
		}
		if !slices.Equal(names, wantWaiting) {
			t.Fatalf("unfinished after %v: got %q, want %q", now.Sub(time.UnixMilli(1)), names, wantWaiting)
		}
	}
	first := reserve("first")
	look(time.Hour, "first") // seen for the first time
	look(10*time.Second, "first")
	reserve("second")
	look(4*time.Second, "first", "second")
	look(time.Second, "second")
	if room, err := h.ByID(h.ctx, h.bob, first); err != nil || room.Head.Seq != 1 {
		t.Errorf("the room that was left: got %+v, %v, want it with its one event", room, err)
	}
	look(13*time.Second, "second")
	look(time.Second)
}

// heldLog is a log to which nothing is appended before it is let go.
type heldLog struct {
	eventlog.Log
	held  chan struct{} // gets one for each append that waits
	letGo chan struct{}
}

func (l *heldLog) Append(partition int32, r eventlog.Record, done func(eventlog.Position, error)) {
	l.held <- struct{}{}
	go func() {
		<-l.letGo
		l.Log.Append(partition, r, done)
	}()
}

// TestFinishedBesideItsCreator: a server stops for a while between reserving a
// room and appending its first event. Another one finishes the room, and people
// talk in it. Then the first goes on: the room is created once, and the creator
// is told so.
func TestFinishedBesideItsCreator(t *testing.T) {
	h := openHouse(t)
	log := &heldLog{Log: h.log, held: make(chan struct{}, 1), letGo: make(chan struct{})}
	paused := fanout.New(fanout.Config{
		Log: log, Store: h.store, MACKey: []byte("key"),
		Encode: func(fanout.Shape, *chat.Event, string, chat.Person) []byte { return nil },
		Reset:  func(chat.RoomID, chat.ResetReason, chat.Head) []byte { return nil },
	})
	ctx, stop := context.WithCancel(h.ctx)
	var running sync.WaitGroup
	running.Go(func() {
		if err := paused.Run(ctx); err != nil && ctx.Err() == nil {
			t.Errorf("hub: %v", err)
		}
	})
	defer running.Wait()
	defer stop()
	elsewhere := rooms.New(rooms.Config{Store: h.store, Hub: paused, Partitions: 1})
	type made struct {
		room rooms.Room
		err  error
	}
	created := make(chan made, 1)
	go func() {
		room, _, err := elsewhere.Create(ctx, h.ann, rooms.Draft{Name: "Dock", CID: "c1"})
		created <- made{room, err}
	}()
	<-log.held
	if err := h.RollForward(h.ctx); err != nil {
		t.Fatal(err)
	}
	id, err := h.Resolve(h.ctx, h.ann, "Dock")
	if err != nil {
		t.Fatal(err)
	}
	said := h.hub.SubmitWait(h.ctx, fanout.Submission{Draft: chat.Record{Kind: chat.KindMessage, Room: id, User: h.ann, CID: "m1", Text: "first"}})
	if said.Err != nil || said.Seq != 2 {
		t.Fatalf("a message: got %+v, want seq 2", said)
	}
	close(log.letGo)
	m := <-created
	if m.err != nil || m.room.ID != id || m.room.Role != chat.RoleOwner {
		t.Errorf("the creator: got %+v, %v, want room %d as its owner", m.room, m.err, id)
	}
	end, err := h.log.End(h.ctx, 0)
	if err != nil || end != 3 {
		t.Errorf("records: got %d, %v, want the event, the message and the copy", end, err)
	}
	room, err := h.ByID(h.ctx, h.ann, id)
	if err != nil || room.Members != 1 {
		t.Errorf("the room: got %+v, %v, want it created once", room, err)
	}
}

// A14, A15: of a room that one may not see one learns what one learns of a room
// that does not exist.
func TestInvisibleRooms(t *testing.T) {
	h := openHouse(t)
	reserved, err := h.store.ReserveRoom(h.ctx, store.NewRoom{Kind: chat.PrivateRoom, Name: "Secret", CreatedBy: h.ann, CID: "c1", At: 1})
	if err != nil {
		t.Fatal(err)
	}
	unfinished, err := h.store.ReserveRoom(h.ctx, store.NewRoom{Kind: chat.PublicRoom, Name: "Half", NameKey: chat.RoomNameKey("Half"), CreatedBy: h.ann, CID: "c2", At: 1})
	if err != nil {
		t.Fatal(err)
	}
	answer := h.hub.SubmitWait(h.ctx, fanout.Submission{Draft: chat.Record{
		Kind: chat.KindCreate, Room: reserved.Room.ID, User: h.ann, CID: "c1", Name: "Secret", RoomKind: chat.PrivateRoom,
		Members: []chat.Member{{User: h.ann, Role: chat.RoleOwner}},
	}})
	if answer.Err != nil {
		t.Fatal(answer.Err)
	}
	if room, err := h.ByID(h.ctx, h.ann, reserved.Room.ID); err != nil || room.Role != chat.RoleOwner {
		t.Errorf("its owner: got %+v, %v", room, err)
	}
	_, unknown := h.ByID(h.ctx, h.bob, 99)
	wantCode(t, "unknown room", unknown, chat.NotFound)
	for name, id := range map[string]chat.RoomID{"private": reserved.Room.ID, "unfinished": unfinished.Room.ID} {
		_, err := h.ByID(h.ctx, h.bob, id)
		wantCode(t, name, err, chat.NotFound)
		if got, want := chat.AsError(err), chat.AsError(unknown); *got != *want {
			t.Errorf("%s: got %q, an unknown room is %q", name, got, want)
		}
	}
	for _, name := range []string{"Secret", "Half", "nothing", "", "a\x00b", strings.Repeat("x", 10_000)} {
		_, err := h.Resolve(h.ctx, h.bob, name)
		wantCode(t, fmt.Sprintf("%.20q", name), err, chat.NotFound)
	}
	if list, err := h.List(h.ctx, h.bob); err != nil || len(list) != 0 {
		t.Errorf("list of somebody else: got %+v, %v, want none", list, err)
	}
	if err := h.RollForward(h.ctx); err != nil {
		t.Fatal(err)
	}
	if id, err := h.Resolve(h.ctx, h.bob, " HALF "); err != nil || id != unfinished.Room.ID {
		t.Errorf("Resolve: got %d, %v, want %d", id, err, unfinished.Room.ID)
	}
}

// Once the name is reserved the room will be there; a log that cannot take it
// now makes the answer unknown, not failed.
func TestCreateWhenTheLogFails(t *testing.T) {
	h := openHouse(t)
	if err := h.log.Close(); err != nil {
		t.Fatal(err)
	}
	_, _, err := h.Create(h.ctx, h.ann, rooms.Draft{Name: "General", CID: "c1"})
	wantCode(t, "create", err, chat.Unknown)
	pending, err := h.store.NewRooms(h.ctx)
	if err != nil || len(pending) != 1 || pending[0].CID != "c1" {
		t.Errorf("got %+v, %v, want the room waiting for the next start", pending, err)
	}
}
