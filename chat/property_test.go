package chat

import (
	"fmt"
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// entry is a record as it lies in a log, with its value.
type entry struct {
	rec   *Record
	value []byte
	pos   Position
}

// history draws what honest gateways write into a room: records of every kind
// by five people, judged at the head or some records before it; copies of
// earlier records, as they come of lost answers; and cids used twice for
// different things. Gateways keep their promise: no record has an After at or
// above an event with its own (user, cid), and TargetUser is the author.
func history(t *rapid.T) []entry {
	type sent struct {
		user UserID
		cid  string
	}
	state := NewState(testRoom) // tells what gateways know
	firsts := make(map[sent]Seq)
	var log []entry
	add := func(rec *Record) {
		rec.Room = testRoom
		rec.MAC = Sign([]byte("key"), rec)
		_, value, err := Encode(rec)
		if err != nil {
			t.Fatalf("encode %+v: %v", rec, err)
		}
		pos := Position{Epoch: "epoch", Offset: int64(len(log))}
		log = append(log, entry{rec: rec, value: value, pos: pos})
		ev := Apply(state, rec, pos, value)
		if ev.CID != "" {
			firsts[sent{rec.User, rec.CID}] = ev.Seq
		}
	}
	add(&Record{
		Kind: KindCreate, User: ann, CID: "create", Name: "general",
		RoomKind: rapid.SampledFrom([]RoomKind{PublicRoom, PrivateRoom, GroupRoom}).Draw(t, "room"),
		Members:  []Member{{User: ann, Role: RoleOwner}, {User: bob, Role: RoleAdmin}},
	})
	people := rapid.SampledFrom([]UserID{ann, bob, cat, dan, eve})
	roles := rapid.SampledFrom([]Role{RoleOwner, RoleAdmin, RoleMember})
	roomKinds := rapid.SampledFrom([]RoomKind{PublicRoom, PrivateRoom})
	words := rapid.SampledFrom([]string{"red", "green", "blue"})
	for range rapid.IntRange(1, 120).Draw(t, "records") {
		if rapid.IntRange(0, 5).Draw(t, "copy") == 0 {
			again := *rapid.SampledFrom(log).Draw(t, "copied").rec
			add(&again)
			continue
		}
		rec := &Record{
			Kind:       rapid.SampledFrom(Kinds[1:]).Draw(t, "kind"),
			User:       people.Draw(t, "user"),
			CID:        fmt.Sprintf("cid-%d", rapid.IntRange(0, 200).Draw(t, "cid")),
			Text:       words.Draw(t, "text"),
			TargetUser: people.Draw(t, "target"),
			TargetSeq:  Seq(rapid.IntRange(1, len(log)).Draw(t, "targetSeq")),
			Name:       words.Draw(t, "name"),
			Role:       roles.Draw(t, "role"),
			RoomKind:   roomKinds.Draw(t, "visibility"),
			Emoji:      "+1",
		}
		head := state.Head.Seq
		rec.After = head - min(head, Seq(rapid.IntRange(0, 5).Draw(t, "late")))
		if first, used := firsts[sent{rec.User, rec.CID}]; used && first <= rec.After {
			continue // the gateway knows it and answers without a record
		}
		add(rec)
	}
	return log
}

func applyAll(state *State, log []entry) []*Event {
	events := make([]*Event, len(log))
	for i, e := range log {
		events[i] = Apply(state, e.rec, e.pos, e.value)
	}
	return events
}

// reloaded is the state as it comes back from a store.
func reloaded(t *rapid.T, s *State) *State {
	loaded := *s
	loaded.Members = maps.Clone(s.Members)
	loaded.Bans = maps.Clone(s.Bans)
	loaded.Window = Window{}
	for _, entry := range s.Window.Entries() {
		if err := loaded.Window.Add(entry); err != nil {
			t.Fatalf("load window: %v", err)
		}
	}
	return &loaded
}

func TestNumbersHaveNoHoles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		messages := uint64(0)
		for i, ev := range applyAll(NewState(testRoom), history(t)) {
			if ev.Kind == KindMessage && !ev.Void() {
				messages++
			}
			if ev.Seq != Seq(i+1) || ev.N != messages {
				t.Fatalf("record %d: got seq %d, n %d; want %d, %d", i, ev.Seq, ev.N, i+1, messages)
			}
		}
	})
}

// Whoever applies a log gets the same events: from the beginning, from a state
// loaded anywhere in the middle, and from records read back from their bytes.
func TestFollowersAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		log := history(t)
		cut := rapid.IntRange(0, len(log)).Draw(t, "cut")

		first := NewState(testRoom)
		want := applyAll(first, log)

		second := NewState(testRoom)
		got := applyAll(second, log[:cut])
		second = reloaded(t, second)
		for _, e := range log[cut:] {
			headers, err := AppendHeaders([]Header(nil), e.rec, e.value)
			if err != nil {
				t.Fatalf("headers: %v", err)
			}
			read, err := Decode(headers, e.value)
			if err != nil {
				t.Fatalf("decode: %v", err)
			}
			got = append(got, Apply(second, read, e.pos, e.value))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("events (-first +second):\n%s", diff)
		}
		if diff := cmp.Diff(first, second); diff != "" {
			t.Fatalf("states (-first +second):\n%s", diff)
		}
	})
}

// One (user, cid) is one event: whatever else has it is a void without it.
func TestOneCIDOneEvent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		log := history(t)
		type key struct {
			user UserID
			cid  string
		}
		seen := make(map[key]*Event)
		for i, ev := range applyAll(NewState(testRoom), log) {
			k := key{log[i].rec.User, log[i].rec.CID}
			first := seen[k]
			switch {
			case ev.CID != "" && first != nil:
				t.Fatalf("cid %v has the events %d and %d", k, first.Seq, ev.Seq)
			case ev.CID != "":
				seen[k] = ev
			case ev.Outcome == VoidCopy && (first == nil || ev.FirstSeq != first.Seq || log[i].rec.MAC != first.MAC):
				t.Fatalf("copy %d names %d, which is not its first", ev.Seq, ev.FirstSeq)
			case ev.Outcome == VoidCIDConflict && (first == nil || log[i].rec.MAC == first.MAC):
				t.Fatalf("%d is no cid_conflict", ev.Seq)
			case ev.Outcome == VoidStale:
				t.Fatalf("%d is stale in a short room", ev.Seq)
			}
		}
	})
}

// Histories that differ in an event have different chains from there on.
func TestChainTellsHistoriesApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		log := history(t)
		before := applyAll(NewState(testRoom), log)
		at := rapid.IntRange(0, len(log)-1).Draw(t, "at")
		for i := range log[at:] { // as if the log was lost from here on
			log[at+i].pos.Epoch = "another"
		}
		changed := *log[at].rec
		changed.CID, changed.ID = "something-else", ""
		_, value, err := Encode(&changed)
		if err != nil {
			t.Fatal(err)
		}
		log[at].rec, log[at].value = &changed, value
		for i, ev := range applyAll(NewState(testRoom), log) {
			if same := ev.Chain == before[i].Chain; same != (i < at) {
				t.Fatalf("changed at %d: chains at %d are the same: %t", at, i, same)
			}
		}
	})
}

// Whatever people do to each other: a public or private room has an owner, and
// nobody is both in and banned.
func TestRoomStaysGoverned(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		state := NewState(testRoom)
		for _, e := range history(t) {
			Apply(state, e.rec, e.pos, e.value)
			owners := 0
			for user, place := range state.Members {
				if place.User != user || place.From == 0 || rankOf(place.Role) == outsider {
					t.Fatalf("member %d is %+v", user, place)
				}
				if _, banned := state.Bans[user]; banned {
					t.Fatalf("%d is a member and banned", user)
				}
				if place.Role == RoleOwner {
					owners++
				}
			}
			if state.Kind != GroupRoom && owners == 0 {
				t.Fatalf("no owner after %s by %d", e.rec.Kind, e.rec.User)
			}
		}
	})
}
