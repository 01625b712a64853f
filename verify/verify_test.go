package verify_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/verify"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// lively is a world with three rooms in which everything happens.
func lively(t *testing.T, dir string, seed uint64, records int) (*world, []chat.RoomID) {
	t.Helper()
	w := openWorld(t, dir)
	return w, w.enliven(seed, records)
}

func (w *world) enliven(seed uint64, records int) []chat.RoomID {
	w.t.Helper()
	w.populate()
	rooms := []chat.RoomID{
		w.room("General", chat.PublicRoom),
		w.room("Staff", chat.PrivateRoom, w.people[1:]...),
		w.room("Quiet", chat.PublicRoom),
	}
	w.room("", chat.DirectRoom, w.people[1])
	random := rand.New(rand.NewPCG(seed, 1))
	for range records / 10 {
		w.live(random, rooms[random.IntN(2)], 10)
	}
	w.appendRaw(eventlog.Record{Value: []byte("of no room")})
	w.live(random, rooms[2], 3)
	w.record()
	return rooms
}

func wantNone(t *testing.T, differences []verify.Difference) {
	t.Helper()
	for _, d := range differences {
		t.Errorf("got a difference: %s", d)
	}
}

// What was recorded agrees, however much of the log is gone.
func TestAgrees(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			w, rooms := lively(t, t.TempDir(), seed, 400)
			end, err := w.log.End(t.Context(), 0)
			if err != nil {
				t.Fatal(err)
			}
			random := rand.New(rand.NewPCG(seed, 2))
			for _, before := range []int64{0, 1, 3, 4 + random.Int64N(end-10), end - 1, end} {
				if err := w.log.Trim(t.Context(), 0, before); err != nil {
					continue // a later one came first
				}
				differences, report := w.verify()
				wantNone(t, differences)
				events := 1 // of the direct room
				for _, room := range rooms {
					events += len(w.events[room])
				}
				begin := max(before, report.Partitions[0].Begin)
				if report.Differences != 0 || report.Events != int64(events) || report.Rooms != 4 || report.Records != end-begin ||
					report.Texts == 0 || report.Voids == 0 || report.Tables["edits"] == 0 || report.Tables["mentions"] == 0 {
					t.Errorf("trimmed to %d: got %+v, want %d events and %d records", before, report, events, end-begin)
				}
			}
			// What is not stored yet is no difference.
			w.live(random, rooms[0], 5)
			differences, report := w.verify()
			wantNone(t, differences)
			if p := report.Partitions[0]; p.Watermark != end || p.End != end+5 {
				t.Errorf("got %+v, want watermark %d and end %d", p, end, end+5)
			}
			w.record()
			differences, _ = w.verify()
			wantNone(t, differences)
		})
	}
}

// The states of rooms are held in parts, when they take too much memory.
func TestInParts(t *testing.T) {
	w, _ := lively(t, t.TempDir(), 9, 200)
	differences, report, err := verify.RunWithin(t.Context(), verify.Source{Store: w.store, Log: w.log}, 1)
	if err != nil {
		t.Fatal(err)
	}
	wantNone(t, differences)
	if report.Rooms != 4 || report.Records == 0 {
		t.Errorf("got %+v", report)
	}
}

// One value changed by hand, in every table, is named.
func TestNamesWhatWasChanged(t *testing.T) {
	dir := t.TempDir()
	w, rooms := lively(t, dir, 5, 400)
	general := rooms[0]
	// Events of every sort to change, among the last of the room.
	say := func(text string, mentions ...chat.UserID) *chat.Event {
		return w.append(&chat.Record{Kind: chat.KindMessage, Room: general, User: w.people[0], CID: newCID(), After: w.states[general].Head.Seq, Text: text, Mentions: mentions})
	}
	w.append(&chat.Record{Kind: chat.KindUnarchive, Room: general, User: w.people[0], CID: newCID(), After: w.states[general].Head.Seq})
	plain, edited, deleted, mentioning := say("plain"), say("before"), say("gone"), say("you", w.people[2])
	change := func(kind chat.Kind, message *chat.Event, text string) *chat.Event {
		return w.append(&chat.Record{Kind: kind, Room: general, User: w.people[0], CID: newCID(), After: w.states[general].Head.Seq,
			TargetSeq: message.Seq, TargetUser: message.User, Text: text})
	}
	edit, again := change(chat.KindEdit, edited, "between"), change(chat.KindEdit, edited, "after")
	gone := change(chat.KindDelete, deleted, "")
	copied := w.append(&chat.Record{Kind: chat.KindMessage, Room: general, User: w.people[0], CID: plain.CID, After: plain.Seq - 1, Text: "plain"})
	for _, ev := range []*chat.Event{plain, edited, deleted, mentioning, edit, again, gone} {
		if ev.Void() {
			t.Fatalf("%s %d is void: %s", ev.Kind, ev.Seq, ev.Outcome)
		}
	}
	if copied.Outcome != chat.VoidCopy {
		t.Fatalf("the copy is %q", copied.Outcome)
	}
	last := say("the last")
	w.record()
	differences, _ := w.verify()
	wantNone(t, differences)
	w.close()

	event := func(ev *chat.Event) string { return fmt.Sprintf("room = %d AND seq = %d", general, ev.Seq) }
	update := func(ev *chat.Event, set string) string { return "UPDATE events SET " + set + " WHERE " + event(ev) }
	at := func(ev *chat.Event, column string) string {
		return fmt.Sprintf("events.%s of room %d, event %d", column, general, ev.Seq)
	}
	room := func(set string) string { return fmt.Sprintf("UPDATE rooms SET %s WHERE id = %d", set, general) }
	inRoom := func(table, column string) string { return fmt.Sprintf("%s.%s of room %d", table, column, general) }
	for _, tc := range []struct {
		statement string
		want      string // begins a line of the answer
	}{
		{update(plain, "kind = 'topic'"), at(plain, "kind")},
		{update(plain, "n = n + 1"), at(plain, "n")},
		{update(plain, "user = 99"), at(plain, "user")},
		{update(plain, "cid = 'other'"), at(plain, "cid")},
		{update(plain, "cid_ms = cid_ms + 1"), at(plain, "cid_ms")},
		{update(plain, "mac = 'AAAAAAAAAAAAAAAAAAAAAA'"), at(plain, "mac")},
		{update(plain, "id = 'AAAAAAAAAAAAAAAAAAAA'"), at(plain, "id")},
		{update(copied, "id = 'AAAAAAAAAAAAAAAAAAAA'"), at(copied, "id")},
		{update(plain, "chain = zeroblob(16)"), at(plain, "chain")},
		{update(plain, "outcome = 'forbidden'"), at(plain, "outcome")},
		{update(plain, "after_seq = after_seq - 1"), at(plain, "after_seq")},
		{update(edit, "target_seq = 1"), at(edit, "target_seq")},
		{update(edit, "target_user = 99"), at(edit, "target_user")},
		{update(copied, "first_seq = 1"), at(copied, "first_seq")},
		{update(edited, fmt.Sprintf("rev = %d", edit.Seq)), at(edited, "rev")},
		{update(plain, fmt.Sprintf("rev = %d", again.Seq)), at(plain, "rev")},
		{update(edited, "rev = 0"), at(edited, "rev")},
		{update(deleted, "deleted = 0"), at(deleted, "deleted")},
		{update(plain, "deleted = 1"), at(plain, "rev")},
		{update(plain, "at = at + 1"), at(plain, "at")},
		{update(plain, "body = CAST(replace(body, 'plain', 'plane') AS BLOB)"), at(plain, "body")},
		{update(edited, "body = CAST(replace(body, 'after', 'afterwards') AS BLOB)"), at(edited, "body")},
		{update(copied, "body = x'7b7d'"), at(copied, "body")},
		{"DELETE FROM events WHERE " + event(plain), fmt.Sprintf("events of room %d, event %d", general, plain.Seq+1)},
		{"DELETE FROM events WHERE " + event(last), fmt.Sprintf("events of room %d, event %d", general, last.Seq)},
		{room("head_seq = head_seq + 1"), inRoom("rooms", "head_seq")},
		{room("head_seq = head_seq - 1"), inRoom("rooms", "head_seq")},
		{room("head_n = head_n + 1"), inRoom("rooms", "head_n")},
		{room("head_chain = zeroblob(16)"), inRoom("rooms", "head_chain")},
		{room("members = members + 1"), inRoom("rooms", "members")},
		{room("kind = 'private'"), inRoom("rooms", "kind")},
		{room("name = 'Generals'"), inRoom("rooms", "name")},
		{room("topic = 'weather'"), inRoom("rooms", "topic")},
		{room("archived = 1"), inRoom("rooms", "archived")},
		{room("state = 'new'"), inRoom("rooms", "state")},
		{room("create_cid = 'other'"), inRoom("rooms", "create_cid")},
		{room("partition_no = 3"), inRoom("rooms", "partition_no")},
		{room("updated_at = 5000"), inRoom("rooms", "updated_at")},
		{room("created_by = 99"), "rooms.created_by, 1"},
		{"UPDATE room_names SET name_key = 'else' WHERE room = " + fmt.Sprint(general), inRoom("room_names", "name_key")},
		{"UPDATE room_names SET room = 3 WHERE room = " + fmt.Sprint(general), "room_names.name_key of room 1"},
		{fmt.Sprintf("UPDATE members SET role = 'member' WHERE room = %d AND user = %d", general, w.people[0]), inRoom("members", "role") + ", user 1"},
		{fmt.Sprintf("UPDATE members SET from_seq = from_seq + 1 WHERE room = %d AND user = %d", general, w.people[0]), inRoom("members", "from_seq")},
		{fmt.Sprintf("UPDATE members SET left_seq = 2 WHERE room = %d AND user = %d", general, w.people[0]), inRoom("members", "left_seq")},
		{fmt.Sprintf("DELETE FROM members WHERE room = %d AND user = %d", general, w.people[0]), fmt.Sprintf("members of room %d", general)},
		{fmt.Sprintf("INSERT INTO members (room, user, role, from_seq) VALUES (%d, 99, 'member', 1)", general), fmt.Sprintf("members of room %d, user 99", general)},
		{fmt.Sprintf("INSERT INTO bans (room, user, seq) VALUES (%d, 99, 3)", general), inRoom("bans", "seq") + ", user 99"},
		{fmt.Sprintf("UPDATE edits SET body = CAST(replace(body, 'before', 'beforehand') AS BLOB) WHERE room = %d AND rev = %d", general, edit.Seq), at(edited, "body")},
		{fmt.Sprintf("UPDATE edits SET rev = %d WHERE room = %d AND rev = %d", plain.Seq, general, edit.Seq), "edits"},
		{fmt.Sprintf("DELETE FROM edits WHERE room = %d AND rev = %d", general, edit.Seq), "edits of room"},
		{fmt.Sprintf("INSERT INTO edits (room, seq, rev, body) VALUES (%d, %d, 1, x'7b7d')", general, plain.Seq), "edits of room"},
		{fmt.Sprintf("UPDATE mentions SET user = 4 WHERE room = %d AND seq = %d", general, mentioning.Seq), fmt.Sprintf("mentions.user of room %d, event %d", general, mentioning.Seq)},
		{fmt.Sprintf("INSERT INTO mentions (room, user, seq) VALUES (%d, 1, 100000)", general), "mentions of room"},
		{"UPDATE read_marks SET seq = 100000 WHERE user = 1", "read_marks.seq, 1"},
		{"UPDATE read_marks SET n = 100000 WHERE user = 1", "read_marks.n, 1"},
		{"UPDATE read_marks SET room = 99 WHERE user = 1 AND room = 3", "read_marks.room"},
		{"UPDATE watermarks SET next = next + 1", "watermarks.next"},
		{"UPDATE watermarks SET epoch = 'other'", "watermarks"},
		{"UPDATE users SET email_key = 'other@example.org' WHERE id = 2", "users.email_key, 2"},
		{"UPDATE users SET email = 'other@example.org' WHERE id = 2", "users.email_key, 2"},
		{"UPDATE users SET email_key = 'deleted:4' WHERE id = 5", "users.email_key, 5"},
		{"UPDATE users SET server_role = 'king' WHERE id = 2", "users.server_role, 2"},
		{"INSERT INTO reset_links (hash, user, created_by, created_at, expires_at) VALUES (zeroblob(32), 99, 0, 1, 2)", "reset_links.user, 99"},
		{"INSERT INTO setup_links (hash, created_at) VALUES (zeroblob(3), 1)", "setup_links.hash"},
		{"INSERT INTO server_invites (hash, created_by, created_at, expires_at, uses_left) VALUES (zeroblob(32), 1, 1, 2, -1)", "server_invites.uses_left, 1"},
		{fmt.Sprintf("INSERT INTO directs (low_user, high_user, room) VALUES (1, 3, %d)", general), fmt.Sprintf("directs.room, %d", general)},
		{fmt.Sprintf("INSERT INTO room_drafts (room, body) VALUES (%d, x'7b7d')", general), fmt.Sprintf("room_drafts.room, %d", general)},
		{fmt.Sprintf("INSERT INTO room_links (hash, room, created_by, created_at, expires_at, uses_left) VALUES (zeroblob(32), %d, 1, 1, 2, -1)", general), "room_links.uses_left, 1"},
		{"UPDATE directs SET high_user = 99", "directs."},
		{"INSERT INTO room_links (hash, room, created_by, created_at, expires_at, uses_left) VALUES (zeroblob(32), 99, 1, 1, 2, 1)", "room_links.room, 1"},
		{"INSERT INTO room_link_uses (link, user) VALUES (99, 1)", "room_link_uses.link, 1"},
		{"UPDATE sessions SET user = 99 WHERE sid = 'session of bo'", "sessions.user, sessio"},
		{"UPDATE sessions SET revoked_at = NULL WHERE sid = 'session of di'", "sessions.revoked_at"},
		{"UPDATE sessions SET expires_at = 0 WHERE sid = 'session of bo'", "sessions.expires_at"},
		{"UPDATE refresh_tokens SET sid = 'none' WHERE sid = 'session of bo'", "refresh_tokens.sid"},
		{"UPDATE revocations SET id = 7", "counters.value"},
		{"UPDATE revocations SET user = 1", "revocations.user"},
		{"UPDATE counters SET value = 0", "counters.value"},
		{"DELETE FROM counters", "counters.name"},
		{"UPDATE server_keys SET value = zeroblob(32)", "events.body of room"},
		{"UPDATE server_keys SET value = x'00'", "server_keys.value"},
	} {
		t.Run(tc.statement, func(t *testing.T) {
			changed := filepath.Join(t.TempDir(), "copy")
			w.copyTo(changed)
			alter(t, filepath.Join(changed, "parley.db"), tc.statement)
			differences, report := openWorld(t, changed).verify()
			for _, d := range differences {
				if strings.HasPrefix(d.String(), tc.want) {
					return
				}
			}
			t.Errorf("got %d differences, want one that begins %q:", report.Differences, tc.want)
			for _, d := range differences[:min(5, len(differences))] {
				t.Log(d)
			}
		})
	}
}

// What left the log long ago is compared too.
func TestNamesWhatTheLogHasNot(t *testing.T) {
	dir := t.TempDir()
	w, rooms := lively(t, dir, 5, 300)
	end, err := w.log.End(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.log.Trim(t.Context(), 0, end); err != nil {
		t.Fatal(err)
	}
	var message *chat.Event
	touched := make(map[chat.Seq]bool)
	for _, ev := range w.events[rooms[0]] {
		touched[ev.TargetSeq] = true
	}
	for _, ev := range w.events[rooms[0]] {
		if ev.Kind == chat.KindMessage && !ev.Void() && !touched[ev.Seq] {
			message = ev
		}
	}
	w.close()
	for column, set := range map[string]string{
		"body":  "body = CAST(replace(body, 'text', 'next') AS BLOB)",
		"chain": "chain = zeroblob(16)",
		"id":    "id = 'AAAAAAAAAAAAAAAAAAAA'",
		"n":     "n = n + 1",
		"mac":   "mac = 'AAAAAAAAAAAAAAAAAAAAAA'",
	} {
		changed := filepath.Join(t.TempDir(), "copy")
		w.copyTo(changed)
		alter(t, filepath.Join(changed, "parley.db"), fmt.Sprintf("UPDATE events SET %s WHERE room = %d AND seq = %d", set, rooms[0], message.Seq))
		differences, _ := openWorld(t, changed).verify()
		want := fmt.Sprintf("events.%s of room %d, event %d", column, rooms[0], message.Seq)
		if len(differences) == 0 || !strings.HasPrefix(differences[0].String(), want) {
			t.Errorf("%s: got %v, want first %q", set, differences, want)
		}
	}
}

// The log is compared as well: a record of an unknown room, one that is
// damaged, one that is missing.
func TestNamesWhatIsWrongWithTheLog(t *testing.T) {
	dir := t.TempDir()
	w, rooms := lively(t, dir, 6, 100)
	w.close()
	for _, tc := range []struct {
		name, file, statement, want string
	}{
		{"a flipped bit", "log.db", "UPDATE records SET value = CAST(replace(value, 'message', 'massage') AS BLOB) WHERE pos = (SELECT MAX(pos) FROM records WHERE instr(value, 'message'))", "log, partition 0"},
		{"a room that is gone", "parley.db", fmt.Sprintf("DELETE FROM rooms WHERE id = %d", rooms[0]), fmt.Sprintf("rooms of room %d (offset", rooms[0])},
		{"the end missing", "log.db", "DELETE FROM records WHERE pos = (SELECT MAX(pos) FROM records)", "watermarks.next, partition 0"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			changed := filepath.Join(t.TempDir(), "copy")
			w.copyTo(changed)
			alter(t, filepath.Join(changed, tc.file), tc.statement)
			differences, _ := openWorld(t, changed).verify()
			for _, d := range differences {
				if strings.HasPrefix(d.String(), tc.want) {
					return
				}
			}
			t.Errorf("got %v, want one that begins %q", differences, tc.want)
		})
	}
}
