package store_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/store"
)

// A room is reserved first; then the log says that it was created, and what
// follows from the log is committed together with how far it was read.
func Example() {
	dir, err := os.MkdirTemp("", "store")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	s, err := store.Open(ctx, store.Config{Path: filepath.Join(dir, "parley.db"), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		panic(err)
	}
	defer s.Close()

	anna, err := s.CreateUser(ctx, store.NewUser{Email: "anna@example.org", Name: "Anna", Handle: "anna"})
	if err != nil {
		panic(err)
	}
	reserved, err := s.ReserveRoom(ctx, store.NewRoom{
		Kind: chat.PublicRoom, Name: "Lobby", NameKey: "lobby", CreatedBy: anna.ID, CID: "my-first-room",
	})
	if err != nil {
		panic(err)
	}

	// What the recorder reads from the log, at offset 0.
	rec := chat.Record{
		Kind: chat.KindCreate, Room: reserved.Room.ID, User: anna.ID, CID: reserved.CID,
		Name: "Lobby", RoomKind: chat.PublicRoom, Members: []chat.Member{{User: anna.ID, Role: chat.RoleOwner}},
	}
	_, value, err := chat.Encode(&rec)
	if err != nil {
		panic(err)
	}
	if err := s.InitWatermark(ctx, "epoch", 0, 0); err != nil {
		panic(err)
	}
	opening, err := s.LoadState(ctx, "epoch", 0, reserved.Room.ID)
	if err != nil {
		panic(err)
	}
	ev := chat.Apply(opening.State, &rec, chat.Position{Epoch: "epoch"}, value)
	err = s.Commit(ctx, store.Batch{Epoch: "epoch", From: 0, Next: 1, Items: []store.Applied{{Event: ev, Record: &rec}}})
	if err != nil {
		panic(err)
	}

	page, err := s.Page(ctx, reserved.Room.ID, store.PageQuery{Limit: 50})
	if err != nil {
		panic(err)
	}
	for _, ev := range page.Events {
		fmt.Println(ev.Seq, ev.Kind)
	}
	// Output: 1 create
}
