package store_test

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/internal/services"
	"github.com/parleychat/parley/store"
)

// opener opens a new, empty store that is closed with the test.
type opener func(t testing.TB) *store.Store

// suite is what every database has to pass.
var suite = []struct {
	name string
	test func(t *testing.T, open opener)
}{
	{"Ping", testPing},
	{"Keys", testKeys},
	{"CreateUser", testCreateUser},
	{"ParallelSignUp", testParallelSignUp},
	{"Handles", testHandles},
	{"People", testPeople},
	{"Password", testPassword},
	{"Profile", testProfile},
	{"ChangePassword", testChangePassword},
	{"SignInMeetsChange", testSignInMeetsChange},
	{"SessionsOf", testSessionsOf},
	{"ServerRoles", testServerRoles},
	{"OwnersRemoveEachOther", testOwnersRemoveEachOther},
	{"Disable", testDisable},
	{"DeleteUser", testDeleteUser},
	{"DeleteOnlyOwner", testDeleteOnlyOwner},
	{"Status", testStatus},
	{"ListUsers", testListUsers},
	{"SetUp", testSetUp},
	{"Resets", testResets},
	{"ParallelResets", testParallelResets},
	{"Invites", testInvites},
	{"ParallelInvites", testParallelInvites},
	{"Sessions", testSessions},
	{"RotateRefresh", testRotateRefresh},
	{"RefreshReused", testRefreshReused},
	{"RefreshGrace", testRefreshGrace},
	{"RefreshRefused", testRefreshRefused},
	{"Revocations", testRevocations},
	{"ParallelRevocations", testParallelRevocations},
	{"PruneSessions", testPruneSessions},
	{"Watermarks", testWatermarks},
	{"ReserveRoom", testReserveRoom},
	{"ReserveRoomAgain", testReserveRoomAgain},
	{"ReserveRoomRefused", testReserveRoomRefused},
	{"ParallelReservations", testParallelReservations},
	{"LongNameKey", testLongNameKey},
	{"KeysAreBytes", testKeysAreBytes},
	{"Rename", testRename},
	{"RenameVoid", testRenameVoid},
	{"Visibility", testVisibility},
	{"ListRooms", testListRooms},
	{"Membership", testMembership},
	{"CommitFenced", testCommitFenced},
	{"CommitGap", testCommitGap},
	{"CommitUnknownRoom", testCommitUnknownRoom},
	{"CommitTwiceTheSameCID", testCommitTwiceTheSameCID},
	{"CommitRaces", testCommitRaces},
	{"StateFollowsApply", testStateFollowsApply},
	{"Opening", testOpening},
	{"OpeningOfNewRoom", testOpeningOfNewRoom},
	{"OpeningRefused", testOpeningRefused},
	{"FindAnswer", testFindAnswer},
	{"EditAndDelete", testEditAndDelete},
	{"Mentions", testMentions},
	{"ReadMarks", testReadMarks},
	{"RoomSettings", testRoomSettings},
	{"StarPlaces", testStarPlaces},
	{"MessageDrafts", testMessageDrafts},
	{"DraftBounds", testDraftBounds},
	{"Pictures", testPictures},
	{"Pages", testPages},
	{"PageBounds", testPageBounds},
	{"WholeEvents", testWholeEvents},
	{"PagesWhileWriting", testPagesWhileWriting},
	{"Range", testRange},
	{"HostileText", testHostileText},
	{"ReserveDirect", testReserveDirect},
	{"RoomDraft", testRoomDraft},
	{"ReserveName", testReserveName},
	{"MemberLists", testMemberLists},
	{"SearchRooms", testSearchRooms},
	{"FindPeople", testFindPeople},
	{"RenewFindKeys", testRenewFindKeys},
	{"RoomLinks", testRoomLinks},
	{"Nodes", testNodes},
	{"EndedContext", testEndedContext},
}

func TestSQLite(t *testing.T) {
	for _, c := range suite {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.test(t, openSQLite)
		})
	}
}

func TestMariaDB(t *testing.T) {
	services.SharedMariaDB(t)
	for _, c := range suite {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.test(t, openMariaDB)
		})
	}
}

func openSQLite(t testing.TB) *store.Store {
	t.Helper()
	return openSQLiteAt(t, filepath.Join(t.TempDir(), "parley.db"))
}

func openSQLiteAt(t testing.TB, path string) *store.Store {
	t.Helper()
	return openStore(t, store.Config{Path: path})
}

func openMariaDB(t testing.TB) *store.Store {
	t.Helper()
	return openStore(t, store.Config{URL: services.SharedMariaDB(t).NewDatabase(t)})
}

func openStore(t testing.TB, cfg store.Config) *store.Store {
	t.Helper()
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	s, err := store.Open(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

// newUser makes an account whose name and handle are the address' local part.
func newUser(t testing.TB, s *store.Store, email string) chat.UserID {
	t.Helper()
	name, _, _ := strings.Cut(email, "@")
	u, err := s.CreateUser(context.Background(), store.NewUser{Email: email, Name: name, Handle: name, PasswordHash: "hash", At: 1})
	if err != nil {
		t.Fatal(err)
	}
	return u.ID
}

// check fails the test for an error that was not expected.
func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// eventBySeq reads one event.
func eventBySeq(t testing.TB, s *store.Store, room chat.RoomID, seq chat.Seq) *chat.Event {
	t.Helper()
	events, _, err := s.Range(context.Background(), room, seq-1, seq, 1, 1)
	if err != nil || len(events) != 1 || events[0].Seq != seq {
		t.Fatalf("event %d of room %d: got %d events, error %v", seq, room, len(events), err)
	}
	return events[0]
}

// wantRefusal checks that the call was refused with this code.
func wantRefusal(t testing.TB, err error, code chat.Code) {
	t.Helper()
	if refusal, ok := errors.AsType[*chat.Error](err); !ok || refusal.Code != code {
		t.Errorf("got error %v, want the refusal %s", err, code)
	}
	if store.IsOutage(err) {
		t.Errorf("%v counts as an outage", err)
	}
}

// parallel runs fn n times at once and waits for all.
func parallel(n int, fn func(i int)) {
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			fn(i)
		})
	}
	close(start)
	wg.Wait()
}

func testPing(t *testing.T, open opener) {
	check(t, open(t).Ping(context.Background()))
}

func testEndedContext(t *testing.T, open opener) {
	s := open(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Ping(ctx); !errors.Is(err, context.Canceled) || !store.IsOutage(err) {
		t.Errorf("read: got error %v, want an outage, context canceled", err)
	}
	if _, err := s.Page(ctx, 1, store.PageQuery{}); !errors.Is(err, context.Canceled) || !store.IsOutage(err) {
		t.Errorf("page: got error %v, want an outage, context canceled", err)
	}
	if err := s.RenewPasswordHash(ctx, 1, "hash", ""); !errors.Is(err, context.Canceled) || !store.IsOutage(err) {
		t.Errorf("write: got error %v, want an outage, context canceled", err)
	}
	if store.IsOutage(nil) {
		t.Error("no error counts as an outage")
	}
}
