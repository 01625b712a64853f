package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/store"
)

// benchMessage is as long as people's messages are, with a cid as clients make
// them.
func benchMessage(room chat.RoomID, user chat.UserID) chat.Record {
	rec := message(room, user, strings.Repeat("All work and no play. ", 5))
	rec.CID = uuid.Must(uuid.NewV7()).String()
	return rec
}

// BenchmarkCommit commits batches of messages to rooms that have history: large
// ones, as come while the recorder is behind, and such as many rooms make between
// one commit and the next.
func BenchmarkCommit(b *testing.B) {
	for _, size := range []struct{ rooms, events int }{{1, 1000}, {50, 1000}, {100, 50}, {100, 250}} {
		b.Run(fmt.Sprintf("rooms=%d/events=%d", size.rooms, size.events), func(b *testing.B) {
			rooms := size.rooms
			said := 0
			r := newRecorder(b, openSQLite(b))
			user := newUser(b, r.store, "anna@example.org")
			ids := make([]chat.RoomID, rooms)
			for i := range ids {
				ids[i] = r.createRoom(fmt.Sprintf("room %d", i), user)
			}
			fill := func() store.Batch {
				for range size.events {
					r.must(benchMessage(ids[said%rooms], user))
					said++
				}
				return r.batch()
			}
			for said < 20_000 {
				if err := r.store.Commit(context.Background(), fill()); err != nil {
					b.Fatal(err)
				}
			}
			// As of a server that may be told to stop.
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			b.ResetTimer()
			for range b.N {
				b.StopTimer()
				batch := fill()
				b.StartTimer()
				if err := r.store.Commit(ctx, batch); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)*float64(size.events)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

// BenchmarkRead reads in a room of 200,000 events, whose records lie between
// those of nine other rooms.
func BenchmarkRead(b *testing.B) {
	const rooms, events = 10, 200_000
	r := newRecorder(b, openSQLite(b))
	user := newUser(b, r.store, "anna@example.org")
	ids := make([]chat.RoomID, rooms)
	for i := range ids {
		ids[i] = r.createRoom(fmt.Sprintf("room %d", i), user)
	}
	for i := range events + events/10 {
		room := ids[0]
		if i%11 == 10 {
			room = ids[1+i/11%9]
		}
		r.must(benchMessage(room, user))
		if len(r.items) == 1000 {
			r.commit()
		}
	}
	r.commit()
	ctx := context.Background()
	head := r.state(ids[0]).Head.Seq

	b.Run("Page50Latest", func(b *testing.B) {
		for b.Loop() {
			page, err := r.store.Page(ctx, ids[0], store.PageQuery{Limit: 50})
			if err != nil || len(page.Events) != 50 {
				b.Fatal(len(page.Events), err)
			}
		}
	})
	b.Run("Page50Before", func(b *testing.B) {
		seq := head
		for b.Loop() {
			if seq = seq * 7 / 8; seq < 100 {
				seq = head
			}
			page, err := r.store.Page(ctx, ids[0], store.PageQuery{Before: seq, Limit: 50})
			if err != nil || len(page.Events) != 50 {
				b.Fatal(len(page.Events), err)
			}
		}
	})
	b.Run("Page50After", func(b *testing.B) {
		seq := head
		for b.Loop() {
			if seq = seq * 7 / 8; seq < 100 {
				seq = head * 7 / 8
			}
			page, err := r.store.Page(ctx, ids[0], store.PageQuery{After: seq, Limit: 50})
			if err != nil || len(page.Events) != 50 {
				b.Fatal(len(page.Events), err)
			}
		}
	})
	b.Run("Range500", func(b *testing.B) {
		for b.Loop() {
			events, _, err := r.store.Range(ctx, ids[0], head/2, 0, chat.MaxResumeEvents, chat.MaxResumeBytes)
			if err != nil || len(events) != 500 {
				b.Fatal(len(events), err)
			}
		}
	})
	b.Run("LoadOpening", func(b *testing.B) {
		for b.Loop() {
			if _, err := r.store.LoadOpening(ctx, epoch, 0, ids[0], 1<<62); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("FindAnswer", func(b *testing.B) {
		for b.Loop() {
			if _, _, err := r.store.FindAnswer(ctx, ids[0], user, "never-sent"); err != nil {
				b.Fatal(err)
			}
		}
	})
}
