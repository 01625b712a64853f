package store

import (
	"github.com/parleychat/parley/chat"
)

// join puts a person into the room, for the first time or again. They begin
// with everything read.
func (d *derivation) join(tail *roomTail, ev *chat.Event, member chat.Member) error {
	if _, err := d.tx.exec(qAddMember(d.dialect), int64(ev.Room), int64(member.User), string(member.Role), int64(member.From)); err != nil {
		return err
	}
	tail.members++
	d.mark(member.User, ev)
	return nil
}

func qAddMember(d dialect) string {
	return `INSERT INTO members (room, user, role, from_seq) VALUES (?, ?, ?, ?) ` + d.onConflict("room, user") +
		` role = ` + d.inserted("role") + `, from_seq = ` + d.inserted("from_seq") + `, left_seq = NULL`
}

// remove takes a person out of the room, if they are in, and with them what they
// had begun to write.
func (d *derivation) remove(tail *roomTail, ev *chat.Event, user chat.UserID) error {
	removed, err := d.tx.exec(qRemoveMember, int64(ev.Seq), int64(ev.Room), int64(user))
	if err != nil || removed == 0 {
		return err
	}
	tail.members -= int(removed)
	_, err = d.tx.exec(qDropDraft, int64(user), int64(ev.Room))
	return err
}

const qRemoveMember = `UPDATE members SET left_seq = ? WHERE room = ? AND user = ? AND left_seq IS NULL`

// takeBan: a ban is for members and for others.
func (d *derivation) takeBan(tail *roomTail, ev *chat.Event) error {
	if err := d.remove(tail, ev, ev.TargetUser); err != nil {
		return err
	}
	_, err := d.tx.exec(`INSERT INTO bans (room, user, seq) VALUES (?, ?, ?)`, int64(ev.Room), int64(ev.TargetUser), int64(ev.Seq))
	return err
}

func (d *derivation) takeUnban(ev *chat.Event) error {
	_, err := d.tx.exec(`DELETE FROM bans WHERE room = ? AND user = ?`, int64(ev.Room), int64(ev.TargetUser))
	return err
}

func (d *derivation) takeRole(ev *chat.Event, rec *chat.Record) error {
	_, err := d.tx.exec(`UPDATE members SET role = ? WHERE room = ? AND user = ?`, string(rec.Role), int64(ev.Room), int64(ev.TargetUser))
	return err
}

type markKey struct {
	user chat.UserID
	room chat.RoomID
}

// mark is how far a person has read.
type mark struct {
	markKey
	seq chat.Seq
	n   uint64
}

// mark sets a person's read mark to the event.
func (d *derivation) mark(user chat.UserID, ev *chat.Event) {
	key := markKey{user, ev.Room}
	i, found := d.marks[key]
	if !found {
		i = len(d.markOrder)
		d.marks[key] = i
		d.markOrder = append(d.markOrder, mark{markKey: key})
	}
	d.markOrder[i].seq, d.markOrder[i].n = ev.Seq, ev.N
}

// writeMarks moves read marks, forward only: the person may have read further
// on a device whose mark was written before this batch.
func (d *derivation) writeMarks() error {
	text := qMark(d.dialect)
	for _, m := range d.markOrder {
		if _, err := d.tx.exec(text, int64(m.user), int64(m.room), int64(m.seq), int64(m.n)); err != nil {
			return err
		}
	}
	return nil
}

// qMark sets seq last: a database may take the assignments one after another.
// The version stays: only going back begins a new one.
func qMark(d dialect) string {
	forward := func(column string) string {
		return column + ` = CASE WHEN ` + d.inserted("seq") + ` > read_marks.seq THEN ` + d.inserted(column) + ` ELSE read_marks.` + column + ` END`
	}
	return `INSERT INTO read_marks (user, room, seq, n, version) VALUES (?, ?, ?, ?, 1) ` + d.onConflict("user, room") + ` ` +
		forward("n") + `, ` + forward("seq")
}
