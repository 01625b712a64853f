package store

import (
	"github.com/parleychat/parley/chat"
)

// takeCreate makes a reserved room live. Its name stays the one that was
// reserved, which the record repeats.
func (d *derivation) takeCreate(tail *roomTail, ev *chat.Event, rec *chat.Record) error {
	if _, err := d.tx.exec(`UPDATE rooms SET state = 'live', kind = ?, name = ?, topic = ?, created_by = ? WHERE id = ?`,
		string(rec.RoomKind), rec.Name, rec.Topic, int64(ev.User), int64(ev.Room)); err != nil {
		return err
	}
	if _, err := d.tx.exec(`DELETE FROM room_drafts WHERE room = ?`, int64(ev.Room)); err != nil {
		return err
	}
	for _, member := range rec.Members {
		member.From = ev.Seq
		if err := d.join(tail, ev, member); err != nil {
			return err
		}
	}
	return nil
}

// takeRename shows the new name. If this event has reserved one, that is now
// the room's and all former ones are free; otherwise the key of the name did
// not change, or the room is not public and has none.
func (d *derivation) takeRename(ev *chat.Event, rec *chat.Record) error {
	if err := d.setRoom(ev, `UPDATE rooms SET name = ? WHERE id = ?`, rec.Name); err != nil {
		return err
	}
	return d.freeFormerNames(ev)
}

// takeVisibility: names are unique among public rooms. A room that becomes
// public has reserved its name for this event, any other frees what it had.
func (d *derivation) takeVisibility(ev *chat.Event, rec *chat.Record) error {
	if err := d.setRoom(ev, `UPDATE rooms SET kind = ? WHERE id = ?`, string(rec.RoomKind)); err != nil {
		return err
	}
	if rec.RoomKind == chat.PublicRoom {
		return d.freeFormerNames(ev)
	}
	_, err := d.tx.exec(`DELETE FROM room_names WHERE room = ?`, int64(ev.Room))
	return err
}

// freeFormerNames frees the room's names except the one that the event claims,
// if it claims one.
func (d *derivation) freeFormerNames(ev *chat.Event) error {
	claims, err := d.tx.exists(`SELECT 1 FROM room_names WHERE room = ? AND user = ? AND cid = ?`, int64(ev.Room), int64(ev.User), ev.CID)
	if err != nil || !claims {
		return err
	}
	_, err = d.tx.exec(`DELETE FROM room_names WHERE room = ? AND NOT (user = ? AND cid = ?)`, int64(ev.Room), int64(ev.User), ev.CID)
	return err
}

// takeVoid gives back the name that the event had reserved: its cid will never
// claim it. Voids that leave the cid to another attempt, or to the event that
// has it, have none and leave the reservation too. The room's present name was
// claimed by another cid.
func (d *derivation) takeVoid(ev *chat.Event) error {
	if ev.CID == "" || ev.Kind != chat.KindRename && ev.Kind != chat.KindVisibility {
		return nil
	}
	_, err := d.tx.exec(`DELETE FROM room_names WHERE room = ? AND user = ? AND cid = ?`, int64(ev.Room), int64(ev.User), ev.CID)
	return err
}
