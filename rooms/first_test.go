package rooms_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/fanout"
	"github.com/parleychat/parley/rooms"
	"github.com/parleychat/parley/store"
)

// setUp makes somebody the first owner.
func (h *house) setUp(t *testing.T, owner chat.UserID) {
	t.Helper()
	_, err := h.store.OfferSetup(h.ctx, []byte("token"), 1)
	must(t, err)
	_, err = h.store.SetUp(h.ctx, []byte("token"), owner, store.NewUser{})
	must(t, err)
}

// wantRooms compares the rooms that somebody finds, with the role they have in
// each, its members and its messages; and that nothing is left to do.
func (h *house) wantRooms(t *testing.T, user chat.UserID, want ...string) {
	t.Helper()
	list, err := h.List(h.ctx, user)
	must(t, err)
	var got []string
	for _, room := range list {
		must(t, h.hub.View(h.ctx, room.ID, 0, func(v *fanout.View) error {
			got = append(got, fmt.Sprintf("%s %s %s %d/%d", room.Kind, room.Name, v.State.Members[user].Role, len(v.State.Members), v.State.Head.N))
			return nil
		}))
	}
	if !slices.Equal(got, want) {
		t.Errorf("user %d finds %q, want %q", user, got, want)
	}
	if owners, err := h.store.FirstRooms(h.ctx); err != nil || len(owners) != 0 {
		t.Errorf("first rooms to be made: of %v, %v, want of nobody", owners, err)
	}
}

// cutOff is a store whose process ends before it notes that all is done.
type cutOff struct{ rooms.Store }

var errCutOff = errors.New("the process has ended")

func (cutOff) FirstRoomMade(context.Context, chat.UserID) error { return errCutOff }

// TestFirstRoom: however far an attempt came before its process ended, those who
// come next, several at once, leave one room with one message.
func TestFirstRoom(t *testing.T) {
	for _, c := range []struct {
		name  string
		begun func(*testing.T, *house)
	}{
		{"not begun", func(*testing.T, *house) {}},
		{"the name is reserved", func(t *testing.T, h *house) {
			_, err := h.store.ReserveRoom(h.ctx, store.NewRoom{
				Kind: chat.PublicRoom, Name: "general", NameKey: chat.RoomNameKey("general"), Topic: rooms.FirstTopic, CreatedBy: h.ann, CID: rooms.FirstCID,
			})
			must(t, err)
		}},
		{"the room is made", func(t *testing.T, h *house) {
			h.created(t, h.ann, rooms.Draft{Name: "general", Topic: rooms.FirstTopic, CID: rooms.FirstCID})
		}},
		{"the message is there", func(t *testing.T, h *house) {
			before := rooms.New(rooms.Config{Store: cutOff{h.store}, Hub: h.hub, Partitions: h.log.Partitions()})
			if err := before.MakeFirst(h.ctx); !errors.Is(err, errCutOff) {
				t.Fatalf("got %v, want %v", err, errCutOff)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := openHouse(t)
			h.setUp(t, h.ann)
			c.begun(t, h)
			var all sync.WaitGroup
			for range 3 {
				all.Go(func() {
					if err := h.MakeFirst(h.ctx); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			must(t, h.MakeFirst(h.ctx))
			h.wantRooms(t, h.ann, "public general owner 1/1")
			h.wantRooms(t, h.bob, "public general  1/1")
		})
	}
}

// TestNoFirstRoom: where people have made rooms there is none, and they keep the
// name that they were quicker to take.
func TestNoFirstRoom(t *testing.T) {
	for _, c := range []struct {
		name  string
		steps func(*testing.T, *house)
		want  string
	}{
		{"made before the owner", func(t *testing.T, h *house) {
			h.created(t, h.bob, rooms.Draft{Kind: chat.PrivateRoom, Name: "general"})
			h.setUp(t, h.ann)
		}, "private general owner 1/0"},
		{"made behind the owner", func(t *testing.T, h *house) {
			h.setUp(t, h.ann)
			h.created(t, h.bob, rooms.Draft{Name: "General"})
			must(t, h.MakeFirst(h.ctx))
			if list, err := h.List(h.ctx, h.ann); err != nil || len(list) != 1 || list[0].Role != "" {
				t.Errorf("ann finds %+v, %v, want the room of bob alone", list, err)
			}
		}, "public General owner 1/0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := openHouse(t)
			c.steps(t, h)
			must(t, h.MakeFirst(h.ctx))
			h.wantRooms(t, h.bob, c.want)
		})
	}
}
