package store

import (
	"context"
	"database/sql"
	"fmt"
	"unicode/utf8"

	"github.com/parleychat/parley/chat"
)

// PeopleQuery looks for people one of whose keys ([chat.FindKeys]) begins with
// Key.
type PeopleQuery struct {
	Key   string      // folded by [chat.FindKey]
	But   chat.UserID // who asks, and is not among those who are found
	After PeoplePlace // the last one of the page before; zero: there is none
	Limit int
}

// PeoplePlace is a place in the list of who is found, which goes by the keys
// that people are found by.
type PeoplePlace struct {
	Key  string
	User chat.UserID
}

// FoundPerson is somebody who was found, and where.
type FoundPerson struct {
	chat.Person // without the address
	Place       PeoplePlace
}

// FindPeople lists whom somebody means: accounts that are neither disabled nor
// deleted, each once, in order of the first of their keys that fits.
func (s *Store) FindPeople(ctx context.Context, q PeopleQuery) (found []FoundPerson, err error) {
	after := q.After
	if after.Key < q.Key {
		after = PeoplePlace{Key: q.Key}
	}
	err = s.read(ctx, func(t *tx) error {
		found = nil
		row := func(rows *sql.Rows) (bool, error) {
			var p FoundPerson
			err := rows.Scan(&p.Place.Key, &p.ID, &p.Name, &p.Handle, &p.Picture)
			p.Place.User = p.ID
			found = append(found, p)
			return true, err
		}
		if err := t.each(row, qPeopleOfKey, after.Key, int64(after.User), int64(q.But), q.Key, q.Limit); err != nil {
			return err
		}
		if len(found) >= q.Limit {
			return nil
		}
		return t.each(row, qPeopleBehindKey, after.Key, q.Key+string(utf8.MaxRune), int64(q.But), q.Key, q.Limit-len(found))
	})
	if err != nil {
		return nil, fmt.Errorf("find people: %w", err)
	}
	return found, nil
}

// A page is two walks along the keys, each in their order: what is left of the
// key that the page before ended with, and the keys behind it. One condition for
// both would make a walk begin with everybody who has the former.
const (
	qPeopleOfKey     = qFoundPeople + `found.find_key = ? AND found.user > ?` + qFoundOnce + ` ORDER BY found.user LIMIT ?`
	qPeopleBehindKey = qFoundPeople + `found.find_key > ? AND found.find_key < ?` + qFoundOnce + ` ORDER BY found.find_key, found.user LIMIT ?`

	qFoundPeople = `SELECT found.find_key, users.id, users.name, users.handle, users.picture
	FROM people_keys AS found JOIN users ON users.id = found.user WHERE `
	// Whoever has an earlier key that fits was found by that one.
	qFoundOnce = ` AND users.disabled_at IS NULL AND users.deleted_at IS NULL AND users.id <> ?
	AND NOT EXISTS (SELECT 1 FROM people_keys AS earlier WHERE earlier.user = found.user AND earlier.find_key >= ? AND earlier.find_key < found.find_key)`
)

// findKeysVersion rises when [chat.FindKeys] makes other keys than before: then
// all are made anew at the next start.
const findKeysVersion = "1"

// foundAs is what somebody's keys are made of.
func foundAs(name, handle string) string { return findKeysVersion + " " + handle + " " + name }

// writeFindKeys makes somebody found by this name and handle, and by nothing
// else.
func (t *tx) writeFindKeys(id chat.UserID, name, handle string) error {
	if err := t.dropFindKeys(id); err != nil {
		return err
	}
	for _, key := range chat.FindKeys(name, handle) {
		if _, err := t.exec(`INSERT INTO people_keys (find_key, user) VALUES (?, ?)`, key, int64(id)); err != nil {
			return err
		}
	}
	_, err := t.exec(`UPDATE users SET found_as = ? WHERE id = ?`, foundAs(name, handle), int64(id))
	return err
}

// dropFindKeys makes somebody found by nothing.
func (t *tx) dropFindKeys(id chat.UserID) error {
	if _, err := t.exec(`DELETE FROM people_keys WHERE user = ?`, int64(id)); err != nil {
		return err
	}
	_, err := t.exec(`UPDATE users SET found_as = '' WHERE id = ?`, int64(id))
	return err
}

// RenewFindKeys makes the keys of accounts anew whose keys were made of
// something else than what they are called now, and drops those of deleted ones:
// what a former version of the program has left, which knew no keys or others.
// It says how many there were.
func (s *Store) RenewFindKeys(ctx context.Context) (renewed int, err error) {
	for after := chat.UserID(0); ; {
		users, err := s.staleFindKeys(ctx, &after)
		if err != nil || after == 0 {
			return renewed, err
		}
		if err := s.renewFindKeys(ctx, users); err != nil {
			return renewed, fmt.Errorf("renew what %d people are found by: %w", len(users), err)
		}
		renewed += len(users)
	}
}

// renewedAtOnce is how many accounts are looked at, and written, at once.
const renewedAtOnce = 200

// staleFindKeys looks at the next accounts, and moves after behind them; to 0
// when there is none.
func (s *Store) staleFindKeys(ctx context.Context, after *chat.UserID) (users []chat.UserID, err error) {
	last := *after
	err = s.read(ctx, func(t *tx) error {
		users, *after = nil, 0
		return t.each(func(rows *sql.Rows) (bool, error) {
			var name, handle, made string
			var deleted sql.NullInt64
			if err := rows.Scan(after, &name, &handle, &deleted, &made); err != nil {
				return false, err
			}
			want := foundAs(name, handle)
			if deleted.Valid {
				want = ""
			}
			if made != want {
				users = append(users, *after)
			}
			return true, nil
		}, `SELECT id, name, handle, deleted_at, found_as FROM users WHERE id > ? ORDER BY id LIMIT ?`, int64(last), renewedAtOnce)
	})
	if err != nil {
		return nil, fmt.Errorf("look for people without keys: %w", err)
	}
	return users, nil
}

// renewFindKeys writes the keys of accounts as they are called at that moment.
func (s *Store) renewFindKeys(ctx context.Context, users []chat.UserID) error {
	if len(users) == 0 {
		return nil
	}
	return s.write(ctx, func(t *tx) error {
		if err := t.takePeople(); err != nil {
			return err
		}
		for _, id := range users {
			user, err := t.user(id)
			if err != nil {
				return err
			}
			if user.DeletedAt != 0 {
				err = t.dropFindKeys(id)
			} else {
				err = t.writeFindKeys(id, user.Name, user.Handle)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}
