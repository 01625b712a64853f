package store_test

import (
	"context"
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

func testProfile(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	anna, bert := newUser(t, s, "anna@example.org"), newUser(t, s, "bert@example.org")
	name, handle, taken := "Anna A.", "a.a", "bert"
	user, err := s.SetProfile(ctx, anna, store.Profile{Name: &name, Handle: &handle})
	check(t, err)
	found, err := s.UserByHandle(ctx, "a.a")
	check(t, err)
	if diff := cmp.Diff(user, found); diff != "" || found.Name != name || found.ID != anna {
		t.Errorf("got %+v (-answer +found):\n%s", found, diff)
	}
	_, err = s.UserByHandle(ctx, "anna")
	wantRefusal(t, err, chat.NotFound)
	_, err = s.SetProfile(ctx, anna, store.Profile{Handle: &taken})
	wantRefusal(t, err, chat.Conflict)
	_, err = s.SetProfile(ctx, bert, store.Profile{Handle: &taken})
	check(t, err)
	_, err = s.SetProfile(ctx, 99, store.Profile{Name: &name})
	wantRefusal(t, err, chat.NotFound)

	t.Run("one handle, wanted by many at once", func(t *testing.T) {
		wish, got := "wish", atomic.Int32{}
		users := make([]chat.UserID, 8)
		for i := range users {
			users[i] = newUser(t, s, fmt.Sprintf("u%d@example.org", i))
		}
		parallel(len(users), func(i int) {
			if _, err := s.SetProfile(ctx, users[i], store.Profile{Handle: &wish}); err == nil {
				got.Add(1)
			}
		})
		if got.Load() != 1 {
			t.Errorf("%d people got the handle, want one", got.Load())
		}
	})
}

func testChangePassword(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	anna, bert := newUser(t, s, "anna@example.org"), newUser(t, s, "bert@example.org")
	for _, sid := range []string{"a", "b", "c"} {
		signIn(t, s, anna, sid)
	}
	signIn(t, s, bert, "d")
	before, err := s.LastRevocation(ctx)
	check(t, err)
	_, err = s.ChangePassword(ctx, anna, "another", "new", "b", 2000)
	wantRefusal(t, err, chat.Conflict)
	ended, err := s.ChangePassword(ctx, anna, "hash", "new", "b", 2000)
	check(t, err)
	slices.Sort(ended)
	if diff := cmp.Diff([]string{"a", "c"}, ended); diff != "" {
		t.Errorf("ended (-want +got):\n%s", diff)
	}
	revocations, err := s.RevocationsSince(ctx, before)
	check(t, err)
	if len(revocations) != 2 || revocations[0].ID != before+1 || revocations[1].ID != before+2 || revocations[0].User != anna {
		t.Errorf("got revocations %+v, want two of Anna with the next ids", revocations)
	}
	for sid, want := range map[string]int64{"a": 2000, "b": 0, "c": 2000, "d": 0} {
		session, err := s.SessionByID(ctx, sid)
		check(t, err)
		if session.RevokedAt != want {
			t.Errorf("session %s: revoked at %d, want %d", sid, session.RevokedAt, want)
		}
	}
}

// A sign-in whose password was compared before a change and which comes to be
// stored after it gives no session.
func testSignInMeetsChange(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	anna, owner := newUser(t, s, "anna@example.org"), newOwner(t, s)
	session := store.NewSession{SID: "late", User: anna, PasswordHash: "hash", RefreshHash: []byte("late"), At: 1000, ExpiresAt: day}
	_, err := s.ChangePassword(ctx, anna, "hash", "new", "", 1000)
	check(t, err)
	wantRefusal(t, s.CreateSession(ctx, session), chat.Unauthorized)
	session.PasswordHash = "new"
	_, _, err = s.DisableUser(ctx, owner, anna, 1000)
	check(t, err)
	wantRefusal(t, s.CreateSession(ctx, session), chat.Unauthorized)
	_, err = s.EnableUser(ctx, owner, anna)
	check(t, err)
	check(t, s.CreateSession(ctx, session))

	t.Run("at once", func(t *testing.T) {
		for round := range 20 {
			was, will := "new", "new"
			if round > 0 {
				was = fmt.Sprint("password ", round-1)
			}
			will = fmt.Sprint("password ", round)
			var created error
			parallel(2, func(i int) {
				if i == 0 {
					if _, err := s.ChangePassword(ctx, anna, was, will, "", 2000); err != nil {
						t.Error(err)
					}
					return
				}
				sid := fmt.Sprint("round ", round)
				created = s.CreateSession(ctx, store.NewSession{SID: sid, User: anna, PasswordHash: was, RefreshHash: []byte(sid), At: 1000, ExpiresAt: day})
			})
			live, err := s.SessionsOf(ctx, anna, 2000)
			check(t, err)
			if len(live) > 0 {
				t.Fatalf("a session with the former password lives: %+v (its making: %v)", live, created)
			}
		}
	})
}

func testSessionsOf(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	anna, bert := newUser(t, s, "anna@example.org"), newUser(t, s, "bert@example.org")
	for _, sid := range []string{"a", "b", "c"} {
		signIn(t, s, anna, sid)
	}
	signIn(t, s, bert, "d")
	_, err := rotate(s, "b-1", "b-2", 5000)
	check(t, err)
	check(t, s.RevokeSessionOf(ctx, anna, "c", 2000))
	wantRefusal(t, s.RevokeSessionOf(ctx, anna, "c", 2000), chat.NotFound)
	wantRefusal(t, s.RevokeSessionOf(ctx, anna, "d", 2000), chat.NotFound)
	wantRefusal(t, s.RevokeSessionOf(ctx, anna, "never", 2000), chat.NotFound)
	want := []store.Session{
		{SID: "b", User: anna, UserAgent: "Firefox", CreatedAt: 1000, UsedAt: 5000, ExpiresAt: 5000 + day},
		{SID: "a", User: anna, UserAgent: "Firefox", CreatedAt: 1000, UsedAt: 1000, ExpiresAt: 1000 + day},
	}
	got, err := s.SessionsOf(ctx, anna, 6000)
	check(t, err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sessions (-want +got):\n%s", diff)
	}
	ended, err := s.RevokeSessionsOf(ctx, anna, "a", 7000)
	check(t, err)
	if diff := cmp.Diff([]string{"b"}, ended); diff != "" {
		t.Errorf("all but one ended (-want +got):\n%s", diff)
	}
	if ended, err = s.RevokeSessionsOf(ctx, anna, "", 7000); err != nil || !slices.Equal(ended, []string{"a"}) {
		t.Errorf("all ended: got %v, %v, want a", ended, err)
	}
	if got, err = s.SessionsOf(ctx, bert, 6000); err != nil || len(got) != 1 {
		t.Errorf("Bert's sessions: got %v, %v, want the one", got, err)
	}
}

// newOwner makes an account that owns the server.
func newOwner(t testing.TB, s *store.Store) chat.UserID {
	t.Helper()
	owner := newUser(t, s, fmt.Sprintf("owner%d@example.org", owners.Add(1)))
	_, err := s.SetServerRole(context.Background(), store.Operator, owner, chat.ServerOwner)
	check(t, err)
	return owner
}

var owners atomic.Int32

func testServerRoles(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	owner := newOwner(t, s)
	admin, other, member := newUser(t, s, "admin@example.org"), newUser(t, s, "other@example.org"), newUser(t, s, "member@example.org")
	give := func(actor, target chat.UserID, role chat.ServerRole, want chat.Code) {
		t.Helper()
		user, err := s.SetServerRole(ctx, actor, target, role)
		if want != "" {
			wantRefusal(t, err, want)
			return
		}
		check(t, err)
		found, err := s.UserByID(ctx, target)
		check(t, err)
		if user.Role != role || found.Role != role {
			t.Errorf("user %d: answered %s, stored %s, want %s", target, user.Role, found.Role, role)
		}
	}
	give(member, member, chat.ServerAdmin, chat.Forbidden)
	give(owner, admin, chat.ServerAdmin, "")
	give(admin, admin, chat.ServerOwner, chat.Forbidden)
	give(admin, member, chat.ServerOwner, chat.Forbidden)
	give(admin, owner, chat.ServerMember, chat.Forbidden)
	give(admin, other, chat.ServerAdmin, "")
	give(other, admin, chat.ServerMember, "")
	give(admin, other, chat.ServerMember, chat.Forbidden)
	give(owner, owner, chat.ServerMember, chat.Conflict)
	give(store.Operator, owner, chat.ServerAdmin, chat.Conflict)
	give(owner, other, chat.ServerOwner, "")
	give(owner, owner, chat.ServerMember, "")
	give(other, 99, chat.ServerMember, chat.NotFound)

	// Who is disabled does nothing any more.
	give(store.Operator, admin, chat.ServerAdmin, "")
	_, _, err := s.DisableUser(ctx, other, admin, 1)
	check(t, err)
	give(admin, member, chat.ServerAdmin, chat.Forbidden)
}

// A75: of two owners who remove each other at the same moment, one stays.
func testOwnersRemoveEachOther(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	pair := []chat.UserID{newOwner(t, s), newOwner(t, s)}
	for round := range 20 {
		parallel(2, func(i int) {
			actor, target := pair[i], pair[1-i]
			if round%2 == 0 {
				_, _ = s.SetServerRole(ctx, actor, target, chat.ServerMember)
			} else {
				_, _, _ = s.DisableUser(ctx, actor, target, 1)
			}
		})
		left := 0
		for _, id := range pair {
			user, err := s.UserByID(ctx, id)
			check(t, err)
			if user.Role == chat.ServerOwner && user.DisabledAt == 0 {
				left++
			}
		}
		if left != 1 {
			t.Fatalf("round %d: %d owners are left, want one", round, left)
		}
		for _, id := range pair {
			_, err := s.EnableUser(ctx, store.Operator, id)
			check(t, err)
			_, err = s.SetServerRole(ctx, store.Operator, id, chat.ServerOwner)
			check(t, err)
		}
	}
}

func testDisable(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	owner, anna := newOwner(t, s), newUser(t, s, "anna@example.org")
	signIn(t, s, anna, "a")
	check(t, add(s.AddReset(ctx, owner, anna, store.NewReset{Hash: []byte("link"), At: 1, ExpiresAt: day})))
	_, _, err := s.DisableUser(ctx, anna, owner, 1)
	wantRefusal(t, err, chat.Forbidden)
	_, _, err = s.DisableUser(ctx, owner, owner, 1)
	wantRefusal(t, err, chat.Conflict)
	user, ended, err := s.DisableUser(ctx, owner, anna, 3000)
	check(t, err)
	if user.DisabledAt != 3000 || !slices.Equal(ended, []string{"a"}) {
		t.Errorf("got %+v, ended %v, want disabled and the session ended", user, ended)
	}
	_, err = s.ResetOf(ctx, []byte("link"), 2)
	wantRefusal(t, err, chat.Forbidden)
	_, err = s.AddReset(ctx, owner, anna, store.NewReset{Hash: []byte("link2"), At: 1, ExpiresAt: day})
	wantRefusal(t, err, chat.Conflict)
	if user, ended, err = s.DisableUser(ctx, owner, anna, 4000); err != nil || user.DisabledAt != 3000 || ended != nil {
		t.Errorf("disabled again: got %+v, %v, %v, want the same and nothing ended", user, ended, err)
	}
	user, err = s.EnableUser(ctx, owner, anna)
	check(t, err)
	if session, err := s.SessionByID(ctx, "a"); err != nil || session.RevokedAt == 0 || user.DisabledAt != 0 {
		t.Errorf("enabled: got %+v and session %+v, %v, want the session ended as before", user, session, err)
	}
}

// add drops what was made.
func add[T any](_ T, err error) error { return err }

func testDeleteUser(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	anna := newUser(t, s, "anna@example.org")
	signIn(t, s, anna, "a")
	left, ended, err := s.DeleteUser(ctx, anna, 5000)
	check(t, err)
	found, err := s.UserByID(ctx, anna)
	check(t, err)
	left.PasswordHash = found.PasswordHash
	if diff := cmp.Diff(left, found); diff != "" || !slices.Equal(ended, []string{"a"}) {
		t.Errorf("ended %v, (-answer +found):\n%s", ended, diff)
	}
	if found.Email != "" || found.Name != store.DeletedName || found.PasswordHash != "" || found.DeletedAt != 5000 || strings.Contains(found.Handle, "anna") {
		t.Errorf("of a deleted account is left %+v", found)
	}
	people, err := s.People(ctx, []chat.UserID{anna})
	check(t, err)
	if len(people) != 1 || people[0].Name != store.DeletedName || people[0].Handle == "" {
		t.Errorf("people see %+v, want a deleted user who is known", people)
	}
	_, _, err = s.DeleteUser(ctx, anna, 6000)
	wantRefusal(t, err, chat.NotFound)
	_, err = s.UserByEmail(ctx, "anna@example.org")
	wantRefusal(t, err, chat.NotFound)
	_, err = s.SetServerRole(ctx, store.Operator, anna, chat.ServerAdmin)
	wantRefusal(t, err, chat.NotFound)

	// Address and handle are free, the id is not used again.
	again := newUser(t, s, "anna@example.org")
	user, err := s.UserByID(ctx, again)
	check(t, err)
	if again == anna || user.Handle != "anna" {
		t.Errorf("got user %d @%s, want a new id and the handle", again, user.Handle)
	}

	owner := newOwner(t, s)
	_, _, err = s.DeleteUser(ctx, owner, 1)
	wantRefusal(t, err, chat.Conflict)
	newOwner(t, s)
	check(t, func() error { _, _, err := s.DeleteUser(ctx, owner, 1); return err }())
}

func testDeleteOnlyOwner(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	r := newRecorder(t, s)
	anna, bert := newUser(t, s, "anna@example.org"), newUser(t, s, "bert@example.org")
	r.createRoom("alone", anna)
	shared := r.createRoom("shared", anna)
	r.must(chat.Record{Kind: chat.KindJoin, Room: shared, User: bert})
	r.commit()
	_, _, err := s.DeleteUser(ctx, anna, 1)
	wantRefusal(t, err, chat.Conflict)
	if err == nil || !strings.Contains(err.Error(), "shared") || strings.Contains(err.Error(), "alone") {
		t.Errorf("got %v, want the room named that others are in, and no other", err)
	}
	check(t, func() error { _, _, err := s.DeleteUser(ctx, bert, 1); return err }())
}

func testListUsers(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	var ids []chat.UserID
	for i := range 5 {
		ids = append(ids, newUser(t, s, fmt.Sprintf("u%d@example.org", i)))
	}
	check(t, func() error { _, _, err := s.DeleteUser(ctx, ids[2], 1); return err }())
	var got []chat.UserID
	for after := chat.UserID(0); ; after = got[len(got)-1] {
		users, err := s.ListUsers(ctx, after, 2)
		check(t, err)
		for _, user := range users {
			got = append(got, user.ID)
		}
		if len(users) < 2 {
			break
		}
	}
	if want := []chat.UserID{ids[0], ids[1], ids[3], ids[4]}; !slices.Equal(got, want) {
		t.Errorf("got users %v, want %v", got, want)
	}
}

func testSetUp(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	offer := func(token string) bool {
		t.Helper()
		offered, err := s.OfferSetup(ctx, []byte(token), 1)
		check(t, err)
		return offered
	}
	if !offer("one") || !offer("two") {
		t.Fatal("no setup is offered to a server without an owner")
	}
	wantRefusal(t, s.CheckSetup(ctx, []byte("three")), chat.Forbidden)
	var made atomic.Int32
	parallel(6, func(i int) {
		token := []string{"one", "two"}[i%2]
		if _, err := s.SetUp(ctx, []byte(token), 0, store.NewUser{Email: fmt.Sprintf("o%d@example.org", i), Name: "o", Handle: "owner", PasswordHash: "hash"}); err == nil {
			made.Add(1)
		}
	})
	users, err := s.ListUsers(ctx, 0, 10)
	check(t, err)
	if made.Load() != 1 || len(users) != 1 || users[0].Role != chat.ServerOwner {
		t.Errorf("%d were told that they are the owner, the accounts are %+v, want one owner", made.Load(), users)
	}
	if offer("four") {
		t.Error("setup is offered to a server with an owner")
	}
	wantRefusal(t, s.CheckSetup(ctx, []byte("two")), chat.Forbidden)

	owed, err := s.FirstRooms(ctx)
	check(t, err)
	if len(owed) != 1 || owed[0] != users[0].ID {
		t.Errorf("a first room is owed to %v, want to the owner", owed)
	}
	check(t, s.FirstRoomMade(ctx, owed[0]))
	if owed, err = s.FirstRooms(ctx); err != nil || len(owed) != 0 {
		t.Errorf("then a first room is owed to %v, %v, want to nobody", owed, err)
	}
}

func testResets(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	owner, admin, anna := newOwner(t, s), newUser(t, s, "admin@example.org"), newUser(t, s, "anna@example.org")
	check(t, add(s.SetServerRole(ctx, owner, admin, chat.ServerAdmin)))
	signIn(t, s, anna, "a")
	offer := func(actor, target chat.UserID, token string) error {
		return add(s.AddReset(ctx, actor, target, store.NewReset{Hash: []byte(token), At: 1000, ExpiresAt: 1000 + day}))
	}
	wantRefusal(t, offer(anna, admin, "x"), chat.Forbidden)
	wantRefusal(t, offer(admin, owner, "x"), chat.Forbidden)
	wantRefusal(t, offer(admin, admin, "x"), chat.Forbidden)
	check(t, offer(owner, admin, "for admin"))
	check(t, offer(admin, anna, "former"))
	check(t, offer(admin, anna, "link"))
	for _, bad := range []string{"former", "x", ""} {
		_, _, err := s.UseReset(ctx, []byte(bad), "new", 2000)
		wantRefusal(t, err, chat.Forbidden)
	}
	_, _, err := s.UseReset(ctx, []byte("link"), "new", 1000+day)
	wantRefusal(t, err, chat.Forbidden)
	user, ended, err := s.UseReset(ctx, []byte("link"), "new", 999+day)
	check(t, err)
	if user.ID != anna || user.PasswordHash != "new" || !slices.Equal(ended, []string{"a"}) {
		t.Errorf("got %+v, ended %v, want Anna with the new password, and her session ended", user, ended)
	}
	_, _, err = s.UseReset(ctx, []byte("link"), "newer", 2000)
	wantRefusal(t, err, chat.Forbidden)
}

func testParallelResets(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	owner, anna := newOwner(t, s), newUser(t, s, "anna@example.org")
	check(t, add(s.AddReset(ctx, owner, anna, store.NewReset{Hash: []byte("link"), At: 1, ExpiresAt: day})))
	var mu sync.Mutex
	var won []string
	parallel(10, func(i int) {
		password := fmt.Sprint("password ", i)
		if _, _, err := s.UseReset(ctx, []byte("link"), password, 2); err == nil {
			mu.Lock()
			won = append(won, password)
			mu.Unlock()
		}
	})
	user, err := s.UserByID(ctx, anna)
	check(t, err)
	if len(won) != 1 || user.PasswordHash != won[0] {
		t.Errorf("%v were told that they set the password, it is %q, want one of them and that password", won, user.PasswordHash)
	}
}

func testInvites(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	owner, anna := newOwner(t, s), newUser(t, s, "anna@example.org")
	invite := func(by chat.UserID, token string, uses int) (store.Invite, error) {
		return s.AddInvite(ctx, store.Invite{CreatedBy: by, CreatedAt: 1, ExpiresAt: 100, UsesLeft: uses}, []byte(token))
	}
	_, err := invite(anna, "x", 1)
	wantRefusal(t, err, chat.Forbidden)
	one, err := invite(owner, "one", 1)
	check(t, err)
	two, err := invite(owner, "two", 2)
	check(t, err)
	join := func(token, email string, at int64) error {
		return add(s.CreateUser(ctx, store.NewUser{Email: email, Name: "n", Handle: "n", PasswordHash: "hash", At: at, Invite: []byte(token)}))
	}
	wantRefusal(t, join("", "b@example.org", 2), chat.Forbidden)
	wantRefusal(t, join("three", "b@example.org", 2), chat.Forbidden)
	wantRefusal(t, join("one", "b@example.org", 100), chat.Forbidden)
	// An account that is not made takes no use.
	wantRefusal(t, join("one", "anna@example.org", 2), chat.Conflict)
	check(t, join("one", "b@example.org", 2))
	wantRefusal(t, join("one", "c@example.org", 2), chat.Forbidden)
	wantRefusal(t, s.CheckInvite(ctx, []byte("one"), 2), chat.Forbidden)
	check(t, s.CheckInvite(ctx, []byte("two"), 2))
	invites, err := s.Invites(ctx, 2)
	check(t, err)
	if diff := cmp.Diff([]store.Invite{two}, invites); diff != "" || one.ID == two.ID {
		t.Errorf("invites (-want +got):\n%s", diff)
	}
	check(t, s.RemoveInvite(ctx, two.ID))
	wantRefusal(t, s.RemoveInvite(ctx, two.ID), chat.NotFound)
	wantRefusal(t, join("two", "c@example.org", 2), chat.Forbidden)
}

func testParallelInvites(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	owner := newOwner(t, s)
	check(t, add(s.AddInvite(ctx, store.Invite{CreatedBy: owner, CreatedAt: 1, ExpiresAt: 100, UsesLeft: 3}, []byte("three"))))
	var in atomic.Int32
	parallel(12, func(i int) {
		if _, err := s.CreateUser(ctx, store.NewUser{Email: fmt.Sprintf("p%d@example.org", i), Name: "p", Handle: "p", PasswordHash: "hash", At: 2, Invite: []byte("three")}); err == nil {
			in.Add(1)
		}
	})
	users, err := s.CountUsers(ctx)
	check(t, err)
	if in.Load() != 3 || users != 4 {
		t.Errorf("%d were let in and there are %d accounts, want 3 beside the owner", in.Load(), users)
	}
}
