package store_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/store"
)

const epoch = "epoch-1"

var macKey = []byte("0123456789abcdef0123456789abcdef")

// recorder does what the real one does: applies records and commits batches.
type recorder struct {
	t      testing.TB
	store  *store.Store
	states map[chat.RoomID]*chat.State
	from   int64 // offset of the first item
	next   int64
	items  []store.Applied
	cids   int
}

// newRecorder begins at the store's watermark, 0 in a new one.
func newRecorder(t testing.TB, s *store.Store) *recorder {
	t.Helper()
	ctx := context.Background()
	if err := s.InitWatermark(ctx, epoch, 0, 0); err != nil {
		t.Fatal(err)
	}
	next, err := s.Watermark(ctx, epoch, 0)
	if err != nil {
		t.Fatal(err)
	}
	return &recorder{t: t, store: s, states: make(map[chat.RoomID]*chat.State), from: next, next: next}
}

func (r *recorder) state(room chat.RoomID) *chat.State {
	r.t.Helper()
	if r.states[room] == nil {
		opening, err := r.store.LoadState(context.Background(), epoch, 0, room)
		if err != nil {
			r.t.Fatal(err)
		}
		r.states[room] = opening.State
	}
	return r.states[room]
}

// apply makes the record the next one of its room. Missing fields are filled
// in as a gateway does.
func (r *recorder) apply(rec chat.Record) *chat.Event {
	r.t.Helper()
	state := r.state(rec.Room)
	if rec.CID == "" {
		r.cids++
		rec.CID = fmt.Sprintf("cid-%d-%d", r.next, r.cids)
	}
	if rec.At == 0 {
		rec.At = 1_700_000_000_000 + r.next
	}
	if rec.After == 0 {
		rec.After = state.Head.Seq
	}
	rec.MAC = chat.Sign(macKey, &rec)
	_, value, err := chat.Encode(&rec)
	if err != nil {
		r.t.Fatal(err)
	}
	ev := chat.Apply(state, &rec, chat.Position{Epoch: epoch, Offset: r.next}, value)
	r.items = append(r.items, store.Applied{Event: ev, Record: &rec})
	r.next++
	return ev
}

// must is apply of a record that has to take effect.
func (r *recorder) must(rec chat.Record) *chat.Event {
	r.t.Helper()
	ev := r.apply(rec)
	if ev.Void() {
		r.t.Fatalf("%s in room %d is void %s", rec.Kind, rec.Room, ev.Outcome)
	}
	return ev
}

// batch takes what was applied since the last one.
func (r *recorder) batch() store.Batch {
	b := store.Batch{Epoch: epoch, From: r.from, Next: r.next, Items: r.items}
	r.from, r.items = r.next, nil
	return b
}

func (r *recorder) commit() {
	r.t.Helper()
	if err := r.store.Commit(context.Background(), r.batch()); err != nil {
		r.t.Fatal(err)
	}
}

// createRoom reserves a public room and records its create event.
func (r *recorder) createRoom(name string, owner chat.UserID) chat.RoomID {
	r.t.Helper()
	r.cids++
	reserved, err := r.store.ReserveRoom(context.Background(), store.NewRoom{
		Kind: chat.PublicRoom, Name: name, NameKey: chat.RoomNameKey(name), CreatedBy: owner, CID: fmt.Sprintf("create-%d", r.cids), At: 1_700_000_000_000,
	})
	if err != nil {
		r.t.Fatal(err)
	}
	r.must(createRecord(reserved))
	r.commit()
	return reserved.Room.ID
}

func createRecord(reserved store.Reservation) chat.Record {
	room := reserved.Room
	members := []chat.Member{{User: room.CreatedBy, Role: chat.RoleOwner}}
	for _, other := range reserved.Others {
		members = append(members, chat.Member{User: other, Role: chat.RoleMember})
	}
	return chat.Record{
		Kind: chat.KindCreate, Room: room.ID, User: room.CreatedBy, CID: reserved.CID,
		Name: room.Name, Topic: room.Topic, RoomKind: room.Kind, Members: members,
	}
}

func message(room chat.RoomID, user chat.UserID, text string) chat.Record {
	return chat.Record{Kind: chat.KindMessage, Room: room, User: user, Text: text}
}
