package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/parleychat/parley/chat"
)

// FindAnswer finds what became of a cid, nil when no stored event has it, and
// the room's stored head in the same snapshot: the answer is complete up to
// there. It refuses an unknown room with [chat.NotFound].
func (s *Store) FindAnswer(ctx context.Context, room chat.RoomID, user chat.UserID, cid string) (answered *chat.Answered, head chat.Seq, err error) {
	err = s.read(ctx, func(t *tx) error {
		stored, err := t.head(room)
		if err != nil {
			return err
		}
		head = stored.Seq
		found, err := scanAnswered(t.row(qAnswer, int64(room), int64(user), cid), room)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		answered = &found
		return err
	})
	if err != nil {
		return nil, 0, fmt.Errorf("find answer of user %d in room %d: %w", user, room, err)
	}
	return answered, head, nil
}

const (
	answerColumns = `seq, user, cid, mac, outcome, chain, at`
	qAnswer       = `SELECT ` + answerColumns + ` FROM events WHERE room = ? AND user = ? AND cid = ?`
	qAnswersSince = `SELECT ` + answerColumns + ` FROM events WHERE room = ? AND cid_ms >= ?`
)

// answersSince reads the answers to all cids of the room that were made since.
func (t *tx) answersSince(room chat.RoomID, since int64) (answers []chat.Answered, err error) {
	err = t.each(func(rows *sql.Rows) (bool, error) {
		a, err := scanAnswered(rows, room)
		answers = append(answers, a)
		return true, err
	}, qAnswersSince, int64(room), since)
	return answers, err
}

func scanAnswered(row interface{ Scan(...any) error }, room chat.RoomID) (chat.Answered, error) {
	var e chat.WindowEntry
	if err := row.Scan((*uint64)(&e.Seq), (*int64)(&e.User), &e.CID, &e.MAC, (*string)(&e.Outcome), (*chainColumn)(&e.Chain), &e.At); err != nil {
		return chat.Answered{}, err
	}
	return chat.Answered{User: e.User, CID: e.CID, MAC: e.MAC, Outcome: e.Outcome, Answer: e.Answer(room)}, nil
}
