package store

import (
	"database/sql"
	"errors"
	"fmt"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/internal/planted"
)

// takeMessage: whoever sends has read what is above.
func (d *derivation) takeMessage(ev *chat.Event, rec *chat.Record) error {
	d.mark(ev.User, ev)
	return d.addMentions(ev.Room, ev.Seq, rec.Mentions)
}

// takeEdit gives the message its new text and keeps the former.
func (d *derivation) takeEdit(ev *chat.Event, rec *chat.Record) error {
	message, err := d.message(ev)
	if err != nil {
		return err
	}
	edited, err := message.Edited(ev)
	if err != nil || edited == message {
		return err
	}
	if _, err := d.tx.exec(`INSERT INTO edits (room, seq, rev, body) VALUES (?, ?, ?, ?)`,
		int64(ev.Room), int64(message.Seq), int64(ev.Seq), message.Body); err != nil {
		return err
	}
	if err := d.replace(edited); err != nil {
		return err
	}
	if err := d.dropMentions(ev.Room, message.Seq); err != nil {
		return err
	}
	return d.addMentions(ev.Room, message.Seq, rec.Mentions)
}

// takeDelete erases the text wherever the store has it.
func (d *derivation) takeDelete(ev *chat.Event) error {
	message, err := d.message(ev)
	if err != nil {
		return err
	}
	erased, err := message.Erased(ev)
	if err != nil || erased == message {
		return err
	}
	if err := d.replace(erased); err != nil {
		return err
	}
	if planted.DeletedTextKept {
		return nil
	}
	if _, err := d.tx.exec(`DELETE FROM edits WHERE room = ? AND seq = ?`, int64(ev.Room), int64(message.Seq)); err != nil {
		return err
	}
	return d.dropMentions(ev.Room, message.Seq)
}

// message is the target of a change, as stored.
func (d *derivation) message(change *chat.Event) (*chat.Event, error) {
	message, err := scanEvent(d.tx.row(qMessage, int64(change.Room), int64(change.TargetSeq)), change.Room)
	if errors.Is(err, sql.ErrNoRows) || err == nil && (message.Kind != chat.KindMessage || message.Void()) {
		return nil, fmt.Errorf("event %d, which it changes, is no message", change.TargetSeq)
	}
	return message, err
}

const qMessage = `SELECT ` + eventColumns + ` FROM events WHERE room = ? AND seq = ?`

// replace writes a message's new form.
func (d *derivation) replace(message *chat.Event) error {
	_, err := d.tx.exec(`UPDATE events SET rev = ?, deleted = ?, body = ? WHERE room = ? AND seq = ?`,
		int64(message.Rev), message.Deleted, message.Body, int64(message.Room), int64(message.Seq))
	return err
}

func (d *derivation) addMentions(room chat.RoomID, seq chat.Seq, mentions []chat.UserID) error {
	seen := make(map[chat.UserID]bool, len(mentions))
	for _, user := range mentions {
		if seen[user] {
			continue
		}
		seen[user] = true
		if _, err := d.tx.exec(qAddMention, int64(user), int64(room), int64(seq)); err != nil {
			return err
		}
	}
	return nil
}

const qAddMention = `INSERT INTO mentions (user, room, seq) VALUES (?, ?, ?)`

func (d *derivation) dropMentions(room chat.RoomID, seq chat.Seq) error {
	_, err := d.tx.exec(`DELETE FROM mentions WHERE room = ? AND seq = ?`, int64(room), int64(seq))
	return err
}
