package chat

import (
	"strings"
	"testing"
)

// who may do what: for each kind the letters of those who may, in a public, a
// private, a group and a direct room: o(wner), a(dmin), m(ember), n(ot in the
// room), b(anned). In the direct room there are only owner and admin.
var rightsTable = []struct {
	kind                           Kind
	public, private, group, direct string
	archived                       bool
}{
	{KindMessage, "oam", "oam", "oam", "oa", false},
	{KindReact, "oam", "oam", "oam", "oa", false},
	{KindUnreact, "oam", "oam", "oam", "oa", false},
	{KindPin, "oa", "oa", "oam", "oa", false},
	{KindUnpin, "oa", "oa", "oam", "oa", false},
	{KindEdit, "", "", "", "", false}, // somebody else's
	{KindDelete, "oa", "oa", "", "", true},
	{KindJoin, "oamn", "", "", "", true},
	{KindLeave, "amnb", "amnb", "oamnb", "", true}, // ann is the last owner
	{KindInvite, "oam", "oa", "oam", "", true},
	{KindKick, "oa", "oa", "oa", "", true},
	{KindBan, "oa", "oa", "", "", true},
	{KindUnban, "oa", "oa", "", "", true},
	{KindRole, "o", "o", "", "", true},
	{KindRename, "oa", "oa", "oam", "", true},
	{KindTopic, "oa", "oa", "oam", "", true},
	{KindVisibility, "o", "o", "", "", true},
	{KindArchive, "o", "o", "", "", true},
	{KindUnarchive, "o", "o", "", "", true},
	{KindCreate, "", "", "", "", true}, // it exists
}

// somebodyElse is a record of this kind about a member who is neither of the
// people in the table, and about that member's message.
func somebodyElse(kind Kind, by UserID) *Record {
	const other UserID = 9
	return &Record{
		Kind: kind, Room: testRoom, User: by, CID: "c", TargetUser: other, TargetSeq: 5, After: 5,
		Role: RoleMember, Name: "other", Topic: "other", RoomKind: PublicRoom, Emoji: "+1",
	}
}

func TestRights(t *testing.T) {
	covered := make(map[Kind]bool)
	for _, row := range rightsTable {
		covered[row.kind] = true
		for kind, may := range map[RoomKind]string{PublicRoom: row.public, PrivateRoom: row.private, GroupRoom: row.group, DirectRoom: row.direct} {
			for letter, user := range map[string]UserID{"o": ann, "a": bob, "m": cat, "n": dan, "b": eve} {
				if kind == DirectRoom && user == cat {
					continue
				}
				for _, archived := range []bool{false, true} {
					state := testRoomState(t, kind)
					state.Members[9] = Member{User: 9, Role: RoleMember}
					judged(t, state, &Record{Kind: KindMessage, User: 9, Text: "mine"})
					state.Archived = archived
					want := strings.Contains(may, letter) && (row.archived || !archived)
					if kind == GroupRoom && row.kind == KindJoin {
						want = false
					}
					outcome, _ := state.Judge(somebodyElse(row.kind, user))
					if got := outcome != VoidForbidden; got != want {
						t.Errorf("%s in a %s room (archived %t) by %s: allowed got %t, want %t (%s)", row.kind, kind, archived, letter, got, want, outcome)
					}
				}
			}
		}
	}
	for _, kind := range Kinds {
		if !covered[kind] {
			t.Errorf("%s has no row", kind)
		}
	}
}

// Ranks decide who acts on whom; nobody acts on an equal.
func TestRightsOverPeople(t *testing.T) {
	tests := []struct {
		name string
		rec  Record
		want Outcome
	}{
		{"an admin kicks a member", Record{Kind: KindKick, User: bob, TargetUser: cat}, Effective},
		{"an admin kicks the owner", Record{Kind: KindKick, User: bob, TargetUser: ann}, VoidForbidden},
		{"an owner kicks an admin", Record{Kind: KindKick, User: ann, TargetUser: bob}, Effective},
		{"an admin kicks another admin", Record{Kind: KindKick, User: bob, TargetUser: 8}, VoidForbidden},
		{"an owner kicks another owner", Record{Kind: KindKick, User: ann, TargetUser: 6}, VoidForbidden},
		{"an owner kicks themselves", Record{Kind: KindKick, User: ann, TargetUser: ann}, VoidForbidden},
		{"a member kicks an outsider", Record{Kind: KindKick, User: cat, TargetUser: dan}, VoidForbidden},
		{"an admin kicks an outsider", Record{Kind: KindKick, User: bob, TargetUser: dan}, VoidAlready},
		{"an admin bans an outsider", Record{Kind: KindBan, User: bob, TargetUser: dan}, Effective},
		{"an admin bans the owner", Record{Kind: KindBan, User: bob, TargetUser: ann}, VoidForbidden},
		{"an admin bans themselves", Record{Kind: KindBan, User: bob, TargetUser: bob}, VoidForbidden},
		{"an owner makes a member an owner", Record{Kind: KindRole, User: ann, TargetUser: cat, Role: RoleOwner}, Effective},
		{"an owner demotes another owner", Record{Kind: KindRole, User: ann, TargetUser: 6, Role: RoleMember}, VoidForbidden},
		{"an owner steps down beside another", Record{Kind: KindRole, User: ann, TargetUser: ann, Role: RoleMember}, Effective},
		{"an admin steps down by themselves", Record{Kind: KindRole, User: bob, TargetUser: bob, Role: RoleMember}, VoidForbidden},
		{"an owner gives an outsider a role", Record{Kind: KindRole, User: ann, TargetUser: dan, Role: RoleAdmin}, VoidForbidden},
		{"a member is invited who is banned", Record{Kind: KindInvite, User: ann, TargetUser: eve}, VoidForbidden},
		{"an author edits", Record{Kind: KindEdit, User: cat, TargetUser: cat, TargetSeq: 4, Text: "x"}, Effective},
		{"an owner edits what another wrote", Record{Kind: KindEdit, User: ann, TargetUser: cat, TargetSeq: 4, Text: "x"}, VoidForbidden},
		{"an author deletes", Record{Kind: KindDelete, User: cat, TargetUser: cat, TargetSeq: 4}, Effective},
		{"a member deletes what another wrote", Record{Kind: KindDelete, User: cat, TargetUser: bob, TargetSeq: 3}, VoidForbidden},
		{"somebody who left deletes their own", Record{Kind: KindDelete, User: dan, TargetUser: dan, TargetSeq: 4}, VoidForbidden},
		{"the owner leaves beside another", Record{Kind: KindLeave, User: ann}, Effective},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			state := testRoomState(t, PublicRoom)
			state.Members[6] = Member{User: 6, Role: RoleOwner}
			state.Members[8] = Member{User: 8, Role: RoleAdmin}
			rec := test.rec
			if got := judged(t, state, &rec).Outcome; got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestLastOwnerStays(t *testing.T) {
	for _, kind := range []RoomKind{PublicRoom, PrivateRoom} {
		state := testRoomState(t, kind)
		leave := judged(t, state, &Record{Kind: KindLeave, User: ann})
		stepDown := judged(t, state, &Record{Kind: KindRole, User: ann, TargetUser: ann, Role: RoleAdmin})
		if leave.Outcome != VoidForbidden || stepDown.Outcome != VoidForbidden {
			t.Errorf("%s room, last owner: leaving got %q, stepping down got %q, want both forbidden", kind, leave.Outcome, stepDown.Outcome)
		}
		judged(t, state, &Record{Kind: KindRole, User: ann, TargetUser: cat, Role: RoleOwner})
		if ev := judged(t, state, &Record{Kind: KindLeave, User: ann}); ev.Void() {
			t.Errorf("%s room, after handing over: leaving got %q, want effective", kind, ev.Outcome)
		}
	}
}

func TestFullGroupTakesNobody(t *testing.T) {
	state := testRoomState(t, GroupRoom)
	delete(state.Bans, eve)
	for user := UserID(10); len(state.Members) < MaxGroupMembers; user++ {
		if ev := judged(t, state, &Record{Kind: KindInvite, User: cat, TargetUser: user}); ev.Void() {
			t.Fatalf("invite of %d: got %q", user, ev.Outcome)
		}
	}
	if ev := judged(t, state, &Record{Kind: KindInvite, User: cat, TargetUser: dan}); ev.Outcome != VoidForbidden {
		t.Errorf("invite into a full group: got %q, want forbidden", ev.Outcome)
	}
	if ev := judged(t, state, &Record{Kind: KindInvite, User: cat, TargetUser: ann}); ev.Outcome != VoidAlready {
		t.Errorf("invite of a member of a full group: got %q, want already", ev.Outcome)
	}
}
