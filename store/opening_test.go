package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/store"
)

// testStateFollowsApply: after any records, the state that the store gives is
// the one that Apply has, so that it does not matter where a follower begins.
func testStateFollowsApply(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	r := newRecorder(t, s)
	rng := rand.New(rand.NewPCG(1, 2))
	users := []chat.UserID{newUser(t, s, "a@example.org"), newUser(t, s, "b@example.org"), newUser(t, s, "c@example.org"), newUser(t, s, "d@example.org")}
	rooms := []chat.RoomID{r.createRoom("one", users[0]), r.createRoom("two", users[1])}
	kinds := make(map[chat.Kind]int)
	outcomes := make(map[chat.Outcome]int)
	for i := range 2600 {
		ev := r.apply(randomRecord(rng, r, rooms[rng.IntN(2)], users))
		outcomes[ev.Outcome]++
		if !ev.Void() {
			kinds[ev.Kind]++
		}
		if i%211 != 0 {
			continue
		}
		r.commit()
		for _, room := range rooms {
			opening, err := s.LoadState(ctx, epoch, 0, room)
			check(t, err)
			if diff := cmp.Diff(r.state(room), opening.State); diff != "" {
				t.Fatalf("after %d records, state of room %d (-applied +stored):\n%s", i, room, diff)
			}
			if opening.Watermark != r.next || opening.Room.Members != len(opening.State.Members) || opening.Room.Head != opening.State.Head {
				t.Fatalf("after %d records: got watermark %d, %d members, head %v, state has %d, %v",
					i, opening.Watermark, opening.Room.Members, opening.Room.Head, len(opening.State.Members), opening.State.Head)
			}
			if i%422 == 0 {
				r.states[room] = opening.State // and on from there
			}
		}
	}
	// It has to have been a test of everything.
	for _, kind := range chat.Kinds {
		if kind != chat.KindCreate && kinds[kind] == 0 {
			t.Errorf("no effective %s among the records", kind)
		}
	}
	for _, outcome := range []chat.Outcome{chat.VoidCopy, chat.VoidCIDConflict, chat.VoidStale, chat.VoidForbidden, chat.VoidGone, chat.VoidAlready} {
		if outcomes[outcome] == 0 {
			t.Errorf("no void %s among the records", outcome)
		}
	}
	if head := r.state(rooms[0]).Head.Seq; head <= chat.WindowRecords {
		t.Errorf("only %d records in a room, the window was never full", head)
	}
}

// randomRecord is one that a gateway could write, with luck.
func randomRecord(rng *rand.Rand, r *recorder, room chat.RoomID, users []chat.UserID) chat.Record {
	state := r.state(room)
	pick := func() chat.UserID { return users[rng.IntN(len(users))] }
	rec := chat.Record{Room: room, User: pick()}
	if rng.IntN(3) == 0 {
		rec.User = state.CreatedBy // most others may not do much
	}
	// A gateway that is a little behind does not see what came last.
	rec.After = max(state.Head.Seq-chat.Seq(rng.IntN(4)), 1)
	switch rng.IntN(10) {
	case 0:
		rec.After = state.Head.Seq + 5
	case 1: // a cid that came just before
		if last, found := state.Window.At(state.Head.Seq); found && last.CID != "" {
			rec.User, rec.CID, rec.After = last.User, last.CID, state.Head.Seq-1
		}
	case 2: // about a message that was deleted after the gateway looked
		for _, e := range state.Window.Entries() {
			if e.Kind == chat.KindDelete && e.Outcome == chat.Effective {
				rec.Kind, rec.User, rec.TargetSeq, rec.TargetUser, rec.After = chat.KindDelete, e.User, e.Target, e.User, e.Seq-1
			}
		}
		if rec.Kind == chat.KindDelete {
			return rec
		}
	}
	rec.Kind = chat.KindMessage
	if rng.IntN(2) == 0 {
		rec.Kind = chat.Kinds[1+rng.IntN(len(chat.Kinds)-1)] // all but create
	}
	switch rec.Kind {
	case chat.KindMessage:
		rec.Text = fmt.Sprintf("text %d", rng.IntN(100))
		if rng.IntN(3) == 0 {
			rec.Mentions = []chat.UserID{pick()}
		}
	case chat.KindEdit, chat.KindDelete, chat.KindReact, chat.KindUnreact, chat.KindPin, chat.KindUnpin:
		target, found := recentMessage(rng, r, room, rec.After)
		if !found {
			rec.Kind, rec.Text = chat.KindMessage, "instead"
			break
		}
		rec.TargetSeq, rec.TargetUser = target.Seq, target.User
		if rec.Kind == chat.KindEdit {
			rec.User, rec.Text = target.User, "new text"
		}
		if rec.Kind == chat.KindReact || rec.Kind == chat.KindUnreact {
			rec.Emoji = "+1"
		}
	case chat.KindInvite, chat.KindKick, chat.KindBan, chat.KindUnban:
		rec.TargetUser = pick()
	case chat.KindRole:
		rec.TargetUser, rec.Role = pick(), []chat.Role{chat.RoleMember, chat.RoleAdmin, chat.RoleOwner}[rng.IntN(3)]
	case chat.KindRename:
		rec.Name = fmt.Sprint("name ", rng.IntN(3))
	case chat.KindTopic:
		rec.Topic = fmt.Sprint("topic ", rng.IntN(3))
	case chat.KindVisibility:
		rec.RoomKind = []chat.RoomKind{chat.PublicRoom, chat.PrivateRoom}[rng.IntN(2)]
	}
	return rec
}

// recentMessage picks a message that was not deleted up to after: that much a
// gateway vouches for.
func recentMessage(rng *rand.Rand, r *recorder, room chat.RoomID, after chat.Seq) (chat.WindowEntry, bool) {
	entries := r.state(room).Window.Entries()
	deleted := make(map[chat.Seq]bool)
	for _, e := range entries {
		if e.Kind == chat.KindDelete && e.Outcome == chat.Effective && e.Seq <= after {
			deleted[e.Target] = true
		}
	}
	entries = slices.DeleteFunc(entries[max(0, len(entries)-20):], func(e chat.WindowEntry) bool {
		return e.Kind != chat.KindMessage || e.Outcome != chat.Effective || deleted[e.Seq]
	})
	if len(entries) == 0 {
		return chat.WindowEntry{}, false
	}
	return entries[rng.IntN(len(entries))], true
}

func testOpening(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	r := newRecorder(t, s)
	anna, bert, carl := newUser(t, s, "anna@example.org"), newUser(t, s, "bert@example.org"), newUser(t, s, "carl@example.org")
	room := r.createRoom("lobby", anna)
	for _, user := range []chat.UserID{bert, carl} {
		r.must(chat.Record{Kind: chat.KindJoin, Room: room, User: user})
	}
	var events []*chat.Event
	for i := range 600 {
		events = append(events, r.must(message(room, []chat.UserID{anna, bert}[i%2], fmt.Sprint("m", i))))
	}
	r.commit()
	r.must(chat.Record{Kind: chat.KindLeave, Room: room, User: bert})
	r.must(chat.Record{Kind: chat.KindLeave, Room: room, User: carl})

	// Cids with a time: before, at, and after the time that is asked for.
	since := time.UnixMilli(1_700_000_500_000)
	timed := func(ms int64) string {
		id := uuid.Must(uuid.NewV7())
		for i := range 6 {
			id[i] = byte(ms >> (8 * (5 - i)))
		}
		return id.String()
	}
	var cids []string
	for _, offset := range []int64{-1, 0, 1, 3_600_000} {
		cid := timed(since.UnixMilli() + offset)
		rec := message(room, anna, "timed")
		rec.CID = cid
		r.must(rec)
		cids = append(cids, cid)
	}
	refused := message(room, carl, "not a member")
	refused.CID = timed(since.UnixMilli() + 5)
	r.apply(refused)
	r.commit()

	o, err := s.LoadOpening(ctx, epoch, 0, room, since.UnixMilli())
	check(t, err)
	if o.Watermark != r.next || o.Room.Head != r.state(room).Head {
		t.Errorf("got watermark %d, head %v, want %d, %v", o.Watermark, o.Room.Head, r.next, r.state(room).Head)
	}
	if diff := cmp.Diff(r.state(room), o.State); diff != "" {
		t.Errorf("state (-applied +stored):\n%s", diff)
	}
	if len(o.Recent) != chat.RingEvents || o.Recent[len(o.Recent)-1].Seq != o.Room.Head.Seq {
		t.Fatalf("got %d recent events up to %d", len(o.Recent), o.Recent[len(o.Recent)-1].Seq)
	}
	known := events[slices.IndexFunc(events, func(ev *chat.Event) bool { return ev.Seq == o.Recent[0].Seq }):]
	if diff := cmp.Diff(known, o.Recent[:len(known)], ignorePosition); diff != "" {
		t.Errorf("recent events (-applied +stored):\n%s", diff)
	}
	answered := func(o *chat.Opening) {
		t.Helper()
		if _, found := o.Answers.Find(anna, cids[0]); found || o.Answers.Len() != 4 {
			t.Errorf("got %d answers, want those of the four cids at %v or later", o.Answers.Len(), since)
		}
		for _, cid := range append(cids[1:], refused.CID) {
			user := anna
			if cid == refused.CID {
				user = carl
			}
			want, _, err := s.FindAnswer(ctx, room, user, cid)
			check(t, err)
			got, _ := o.Answers.Find(user, cid)
			if want == nil || got.MAC != want.MAC || cmp.Diff(want.Answer, got.Answer(room)) != "" {
				t.Errorf("answer to %s: got %+v, want %+v", cid, got, want)
			}
		}
	}
	answered(o)
	// Carl has left and said nothing, yet his void is among the recent events.
	names := make([]string, 0, len(o.People))
	for _, p := range o.People {
		names = append(names, p.Handle)
	}
	slices.Sort(names)
	if diff := cmp.Diff([]string{"anna", "bert", "carl"}, names); diff != "" {
		t.Errorf("people (-want +got):\n%s", diff)
	}

	// The same once they lie below the window.
	for range chat.WindowRecords {
		r.must(message(room, anna, "later"))
	}
	r.commit()
	o, err = s.LoadOpening(ctx, epoch, 0, room, since.UnixMilli())
	check(t, err)
	answered(o)
}

func testOpeningOfNewRoom(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	r := newRecorder(t, s)
	anna := newUser(t, s, "anna@example.org")
	reserved, err := s.ReserveRoom(ctx, newRoom("Lobby", anna, "c1"))
	check(t, err)
	room := reserved.Room.ID
	o, err := s.LoadOpening(ctx, epoch, 0, room, 0)
	check(t, err)
	want := &chat.Opening{Room: reserved.Room, State: chat.NewState(room), Recent: []*chat.Event{}}
	if diff := cmp.Diff(want, o, cmp.AllowUnexported(chat.Answers{})); diff != "" {
		t.Errorf("opening of a reserved room (-want +got):\n%s", diff)
	}

	// Somebody sent to it before its creation: void, and still not created.
	if ev := r.apply(message(room, anna, "early")); ev.Outcome != chat.VoidForbidden {
		t.Fatalf("got outcome %q, want forbidden", ev.Outcome)
	}
	r.commit()
	for range 2 {
		o, err = s.LoadOpening(ctx, epoch, 0, room, 0)
		check(t, err)
		if diff := cmp.Diff(r.state(room), o.State); diff != "" {
			t.Errorf("state (-applied +stored):\n%s", diff)
		}
		if o.State.Kind == "" {
			r.must(createRecord(reserved))
			r.commit()
		}
	}
}

func testOpeningRefused(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	r := newRecorder(t, s)
	anna := newUser(t, s, "anna@example.org")
	room := r.createRoom("lobby", anna)
	_, err := s.LoadOpening(ctx, epoch, 0, 99, 0)
	wantRefusal(t, err, chat.NotFound)
	if _, err := s.LoadOpening(ctx, "another", 0, room, 0); !errors.Is(err, store.ErrNoWatermark) {
		t.Errorf("got error %v, want %v", err, store.ErrNoWatermark)
	}
	check(t, s.InitWatermark(ctx, epoch, 1, 0))
	if _, err := s.LoadOpening(ctx, epoch, 1, room, 0); err == nil {
		t.Error("a room was opened with the watermark of another partition")
	}
}

func testFindAnswer(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	r := newRecorder(t, s)
	anna, bert := newUser(t, s, "anna@example.org"), newUser(t, s, "bert@example.org")
	room, other := r.createRoom("lobby", anna), r.createRoom("kitchen", anna)
	sent := r.must(chat.Record{Kind: chat.KindMessage, Room: room, User: anna, CID: "sent", Text: "hello"})
	already := r.apply(chat.Record{Kind: chat.KindJoin, Room: room, User: anna, CID: "already"})
	forbidden := r.apply(chat.Record{Kind: chat.KindMessage, Room: room, User: bert, CID: "sent", Text: "hello"})
	copied := r.apply(chat.Record{Kind: chat.KindMessage, Room: room, User: anna, CID: "sent", Text: "hello", After: 1})
	if already.Outcome != chat.VoidAlready || forbidden.Outcome != chat.VoidForbidden || copied.Outcome != chat.VoidCopy {
		t.Fatalf("got outcomes %q, %q, %q", already.Outcome, forbidden.Outcome, copied.Outcome)
	}
	r.commit()
	tests := []struct {
		room chat.RoomID
		user chat.UserID
		cid  string
		want *chat.Event
		head chat.Seq
	}{
		{room, anna, "sent", sent, 5},
		{room, anna, "already", already, 5},
		{room, bert, "sent", forbidden, 5},
		{room, anna, "SENT", nil, 5},
		{room, anna, "", nil, 5},
		{other, anna, "sent", nil, 1},
	}
	for _, c := range tests {
		got, head, err := s.FindAnswer(ctx, c.room, c.user, c.cid)
		check(t, err)
		var want *chat.Answered
		if c.want != nil {
			want = &chat.Answered{User: c.user, CID: c.cid, MAC: c.want.MAC, Outcome: c.want.Outcome, Answer: c.want.Answer()}
		}
		if diff := cmp.Diff(want, got); diff != "" || head != c.head {
			t.Errorf("answer to %s of %d in %d at head %d, want head %d (-want +got):\n%s", c.cid, c.user, c.room, head, c.head, diff)
		}
	}
	_, _, err := s.FindAnswer(ctx, 99, anna, "sent")
	wantRefusal(t, err, chat.NotFound)
	stored := eventBySeq(t, s, room, copied.Seq)
	if diff := cmp.Diff(copied, stored, ignorePosition); diff != "" || stored.FirstSeq != sent.Seq {
		t.Errorf("stored copy (-applied +stored):\n%s", diff)
	}
}
