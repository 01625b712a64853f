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
		e, err := scanAnswer(t.row(qAnswer, int64(room), int64(user), cid))
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		answered = &chat.Answered{User: e.User, CID: e.CID, MAC: e.MAC, Outcome: e.Outcome, Answer: e.Answer(room)}
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
	// The sum keeps the database from reading the room by seq.
	qAnswersSince = `SELECT ` + answerColumns + ` FROM events WHERE room = ? AND cid_ms >= ? AND seq + 0 < ?`
)

// answersSince are the answers to all cids of the room that were made since: of
// what lies in its window, and of what has to be read below it.
func (t *tx) answersSince(window *chat.Window, room chat.RoomID, since int64) (answers chat.Answers, err error) {
	for _, e := range window.Entries() {
		if madeAt, isV7 := chat.CIDTime(e.CID); isV7 && madeAt >= since {
			answers.Add(&e)
		}
	}
	if window.First() <= 1 {
		return answers, nil
	}
	err = t.each(func(rows *sql.Rows) (bool, error) {
		e, err := scanAnswer(rows)
		answers.Add(&e)
		return true, err
	}, qAnswersSince, int64(room), since, int64(window.First()))
	return answers, err
}

func scanAnswer(row interface{ Scan(...any) error }) (e chat.WindowEntry, err error) {
	err = row.Scan((*uint64)(&e.Seq), (*int64)(&e.User), &e.CID, &e.MAC, (*string)(&e.Outcome), (*chainColumn)(&e.Chain), &e.At)
	return e, err
}
