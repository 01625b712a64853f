package store

import (
	"fmt"
	"strings"

	"github.com/parleychat/parley/chat"
)

// eventColumns are those that scanEvent reads.
const eventColumns = `seq, kind, n, user, cid, mac, id, chain, outcome, after_seq, target_seq, target_user, first_seq, rev, deleted, at, body`

// scanEvent reads a row of eventColumns.
func scanEvent(rows interface{ Scan(...any) error }, room chat.RoomID) (*chat.Event, error) {
	ev := &chat.Event{Room: room}
	err := rows.Scan(
		(*countColumn)(&ev.Seq), (*textColumn)(&ev.Kind), (*countColumn)(&ev.N), (*numberColumn)(&ev.User), (*textColumn)(&ev.CID),
		(*textColumn)(&ev.MAC), (*textColumn)(&ev.ID), (*chainColumn)(&ev.Chain), (*textColumn)(&ev.Outcome),
		(*countColumn)(&ev.After), (*countColumn)(&ev.TargetSeq), (*numberColumn)(&ev.TargetUser), (*countColumn)(&ev.FirstSeq),
		(*countColumn)(&ev.Rev), (*flagColumn)(&ev.Deleted), (*numberColumn)(&ev.At), (*blobColumn)(&ev.Body))
	if err != nil {
		return nil, err
	}
	return ev, nil
}

// insertEvents stores the events in groups: one statement for many rows costs
// much less than one for each.
func (t *tx) insertEvents(d dialect, items []Applied) error {
	for len(items) > 0 {
		n := d.eventsAtOnce(items)
		if err := t.insertEventRows(qInsertEvents(d, n), items[:n]); err != nil {
			return err
		}
		items = items[n:]
	}
	return nil
}

func (t *tx) insertEventRows(text string, items []Applied) error {
	args := make([]any, 0, len(items)*eventInsertColumns)
	for i := range items {
		var err error
		if args, err = appendEventRow(args, items[i].Event); err != nil {
			return err
		}
	}
	if _, err := t.exec(text, args...); err != nil {
		first, last := items[0].Event, items[len(items)-1].Event
		return fmt.Errorf("insert events (room %d, seq %d) to (room %d, seq %d): %w", first.Room, first.Seq, last.Room, last.Seq, err)
	}
	return nil
}

func appendEventRow(args []any, ev *chat.Event) ([]any, error) {
	body, err := ev.StoredBody()
	if err != nil {
		return nil, err
	}
	return append(args,
		int64(ev.Room), int64(ev.Seq), string(ev.Kind), int64(ev.N), int64(ev.User), textOrNull(ev.CID), cidTime(ev.CID), ev.MAC, ev.ID, ev.Chain[:],
		string(ev.Outcome), int64(ev.After), numberOrNull(ev.TargetSeq), numberOrNull(ev.TargetUser), numberOrNull(ev.FirstSeq),
		int64(ev.Rev), ev.Deleted, ev.At, blobOrNull(body)), nil
}

const (
	eventInsertColumns = 19
	eventRow           = `(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	eventsInto         = ` INTO events (room, seq, kind, n, user, cid, cid_ms, mac, id, chain, outcome, after_seq, target_seq, target_user, first_seq, rev, deleted, at, body) VALUES ` + eventRow
)

func qInsertEvents(d dialect, n int) string {
	return d.insertOrRollBack() + eventsInto + strings.Repeat(", "+eventRow, n-1)
}

func cidTime(cid string) any {
	if ms, isV7 := chat.CIDTime(cid); isV7 {
		return ms
	}
	return nil
}

func textOrNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func numberOrNull[N ~int64 | ~uint64](n N) any {
	if n == 0 {
		return nil
	}
	return int64(n)
}

func blobOrNull(b []byte) any {
	if b == nil {
		return nil
	}
	return b
}
