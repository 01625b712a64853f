package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/store"
)

const day = int64(24 * time.Hour / time.Millisecond)

// signIn makes a session at time 1,000 that lasts a day.
func signIn(t *testing.T, s *store.Store, user chat.UserID, sid string) {
	t.Helper()
	check(t, s.CreateSession(context.Background(), store.NewSession{
		SID: sid, User: user, PasswordHash: "hash", UserAgent: "Firefox", RefreshHash: []byte(sid + "-1"), At: 1000, ExpiresAt: 1000 + day,
	}))
}

func rotate(s *store.Store, from, to string, at int64) (store.Session, error) {
	return s.RotateRefresh(context.Background(), store.Rotation{Old: []byte(from), New: []byte(to), At: at, ExpiresAt: at + day})
}

func testSessions(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	anna := newUser(t, s, "anna@example.org")
	signIn(t, s, anna, "s")
	got, err := s.SessionByID(ctx, "s")
	check(t, err)
	want := store.Session{SID: "s", User: anna, UserAgent: "Firefox", CreatedAt: 1000, UsedAt: 1000, ExpiresAt: 1000 + day}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("session (-want +got):\n%s", diff)
	}
	_, err = s.SessionByID(ctx, "S")
	wantRefusal(t, err, chat.NotFound)

	check(t, s.RevokeSession(ctx, "s", 2000))
	check(t, s.RevokeSession(ctx, "s", 3000))
	want.RevokedAt = 2000
	got, err = s.SessionByID(ctx, "s")
	check(t, err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("revoked session (-want +got):\n%s", diff)
	}
	wantRefusal(t, s.RevokeSession(ctx, "other", 1), chat.NotFound)
	if err := s.CreateSession(ctx, store.NewSession{SID: "orphan", User: 99, PasswordHash: "hash", RefreshHash: []byte("o")}); err == nil {
		t.Error("a session of nobody was made")
	}
}

func testRotateRefresh(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	anna := newUser(t, s, "anna@example.org")
	signIn(t, s, anna, "s")
	for i := range 5 {
		at := 2000 + int64(i)
		session, err := rotate(s, fmt.Sprintf("s-%d", i+1), fmt.Sprintf("s-%d", i+2), at)
		check(t, err)
		want := store.Session{SID: "s", User: anna, UserAgent: "Firefox", CreatedAt: 1000, UsedAt: at, ExpiresAt: at + day}
		if diff := cmp.Diff(want, session); diff != "" {
			t.Errorf("rotated session (-want +got):\n%s", diff)
		}
		stored, err := s.SessionByID(ctx, "s")
		check(t, err)
		if diff := cmp.Diff(want, stored); diff != "" {
			t.Errorf("stored session (-want +got):\n%s", diff)
		}
	}
}

func testRefreshReused(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	anna := newUser(t, s, "anna@example.org")
	signIn(t, s, anna, "s")
	signIn(t, s, anna, "other")
	_, err := rotate(s, "s-1", "s-2", 2000)
	check(t, err)
	_, err = rotate(s, "s-2", "s-3", 3000)
	check(t, err)

	// A token from before the last: somebody kept it.
	if _, err := rotate(s, "s-1", "thief", 4000); !errors.Is(err, store.ErrRefreshReused) || store.IsOutage(err) {
		t.Fatalf("got error %v, want %v", err, store.ErrRefreshReused)
	}
	session, err := s.SessionByID(ctx, "s")
	check(t, err)
	if session.RevokedAt != 4000 {
		t.Errorf("got a session revoked at %d, want 4000", session.RevokedAt)
	}
	for _, token := range []string{"s-3", "s-2", "s-1", "thief"} {
		_, err := rotate(s, token, "again-"+token, 5000)
		wantRefusal(t, err, chat.Unauthorized)
	}
	got, err := s.RevocationsSince(ctx, 0)
	check(t, err)
	if diff := cmp.Diff([]store.Revocation{{ID: 1, SID: "s", User: anna, At: 4000}}, got); diff != "" {
		t.Errorf("revocations (-want +got):\n%s", diff)
	}
	_, err = rotate(s, "other-1", "other-2", 5000)
	check(t, err)
}

func testRefreshGrace(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	signIn(t, s, newUser(t, s, "anna@example.org"), "s")
	graceful := func(from, to string, at int64) error {
		_, err := s.RotateRefresh(ctx, store.Rotation{Old: []byte(from), New: []byte(to), At: at, ExpiresAt: at + day, Grace: 10 * time.Second})
		return err
	}
	check(t, graceful("s-1", "a", 20_000))
	// The answer was lost: the same token again, and what it gave works, as
	// does what the first gave.
	check(t, graceful("s-1", "b", 29_999))
	check(t, graceful("a", "c", 30_000))
	check(t, graceful("b", "d", 30_000))
	// The grace counts from the first use.
	if err := graceful("s-1", "e", 30_000); !errors.Is(err, store.ErrRefreshReused) {
		t.Errorf("got error %v, want %v", err, store.ErrRefreshReused)
	}
	wantRefusal(t, graceful("d", "f", 30_001), chat.Unauthorized)
}

func testRefreshRefused(t *testing.T, open opener) {
	s := open(t)
	signIn(t, s, newUser(t, s, "anna@example.org"), "s")
	_, err := rotate(s, "never given", "x", 2000)
	wantRefusal(t, err, chat.Unauthorized)
	_, err = rotate(s, "s-1", "x", 1000+day)
	wantRefusal(t, err, chat.Unauthorized)
	_, err = rotate(s, "s-1", "s-2", 999+day)
	check(t, err)
}

func testRevocations(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	anna := newUser(t, s, "anna@example.org")
	last, err := s.LastRevocation(ctx)
	check(t, err)
	if last != 0 {
		t.Errorf("got last revocation %d of none", last)
	}
	for i := range 3 {
		sid := fmt.Sprint("s", i)
		signIn(t, s, anna, sid)
		check(t, s.RevokeSession(ctx, sid, int64(2000+i)))
	}
	got, err := s.RevocationsSince(ctx, 1)
	check(t, err)
	want := []store.Revocation{{ID: 2, SID: "s1", User: anna, At: 2001}, {ID: 3, SID: "s2", User: anna, At: 2002}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("revocations since 1 (-want +got):\n%s", diff)
	}
	last, err = s.LastRevocation(ctx)
	check(t, err)
	if last != 3 {
		t.Errorf("got last revocation %d, want 3", last)
	}
}

// testParallelRevocations: a reader that asks for what is above the last id it
// saw, while others revoke, sees every one, once.
func testParallelRevocations(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	anna := newUser(t, s, "anna@example.org")
	const sessions = 60
	for i := range sessions {
		signIn(t, s, anna, fmt.Sprint("s", i))
	}
	seen := make(map[string]bool)
	parallel(5, func(worker int) {
		if worker > 0 {
			for i := worker - 1; i < sessions; i += 4 {
				if err := s.RevokeSession(ctx, fmt.Sprint("s", i), 2000); err != nil {
					t.Error(err)
				}
			}
			return
		}
		var last int64
		for len(seen) < sessions {
			revocations, err := s.RevocationsSince(ctx, last)
			if err != nil {
				t.Error(err)
				return
			}
			for _, r := range revocations {
				if r.ID != last+1 || seen[r.SID] {
					t.Errorf("got revocation %d of %s behind %d", r.ID, r.SID, last)
					return
				}
				last = r.ID
				seen[r.SID] = true
			}
		}
	})
}

func testPruneSessions(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	anna := newUser(t, s, "anna@example.org")
	signIn(t, s, anna, "old")
	signIn(t, s, anna, "used")
	check(t, s.RevokeSession(ctx, "old", 2000))
	_, err := rotate(s, "used-1", "used-2", 3000)
	check(t, err)

	check(t, s.PruneSessions(ctx, 1001+day))
	_, err = s.SessionByID(ctx, "old")
	wantRefusal(t, err, chat.NotFound)
	_, err = rotate(s, "old-1", "x", 3000)
	wantRefusal(t, err, chat.Unauthorized)
	_, err = rotate(s, "used-2", "used-3", 4000)
	check(t, err)

	revocations, err := s.RevocationsSince(ctx, 0)
	check(t, err)
	last, lastErr := s.LastRevocation(ctx)
	check(t, lastErr)
	if len(revocations) != 0 || last != 1 {
		t.Errorf("got %d revocations, the last with id %d; want none, and id 1 not to be given again", len(revocations), last)
	}
	check(t, s.RevokeSession(ctx, "used", 5000))
	revocations, err = s.RevocationsSince(ctx, last)
	check(t, err)
	if len(revocations) != 1 || revocations[0].ID != 2 {
		t.Errorf("got revocations %v, want one with id 2", revocations)
	}
}

func testWatermarks(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	if _, err := s.Watermark(ctx, "a", 0); !errors.Is(err, store.ErrNoWatermark) || store.IsOutage(err) {
		t.Errorf("got error %v, want %v", err, store.ErrNoWatermark)
	}
	check(t, s.InitWatermark(ctx, "b", 1, 10))
	check(t, s.InitWatermark(ctx, "b", 0, 20))
	check(t, s.InitWatermark(ctx, "a", 0, 30))
	check(t, s.InitWatermark(ctx, "a", 0, 0)) // there already
	next, err := s.Watermark(ctx, "a", 0)
	check(t, err)
	if next != 30 {
		t.Errorf("got watermark %d, want 30", next)
	}
	if next, err := s.ForcedWatermark(ctx, "a", 0); next != 30 || err != nil {
		t.Errorf("forced: got watermark %d, %v, want 30", next, err)
	}
	if _, err := s.ForcedWatermark(ctx, "a", 1); !errors.Is(err, store.ErrNoWatermark) {
		t.Errorf("forced: got error %v, want %v", err, store.ErrNoWatermark)
	}
	all, err := s.Watermarks(ctx)
	check(t, err)
	want := []store.Watermark{{"a", 0, 30}, {"b", 0, 20}, {"b", 1, 10}}
	if diff := cmp.Diff(want, all); diff != "" {
		t.Errorf("watermarks (-want +got):\n%s", diff)
	}
}
