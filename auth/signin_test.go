package auth_test

import (
	"errors"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/bcrypt"

	"github.com/parleychat/parley/auth"
	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/store"
)

func TestRegisterSignsIn(t *testing.T) {
	o := openOffice(t)
	in := o.register(t, ann)
	who, err := o.Verify(o.ctx, in.Token)
	if err != nil {
		t.Fatal(err)
	}
	want := auth.Identity{
		User:      chat.Person{ID: in.User.ID, Name: "ann", Handle: "ann", Email: ann},
		Role:      chat.ServerMember,
		Session:   in.Session,
		ExpiresAt: o.clock.Now().Add(auth.AccessLife),
	}
	if diff := cmp.Diff(want, who); diff != "" {
		t.Errorf("identity (-want +got):\n%s", diff)
	}
	again, err := o.Login(o.ctx, "ANN@example.org", password, home)
	if err != nil {
		t.Fatal(err)
	}
	if again.User != in.User {
		t.Errorf("login: got %v, want %v", again.User, in.User)
	}
	t.Run("A9", func(t *testing.T) {
		if again.Session == in.Session || again.Refresh == in.Refresh {
			t.Error("a second sign-in has the session of the first")
		}
	})
}

func TestRegisterRefuses(t *testing.T) {
	o := openOffice(t)
	o.register(t, ann)
	for _, tc := range []struct {
		name, email, password string
		want                  chat.Code
	}{
		{"taken, S1", ann, password, chat.Conflict},
		{"taken in other letters", "Ann@EXAMPLE.org", password, chat.Conflict},
		{"no address, S2", "hello", password, chat.Invalid},
		{"empty password, S2", "b@example.org", "", chat.Invalid},
		{"short password", "b@example.org", "1234567", chat.Invalid},
		{"long password, A1", "b@example.org", strings.Repeat("x", 4096), chat.Invalid},
		{"password is the address", "bob@example.org", "bob@example.org", chat.Invalid},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := o.Register(o.ctx, tc.email, tc.password, "", home)
			wantCode(t, "register", err, tc.want)
		})
	}
	closed := o.newService(t, func(c *auth.Config) { c.Registration = auth.RegistrationClosed })
	_, err := closed.Register(o.ctx, "c@example.org", password, "", home)
	wantCode(t, "closed registration", err, chat.Forbidden)
}

// A1, A13, S5: every failing sign-in says the same and does the same work.
func TestLoginFailsAlike(t *testing.T) {
	o := openOffice(t)
	o.register(t, ann)
	attempts := []struct{ name, email, password string }{
		{"wrong password", ann, "not the password"},
		{"empty password", ann, ""},
		{"4 KB password", ann, strings.Repeat("x", 4096)},
		{"unknown address", "nobody@example.org", password},
		{"no address", "nobody", password},
		{"empty address", "", password},
		{"huge address", strings.Repeat("a", 10_000) + "@example.org", password},
	}
	var first error
	for _, tc := range attempts {
		_, err := o.Login(o.ctx, tc.email, tc.password, home)
		wantCode(t, tc.name, err, chat.Unauthorized)
		if first == nil {
			first = err
		}
		if err != nil && err.Error() != first.Error() {
			t.Errorf("%s: got %q, others get %q", tc.name, err, first)
		}
	}
	release := o.OccupyHashing()
	defer release()
	for _, tc := range attempts {
		_, err := o.Login(o.ctx, tc.email, tc.password, auth.Client{Addr: netip.MustParseAddr("198.51.100.9")})
		wantCode(t, tc.name+" needs a hash as all do", err, chat.Busy)
	}
}

// A46: who finds all slots for hashing taken is told to come back.
func TestHashingIsBounded(t *testing.T) {
	o := openOffice(t)
	o.register(t, ann)
	release := o.OccupyHashing()
	var waiting sync.WaitGroup
	answers := make(chan error, 50)
	for range 50 {
		waiting.Go(func() {
			_, err := o.Login(o.ctx, "who@example.org", password, auth.Client{Addr: netip.MustParseAddr("127.0.0.1")})
			answers <- err
		})
	}
	waiting.Wait()
	close(answers)
	busy := 0
	for err := range answers {
		refusal, ok := errors.AsType[*chat.Error](err)
		if !ok {
			t.Fatalf("got %v, want a refusal", err)
		}
		if refusal.Code == chat.Busy {
			busy++
			if refusal.RetryAfter <= 0 {
				t.Error("busy without a time to come back")
			}
		}
	}
	if busy != 10 {
		t.Errorf("got %d of 50 busy, want the 10 that the limit per account lets through", busy)
	}
	release()
	if _, err := o.Login(o.ctx, ann, password, home); err != nil {
		t.Errorf("login after the crowd: %v", err)
	}
}

// A12, S5.
func TestSignInIsLimited(t *testing.T) {
	t.Run("per account, from everywhere", func(t *testing.T) {
		o := openOffice(t)
		o.register(t, ann)
		for i := range 10 {
			from := auth.Client{Addr: netip.AddrFrom4([4]byte{203, 0, 113, byte(i)})}
			_, err := o.Login(o.ctx, ann, "wrong password", from)
			wantCode(t, "attempt", err, chat.Unauthorized)
		}
		_, err := o.Login(o.ctx, "ANN@example.org", password, home)
		wantCode(t, "11th attempt within a minute", err, chat.RateLimited)
		o.clock.Pass(6 * time.Second)
		_, err = o.Login(o.ctx, ann, password, home)
		wantCode(t, "after the wait, nobody is locked out", err, "")
	})
	release := func(o *office) func() { return o.OccupyHashing() } // attempts cost nothing then
	t.Run("per network", func(t *testing.T) {
		o := openOffice(t)
		defer release(o)()
		for i := range 61 {
			from := auth.Client{Addr: netip.MustParseAddr("2001:db8:1:2::1").Next()}
			if i%2 == 1 {
				from.Addr = netip.MustParseAddr("2001:db8:1:2:ffff::9")
			}
			_, err := o.Login(o.ctx, name(i), password, from)
			want := chat.Busy
			if i == 60 {
				want = chat.RateLimited
			}
			wantCode(t, "attempt", err, want)
		}
		_, err := o.Login(o.ctx, name(99), password, auth.Client{Addr: netip.MustParseAddr("2001:db8:1:3::1")})
		wantCode(t, "another network", err, chat.Busy)
	})
	t.Run("loopback peers are exempt", func(t *testing.T) {
		o := openOffice(t)
		defer release(o)()
		for i := range 100 {
			_, err := o.Login(o.ctx, name(i), password, auth.Client{Addr: netip.MustParseAddr("::ffff:127.0.0.1")})
			wantCode(t, "attempt", err, chat.Busy)
		}
	})
	t.Run("unknown addresses share one bucket", func(t *testing.T) {
		o := openOffice(t)
		defer release(o)()
		var err error
		for i := range 61 {
			_, err = o.Login(o.ctx, name(i), password, auth.Client{})
		}
		wantCode(t, "61st attempt", err, chat.RateLimited)
	})
	t.Run("registration", func(t *testing.T) {
		o := openOffice(t)
		for i := range 30 {
			_, err := o.Register(o.ctx, "x", password, "", home)
			wantCode(t, "attempt "+name(i), err, chat.Invalid)
		}
		_, err := o.Register(o.ctx, "x", password, "", home)
		wantCode(t, "31st", err, chat.RateLimited)
	})
}

func name(i int) string { return string(rune('a'+i%26)) + string(rune('a'+i/26)) + "@example.org" }

// Accounts that come from Turbo-Chat have bcrypt hashes, of passwords that
// could be anything.
func TestBcryptIsAcceptedAndReplaced(t *testing.T) {
	o := openOffice(t)
	for _, tc := range []struct{ name, email, password string }{
		{"short", "short@example.org", "abc"},
		{"longer than bcrypt looks at", "long@example.org", strings.Repeat("long ", 20)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			raw := []byte(tc.password)
			hash, err := bcrypt.GenerateFromPassword(raw[:min(len(raw), 72)], bcrypt.MinCost)
			if err != nil {
				t.Fatal(err)
			}
			// Node writes another letter for the same thing.
			legacy := strings.Replace(string(hash), "$2a$", "$2b$", 1)
			user, err := o.store.CreateUser(o.ctx, store.NewUser{Email: tc.email, Name: "x", Handle: "x", PasswordHash: legacy, At: 1})
			if err != nil {
				t.Fatal(err)
			}
			_, err = o.Login(o.ctx, tc.email, "not it", home)
			wantCode(t, "wrong password", err, chat.Unauthorized)
			if _, err := o.Login(o.ctx, tc.email, tc.password, home); err != nil {
				t.Fatalf("login: %v", err)
			}
			user, err = o.store.UserByID(o.ctx, user.ID)
			if err != nil {
				t.Fatal(err)
			}
			if want := "$argon2id$v=19$m=19456,t=2,p=1$"; !strings.HasPrefix(user.PasswordHash, want) {
				t.Errorf("hash after sign-in: got %q, want %s…", user.PasswordHash, want)
			}
			if _, err := o.Login(o.ctx, tc.email, tc.password, home); err != nil {
				t.Errorf("login with the new hash: %v", err)
			}
		})
	}
	t.Run("an empty password lets nobody in, S2", func(t *testing.T) {
		hash, err := bcrypt.GenerateFromPassword(nil, bcrypt.MinCost)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.store.CreateUser(o.ctx, store.NewUser{Email: "e@example.org", Name: "e", Handle: "e", PasswordHash: string(hash), At: 1}); err != nil {
			t.Fatal(err)
		}
		_, err = o.Login(o.ctx, "e@example.org", "", home)
		wantCode(t, "login", err, chat.Unauthorized)
	})
}

func TestPasswordFormsOfOneText(t *testing.T) {
	o := openOffice(t)
	composed, decomposed := "caf\u00e9 au lait", "cafe\u0301 au lait"
	if _, err := o.Register(o.ctx, ann, composed, "", home); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Login(o.ctx, ann, decomposed, home); err != nil {
		t.Errorf("login from a system that writes é otherwise: %v", err)
	}
}
