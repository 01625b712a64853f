package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/parleychat/parley/chat"
)

// SetDraft changes what a person has begun to write in a room, as the change
// says ([chat.DraftChange.Over]), and returns what it is then. changed is false
// when it is as it was, member when the person is not in the room as far as the
// store knows: then nothing is kept. A draft more than [chat.MaxDrafts] is
// refused with [chat.Conflict].
//
// The devices have what was written in the last moment themselves: on SQLite it
// is not forced to the disk.
func (s *Store) SetDraft(ctx context.Context, user chat.UserID, room chat.RoomID, change chat.DraftChange) (draft chat.MessageDraft, changed, member bool, err error) {
	err = s.writeSoon(ctx, func(t *tx) error {
		draft, changed, member = chat.MessageDraft{}, false, false
		// The place in the room first, and with it its lock: whoever takes the
		// person out of the room comes before this and is seen, or after and
		// takes the draft away; and of two devices the second sees what the
		// first wrote.
		in, err := t.exec(qLockMember, int64(room), int64(user))
		if err != nil || in == 0 {
			return err
		}
		member = true
		old, err := t.draft(user, room)
		if err != nil {
			return err
		}
		if draft, changed = change.Over(old); !changed {
			return nil
		}
		if old.Text == "" {
			if err := t.roomForADraft(user); err != nil {
				return err
			}
		}
		_, err = t.exec(`INSERT INTO message_drafts (user, room, body, version, at) VALUES (?, ?, ?, ?, ?) `+s.dialect.onConflict("user, room")+
			` body = `+s.dialect.inserted("body")+`, version = `+s.dialect.inserted("version")+`, at = `+s.dialect.inserted("at"),
			int64(user), int64(room), draft.Text, int64(draft.Version), draft.At)
		return err
	})
	if err != nil {
		return chat.MessageDraft{}, false, false, fmt.Errorf("set draft of user %d in room %d: %w", user, room, err)
	}
	return draft, changed, member, nil
}

// Draft is what a person has begun to write in a room.
func (s *Store) Draft(ctx context.Context, user chat.UserID, room chat.RoomID) (draft chat.MessageDraft, err error) {
	err = s.read(ctx, func(t *tx) error {
		draft, err = t.draft(user, room)
		return err
	})
	if err != nil {
		return chat.MessageDraft{}, fmt.Errorf("draft of user %d in room %d: %w", user, room, err)
	}
	return draft, nil
}

func (t *tx) draft(user chat.UserID, room chat.RoomID) (draft chat.MessageDraft, err error) {
	err = t.row(qDraft, int64(user), int64(room)).Scan(&draft.Text, &draft.Version, &draft.At)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return draft, err
}

// roomForADraft refuses when the person has begun as many messages as anybody
// may. Devices that begin at the same moment may get past it by as many as they
// are.
func (t *tx) roomForADraft(user chat.UserID) error {
	var begun int
	if err := t.row(qCountDrafts, int64(user)).Scan(&begun); err != nil {
		return err
	}
	if begun >= chat.MaxDrafts {
		return chat.Errorf(chat.Conflict, "You have begun %d messages already. Send or empty one of them first; this one stays on this device.", begun)
	}
	return nil
}

const (
	qLockMember  = `UPDATE members SET role = role WHERE room = ? AND user = ? AND left_seq IS NULL`
	qDraft       = `SELECT body, version, at FROM message_drafts WHERE user = ? AND room = ?`
	qCountDrafts = `SELECT COUNT(*) FROM message_drafts WHERE user = ? AND body <> ''`
	qDropDraft   = `DELETE FROM message_drafts WHERE user = ? AND room = ?`
)
