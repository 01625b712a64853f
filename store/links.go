package store

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"errors"
	"fmt"

	"github.com/parleychat/parley/chat"
)

// Links let somebody in who has no password yet, or not any more. Their tokens
// are random, 128 bits, and known here by a hash alone.

// maxSetupLinks bounds how many starts of a server without an owner leave a
// link that is still good.
const maxSetupLinks = 16

// OfferSetup keeps the hash of a link that makes the first owner. It reports
// false when there is an owner already, or more links than anybody can have
// lost.
func (s *Store) OfferSetup(ctx context.Context, hash []byte, at int64) (offered bool, err error) {
	err = s.write(ctx, func(t *tx) error {
		offered = false
		if err := t.takePeople(); err != nil {
			return err
		}
		owned, err := t.exists(`SELECT 1 FROM users WHERE server_role = ?`, string(chat.ServerOwner))
		if err != nil || owned {
			return err
		}
		var links int
		if err := t.row(`SELECT COUNT(*) FROM setup_links`).Scan(&links); err != nil {
			return err
		}
		if links >= maxSetupLinks {
			if _, err := t.exec(`DELETE FROM setup_links`); err != nil {
				return err
			}
		}
		offered = true
		_, err = t.exec(`INSERT INTO setup_links (hash, created_at) VALUES (?, ?)`, hash, at)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("offer setup: %w", err)
	}
	return offered, nil
}

// CheckSetup refuses with [chat.Forbidden] what is no setup link, or not any
// more.
func (s *Store) CheckSetup(ctx context.Context, hash []byte) error {
	err := s.read(ctx, func(t *tx) error { return t.checkSetup(hash) })
	if err != nil {
		return fmt.Errorf("check setup: %w", err)
	}
	return nil
}

// checkSetup compares with all of the few links, each in constant time.
func (t *tx) checkSetup(hash []byte) error {
	found := 0
	err := t.each(func(rows *sql.Rows) (bool, error) {
		var known []byte
		err := rows.Scan(&known)
		found |= subtle.ConstantTimeCompare(known, hash)
		return true, err
	}, `SELECT hash FROM setup_links`)
	if err == nil && found == 0 {
		return chat.Errorf(chat.Forbidden, "This setup link is not valid, or the server has an owner already.")
	}
	return err
}

// SetUp makes the first owner, of a new account or, with an id, of one that
// there is. All setup links end with it. A server without any room owes its
// owner one from here on (see [Store.FirstRooms]).
func (s *Store) SetUp(ctx context.Context, hash []byte, existing chat.UserID, n NewUser) (owner User, err error) {
	err = s.write(ctx, func(t *tx) error {
		if err := t.takePeople(); err != nil {
			return err
		}
		if err := t.checkSetup(hash); err != nil {
			return err
		}
		if _, err := t.exec(`DELETE FROM setup_links`); err != nil {
			return err
		}
		if owner, err = t.firstOwner(existing, n); err != nil {
			return err
		}
		return t.oweFirstRoom(owner.ID)
	})
	if err != nil {
		return User{}, fmt.Errorf("set up: %w", err)
	}
	return owner, nil
}

func (t *tx) firstOwner(existing chat.UserID, n NewUser) (User, error) {
	if existing == 0 {
		return t.createUser(n, chat.ServerOwner)
	}
	owner, err := t.livePerson(existing)
	if err != nil {
		return User{}, err
	}
	owner.Role, owner.DisabledAt = chat.ServerOwner, 0
	_, err = t.exec(`UPDATE users SET server_role = ?, disabled_at = NULL WHERE id = ?`, string(owner.Role), int64(existing))
	return owner, err
}

// NewReset is a link with which somebody sets a password anew.
type NewReset struct {
	Hash      []byte
	At        int64 // ms UTC
	ExpiresAt int64 // ms UTC
}

// AddReset lets actor make a reset link for somebody. Former links of the same
// person end.
func (s *Store) AddReset(ctx context.Context, actor, target chat.UserID, n NewReset) (user User, err error) {
	err = s.write(ctx, func(t *tx) error {
		if user, err = t.manage(actor, target, chat.ServerRole.MayReset); err != nil {
			return err
		}
		if user.DisabledAt != 0 {
			return chat.Errorf(chat.Conflict, "This account is disabled. Enable it first.")
		}
		if _, err := t.exec(`DELETE FROM reset_links WHERE user = ? OR expires_at <= ?`, int64(target), n.At); err != nil {
			return err
		}
		_, err = t.exec(`INSERT INTO reset_links (hash, user, created_by, created_at, expires_at) VALUES (?, ?, ?, ?, ?)`,
			n.Hash, int64(target), int64(actor), n.At, n.ExpiresAt)
		return err
	})
	if err != nil {
		return User{}, fmt.Errorf("reset link for user %d: %w", target, err)
	}
	return user, nil
}

// ResetOf finds whose password a reset link sets, or refuses with
// [chat.Forbidden].
func (s *Store) ResetOf(ctx context.Context, hash []byte, now int64) (user User, err error) {
	err = s.read(ctx, func(t *tx) error {
		user, err = t.resetOf(hash, now)
		return err
	})
	if err != nil {
		return User{}, fmt.Errorf("reset link: %w", err)
	}
	return user, nil
}

func (t *tx) resetOf(hash []byte, now int64) (User, error) {
	var id chat.UserID
	err := t.row(`SELECT user FROM reset_links WHERE hash = ? AND expires_at > ?`, hash, now).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return User{}, badReset()
	}
	if err != nil {
		return User{}, err
	}
	return t.user(id)
}

func badReset() *chat.Error {
	return chat.Errorf(chat.Forbidden, "This link is not valid, was used, or is older than a day. Ask an owner or admin for another one.")
}

// UseReset sets the password and ends all sessions of the person; it says
// which. Of several calls with one link one succeeds, the others are refused
// with [chat.Forbidden].
func (s *Store) UseReset(ctx context.Context, hash []byte, password string, at int64) (user User, ended []string, err error) {
	err = s.write(ctx, func(t *tx) error {
		if user, err = t.resetOf(hash, at); err != nil {
			return err
		}
		used, err := t.exec(`DELETE FROM reset_links WHERE hash = ?`, hash)
		if err != nil {
			return err
		}
		if used == 0 {
			return badReset()
		}
		if _, err := t.exec(`UPDATE users SET password_hash = ? WHERE id = ?`, password, int64(user.ID)); err != nil {
			return err
		}
		user.PasswordHash = password
		ended, err = t.endEverything(user.ID, "", at)
		return err
	})
	if err != nil {
		return User{}, nil, fmt.Errorf("use reset link: %w", err)
	}
	return user, ended, nil
}

// Invite is a link with which people may make accounts.
type Invite struct {
	ID        int64
	CreatedBy chat.UserID
	CreatedAt int64 // ms UTC
	ExpiresAt int64 // ms UTC
	UsesLeft  int
}

// maxInvites bounds how many invites are good at once.
const maxInvites = 1000

// AddInvite lets actor, an owner or admin, make an invite, and gives it with
// its id.
func (s *Store) AddInvite(ctx context.Context, n Invite, hash []byte) (Invite, error) {
	err := s.write(ctx, func(t *tx) error {
		if err := t.takePeople(); err != nil {
			return err
		}
		role, err := t.roleOf(n.CreatedBy)
		if err != nil {
			return err
		}
		if !role.Manages() {
			return chat.Errorf(chat.Forbidden, "Only owners and admins of the server may do this.")
		}
		if _, err := t.exec(`DELETE FROM server_invites WHERE expires_at <= ? OR uses_left = 0`, n.CreatedAt); err != nil {
			return err
		}
		var good int
		if err := t.row(`SELECT COUNT(*) FROM server_invites`).Scan(&good); err != nil {
			return err
		}
		if good >= maxInvites {
			return chat.Errorf(chat.Conflict, "There are %d invites already. Take some back first.", maxInvites)
		}
		n.ID, err = t.insert(`INSERT INTO server_invites (hash, created_by, created_at, expires_at, uses_left) VALUES (?, ?, ?, ?, ?)`,
			hash, int64(n.CreatedBy), n.CreatedAt, n.ExpiresAt, n.UsesLeft)
		return err
	})
	if err != nil {
		return Invite{}, fmt.Errorf("add invite: %w", err)
	}
	return n, nil
}

// Invites lists the invites that are good now, the oldest first.
func (s *Store) Invites(ctx context.Context, now int64) (invites []Invite, err error) {
	err = s.read(ctx, func(t *tx) error {
		return t.each(func(rows *sql.Rows) (bool, error) {
			var i Invite
			err := rows.Scan(&i.ID, &i.CreatedBy, &i.CreatedAt, &i.ExpiresAt, &i.UsesLeft)
			invites = append(invites, i)
			return true, err
		}, `SELECT id, created_by, created_at, expires_at, uses_left FROM server_invites WHERE expires_at > ? AND uses_left > 0 ORDER BY id LIMIT ?`, now, maxInvites)
	})
	if err != nil {
		return nil, fmt.Errorf("invites: %w", err)
	}
	return invites, nil
}

// RemoveInvite takes an invite back, or refuses with [chat.NotFound].
func (s *Store) RemoveInvite(ctx context.Context, id int64) error {
	err := s.write(ctx, func(t *tx) error {
		removed, err := t.exec(`DELETE FROM server_invites WHERE id = ?`, id)
		if err == nil && removed == 0 {
			return chat.Errorf(chat.NotFound, "There is no such invite.")
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("remove invite %d: %w", id, err)
	}
	return nil
}

// CheckInvite refuses with [chat.Forbidden] what is no invite, or not any more.
func (s *Store) CheckInvite(ctx context.Context, hash []byte, now int64) error {
	err := s.read(ctx, func(t *tx) error {
		good, err := t.exists(`SELECT 1 FROM server_invites WHERE hash = ? AND uses_left > 0 AND expires_at > ?`, hash, now)
		if err == nil && !good {
			return badInvite()
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("check invite: %w", err)
	}
	return nil
}

// takeInvite takes one use of an invite.
func (t *tx) takeInvite(hash []byte, now int64) error {
	taken, err := t.exec(`UPDATE server_invites SET uses_left = uses_left - 1 WHERE hash = ? AND uses_left > 0 AND expires_at > ?`, hash, now)
	if err == nil && taken == 0 {
		return badInvite()
	}
	return err
}

func badInvite() *chat.Error {
	return chat.Errorf(chat.Forbidden, "This invite is not valid, was used up, or has expired. Ask whoever sent it for another one.")
}
