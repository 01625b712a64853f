package auth_test

import (
	"context"
	"database/sql/driver"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parleychat/parley/auth"
	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/store"
)

func TestRefresh(t *testing.T) {
	o := openOffice(t)
	in := o.register(t, ann)
	o.clock.Pass(5 * time.Hour)
	next, err := o.Refresh(o.ctx, in.Refresh, home)
	if err != nil {
		t.Fatal(err)
	}
	if next.Session != in.Session || next.User != in.User {
		t.Errorf("refreshed: got session %q of %v, want %q of %v", next.Session, next.User, in.Session, in.User)
	}
	if next.Refresh == in.Refresh || next.Token == in.Token {
		t.Error("a refresh gave the old tokens again")
	}
	o.clock.Pass(2 * time.Hour)
	_, err = o.Verify(o.ctx, in.Token)
	wantCode(t, "old access token after its time", err, chat.Unauthorized)
	if _, err := o.Verify(o.ctx, next.Token); err != nil {
		t.Errorf("new access token: %v", err)
	}
	t.Run("after 30 days", func(t *testing.T) {
		o.clock.Pass(auth.RefreshLife)
		_, err := o.Refresh(o.ctx, next.Refresh, home)
		wantCode(t, "refresh", err, chat.Unauthorized)
	})
	t.Run("nonsense", func(t *testing.T) {
		for _, token := range []string{"", "x", in.Token} {
			_, err := o.Refresh(o.ctx, token, home)
			wantCode(t, "refresh", err, chat.Unauthorized)
		}
	})
}

// A25: a refresh token that comes after its successor ends the session, for
// whoever has it, with its sockets.
func TestRefreshReuseRevokes(t *testing.T) {
	o := openOffice(t)
	in := o.register(t, ann)
	socket := &socket{}
	o.Watch(in.Session, socket)
	next, err := o.Refresh(o.ctx, in.Refresh, home)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Verify(o.ctx, next.Token); err != nil {
		t.Fatal(err)
	}
	o.clock.Pass(auth.RefreshGrace)
	_, err = o.Refresh(o.ctx, in.Refresh, home)
	wantCode(t, "reuse", err, chat.Unauthorized)
	_, err = o.Refresh(o.ctx, next.Refresh, home)
	wantCode(t, "the successor", err, chat.Unauthorized)
	_, err = o.Verify(o.ctx, next.Token)
	wantCode(t, "the access token", err, chat.Unauthorized)
	if got := socket.told.Load(); got != 1 {
		t.Errorf("socket told %d times, want once", got)
	}
}

// Within the grace a replaced token gets the newest successor, not another
// one: an answer was lost, or two tabs renewed at once.
func TestRefreshGrace(t *testing.T) {
	o := openOffice(t)
	in := o.register(t, ann)
	var tabs sync.WaitGroup
	got := make(chan string, 8)
	for range cap(got) {
		tabs.Go(func() {
			next, err := o.Refresh(o.ctx, in.Refresh, home)
			if err != nil {
				t.Errorf("refresh: %v", err)
			}
			got <- next.Refresh
		})
	}
	tabs.Wait()
	first := <-got
	for range cap(got) - 1 {
		if other := <-got; other != first {
			t.Errorf("two successors of one token: %q and %q", first, other)
		}
	}
	second, err := o.Refresh(o.ctx, first, home)
	if err != nil {
		t.Fatal(err)
	}
	late, err := o.Refresh(o.ctx, in.Refresh, home)
	if err != nil {
		t.Fatal(err)
	}
	if late.Refresh != second.Refresh {
		t.Error("a late tab got a token that is replaced already")
	}
	t.Run("after a restart another one is made", func(t *testing.T) {
		restarted := o.newService(t)
		if _, err := restarted.Refresh(o.ctx, in.Refresh, home); err != nil {
			t.Errorf("refresh within the grace: %v", err)
		}
	})
	t.Run("not after a logout", func(t *testing.T) {
		if err := o.Logout(o.ctx, in.Session); err != nil {
			t.Fatal(err)
		}
		_, err := o.Refresh(o.ctx, first, home)
		wantCode(t, "refresh", err, chat.Unauthorized)
	})
}

func TestLogout(t *testing.T) {
	o := openOffice(t)
	in := o.register(t, ann)
	other, err := o.Login(o.ctx, ann, password, home)
	if err != nil {
		t.Fatal(err)
	}
	here, elsewhere := &socket{}, &socket{}
	o.Watch(in.Session, here)
	o.Watch(other.Session, elsewhere)
	for _, token := range []string{in.Token, other.Token} {
		if _, err := o.Verify(o.ctx, token); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := o.Logout(o.ctx, in.Session); err != nil {
			t.Fatal(err)
		}
	}
	_, err = o.Verify(o.ctx, in.Token)
	wantCode(t, "A4 token of the session", err, chat.Unauthorized)
	_, err = o.Refresh(o.ctx, in.Refresh, home)
	wantCode(t, "A4 refresh of the session", err, chat.Unauthorized)
	if here.told.Load() == 0 {
		t.Error("A4 the session's socket was not told")
	}
	if _, err := o.Verify(o.ctx, other.Token); err != nil || elsewhere.told.Load() != 0 {
		t.Errorf("another session of the same person: %v, socket told %d times", err, elsewhere.told.Load())
	}
	o.Unwatch(other.Session, elsewhere)
	if err := o.LogoutRefresh(o.ctx, other.Refresh, home); err != nil {
		t.Fatal(err)
	}
	_, err = o.Verify(o.ctx, other.Token)
	wantCode(t, "after logout by refresh token", err, chat.Unauthorized)
	if elsewhere.told.Load() != 0 {
		t.Error("a socket that had left was told")
	}
	for _, token := range []string{other.Refresh, "", "x"} {
		if err := o.LogoutRefresh(o.ctx, token, home); err != nil {
			t.Errorf("logout with a worthless token: %v", err)
		}
	}
}

type socket struct{ told atomic.Int32 }

func (s *socket) Revoked() { s.told.Add(1) }

// A socket that registers first and checks second learns of every revocation,
// whatever moment it falls into and whoever made it: here it commits while the
// check's read of the store, begun before it, is under way.
func TestRevocationDuringCheck(t *testing.T) {
	for name, tc := range map[string]struct {
		elsewhere bool
		// How the revocation comes to this node, before and after the check has
		// its answer.
		before, after func(t *testing.T, o *office, session string)
	}{
		"here":                             {},
		"on another node, heard meanwhile": {elsewhere: true, before: hear},
		"on another node, heard behind it": {elsewhere: true, after: hear},
		"on another node, read meanwhile":  {elsewhere: true, before: readOf},
		"on another node, read behind it":  {elsewhere: true, after: readOf},
	} {
		t.Run(name, func(t *testing.T) {
			reading, goOn := make(chan struct{}), make(chan struct{})
			var gate *gatedStore
			o := openOffice(t, func(cfg *auth.Config) {
				gate = &gatedStore{Store: cfg.Store}
				cfg.Store = gate
			})
			ends := o.Service
			if tc.elsewhere {
				ends = o.newService(t)
			}
			in := o.register(t, ann)
			gate.afterRead = func() {
				close(reading)
				<-goOn
			}
			socket := &socket{}
			o.Watch(in.Session, socket)
			checked := make(chan error)
			go func() { checked <- o.CheckSession(o.ctx, in.Session) }()
			<-reading
			gate.afterRead = nil
			if err := ends.Logout(o.ctx, in.Session); err != nil {
				t.Fatal(err)
			}
			if tc.before != nil {
				tc.before(t, o, in.Session)
			}
			close(goOn)
			err := <-checked
			if tc.after != nil {
				tc.after(t, o, in.Session)
			}
			if err == nil && socket.told.Load() == 0 {
				t.Error("the check passed and the socket was not told")
			}
			err = o.CheckSession(o.ctx, in.Session)
			wantCode(t, "what was read before the revocation must not be remembered", err, chat.Unauthorized)
		})
	}
}

// hear is what the control stream does.
func hear(_ *testing.T, o *office, session string) {
	o.Changed(auth.Change{Ended: []string{session}})
}

// readOf is what happens once a second.
func readOf(t *testing.T, o *office, _ string) {
	t.Helper()
	if err := o.CatchUp(o.ctx); err != nil {
		t.Fatal(err)
	}
}

// gatedStore stops after a session was read.
type gatedStore struct {
	auth.Store
	afterRead func()
}

func (g *gatedStore) SessionByID(ctx context.Context, sid string) (store.Session, error) {
	session, err := g.Store.SessionByID(ctx, sid)
	if fn := g.afterRead; fn != nil {
		fn()
	}
	return session, err
}

// What changes the table without this process is noticed within seconds.
func TestRevocationByOthers(t *testing.T) {
	o := openOffice(t)
	in := o.register(t, ann)
	if _, err := o.Verify(o.ctx, in.Token); err != nil {
		t.Fatal(err)
	}
	if err := o.newService(t).Logout(o.ctx, in.Session); err != nil {
		t.Fatal(err)
	}
	o.clock.Pass(5 * time.Second)
	_, err := o.Verify(o.ctx, in.Token)
	wantCode(t, "verify", err, chat.Unauthorized)
}

func TestRunRemovesExpiredSessions(t *testing.T) {
	o := openOffice(t)
	in := o.register(t, ann)
	o.clock.Pass(auth.RefreshLife + auth.AccessLife + time.Second)
	ctx, cancel := context.WithCancel(o.ctx)
	pruned := make(chan struct{})
	service := o.newService(t, func(cfg *auth.Config) { cfg.Store = &pruneWatch{Store: cfg.Store, pruned: pruned} })
	ended := make(chan error)
	go func() { ended <- service.Run(ctx) }()
	<-pruned
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("Run: %v", err)
	}
	_, err := o.store.SessionByID(o.ctx, in.Session)
	wantCode(t, "expired session", err, chat.NotFound)
}

type pruneWatch struct {
	auth.Store
	pruned chan struct{}
}

func (p *pruneWatch) PruneSessions(ctx context.Context, before int64) error {
	defer close(p.pruned)
	return p.Store.PruneSessions(ctx, before)
}

// Who is signed in stays so while the store is away, until their session's end
// is heard, or could not have been.
func TestVerifyWhileStoreIsAway(t *testing.T) {
	var gate *awayStore
	fresh := true
	o := openOffice(t, func(cfg *auth.Config) {
		gate = &awayStore{Store: cfg.Store}
		cfg.Store, cfg.Fresh = gate, func() bool { return fresh }
	})
	in := o.register(t, ann)
	other := o.register(t, "ben@example.org")
	for _, token := range []string{in.Token, other.Token} {
		if _, err := o.Verify(o.ctx, token); err != nil {
			t.Fatal(err)
		}
	}
	stranger, err := o.newService(t).Login(o.ctx, ann, password, home)
	if err != nil {
		t.Fatal(err)
	}
	gate.away = true
	for range 3 {
		o.clock.Pass(time.Minute)
		if who, err := o.Verify(o.ctx, in.Token); err != nil || who.User != in.User {
			t.Fatalf("while the store is away: got %v, %v", who, err)
		}
	}
	_, err = o.Verify(o.ctx, stranger.Token)
	wantCode(t, "a session that was not seen here", err, chat.Unavailable)

	o.Changed(auth.Change{Ended: []string{other.Session}})
	_, err = o.Verify(o.ctx, other.Token)
	wantCode(t, "a session whose end was heard", err, chat.Unavailable)
	if _, err := o.Verify(o.ctx, in.Token); err != nil {
		t.Errorf("another's end was heard: %v", err)
	}
	fresh = false
	o.clock.Pass(time.Minute)
	_, err = o.Verify(o.ctx, in.Token)
	wantCode(t, "when ends are not heard", err, chat.Unavailable)
	fresh, gate.away = true, false
	if _, err := o.Verify(o.ctx, in.Token); err != nil {
		t.Errorf("with the store: %v", err)
	}
	_, err = o.Verify(o.ctx, strings.Repeat("x", 20))
	wantCode(t, "nonsense", err, chat.Unauthorized)
}

// awayStore is a store that does not answer about sessions when it is away.
type awayStore struct {
	auth.Store
	away bool
}

func (s *awayStore) SessionByID(ctx context.Context, sid string) (store.Session, error) {
	if s.away {
		return store.Session{}, driver.ErrBadConn
	}
	return s.Store.SessionByID(ctx, sid)
}
