package verify

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/store"
)

// errReached ends a Follow at the watermark.
var errReached = errors.New("reached")

// eachRecord calls fn with every record of the log that the store has recorded.
func (v *verification) eachRecord(fn func(*eventlog.Entry) error) error {
	for _, p := range v.report.Partitions {
		if p.Begin >= p.Watermark || v.logBroken {
			continue
		}
		err := v.log.Follow(v.ctx, p.Partition, p.Begin, func(entries []eventlog.Entry) error {
			for i := range entries {
				if entries[i].Offset >= p.Watermark {
					return errReached
				}
				if err := fn(&entries[i]); err != nil {
					return err
				}
			}
			if entries[len(entries)-1].Offset+1 >= p.Watermark {
				return errReached
			}
			return nil
		})
		switch {
		case errors.Is(err, errReached):
		case errors.Is(err, eventlog.ErrCorrupt):
			v.logBroken = true
			return v.differ(Difference{Table: "log", Key: fmt.Sprintf("partition %d", p.Partition), Stored: err.Error(), Expected: "what was written"})
		default:
			return err
		}
	}
	return nil
}

// countRecords learns how many records the log has of each room: that many of
// the room's last events are in it.
func (v *verification) countRecords() error {
	return v.eachRecord(func(entry *eventlog.Entry) error {
		v.report.Records++
		envelope, _ := chat.Peek(entry.Headers)
		if envelope.Room == 0 {
			v.report.Roomless++
			return nil
		}
		r := v.records[envelope.Room]
		if r == nil {
			r = &recorded{partition: entry.Partition, first: entry.Offset}
			if rec, err := chat.Decode(entry.Headers, entry.Value); err == nil {
				r.user, r.cid = rec.User, rec.CID
			}
			v.records[envelope.Room] = r
		}
		r.count++
		if r.partition != entry.Partition {
			offset := entry.Offset
			return v.differ(Difference{Table: "log", Room: envelope.Room, Offset: &offset, Column: "partition", Stored: fmt.Sprint(entry.Partition), Expected: fmt.Sprint(r.partition)})
		}
		return nil
	})
}

// replay applies the records of the rooms whose states are held.
func (v *verification) replay() error {
	return v.eachRecord(func(entry *eventlog.Entry) error {
		envelope, _ := chat.Peek(entry.Headers)
		r := v.records[envelope.Room]
		if envelope.Room == 0 || r == nil || r.state == nil {
			return nil
		}
		rec, err := chat.Decode(entry.Headers, entry.Value)
		pos := chat.Position{Epoch: entry.Epoch, Partition: entry.Partition, Offset: entry.Offset}
		var ev *chat.Event
		switch {
		case err == nil:
			ev = chat.Apply(r.state, rec, pos, entry.Value)
		case errors.Is(err, chat.ErrUnknownVersion) || errors.Is(err, chat.ErrUnknownKind):
			// What this record did to the room is not known here, and so
			// nothing behind it can be judged.
			r.state = nil
			return v.differ(Difference{Table: "log", Room: envelope.Room, Offset: &pos.Offset, Stored: err.Error(), Expected: "a record that this version knows; verify with the newer Parley that wrote it"})
		default:
			ev = chat.ApplyUndecodable(r.state, pos)
		}
		c := comparison{v: v, room: ev.Room, seq: ev.Seq, offset: &pos.Offset, table: "events"}
		return c.event(ev)
	})
}

// comparison compares the columns of one row and tells what differs.
type comparison struct {
	v      *verification
	table  string
	room   chat.RoomID
	seq    chat.Seq
	key    string
	offset *int64
	err    error // the first of tell
}

func (c *comparison) differ(column, stored, expected string) {
	if c.err == nil {
		c.err = c.v.differ(Difference{Table: c.table, Key: c.key, Room: c.room, Seq: c.seq, Column: column, Offset: c.offset, Stored: stored, Expected: expected})
	}
}

func (c *comparison) text(column, stored, expected string) {
	if stored != expected {
		c.differ(column, strconv.Quote(stored), strconv.Quote(expected))
	}
}

func compareNumber[N ~int64 | ~uint64 | ~int | ~int32](c *comparison, column string, stored, expected N) {
	if stored != expected {
		c.differ(column, fmt.Sprint(stored), fmt.Sprint(expected))
	}
}

func (c *comparison) truth(column string, stored, expected bool) {
	if stored != expected {
		c.differ(column, fmt.Sprint(stored), fmt.Sprint(expected))
	}
}

func (c *comparison) bytes(column string, stored, expected []byte) {
	if !bytes.Equal(stored, expected) {
		c.differ(column, fmt.Sprintf("%x", stored), fmt.Sprintf("%x", expected))
	}
}

// json compares bodies and shows where they part.
func (c *comparison) json(column string, stored, expected []byte) {
	if bytes.Equal(stored, expected) && (stored == nil) == (expected == nil) {
		return
	}
	const shown, before = 80, 20
	same := 0
	for same < len(stored) && same < len(expected) && stored[same] == expected[same] {
		same++
	}
	from := max(0, same-before)
	show := func(body []byte) string {
		if body == nil {
			return "NULL"
		}
		return fmt.Sprintf("%q from byte %d of %d", body[min(from, len(body)):min(from+shown, len(body))], from, len(body))
	}
	c.differ(column, show(stored), show(expected))
}

// event compares a row with what came out of its record.
func (c *comparison) event(ev *chat.Event) error {
	row, err := c.v.db.Event(ev.Room, ev.Seq)
	if err != nil {
		return err
	}
	if row == nil {
		c.differ("", "no row", fmt.Sprintf("a %s of user %d, id %s", ev.Kind, ev.User, ev.ID))
		return c.err
	}
	c.text("kind", string(row.Kind), string(ev.Kind))
	compareNumber(c, "n", row.N, ev.N)
	compareNumber(c, "user", row.User, ev.User)
	c.text("cid", row.CID, ev.CID)
	c.text("mac", row.MAC, ev.MAC)
	c.text("id", row.ID, ev.ID)
	c.bytes("chain", row.Chain, ev.Chain[:])
	c.text("outcome", string(row.Outcome), string(ev.Outcome))
	compareNumber(c, "after_seq", row.After, ev.After)
	compareNumber(c, "target_seq", row.TargetSeq, ev.TargetSeq)
	compareNumber(c, "target_user", row.TargetUser, ev.TargetUser)
	compareNumber(c, "first_seq", row.FirstSeq, ev.FirstSeq)
	compareNumber(c, "at", row.At, ev.At)
	if err := c.content(row, ev); err != nil {
		return err
	}
	return c.err
}

// content compares what an event says. A message may have been changed since.
func (c *comparison) content(row *store.EventRow, ev *chat.Event) error {
	if ev.Void() {
		c.json("body", row.Body, nil)
		return nil
	}
	switch ev.Kind {
	case chat.KindMessage:
		return c.message(row, ev)
	case chat.KindEdit:
		body, err := ev.StoredBody()
		if err != nil {
			return err
		}
		c.json("body", row.Body, body)
		return c.edit(ev)
	}
	c.json("body", row.Body, ev.Body)
	return nil
}

// message compares the first form of a message. Of one that is deleted only
// what stays is left.
func (c *comparison) message(row *store.EventRow, ev *chat.Event) error {
	if row.Deleted {
		erased, err := ev.Erased(&chat.Event{Seq: row.Rev})
		if err != nil {
			return err
		}
		c.json("body", row.Body, erased.Body)
		return nil
	}
	first, err := c.formAfter(row, 0)
	if err != nil {
		return err
	}
	c.json("body", first, ev.Body)
	return nil
}

// formAfter is what a message said from the change after on: the body that the
// next edit replaced or, when there is none, the present one.
func (c *comparison) formAfter(message *store.EventRow, after chat.Seq) ([]byte, error) {
	edits, err := c.v.db.Edits(c.room, message.Seq, after, 1)
	if err != nil || len(edits) == 0 {
		return message.Body, err
	}
	return edits[0].Body, nil
}

// edit compares the form that an edit gave its message. What it replaced is
// compared by the edit before it, the first form by the message itself.
func (c *comparison) edit(ev *chat.Event) error {
	message, err := c.v.db.Event(c.room, ev.TargetSeq)
	if err != nil || message == nil || message.Deleted {
		return err // a row that is missing is told where it is counted through
	}
	former, err := c.v.db.Edits(c.room, ev.TargetSeq, ev.Seq-1, 1)
	if err != nil {
		return err
	}
	if len(former) == 0 || former[0].Rev != ev.Seq {
		return nil // told by the store's own comparison
	}
	before := &chat.Event{Room: c.room, Seq: ev.TargetSeq, Body: former[0].Body}
	now, err := before.Edited(ev)
	if err != nil {
		c.differ("body", err.Error(), "a body that can be edited")
		return nil
	}
	form, err := c.formAfter(message, ev.Seq)
	if err != nil {
		return err
	}
	of := *c
	of.seq, of.key = ev.TargetSeq, fmt.Sprintf("as edit %d left it", ev.Seq)
	of.json("body", form, now.Body)
	c.err = of.err
	return nil
}
