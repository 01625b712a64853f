package chat

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Each rule comes before the next: of a record that breaks several, the first
// one tells what it comes to.
func TestJudgingOrder(t *testing.T) {
	state := testRoomState(t, PublicRoom)
	judged(t, state, &Record{Kind: KindDelete, User: cat, TargetUser: cat, TargetSeq: 4, CID: "deletion"}) // 5
	judged(t, state, &Record{Kind: KindKick, User: ann, TargetUser: cat})                                  // 6
	judged(t, state, &Record{Kind: KindMessage, User: dan, CID: "refused", Text: "x"})                     // 7, void
	sameMAC := &Record{Kind: KindMessage, Room: testRoom, User: dan, CID: "refused", Text: "x"}
	sameMAC.MAC = Sign([]byte("key"), sameMAC)

	tests := []struct {
		name  string
		rec   Record
		want  Outcome
		first Seq
	}{
		{"copy of a void, and forbidden", Record{Kind: KindMessage, User: dan, CID: "refused", MAC: sameMAC.MAC, After: 4}, VoidCopy, 7},
		{"cid_conflict, and forbidden", Record{Kind: KindMessage, User: dan, CID: "refused", MAC: "other", After: 4}, VoidCIDConflict, 0},
		{"the same cid of another person", Record{Kind: KindMessage, User: ann, CID: "refused", MAC: sameMAC.MAC, After: 4}, Effective, 0},
		{"the gateway saw the first", Record{Kind: KindMessage, User: ann, CID: "cid-2", After: 4}, Effective, 0},
		{"from the future, and forbidden", Record{Kind: KindMessage, User: dan, CID: "c", After: 8}, VoidStale, 0},
		{"forbidden, and gone", Record{Kind: KindReact, User: cat, CID: "c", TargetUser: cat, TargetSeq: 4, After: 4}, VoidForbidden, 0},
		{"gone: reacted to", Record{Kind: KindReact, User: bob, CID: "c", TargetUser: cat, TargetSeq: 4, After: 4}, VoidGone, 0},
		{"gone: deleted again", Record{Kind: KindDelete, User: bob, CID: "c", TargetUser: cat, TargetSeq: 4, After: 4}, VoidGone, 0},
		{"another message is not gone", Record{Kind: KindReact, User: bob, CID: "c", TargetUser: ann, TargetSeq: 2, After: 4}, Effective, 0},
		{"already", Record{Kind: KindJoin, User: ann, CID: "c", After: 7}, VoidAlready, 0},
		{"a target above after that is no message", Record{Kind: KindReact, User: bob, CID: "c", TargetUser: cat, TargetSeq: 5, After: 4}, VoidForbidden, 0},
		{"a target above after by another author", Record{Kind: KindReact, User: bob, CID: "c", TargetUser: ann, TargetSeq: 3, After: 2}, VoidForbidden, 0},
		{"a target above after that is right", Record{Kind: KindReact, User: ann, CID: "c", TargetUser: bob, TargetSeq: 3, After: 2}, Effective, 0},
		{"a target that does not exist", Record{Kind: KindReact, User: ann, CID: "c", TargetUser: bob, TargetSeq: 99, After: 7}, VoidForbidden, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.rec.Room = testRoom
			got, first := state.Judge(&test.rec)
			if got != test.want || first != test.first {
				t.Errorf("got %q, first %d; want %q, first %d", got, first, test.want, test.first)
			}
		})
	}
}

// What already holds is no event, for every kind that can find it so.
func TestAlready(t *testing.T) {
	state := testRoomState(t, PublicRoom)
	archived := testRoomState(t, PublicRoom)
	archived.Archived = true
	tests := []struct {
		state *State
		rec   Record
	}{
		{state, Record{Kind: KindJoin, User: cat}},
		{state, Record{Kind: KindLeave, User: dan}},
		{state, Record{Kind: KindInvite, User: ann, TargetUser: cat}},
		{state, Record{Kind: KindKick, User: ann, TargetUser: dan}},
		{state, Record{Kind: KindBan, User: ann, TargetUser: eve}},
		{state, Record{Kind: KindUnban, User: ann, TargetUser: dan}},
		{state, Record{Kind: KindRole, User: ann, TargetUser: bob, Role: RoleAdmin}},
		{state, Record{Kind: KindRole, User: ann, TargetUser: ann, Role: RoleOwner}},
		{state, Record{Kind: KindRename, User: ann, Name: "general"}},
		{state, Record{Kind: KindTopic, User: ann}},
		{state, Record{Kind: KindVisibility, User: ann, RoomKind: PublicRoom}},
		{state, Record{Kind: KindUnarchive, User: ann}},
		{archived, Record{Kind: KindArchive, User: ann}},
	}
	for _, test := range tests {
		ev := judged(t, test.state, &test.rec)
		if ev.Outcome != VoidAlready {
			t.Errorf("%s: got %q, want already", test.rec.Kind, ev.Outcome)
		}
		if answer := ev.Answer(); answer.Err != nil || !answer.Already {
			t.Errorf("%s: answered %+v, want ok and already", test.rec.Kind, answer)
		}
	}
}

// Every kind leaves its mark on the room, and only that.
func TestEffects(t *testing.T) {
	tests := []struct {
		rec    Record
		before func(*State)
		want   func(s *State, seq Seq)
	}{
		{Record{Kind: KindMessage, User: cat, Text: "x"}, nil, func(s *State, _ Seq) {}},
		{Record{Kind: KindEdit, User: cat, TargetUser: cat, TargetSeq: 4, Text: "y"}, nil, func(s *State, _ Seq) {}},
		{Record{Kind: KindJoin, User: dan}, nil, func(s *State, seq Seq) {
			s.Members[dan] = Member{User: dan, Role: RoleMember, From: seq}
		}},
		{Record{Kind: KindLeave, User: cat}, nil, func(s *State, _ Seq) { delete(s.Members, cat) }},
		{Record{Kind: KindInvite, User: cat, TargetUser: dan}, nil, func(s *State, seq Seq) {
			s.Members[dan] = Member{User: dan, Role: RoleMember, From: seq}
		}},
		{Record{Kind: KindKick, User: bob, TargetUser: cat}, nil, func(s *State, _ Seq) { delete(s.Members, cat) }},
		{Record{Kind: KindBan, User: bob, TargetUser: cat}, nil, func(s *State, _ Seq) {
			delete(s.Members, cat)
			s.Bans[cat] = struct{}{}
		}},
		{Record{Kind: KindUnban, User: bob, TargetUser: eve}, nil, func(s *State, _ Seq) { delete(s.Bans, eve) }},
		{Record{Kind: KindRole, User: ann, TargetUser: cat, Role: RoleAdmin}, nil, func(s *State, _ Seq) {
			s.Members[cat] = Member{User: cat, Role: RoleAdmin, From: 1}
		}},
		{Record{Kind: KindRename, User: ann, Name: "new"}, nil, func(s *State, _ Seq) { s.Name = "new" }},
		{Record{Kind: KindTopic, User: ann, Topic: "new"}, nil, func(s *State, _ Seq) { s.Topic = "new" }},
		{Record{Kind: KindVisibility, User: ann, RoomKind: PrivateRoom}, nil, func(s *State, _ Seq) { s.Kind = PrivateRoom }},
		{Record{Kind: KindArchive, User: ann}, nil, func(s *State, _ Seq) { s.Archived = true }},
		{Record{Kind: KindUnarchive, User: ann}, func(s *State) { s.Archived = true }, func(s *State, _ Seq) { s.Archived = false }},
	}
	for _, test := range tests {
		t.Run(string(test.rec.Kind), func(t *testing.T) {
			got, want := testRoomState(t, PublicRoom), testRoomState(t, PublicRoom)
			if test.before != nil {
				test.before(got)
			}
			ev := judged(t, got, &test.rec)
			if ev.Void() {
				t.Fatalf("got void %q", ev.Outcome)
			}
			test.want(want, ev.Seq)
			want.Head, want.Window = got.Head, got.Window
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("room (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCreate(t *testing.T) {
	state := testRoomState(t, PrivateRoom)
	want := map[UserID]Member{
		ann: {User: ann, Role: RoleOwner, From: 1},
		bob: {User: bob, Role: RoleAdmin, From: 1},
		cat: {User: cat, Role: RoleMember, From: 1},
	}
	if diff := cmp.Diff(want, state.Members); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}
	if state.Kind != PrivateRoom || state.Name != "general" || state.CreatedBy != ann {
		t.Errorf("got %s room %q of %d", state.Kind, state.Name, state.CreatedBy)
	}

	empty := NewState(testRoom)
	if ev := judged(t, empty, &Record{Kind: KindMessage, User: ann, Text: "first"}); ev.Outcome != VoidForbidden {
		t.Errorf("message before create: got %q, want forbidden", ev.Outcome)
	}
}

// A void keeps its number, moves the chain by its position, shows no body, and
// counts as no message.
func TestVoid(t *testing.T) {
	state := testRoomState(t, PublicRoom)
	head := state.Head
	ev := judged(t, state, &Record{Kind: KindMessage, User: dan, CID: "c", Text: "secret"})
	if ev.Outcome != VoidForbidden || ev.Seq != head.Seq+1 || ev.N != head.N || ev.Body != nil || ev.ID == PublicID(testRoom, dan, "c") {
		t.Errorf("got %+v", ev)
	}
	if ev.CID != "c" || ev.Answer().Err.Code != Forbidden {
		t.Errorf("cid got %q, answer %+v; want kept and forbidden", ev.CID, ev.Answer())
	}

	other := testRoomState(t, PublicRoom)
	rec := &Record{Kind: KindMessage, Room: testRoom, User: dan, CID: "c", MAC: ev.MAC, After: other.Head.Seq}
	elsewhere := Apply(other, rec, Position{Epoch: "another", Partition: 3, Offset: ev.Pos.Offset}, nil)
	if elsewhere.Chain == ev.Chain {
		t.Error("voids at two positions have one chain")
	}
}

// However late a copy comes, it has no second effect: within the window it is
// known for what it is, beyond it is stale.
func TestCopyAtAnyDistance(t *testing.T) {
	for _, distance := range []int{1, 2, WindowRecords - 1, WindowRecords, WindowRecords + 1, 2 * WindowRecords} {
		state := testRoomState(t, PublicRoom)
		sent := &Record{Kind: KindMessage, User: ann, CID: "the-cid", Text: "once"}
		first := judged(t, state, sent)
		for range distance - 1 {
			judged(t, state, &Record{Kind: KindMessage, User: bob, Text: "other"})
		}
		copied := *sent
		ev := apply(t, state, &copied)
		want := VoidCopy
		if distance >= WindowRecords {
			want = VoidStale
		}
		if ev.Outcome != want || ev.CID != "" {
			t.Fatalf("at distance %d: got %q with cid %q, want %q without", distance, ev.Outcome, ev.CID, want)
		}
		if want == VoidCopy {
			entry, ok := state.Window.At(ev.FirstSeq)
			if !ok || ev.FirstSeq != first.Seq {
				t.Fatalf("at distance %d: the copy names %d, want %d", distance, ev.FirstSeq, first.Seq)
			}
			if diff := cmp.Diff(first.Answer(), entry.Answer(testRoom)); diff != "" {
				t.Errorf("at distance %d: answers (-first +copy):\n%s", distance, diff)
			}
		}
	}
}

// A stale record leaves its cid free: the same cid judged anew takes effect.
func TestStaleIsJudgedAnew(t *testing.T) {
	state := testRoomState(t, PublicRoom)
	rec := &Record{Kind: KindMessage, User: ann, CID: "the-cid", Text: "late", After: state.Head.Seq}
	for range WindowRecords {
		judged(t, state, &Record{Kind: KindMessage, User: bob, Text: "other"})
	}
	if ev := apply(t, state, rec); ev.Outcome != VoidStale || ev.Answer().Err.Code != Busy {
		t.Fatalf("got %q, want stale", ev.Outcome)
	}
	if ev := judged(t, state, rec); ev.Void() {
		t.Errorf("judged anew: got %q, want effective", ev.Outcome)
	}
}

func TestApplyUndecodable(t *testing.T) {
	state := testRoomState(t, PublicRoom)
	want := state.Head.Seq + 1
	ev := ApplyUndecodable(state, positionAfter(state))
	if ev.Seq != want || ev.Outcome != VoidUndecodable || state.Head.Seq != want {
		t.Errorf("got seq %d, %q; want %d, undecodable", ev.Seq, ev.Outcome, want)
	}
	if got, want := string(AppendFrame(nil, ev, "general", "Ann")), `{"seq":5,"cursor":"`+ev.Cursor().String()+`","kind":"void","roomId":7}`; got != want {
		t.Errorf("frame got %s, want %s", got, want)
	}
}

// What a newer node wrote is numbered and passed on, and changes nothing here.
func TestApplyUnknown(t *testing.T) {
	state, before := testRoomState(t, PublicRoom), testRoomState(t, PublicRoom)
	e := Envelope{Version: 1, Kind: "poll", Room: testRoom, User: ann}
	ev := ApplyUnknown(state, e, positionAfter(state), []byte(`{"kind":"poll","roomId":7,"question":"?"}`))
	want := `{"seq":5,"n":3,"cursor":"` + ev.Cursor().String() + `","roomName":"general","kind":"poll","roomId":7,"question":"?"}`
	if got := string(AppendFrame(nil, ev, "general", "")); got != want {
		t.Errorf("frame got %s, want %s", got, want)
	}
	binary := ApplyUnknown(state, Envelope{Version: 2, Kind: "poll", Room: testRoom}, positionAfter(state), []byte{1, 2})
	want = `{"seq":6,"n":3,"cursor":"` + binary.Cursor().String() + `","kind":"poll","roomId":7}`
	if got := string(AppendFrame(nil, binary, "", "")); got != want {
		t.Errorf("frame of another format got %s, want %s", got, want)
	}
	before.Head, before.Window = state.Head, state.Window
	if diff := cmp.Diff(before, state); diff != "" {
		t.Errorf("room (-before +after):\n%s", diff)
	}
}

func TestApplyToAnotherRoomPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a record of room 8 was applied to room 7")
		}
	}()
	Apply(NewState(7), &Record{Kind: KindMessage, Room: 8}, Position{}, nil)
}
