package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/parleychat/parley/chat"
)

// RoomLink is a link that lets people into a room, without its token.
type RoomLink struct {
	ID        int64
	Room      chat.RoomID
	CreatedBy chat.UserID
	CreatedAt int64 // ms UTC
	ExpiresAt int64 // ms UTC
	UsesLeft  int
}

// AddRoomLink keeps a link under the hash of its token and returns it with its
// id. Links that have ended are forgotten on the way.
func (s *Store) AddRoomLink(ctx context.Context, link RoomLink, hash []byte) (RoomLink, error) {
	err := s.write(ctx, func(t *tx) error {
		if _, err := t.exec(`DELETE FROM room_links WHERE expires_at <= ?`, link.CreatedAt); err != nil {
			return err
		}
		id, err := t.insert(`INSERT INTO room_links (hash, room, created_by, created_at, expires_at, uses_left) VALUES (?, ?, ?, ?, ?, ?)`,
			hash, int64(link.Room), int64(link.CreatedBy), link.CreatedAt, link.ExpiresAt, link.UsesLeft)
		link.ID = id
		return err
	})
	if err != nil {
		return RoomLink{}, fmt.Errorf("add link to room %d: %w", link.Room, err)
	}
	return link, nil
}

const roomLinkColumns = `id, room, created_by, created_at, expires_at, uses_left`

func scanRoomLink(row interface{ Scan(...any) error }) (l RoomLink, err error) {
	err = row.Scan(&l.ID, (*int64)(&l.Room), (*int64)(&l.CreatedBy), &l.CreatedAt, &l.ExpiresAt, &l.UsesLeft)
	return l, err
}

// RoomLinks lists the links of a room that can still be used at now, in ms UTC,
// oldest first.
func (s *Store) RoomLinks(ctx context.Context, room chat.RoomID, now int64) (links []RoomLink, err error) {
	err = s.read(ctx, func(t *tx) error {
		links = nil
		return t.each(func(rows *sql.Rows) (bool, error) {
			link, err := scanRoomLink(rows)
			links = append(links, link)
			return true, err
		}, `SELECT `+roomLinkColumns+` FROM room_links WHERE room = ? AND expires_at > ? AND uses_left > 0 ORDER BY id`, int64(room), now)
	})
	if err != nil {
		return nil, fmt.Errorf("links to room %d: %w", room, err)
	}
	return links, nil
}

// RemoveRoomLink ends a link of a room; one that is not there is refused as
// [chat.NotFound].
func (s *Store) RemoveRoomLink(ctx context.Context, room chat.RoomID, id int64) error {
	err := s.write(ctx, func(t *tx) error {
		removed, err := t.exec(`DELETE FROM room_links WHERE id = ? AND room = ?`, id, int64(room))
		if err == nil && removed == 0 {
			return chat.Errorf(chat.NotFound, "There is no such link.")
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("remove link %d of room %d: %w", id, room, err)
	}
	return nil
}

// RoomLinkByHash finds a link that can be used at now, or that this person has
// used. Everything else is the same [chat.NotFound].
func (s *Store) RoomLinkByHash(ctx context.Context, hash []byte, user chat.UserID, now int64) (link RoomLink, err error) {
	err = s.read(ctx, func(t *tx) error {
		link, err = t.roomLink(hash, user, now)
		return err
	})
	if err != nil {
		return RoomLink{}, fmt.Errorf("link to a room: %w", err)
	}
	return link, nil
}

// UseRoomLink is [Store.RoomLinkByHash] that takes one use, the first time that
// this person asks. Of several people who want the last use one gets it.
func (s *Store) UseRoomLink(ctx context.Context, hash []byte, user chat.UserID, now int64) (link RoomLink, err error) {
	err = s.write(ctx, func(t *tx) error {
		// First, so that it takes the row's lock.
		taken, err := t.exec(`UPDATE room_links SET uses_left = uses_left - 1 WHERE hash = ? AND expires_at > ? AND uses_left > 0
			AND NOT EXISTS (SELECT 1 FROM room_link_uses WHERE link = room_links.id AND user = ?)`, hash, now, int64(user))
		if err != nil {
			return err
		}
		if taken == 1 {
			if _, err := t.exec(`INSERT INTO room_link_uses (link, user) SELECT id, ? FROM room_links WHERE hash = ?`, int64(user), hash); err != nil {
				return err
			}
		}
		link, err = t.roomLink(hash, user, now)
		return err
	})
	if err != nil {
		return RoomLink{}, fmt.Errorf("use link to a room: %w", err)
	}
	return link, nil
}

func (t *tx) roomLink(hash []byte, user chat.UserID, now int64) (RoomLink, error) {
	link, err := scanRoomLink(t.row(`SELECT `+roomLinkColumns+` FROM room_links WHERE hash = ? AND expires_at > ?`, hash, now))
	if errors.Is(err, sql.ErrNoRows) {
		return RoomLink{}, errNoLink()
	}
	if err != nil || link.UsesLeft > 0 {
		return link, err
	}
	used, err := t.exists(`SELECT 1 FROM room_link_uses WHERE link = ? AND user = ?`, link.ID, int64(user))
	if err == nil && !used {
		err = errNoLink()
	}
	return link, err
}

func errNoLink() *chat.Error {
	return chat.Errorf(chat.NotFound, "This link has ended, or was never there. Ask for a new one.")
}
