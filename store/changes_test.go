package store_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/store"
)

func testEditAndDelete(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	r := newRecorder(t, s)
	anna := newUser(t, s, "anna@example.org")
	room := r.createRoom("lobby", anna)
	first := r.must(message(room, anna, "first-secret"))
	second := r.must(message(room, anna, "second-secret"))
	edit := func(of *chat.Event, text string) *chat.Event {
		return r.must(chat.Record{Kind: chat.KindEdit, Room: room, User: anna, TargetSeq: of.Seq, TargetUser: anna, Text: text})
	}
	// In the batch of the message itself, twice, and in later ones.
	edit(first, "first-draft")
	edited := edit(first, "first-text")
	r.commit()
	editOfSecond := edit(second, "second-text")
	r.commit()

	wantMessage := func(seq, rev chat.Seq, deleted bool, text string, former int) {
		t.Helper()
		ev := eventBySeq(t, s, room, seq)
		if ev.Rev != rev || ev.Deleted != deleted || strings.Contains(string(ev.Body), "messageText") == deleted || !strings.Contains(string(ev.Body), text) {
			t.Errorf("got message %d rev %d, deleted %v, %s, want rev %d, deleted %v, text %q", seq, ev.Rev, ev.Deleted, ev.Body, rev, deleted, text)
		}
		var edits int
		check(t, s.Peek(ctx, []any{&edits}, `SELECT COUNT(*) FROM edits WHERE room = ? AND seq = ?`, int64(room), int64(seq)))
		if edits != former {
			t.Errorf("got %d former texts of message %d, want %d", edits, seq, former)
		}
	}
	wantMessage(first.Seq, edited.Seq, false, `"first-text"`, 2)
	wantMessage(second.Seq, editOfSecond.Seq, false, `"second-text"`, 1)

	// The edits themselves are events without the text.
	events, _, err := s.Range(ctx, room, 3, 0, 100, 1<<20)
	check(t, err)
	for _, ev := range events {
		if ev.Kind != chat.KindEdit || strings.Contains(string(ev.Body), "Text") || !strings.Contains(string(ev.Body), `"targetSeq"`) {
			t.Errorf("got event %d %s %s, want an edit without text", ev.Seq, ev.Kind, ev.Body)
		}
	}

	deletion := r.must(chat.Record{Kind: chat.KindDelete, Room: room, User: anna, TargetSeq: first.Seq, TargetUser: anna})
	r.commit()
	wantMessage(first.Seq, deletion.Seq, true, `"cid"`, 0)
	wantMessage(second.Seq, editOfSecond.Seq, false, `"second-text"`, 1)
	// Deleted is final, its number stays.
	late := r.apply(chat.Record{Kind: chat.KindEdit, Room: room, User: anna, TargetSeq: first.Seq, TargetUser: anna, Text: "back", After: deletion.Seq - 1})
	if late.Outcome != chat.VoidGone {
		t.Fatalf("got outcome %q, want gone", late.Outcome)
	}
	r.commit()
	wantMessage(first.Seq, deletion.Seq, true, `"cid"`, 0)
	stored := eventBySeq(t, s, room, first.Seq)
	if stored.N != 1 || stored.MAC != first.MAC || stored.Cursor() != first.Cursor() {
		t.Errorf("got n %d, mac %s, cursor %v of the deleted message, want %d, %s, %v", stored.N, stored.MAC, stored.Cursor(), 1, first.MAC, first.Cursor())
	}
}

func testMentions(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	r := newRecorder(t, s)
	anna := newUser(t, s, "anna@example.org")
	room := r.createRoom("lobby", anna)
	mention := func(users ...chat.UserID) *chat.Event {
		rec := message(room, anna, "look")
		rec.Mentions = users
		return r.must(rec)
	}
	first := mention(7, 8)
	second := mention(7)
	r.commit()
	mentionsOf := func(user chat.UserID) (n int) {
		t.Helper()
		check(t, s.Peek(ctx, []any{&n}, `SELECT COUNT(*) FROM mentions WHERE user = ? AND room = ?`, int64(user), int64(room)))
		return n
	}
	want := func(seven, eight, nine int) {
		t.Helper()
		if got := [3]int{mentionsOf(7), mentionsOf(8), mentionsOf(9)}; got != [3]int{seven, eight, nine} {
			t.Errorf("got %v mentions, want %d, %d, %d", got, seven, eight, nine)
		}
	}
	want(2, 1, 0)
	r.must(chat.Record{Kind: chat.KindEdit, Room: room, User: anna, TargetSeq: first.Seq, TargetUser: anna, Text: "x", Mentions: []chat.UserID{8, 9}})
	r.commit()
	want(1, 1, 1)
	r.must(chat.Record{Kind: chat.KindDelete, Room: room, User: anna, TargetSeq: first.Seq, TargetUser: anna})
	r.must(chat.Record{Kind: chat.KindDelete, Room: room, User: anna, TargetSeq: second.Seq, TargetUser: anna})
	r.commit()
	want(0, 0, 0)
}

func testReadMarks(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	r := newRecorder(t, s)
	anna, bert := newUser(t, s, "anna@example.org"), newUser(t, s, "bert@example.org")
	room := r.createRoom("lobby", anna) // 1
	wantMark := func(user chat.UserID, seq chat.Seq, n, version int) {
		t.Helper()
		var got [3]int
		check(t, s.Peek(ctx, []any{&got[0], &got[1], &got[2]}, `SELECT seq, n, version FROM read_marks WHERE user = ? AND room = ?`, int64(user), int64(room)))
		if want := [3]int{int(seq), n, version}; got != want {
			t.Errorf("got seq, n, version %v of user %d, want %v", got, user, want)
		}
	}
	wantMark(anna, 1, 0, 1)
	r.must(message(room, anna, "one"))                                            // 2
	r.must(message(room, anna, "two"))                                            // 3
	r.must(chat.Record{Kind: chat.KindJoin, Room: room, User: bert})              // 4
	r.must(message(room, anna, "three"))                                          // 5
	r.must(chat.Record{Kind: chat.KindTopic, Room: room, User: anna, Topic: "x"}) // 6: no reading
	r.commit()
	wantMark(anna, 5, 3, 1)
	wantMark(bert, 4, 2, 1)

	// Bert has read on elsewhere, with a mark that was written first.
	check(t, s.ExecDurable(ctx, `UPDATE read_marks SET seq = 100, n = 90, version = 5 WHERE user = ?`, int64(bert)))
	r.must(message(room, bert, "four")) // 7
	r.commit()
	wantMark(bert, 100, 90, 5)

	// Going back begins a version; a move of a former one comes to nothing, and
	// so does one that is not forward.
	set, err := s.SetMark(ctx, bert, room, 3)
	check(t, err)
	if set.Mark != (chat.ReadMark{Seq: 3, N: 2, Version: 6}) {
		t.Errorf("got mark %+v, want 3, 2 and version 6", set.Mark)
	}
	move := func(seq chat.Seq, n, version uint64) {
		t.Helper()
		check(t, s.MoveMarks(ctx, []store.OwnMark{{User: bert, Room: room, ReadMark: chat.ReadMark{Seq: seq, N: n, Version: version}}}))
	}
	move(6, 3, 5)
	wantMark(bert, 3, 2, 6)
	move(5, 3, 6)
	move(4, 2, 6)
	wantMark(bert, 5, 3, 6)
	_, err = s.SetMark(ctx, bert, room, 99)
	if chat.AsError(err).Code != chat.NotFound {
		t.Errorf("a mark at an event there is not: got %v, want not_found", err)
	}
	wantMark(bert, 5, 3, 6)
}

// testHostileText: whatever people write is data, in every place.
func testHostileText(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	r := newRecorder(t, s)
	for i, evil := range []string{
		`'; DROP TABLE users; --`, `" OR "1"="1`, `\'; DELETE FROM events; #`, "`x` = ? /* ", `%_[]^$|:name @p1 $1 ?1`, "\u202e'\n\x1a🙂", `{"$ne": null}`,
	} {
		email, handle := evil+string(rune('a'+i))+"@example.org", evil+string(rune('a'+i))
		user, err := s.CreateUser(ctx, store.NewUser{Email: email, Name: evil, Handle: handle, PasswordHash: evil, At: 1})
		check(t, err)
		found, err := s.UserByEmail(ctx, email)
		check(t, err)
		if diff := cmp.Diff(user, found); diff != "" || found.Name != evil || found.PasswordHash != evil || found.Handle != handle {
			t.Errorf("user named %q (-created +found):\n%s", evil, diff)
		}
		check(t, s.CreateSession(ctx, store.NewSession{SID: evil, User: user.ID, PasswordHash: evil, UserAgent: evil, RefreshHash: []byte(evil), At: 1, ExpiresAt: 9}))
		session, err := s.SessionByID(ctx, evil)
		check(t, err)
		if session.UserAgent != evil || session.SID != evil {
			t.Errorf("got session %+v of %q", session, evil)
		}
		check(t, s.RevokeSession(ctx, evil, 2))
		key, err := s.Key(ctx, evil, func() []byte { return []byte(evil) })
		check(t, err)
		if string(key) != evil {
			t.Errorf("got key %q, want %q", key, evil)
		}
		check(t, s.InitWatermark(ctx, evil, 0, 5))
		if next, err := s.Watermark(ctx, evil, 0); err != nil || next != 5 {
			t.Errorf("got watermark %d, error %v, want 5", next, err)
		}

		reserved, err := s.ReserveRoom(ctx, store.NewRoom{Kind: chat.PublicRoom, Name: evil, NameKey: evil, CreatedBy: user.ID, CID: evil, At: 1})
		check(t, err)
		room := reserved.Room.ID
		create := createRecord(reserved)
		create.CID = "create"
		r.must(create)
		r.must(chat.Record{Kind: chat.KindTopic, Room: room, User: user.ID, Topic: evil})
		sent := r.must(message(room, user.ID, evil))
		r.must(chat.Record{Kind: chat.KindEdit, Room: room, User: user.ID, TargetSeq: sent.Seq, TargetUser: user.ID, Text: evil + evil})
		r.commit()
		byName, err := s.RoomByName(ctx, evil)
		check(t, err)
		if byName.ID != room || byName.Name != evil || byName.Topic != evil {
			t.Errorf("got room %+v by the name %q", byName, evil)
		}
		o, err := s.LoadOpening(ctx, epoch, 0, room, 0)
		check(t, err)
		if diff := cmp.Diff(r.state(room), o.State); diff != "" {
			t.Errorf("state of the room %q (-applied +stored):\n%s", evil, diff)
		}
		for _, cid := range []string{evil, evil + "' OR '1'='1"} {
			if answered, _, err := s.FindAnswer(ctx, room, user.ID, cid); err != nil || answered != nil {
				t.Errorf("got %v, error %v for the cid %q, want none", answered, err, cid)
			}
		}
	}
	if n, err := s.CountUsers(ctx); err != nil || n != 7 {
		t.Errorf("got %d users, error %v, want 7", n, err)
	}
}
