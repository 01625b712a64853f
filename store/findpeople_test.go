package store_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/store"
)

// named makes an account that is called like this.
func named(t *testing.T, s *store.Store, name, handle string) chat.UserID {
	t.Helper()
	id := newUser(t, s, handle+"@example.org")
	_, err := s.SetProfile(context.Background(), id, store.Profile{Name: &name, Handle: &handle})
	check(t, err)
	return id
}

// find reads everybody who is found, in pages of two.
func find(t *testing.T, s *store.Store, text string, but chat.UserID) (ids []chat.UserID) {
	t.Helper()
	key, err := chat.FindKey(text)
	check(t, err)
	q := store.PeopleQuery{Key: key, But: but, Limit: 2}
	for {
		found, err := s.FindPeople(context.Background(), q)
		check(t, err)
		for _, p := range found {
			if p.Email != "" {
				t.Errorf("%q shows the address of %+v", text, p)
			}
			ids = append(ids, p.ID)
			q.After = p.Place
		}
		if len(found) < q.Limit {
			return ids
		}
	}
}

func testFindPeople(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	anna := named(t, s, "Anna Berg", "anna")
	annabel := named(t, s, "Annabel Annan", "annabel.a") // by four keys
	bert := named(t, s, "Bert Annison", "bert")
	jose := named(t, s, "José \\% Müller", "a_b")
	shut := named(t, s, "Anno Disabled", "anno")
	gone := named(t, s, "Anno Deleted", "anno2")
	boss := named(t, s, "Boss", "boss")
	_, err := s.SetServerRole(ctx, store.Operator, boss, chat.ServerOwner)
	check(t, err)
	_, _, err = s.DisableUser(ctx, store.Operator, shut, 1000)
	check(t, err)
	_, _, err = s.DeleteUser(ctx, gone, 1000)
	check(t, err)

	for _, c := range []struct {
		text string
		but  chat.UserID
		want []chat.UserID
	}{
		{"ann", boss, []chat.UserID{anna, annabel, bert}},
		{"ann", anna, []chat.UserID{annabel, bert}},
		{"ANNA B", boss, []chat.UserID{anna}},
		{"berg", boss, []chat.UserID{anna}},
		{"@annabel", boss, []chat.UserID{annabel}},
		{"jose", boss, []chat.UserID{jose}},
		{"mull", boss, []chat.UserID{jose}},
		{"a_", boss, []chat.UserID{jose}}, // no pattern
		{"a%", boss, nil},
		{"anno", boss, nil},
		{"deleted", boss, nil},
		{"nna", boss, nil}, // no beginning
		{"example", boss, nil},
		{"'; DROP TABLE users; --", boss, nil},
	} {
		got := find(t, s, c.text, c.but)
		slices.Sort(got)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", c.text, diff)
		}
	}

	_, err = s.EnableUser(ctx, store.Operator, shut)
	check(t, err)
	other := "Otto"
	_, err = s.SetProfile(ctx, anna, store.Profile{Name: &other})
	check(t, err)
	if got := find(t, s, "anno", boss); !slices.Equal(got, []chat.UserID{shut}) {
		t.Errorf("who is enabled again: got %v, want %d", got, shut)
	}
	if got := append(find(t, s, "berg", boss), find(t, s, "ott", boss)...); !slices.Equal(got, []chat.UserID{anna}) {
		t.Errorf("by her former and her new name: got %v, want %d by the new one", got, anna)
	}

	// Many of one name come in pages, each once.
	var want []chat.UserID
	for i := range 7 {
		want = append(want, named(t, s, "Smith", fmt.Sprintf("smith%d", i)))
	}
	got := find(t, s, "smith", boss)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("seven of one name (-want +got):\n%s", diff)
	}
}

// What a former version has left, before there were keys or beside this one, is
// mended.
func testRenewFindKeys(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	var users []chat.UserID
	for i := range 450 {
		users = append(users, newUser(t, s, fmt.Sprintf("user%d@example.org", i)))
	}
	boss, gone := users[0], users[2]
	renew := func(want int) {
		t.Helper()
		if got, err := s.RenewFindKeys(ctx); err != nil || got != want {
			t.Errorf("renewed %d, %v, want %d", got, err, want)
		}
	}
	renew(0)
	check(t, s.ExecDurable(ctx, `DELETE FROM people_keys`))
	check(t, s.ExecDurable(ctx, `UPDATE users SET found_as = ''`))
	if got := find(t, s, "user", boss); len(got) != 0 {
		t.Errorf("without keys: found %v", got)
	}
	renew(len(users))
	if got := find(t, s, "user", boss); len(got) != len(users)-1 {
		t.Errorf("found %d people, want %d", len(got), len(users)-1)
	}
	renew(0)
	check(t, s.ExecDurable(ctx, `UPDATE users SET name = 'Nemo' WHERE id = ?`, int64(users[1])))
	check(t, s.ExecDurable(ctx, `UPDATE users SET deleted_at = 1, handle = ? WHERE id = ?`, fmt.Sprintf("deleted:%d", gone), int64(gone)))
	renew(2)
	if got := find(t, s, "nemo", boss); !slices.Equal(got, users[1:2]) {
		t.Errorf("by the new name: got %v, want %v", got, users[1:2])
	}
	var keys int
	check(t, s.Peek(ctx, []any{&keys}, `SELECT COUNT(*) FROM people_keys WHERE user = ?`, int64(gone)))
	if keys != 0 {
		t.Errorf("%d keys are left of a deleted account", keys)
	}

	// The longest name, of what grows most when it is folded.
	longest := strings.TrimSpace(strings.Repeat("\uFDFA ", chat.MaxNameChars/2))
	long := named(t, s, longest, strings.Repeat("x", chat.MaxHandleChars))
	if got := find(t, s, longest, boss); !slices.Equal(got, []chat.UserID{long}) {
		t.Errorf("by the longest name: got %v, want %d", got, long)
	}
	renew(0)
}
