package chat

import (
	"strconv"
	"testing"
)

// The people of the tests, by their place in the room.
const (
	ann UserID = 1 // owner
	bob UserID = 2 // admin
	cat UserID = 3 // member
	dan UserID = 4 // not in the room
	eve UserID = 5 // banned
)

const testRoom RoomID = 7

// testRoomState is a room of this kind with ann, bob and cat in it, eve banned
// from it, and three messages: seq 2 by ann, 3 by bob, 4 by cat.
func testRoomState(t testing.TB, kind RoomKind) *State {
	t.Helper()
	state := NewState(testRoom)
	create := &Record{
		Kind: KindCreate, Room: testRoom, User: ann, CID: "create", Name: "general", RoomKind: kind,
		Members: []Member{{User: ann, Role: RoleOwner}, {User: bob, Role: RoleAdmin}, {User: cat, Role: RoleMember}},
	}
	if kind == DirectRoom {
		create.Members = create.Members[:2]
	}
	judged(t, state, create)
	for _, author := range []UserID{ann, bob, cat} {
		ev := judged(t, state, &Record{Kind: KindMessage, User: author, Text: "hello"})
		if ev.Void() && (kind != DirectRoom || author != cat) {
			t.Fatalf("message of %d: got void %s", author, ev.Outcome)
		}
	}
	state.Bans[eve] = struct{}{}
	return state
}

// judged completes a record as a gateway would that judges it now, and applies
// it: room, cid, time, mac and after are filled in where they are missing.
func judged(t testing.TB, state *State, rec *Record) *Event {
	t.Helper()
	rec.After = state.Head.Seq
	return apply(t, state, rec)
}

// apply is judged for a record whose After is what it is.
func apply(t testing.TB, state *State, rec *Record) *Event {
	t.Helper()
	rec.Room = state.Room
	if rec.CID == "" {
		rec.CID = "cid-" + strconv.FormatUint(uint64(state.Head.Seq)+1, 10)
	}
	if rec.At == 0 {
		rec.At = 1767225600000
	}
	rec.MAC = Sign([]byte("key"), rec)
	_, value, err := Encode(rec)
	if err != nil {
		t.Fatalf("encode %s: %v", rec.Kind, err)
	}
	return Apply(state, rec, positionAfter(state), value)
}

func positionAfter(state *State) Position {
	return Position{Epoch: "epoch", Partition: 3, Offset: int64(state.Head.Seq) + 100}
}
