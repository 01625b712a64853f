package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/store"
)

func testKeys(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	keys := make([][]byte, 20)
	var made atomic.Int32
	parallel(len(keys), func(i int) {
		var err error
		keys[i], err = s.Key(ctx, "mac", func() []byte { return []byte{byte(made.Add(1)), 0, '\''} })
		if err != nil {
			t.Error(err)
		}
	})
	for _, key := range keys {
		if !bytes.Equal(key, keys[0]) {
			t.Errorf("got key %x, others got %x", key, keys[0])
		}
	}
	other, err := s.Key(ctx, "jwt", func() []byte { return []byte("other") })
	check(t, err)
	if string(other) != "other" {
		t.Errorf("got key %q, want that of the other name", other)
	}
}

func testCreateUser(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	anna, err := s.CreateUser(ctx, store.NewUser{Email: "\u00c1nna@Example.org", Name: "Anna", Handle: "anna", PasswordHash: "h1", At: 7})
	check(t, err)
	want := store.User{ID: anna.ID, Email: "\u00c1nna@Example.org", Name: "Anna", Handle: "anna", PasswordHash: "h1", Role: chat.ServerMember, CreatedAt: 7}
	if diff := cmp.Diff(want, anna); diff != "" || anna.ID == 0 {
		t.Errorf("created user (-want +got):\n%s", diff)
	}
	// Other case; the accent as a character of its own.
	for _, email := range []string{"\u00c1nna@Example.org", "\u00e1nna@EXAMPLE.ORG", "A\u0301nna@example.org", "a\u0301nna@example.org"} {
		found, err := s.UserByEmail(ctx, email)
		check(t, err)
		if diff := cmp.Diff(want, found); diff != "" {
			t.Errorf("user by %s (-want +got):\n%s", email, diff)
		}
		_, err = s.CreateUser(ctx, store.NewUser{Email: email, Name: "Other", Handle: "other"})
		wantRefusal(t, err, chat.Conflict)
	}
	found, err := s.UserByID(ctx, anna.ID)
	check(t, err)
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("user by id (-want +got):\n%s", diff)
	}
	_, err = s.UserByID(ctx, anna.ID+1)
	wantRefusal(t, err, chat.NotFound)
	_, err = s.UserByEmail(ctx, "anna@example.org")
	wantRefusal(t, err, chat.NotFound)

	// A refused account leaves nothing, and its id is not given to another
	// meaning.
	bert := newUser(t, s, "bert@example.org")
	if bert <= anna.ID {
		t.Errorf("got id %d behind %d", bert, anna.ID)
	}
	n, err := s.CountUsers(ctx)
	check(t, err)
	if n != 2 {
		t.Errorf("got %d users, want 2", n)
	}
}

func testParallelSignUp(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	var made, refused atomic.Int32
	parallel(50, func(i int) {
		_, err := s.CreateUser(ctx, store.NewUser{Email: "one@example.org", Name: "One", Handle: fmt.Sprintf("one%d", i)})
		switch refusal, _ := errors.AsType[*chat.Error](err); {
		case err == nil:
			made.Add(1)
		case refusal != nil && refusal.Code == chat.Conflict:
			refused.Add(1)
		default:
			t.Error(err)
		}
	})
	if made.Load() != 1 || refused.Load() != 49 {
		t.Errorf("got %d accounts and %d refusals of 50 sign-ups with one address", made.Load(), refused.Load())
	}
}

func testHandles(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	var mu sync.Mutex
	var handles []string
	long := strings.Repeat("x", chat.MaxHandleChars)
	parallel(40, func(i int) {
		wish := "info"
		if i%2 == 1 {
			wish = long
		}
		u, err := s.CreateUser(ctx, store.NewUser{Email: fmt.Sprintf("u%d@example.org", i), Name: "N", Handle: wish})
		if err != nil {
			t.Error(err)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		handles = append(handles, u.Handle)
	})
	slices.Sort(handles)
	if distinct := slices.Compact(slices.Clone(handles)); len(distinct) != 40 {
		t.Errorf("got %d handles of 40 people: %q", len(distinct), handles)
	}
	for _, wanted := range []string{"info", "info2", "info9", long, long[:31] + "2"} {
		if !slices.Contains(handles, wanted) {
			t.Errorf("nobody got the handle %q: %q", wanted, handles)
		}
	}
	for _, handle := range handles {
		if len(handle) > chat.MaxHandleChars || !strings.HasPrefix(handle, "info") && !strings.HasPrefix(handle, long[:20]) {
			t.Errorf("got handle %q", handle)
		}
	}
}

func testPeople(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	anna, bert := newUser(t, s, "anna@example.org"), newUser(t, s, "bert@example.org")
	ids := []chat.UserID{bert, 999, anna}
	for i := range chat.UserID(1200) {
		ids = append(ids, 10_000+i)
	}
	people, err := s.People(ctx, ids)
	check(t, err)
	slices.SortFunc(people, func(a, b chat.Person) int { return int(a.ID - b.ID) })
	want := []chat.Person{
		{ID: anna, Name: "anna", Handle: "anna", Email: "anna@example.org"},
		{ID: bert, Name: "bert", Handle: "bert", Email: "bert@example.org"},
	}
	if diff := cmp.Diff(want, people); diff != "" {
		t.Errorf("people (-want +got):\n%s", diff)
	}
	user, err := s.UserByID(ctx, anna)
	check(t, err)
	if diff := cmp.Diff(want[0], user.Person()); diff != "" {
		t.Errorf("person of user (-want +got):\n%s", diff)
	}
	none, err := s.People(ctx, nil)
	check(t, err)
	if len(none) != 0 {
		t.Errorf("got %v for nobody", none)
	}
}

func testPassword(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	anna := newUser(t, s, "anna@example.org")
	check(t, s.RenewPasswordHash(ctx, anna, "hash", "new"))
	user, err := s.UserByID(ctx, anna)
	check(t, err)
	if user.PasswordHash != "new" {
		t.Errorf("got hash %q, want %q", user.PasswordHash, "new")
	}
	// A password that was changed meanwhile stays.
	wantRefusal(t, s.RenewPasswordHash(ctx, anna, "hash", "older"), chat.Conflict)
	wantRefusal(t, s.RenewPasswordHash(ctx, 99, "hash", "x"), chat.Conflict)
}
