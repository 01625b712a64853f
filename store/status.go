package store

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/parleychat/parley/chat"
)

// StatusChange is how somebody wants to be shown; nil leaves it as it is.
type StatusChange struct {
	Status    *chat.Status // one that can be chosen
	HidesSeen *bool
}

// SetStatus keeps how somebody wants to be shown. It refuses with
// [chat.NotFound] when there is no such account, or not any more.
func (s *Store) SetStatus(ctx context.Context, id chat.UserID, c StatusChange) (user User, err error) {
	err = s.write(ctx, func(t *tx) error {
		if _, err := t.exec(qSetStatus, c.Status, c.HidesSeen, int64(id)); err != nil {
			return err
		}
		if _, err := t.exec(qForgetSeen, int64(id)); err != nil {
			return err
		}
		user, err = t.livePerson(id)
		return err
	})
	if err != nil {
		return User{}, fmt.Errorf("status of user %d: %w", id, err)
	}
	return user, nil
}

const (
	qSetStatus = `UPDATE users SET status = COALESCE(?, status), hides_seen = COALESCE(?, hides_seen), status_rev = status_rev + 1
	WHERE id = ? AND deleted_at IS NULL`
	qForgetSeen = `UPDATE users SET seen_at = NULL WHERE id = ? AND hides_seen`
)

// Seen keeps when people were last online, in ms UTC: of those who let others
// see it, and only forward.
func (s *Store) Seen(ctx context.Context, people map[chat.UserID]int64) error {
	// In one order, so that nodes which write at once do not block each other.
	for part := range slices.Chunk(slices.Sorted(maps.Keys(people)), peopleAtOnce) {
		err := s.write(ctx, func(t *tx) error {
			for _, id := range part {
				if _, err := t.exec(qSeen, people[id], int64(id), people[id]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("when %d people were online: %w", len(people), err)
		}
	}
	return nil
}

const qSeen = `UPDATE users SET seen_at = ? WHERE id = ? AND COALESCE(seen_at, 0) < ? AND NOT hides_seen AND deleted_at IS NULL`
