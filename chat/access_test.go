package chat

import "testing"

func TestReadableFrom(t *testing.T) {
	tests := []struct {
		kind RoomKind
		user UserID
		from Seq
		ok   bool
	}{
		{PublicRoom, cat, 1, true},
		{PublicRoom, dan, 1, true},
		{PublicRoom, eve, 0, false},
		{PrivateRoom, cat, 1, true},
		{PrivateRoom, dan, 0, false},
		{PrivateRoom, eve, 0, false},
		{DirectRoom, bob, 1, true},
		{DirectRoom, dan, 0, false},
		{GroupRoom, cat, 1, true},
		{GroupRoom, dan, 0, false},
	}
	for _, test := range tests {
		if from, ok := testRoomState(t, test.kind).ReadableFrom(test.user); from != test.from || ok != test.ok {
			t.Errorf("%s room, %d: got from %d, %t; want %d, %t", test.kind, test.user, from, ok, test.from, test.ok)
		}
	}

	group := testRoomState(t, GroupRoom)
	invite := judged(t, group, &Record{Kind: KindInvite, User: cat, TargetUser: dan})
	if from, ok := group.ReadableFrom(dan); !ok || from != invite.Seq {
		t.Errorf("invited into a group at %d: got from %d, %t", invite.Seq, from, ok)
	}
	judged(t, group, &Record{Kind: KindLeave, User: dan})
	if _, ok := group.ReadableFrom(dan); ok {
		t.Error("somebody who left a group reads it")
	}
}
