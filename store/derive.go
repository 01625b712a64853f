package store

import (
	"fmt"

	"github.com/parleychat/parley/chat"
)

// derivation turns the events of one batch into changes of the tables. What
// many events of a batch change alike (heads, read marks) is collected and
// written once, at the end.
type derivation struct {
	tx      *tx
	dialect dialect

	rooms     map[chat.RoomID]*roomTail
	roomOrder []*roomTail

	marks     map[markKey]int // index in markOrder
	markOrder []mark
}

// roomTail is what a batch does to a room's row.
type roomTail struct {
	room    chat.RoomID
	before  chat.Seq // the head that the first event follows
	last    *chat.Event
	members int // how many more, or fewer
	at      int64
}

// take derives from one event. A void changes nothing but its room's head, and
// gives back the name that it had reserved.
func (d *derivation) take(item *Applied) error {
	ev, rec := item.Event, item.Record
	tail, err := d.follow(ev)
	if err != nil {
		return err
	}
	if ev.Void() {
		return d.takeVoid(ev)
	}
	if rec == nil {
		return fmt.Errorf("an effective %s without its record", ev.Kind)
	}
	switch ev.Kind {
	case chat.KindCreate:
		return d.takeCreate(tail, ev, rec)
	case chat.KindMessage:
		return d.takeMessage(ev, rec)
	case chat.KindEdit:
		return d.takeEdit(ev, rec)
	case chat.KindDelete:
		return d.takeDelete(ev)
	case chat.KindJoin:
		return d.join(tail, ev, chat.Member{User: ev.User, Role: chat.RoleMember, From: ev.Seq})
	case chat.KindInvite:
		return d.join(tail, ev, chat.Member{User: ev.TargetUser, Role: chat.RoleMember, From: ev.Seq})
	case chat.KindLeave:
		return d.remove(tail, ev, ev.User)
	case chat.KindKick:
		return d.remove(tail, ev, ev.TargetUser)
	case chat.KindBan:
		return d.takeBan(tail, ev)
	case chat.KindUnban:
		return d.takeUnban(ev)
	case chat.KindRole:
		return d.takeRole(ev, rec)
	case chat.KindRename:
		return d.takeRename(ev, rec)
	case chat.KindTopic:
		return d.setRoom(ev, `UPDATE rooms SET topic = ? WHERE id = ?`, rec.Topic)
	case chat.KindVisibility:
		return d.takeVisibility(ev, rec)
	case chat.KindArchive:
		return d.setRoom(ev, `UPDATE rooms SET archived = ? WHERE id = ?`, true)
	case chat.KindUnarchive:
		return d.setRoom(ev, `UPDATE rooms SET archived = ? WHERE id = ?`, false)
	case chat.KindReact, chat.KindUnreact, chat.KindPin, chat.KindUnpin:
		// They are found among the events, by their target.
		return nil
	}
	return fmt.Errorf("an event of the unknown kind %q", ev.Kind)
}

// follow takes note of the room's new head.
func (d *derivation) follow(ev *chat.Event) (*roomTail, error) {
	tail := d.rooms[ev.Room]
	if tail == nil {
		tail = &roomTail{room: ev.Room, before: ev.Seq - 1}
		d.rooms[ev.Room] = tail
		d.roomOrder = append(d.roomOrder, tail)
	} else if ev.Seq != tail.last.Seq+1 {
		return nil, fmt.Errorf("it follows event %d", tail.last.Seq)
	}
	tail.last = ev
	tail.at = max(tail.at, ev.At)
	return tail, nil
}

// finish writes what was collected.
func (d *derivation) finish() error {
	for _, tail := range d.roomOrder {
		if err := d.moveHead(tail); err != nil {
			return err
		}
	}
	return d.writeMarks()
}

// moveHead asserts that the stored head is the one that the batch follows.
func (d *derivation) moveHead(tail *roomTail) error {
	last := tail.last
	moved, err := d.tx.exec(qMoveHead,
		int64(last.Seq), int64(last.N), last.Chain[:], tail.members, tail.at, tail.at, int64(tail.room), int64(tail.before))
	if err != nil {
		return fmt.Errorf("head of room %d: %w", tail.room, err)
	}
	if moved == 1 {
		return nil
	}
	head, err := d.tx.head(tail.room)
	if chat.AsError(err).Code == chat.NotFound {
		return fmt.Errorf("room %d, event %d: %w", tail.room, tail.before+1, ErrUnknownRoom)
	}
	if err != nil {
		return err
	}
	return fmt.Errorf("room %d: event %d does not follow the stored head %d", tail.room, tail.before+1, head.Seq)
}

const qMoveHead = `UPDATE rooms SET head_seq = ?, head_n = ?, head_chain = ?, members = members + ?,
	updated_at = CASE WHEN updated_at < ? THEN ? ELSE updated_at END WHERE id = ? AND head_seq = ?`

// setRoom runs a statement that sets one column of the event's room.
func (d *derivation) setRoom(ev *chat.Event, text string, value any) error {
	_, err := d.tx.exec(text, value, int64(ev.Room))
	return err
}
