package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/parleychat/parley/chat"
)

// Picture is the picture of a person.
type Picture struct {
	ID   string
	Type string // image/jpeg or image/png
	Body []byte
}

// SetPicture gives somebody a picture in place of the one they had. It is on the
// disk when it returns.
func (s *Store) SetPicture(ctx context.Context, id chat.UserID, p Picture) (User, error) {
	return s.changePicture(ctx, id, p.ID, func(t *tx) error {
		_, err := t.exec(`INSERT INTO pictures (user, id, type, body) VALUES (?, ?, ?, ?)`, int64(id), p.ID, p.Type, p.Body)
		return err
	})
}

// RemovePicture takes somebody's picture away, if they have one.
func (s *Store) RemovePicture(ctx context.Context, id chat.UserID) (User, error) {
	return s.changePicture(ctx, id, "", func(*tx) error { return nil })
}

func (s *Store) changePicture(ctx context.Context, id chat.UserID, picture string, add func(*tx) error) (user User, err error) {
	err = s.write(ctx, func(t *tx) error {
		if err := t.takePeople(); err != nil {
			return err
		}
		if user, err = t.livePerson(id); err != nil {
			return err
		}
		if err := t.dropPicture(id); err != nil {
			return err
		}
		user.Picture = picture
		if _, err := t.exec(`UPDATE users SET picture = ? WHERE id = ?`, picture, int64(id)); err != nil {
			return err
		}
		return add(t)
	})
	if err != nil {
		return User{}, fmt.Errorf("picture of user %d: %w", id, err)
	}
	return user, nil
}

func (t *tx) dropPicture(id chat.UserID) error {
	_, err := t.exec(`DELETE FROM pictures WHERE user = ?`, int64(id))
	return err
}

// Picture finds a picture that somebody has, or refuses with [chat.NotFound].
func (s *Store) Picture(ctx context.Context, id string) (p Picture, err error) {
	err = s.read(ctx, func(t *tx) error {
		p = Picture{ID: id}
		err := t.row(`SELECT type, body FROM pictures WHERE id = ? LIMIT 1`, id).Scan(&p.Type, &p.Body)
		if errors.Is(err, sql.ErrNoRows) {
			return chat.Errorf(chat.NotFound, "There is no such picture.")
		}
		return err
	})
	if err != nil {
		return Picture{}, fmt.Errorf("picture %q: %w", id, err)
	}
	return p, nil
}
