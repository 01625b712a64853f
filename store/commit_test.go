package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/store"
)

// wantStored checks how far the store is: head of the room and watermark.
func wantStored(t *testing.T, s *store.Store, room chat.RoomID, head chat.Seq, next int64) {
	t.Helper()
	events, stored, err := s.Range(context.Background(), room, 0, 0, 10_000, 1<<30)
	check(t, err)
	watermark, err := s.Watermark(context.Background(), epoch, 0)
	check(t, err)
	if stored.Seq != head || len(events) != int(head) || watermark != next {
		t.Errorf("got head %d, %d events, watermark %d, want %d, %d, %d", stored.Seq, len(events), watermark, head, head, next)
	}
}

func testCommitFenced(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	r := newRecorder(t, s)
	anna := newUser(t, s, "anna@example.org")
	room := r.createRoom("lobby", anna)
	r.must(message(room, anna, "one"))
	batch := r.batch()
	check(t, s.Commit(ctx, batch))
	wantStored(t, s, room, 2, 2)

	r.must(message(room, anna, "two"))
	other := r.batch()
	early, late, foreign, nowhere := other, other, other, other
	early.From--
	late.From++
	foreign.Epoch = "another"
	nowhere.Partition = 3
	for name, b := range map[string]store.Batch{"again": batch, "early": early, "late": late, "epoch": foreign, "partition": nowhere} {
		if err := s.Commit(ctx, b); !errors.Is(err, store.ErrFenced) || store.IsOutage(err) {
			t.Errorf("%s: got error %v, want %v", name, err, store.ErrFenced)
		}
	}
	wantStored(t, s, room, 2, 2)
	check(t, s.Commit(ctx, other))
	wantStored(t, s, room, 3, 3)
}

func testCommitGap(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	r := newRecorder(t, s)
	anna := newUser(t, s, "anna@example.org")
	room := r.createRoom("lobby", anna)
	r.must(message(room, anna, "one"))
	r.must(message(room, anna, "two"))
	r.must(message(room, anna, "three"))
	good := r.batch()
	wantData := func(name string, b store.Batch) {
		t.Helper()
		if err := s.Commit(ctx, b); err == nil || store.IsOutage(err) || errors.Is(err, store.ErrFenced) {
			t.Errorf("%s: got error %v, want one of the data", name, err)
		}
		wantStored(t, s, room, 1, 1)
	}
	behind := good
	behind.Items = good.Items[1:]
	wantData("begins too late", behind)
	inside := good
	inside.Items = []store.Applied{good.Items[0], good.Items[2]}
	wantData("hole", inside)
	unread := good
	unread.Items = []store.Applied{{Event: good.Items[0].Event}}
	wantData("effective without record", unread)
	strange := *good.Items[0].Event
	strange.Kind = "holiday"
	unknown := good
	unknown.Items = []store.Applied{{Event: &strange, Record: good.Items[0].Record}}
	wantData("unknown kind", unknown)

	// What was refused whole can be stored in parts.
	check(t, s.Commit(ctx, store.Batch{Epoch: epoch, From: 1, Next: 2, Items: good.Items[:1]}))
	check(t, s.Commit(ctx, store.Batch{Epoch: epoch, From: 2, Next: 4, Items: good.Items[1:]}))
	wantStored(t, s, room, 4, 4)
	// Records that name no room are passed over.
	check(t, s.Commit(ctx, store.Batch{Epoch: epoch, From: 4, Next: 9}))
	wantStored(t, s, room, 4, 9)
}

func testCommitUnknownRoom(t *testing.T, open opener) {
	s := open(t)
	r := newRecorder(t, s)
	anna := newUser(t, s, "anna@example.org")
	room := r.createRoom("lobby", anna)
	r.states[99] = chat.NewState(99)
	r.must(message(room, anna, "one"))
	r.apply(message(99, anna, "lost"))
	if err := s.Commit(context.Background(), r.batch()); !errors.Is(err, store.ErrUnknownRoom) || store.IsOutage(err) {
		t.Errorf("got error %v, want %v", err, store.ErrUnknownRoom)
	}
	wantStored(t, s, room, 1, 1)
}

// testCommitTwiceTheSameCID: it cannot happen, as Apply sees to it; if it did,
// the recorder would stop.
func testCommitTwiceTheSameCID(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	r := newRecorder(t, s)
	anna := newUser(t, s, "anna@example.org")
	room := r.createRoom("lobby", anna)
	r.must(message(room, anna, "one"))
	r.must(message(room, anna, "two"))
	batch := r.batch()
	twin := *batch.Items[1].Event
	twin.CID = batch.Items[0].Event.CID
	batch.Items[1].Event = &twin
	if err := s.Commit(ctx, batch); err == nil || store.IsOutage(err) || errors.Is(err, store.ErrFenced) {
		t.Errorf("got error %v, want one of the data", err)
	}
	wantStored(t, s, room, 1, 1)
}

// testCommitRaces: of recorders that believe in the same watermark one stores
// its batch, whole.
func testCommitRaces(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	setup := newRecorder(t, s)
	anna := newUser(t, s, "anna@example.org")
	room := setup.createRoom("lobby", anna)
	batches := make([]store.Batch, 8)
	for i := range batches {
		r := newRecorder(t, s)
		for j := range 5 {
			r.must(message(room, anna, fmt.Sprintf("%d from %d", j, i)))
		}
		batches[i] = r.batch()
	}
	var stored atomic.Int32
	var winner atomic.Int32
	parallel(len(batches), func(i int) {
		switch err := s.Commit(ctx, batches[i]); {
		case err == nil:
			stored.Add(1)
			winner.Store(int32(i))
		case !errors.Is(err, store.ErrFenced):
			t.Error(err)
		}
	})
	if stored.Load() != 1 {
		t.Errorf("%d of %d recorders stored their batch, want 1", stored.Load(), len(batches))
	}
	events, _, err := s.Range(ctx, room, 1, 0, 100, 1<<20)
	check(t, err)
	var want []*chat.Event
	for _, item := range batches[winner.Load()].Items {
		want = append(want, item.Event)
	}
	if diff := cmp.Diff(want, events, ignorePosition); diff != "" {
		t.Errorf("events (-winner +stored):\n%s", diff)
	}
}

// ignorePosition: the store does not keep where a record lay.
var ignorePosition = cmpopts.IgnoreFields(chat.Event{}, "Pos")
