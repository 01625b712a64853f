package store_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/store"
)

// testPictures: one for each person, shown wherever they are, the same for two
// people who have the same, and gone with whoever had it last.
func testPictures(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	anna, bert := newUser(t, s, "anna@example.org"), newUser(t, s, "bert@example.org")
	first := store.Picture{ID: "first", Type: "image/png", Body: bytes.Repeat([]byte{0, 0xFF, '\'', '\\'}, 50_000)}
	second := store.Picture{ID: "second", Type: "image/jpeg", Body: []byte{1}}
	missing := func(id string) {
		t.Helper()
		_, err := s.Picture(ctx, id)
		wantRefusal(t, err, chat.NotFound)
	}
	missing("first")
	user, err := s.SetPicture(ctx, anna, first)
	check(t, err)
	found, err := s.UserByID(ctx, anna)
	check(t, err)
	if diff := cmp.Diff(user, found); diff != "" || found.Picture != "first" {
		t.Errorf("anna has the picture %q (-answer +found):\n%s", found.Picture, diff)
	}
	kept, err := s.Picture(ctx, "first")
	check(t, err)
	if diff := cmp.Diff(first, kept); diff != "" {
		t.Errorf("the picture (-want +got):\n%s", diff)
	}
	_, err = s.SetPicture(ctx, bert, first)
	check(t, err)
	_, err = s.SetPicture(ctx, anna, second)
	check(t, err)
	people, err := s.People(ctx, []chat.UserID{anna, bert})
	check(t, err)
	shown := make(map[chat.UserID]string)
	for _, p := range people {
		shown[p.ID] = p.Picture
	}
	if diff := cmp.Diff(map[chat.UserID]string{anna: "second", bert: "first"}, shown); diff != "" {
		t.Errorf("people are shown with (-want +got):\n%s", diff)
	}
	_, err = s.Picture(ctx, "first") // bert's
	check(t, err)
	for range 2 {
		user, err = s.RemovePicture(ctx, bert)
		check(t, err)
		if user.Picture != "" {
			t.Errorf("bert still has %q", user.Picture)
		}
	}
	missing("first")
	gone, _, err := s.DeleteUser(ctx, anna, 5000)
	check(t, err)
	if gone.Picture != "" {
		t.Errorf("a deleted account has the picture %q", gone.Picture)
	}
	missing("second")
	_, err = s.SetPicture(ctx, anna, first)
	wantRefusal(t, err, chat.NotFound)
	missing("first")
}
