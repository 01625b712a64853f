package history_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/internal/services"
)

// TestResumeOfVeryLongAbsence: a device that comes back after 200,000 events
// gets each of them once, in order, in as many parts as it takes, and then what
// is in memory alone. The rows are written by SQL: a room of that size, talked
// into being, would take a minute. Under the race detector, which makes it dear
// and has nothing to find here, there are a tenth as many.
func TestResumeOfVeryLongAbsence(t *testing.T) {
	if services.OnMariaDB() {
		t.Skip("it fills the file of SQLite")
	}
	events := 200_000
	if raceEnabled {
		events /= 10
	}
	dir := t.TempDir()
	w := openWorld(t, dir)
	t.Cleanup(w.close)
	r := w.newRoom(t, chat.PublicRoom)
	w.storeAll(t)
	w.fillRoom(t, filepath.Join(dir, "store.db"), r.id, events)
	w.startHub() // one that opens the room as it is now

	var cursor, middle chat.Cursor
	parts, more := 0, true
	for next := chat.Seq(1); more; parts++ {
		part := r.since(t, w.bo, cursor, 0)
		if part.Reset != "" || len(part.Events) == 0 || len(part.Events) > chat.MaxResumeEvents {
			t.Fatalf("part behind %s: got %d events, reset %q", cursor, len(part.Events), part.Reset)
		}
		for _, ev := range part.Events {
			if ev.Seq != next {
				t.Fatalf("got event %d, want %d", ev.Seq, next)
			}
			if want := fmt.Sprintf("m%d", next); next > 1 && ev.Text() != want {
				t.Fatalf("event %d: got %q, want %q", next, ev.Text(), want)
			}
			if next == chat.Seq(events/2) {
				middle = ev.Cursor()
			}
			next++
		}
		last := part.Events[len(part.Events)-1]
		cursor, more = last.Cursor(), part.More
		if !more && last.Seq != chat.Seq(events) {
			t.Fatalf("the last part ends with %d, want %d", last.Seq, events)
		}
	}
	if want := events / chat.MaxResumeEvents; parts != want {
		t.Errorf("parts: got %d, want %d", parts, want)
	}

	// A cursor from anywhere in between, one of another history there, and one
	// that was never reached.
	for _, test := range []struct {
		cursor chat.Cursor
		want   chat.ResetReason
	}{
		{middle, ""},
		{chat.Cursor{Seq: chat.Seq(events / 2), Check: "wrong_"}, chat.ResetHistory},
		{chat.Cursor{Seq: chat.Seq(events), Check: "wrong_"}, chat.ResetHistory},
		{chat.Cursor{Seq: chat.Seq(events + 1), Check: "wrong_"}, chat.ResetAhead},
	} {
		if part := r.since(t, w.bo, test.cursor, 0); part.Reset != test.want || test.want != "" && len(part.Events) > 0 {
			t.Errorf("since %s: got reset %q and %d events, want %q", test.cursor, part.Reset, len(part.Events), test.want)
		}
	}
}

// fillRoom writes messages of Ann into the store behind a room's creation, up to
// the event last, as if they had been in the log.
func (w *world) fillRoom(t *testing.T, path string, room chat.RoomID, last int) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(10000)&_pragma=synchronous(off)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, statement := range []string{
		fmt.Sprintf(`WITH RECURSIVE numbers(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM numbers WHERE i < %d)
			INSERT INTO events (room, seq, kind, n, user, cid, mac, id, chain, outcome, after_seq, rev, deleted, at, body)
			SELECT %d, i, 'message', i - 1, %d, 'c' || i, '', 'id' || i, randomblob(16), '', i - 1, 0, 0, i,
				CAST('{"kind":"message","roomId":%[2]d,"userId":%[3]d,"messageText":"m' || i || '"}' AS BLOB) FROM numbers`,
			last, room, w.ann),
		fmt.Sprintf(`UPDATE rooms SET head_seq = %[1]d, head_n = %[1]d - 1,
			head_chain = (SELECT chain FROM events WHERE room = %[2]d AND seq = %[1]d) WHERE id = %[2]d`, last, room),
	} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
}

// BenchmarkDeepResume reads a part from far below the head of a room while the
// recorder is away, so that everything is in memory.
func BenchmarkDeepResume(b *testing.B) {
	const events = 200_000
	w := newWorld(b)
	r := w.newRoom(b, chat.PublicRoom)
	r.open(b)
	var pending sync.WaitGroup
	for i := range events {
		r.put(b, &pending, said(w.ann, fmt.Sprint("m", i)))
	}
	pending.Wait()
	r.open(b)
	b.ReportAllocs()
	for b.Loop() {
		if part := r.since(b, w.bo, r.cursor(100), 0); len(part.Events) != chat.MaxResumeEvents {
			b.Fatalf("got %d events", len(part.Events))
		}
	}
}
