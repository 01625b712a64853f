package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/parleychat/parley/chat"
)

// takePeople begins a transaction that changes who may do what: such
// transactions run one after another, on a database with many writers too.
func (t *tx) takePeople() error {
	_, err := t.exec(`UPDATE counters SET value = value + 1 WHERE name = 'people'`)
	return err
}

// livePerson finds an account that is not deleted.
func (t *tx) livePerson(id chat.UserID) (User, error) {
	user, err := t.user(id)
	if err == nil && user.DeletedAt != 0 {
		return User{}, chat.Errorf(chat.NotFound, "There is no such account.")
	}
	return user, err
}

// Profile is what somebody wants to be called; nil leaves it as it is.
type Profile struct {
	Name   *string // valid and normalised
	Handle *string // valid; one that somebody has is refused
}

// SetProfile changes how somebody is called. A handle that somebody else has
// is refused as [chat.Conflict].
func (s *Store) SetProfile(ctx context.Context, id chat.UserID, p Profile) (user User, err error) {
	err = s.write(ctx, func(t *tx) error {
		if err := t.takePeople(); err != nil {
			return err
		}
		if user, err = t.livePerson(id); err != nil {
			return err
		}
		if p.Name != nil {
			user.Name = *p.Name
		}
		if p.Handle != nil {
			user.Handle = *p.Handle
		}
		taken, err := t.exists(`SELECT 1 FROM users WHERE handle = ? AND id <> ?`, user.Handle, int64(id))
		if err != nil {
			return err
		}
		if taken {
			return chat.Errorf(chat.Conflict, "Somebody else is @%s. Choose another handle.", user.Handle)
		}
		if _, err := t.exec(`UPDATE users SET name = ?, handle = ? WHERE id = ?`, user.Name, user.Handle, int64(id)); err != nil {
			return err
		}
		return t.writeFindKeys(id, user.Name, user.Handle)
	})
	if err != nil {
		return User{}, fmt.Errorf("profile of user %d: %w", id, err)
	}
	return user, nil
}

// ChangePassword sets another password and ends all sessions but one; it says
// which. It refuses with [chat.Conflict] when the password is not the one that
// old is the hash of any more.
func (s *Store) ChangePassword(ctx context.Context, id chat.UserID, old, hash, except string, at int64) (ended []string, err error) {
	err = s.write(ctx, func(t *tx) error {
		changed, err := t.exec(`UPDATE users SET password_hash = ? WHERE id = ? AND password_hash = ? AND deleted_at IS NULL`, hash, int64(id), old)
		if err != nil {
			return err
		}
		if changed == 0 {
			return chat.Errorf(chat.Conflict, "The password has just been changed by somebody else.")
		}
		ended, err = t.endEverything(id, except, at)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("change password of user %d: %w", id, err)
	}
	return ended, nil
}

// endEverything ends what lets somebody in without the password: sessions, but
// for one, and reset links.
func (t *tx) endEverything(id chat.UserID, except string, at int64) (ended []string, err error) {
	if _, err := t.exec(`DELETE FROM reset_links WHERE user = ?`, int64(id)); err != nil {
		return nil, err
	}
	return t.revokeAll(id, except, at)
}

// Operator acts for whoever runs the server, on its own machine: as an owner
// who cannot be removed.
const Operator chat.UserID = 0

// manage begins a transaction in which actor does something to target that
// allowed judges by both roles, as they are now.
func (t *tx) manage(actor, target chat.UserID, allowed func(actor, target chat.ServerRole) bool) (User, error) {
	if err := t.takePeople(); err != nil {
		return User{}, err
	}
	role, err := t.roleOf(actor)
	if err != nil {
		return User{}, err
	}
	if !role.Manages() {
		return User{}, chat.Errorf(chat.Forbidden, "Only owners and admins of the server may do this.")
	}
	user, err := t.livePerson(target)
	if err != nil {
		return User{}, err
	}
	if !allowed(role, user.Role) {
		return User{}, chat.Errorf(chat.Forbidden, "You may not do this to an %s of the server.", user.Role)
	}
	return user, nil
}

// roleOf is what somebody who acts may do; of a disabled one nothing.
func (t *tx) roleOf(actor chat.UserID) (chat.ServerRole, error) {
	if actor == Operator {
		return chat.ServerOwner, nil
	}
	user, err := t.livePerson(actor)
	if err != nil || user.DisabledAt != 0 {
		return "", err
	}
	return user.Role, nil
}

// keepAnOwner refuses what would leave the server without an owner who can
// sign in.
func (t *tx) keepAnOwner(leaves User) error {
	if leaves.Role != chat.ServerOwner {
		return nil
	}
	another, err := t.exists(`SELECT 1 FROM users WHERE server_role = ? AND id <> ? AND disabled_at IS NULL`, string(chat.ServerOwner), int64(leaves.ID))
	if err == nil && !another {
		return chat.Errorf(chat.Conflict, "This is the last owner of the server. Make somebody else an owner first.")
	}
	return err
}

// SetServerRole lets actor give somebody a role: one that both the actor may
// manage and the actor's own reaches. The last owner stays one
// ([chat.Conflict]).
func (s *Store) SetServerRole(ctx context.Context, actor, target chat.UserID, role chat.ServerRole) (user User, err error) {
	err = s.write(ctx, func(t *tx) error {
		user, err = t.manage(actor, target, func(actor, target chat.ServerRole) bool {
			return actor.MayManage(target) && actor.MayManage(role)
		})
		if err != nil || user.Role == role {
			return err
		}
		if err := t.keepAnOwner(user); err != nil {
			return err
		}
		user.Role = role
		_, err = t.exec(`UPDATE users SET server_role = ? WHERE id = ?`, string(role), int64(target))
		return err
	})
	if err != nil {
		return User{}, fmt.Errorf("role of user %d: %w", target, err)
	}
	return user, nil
}

// DisableUser lets actor shut somebody out, and says which sessions ended. It
// is done already for somebody who is disabled. The last owner cannot be
// ([chat.Conflict]).
func (s *Store) DisableUser(ctx context.Context, actor, target chat.UserID, at int64) (user User, ended []string, err error) {
	err = s.write(ctx, func(t *tx) error {
		user, err = t.manage(actor, target, chat.ServerRole.MayManage)
		if err != nil || user.DisabledAt != 0 {
			return err
		}
		if err := t.keepAnOwner(user); err != nil {
			return err
		}
		user.DisabledAt = at
		if _, err := t.exec(`UPDATE users SET disabled_at = ? WHERE id = ?`, at, int64(target)); err != nil {
			return err
		}
		ended, err = t.endEverything(target, "", at)
		return err
	})
	if err != nil {
		return User{}, nil, fmt.Errorf("disable user %d: %w", target, err)
	}
	return user, ended, nil
}

// EnableUser lets actor let somebody in again. Their sessions stay ended.
func (s *Store) EnableUser(ctx context.Context, actor, target chat.UserID) (user User, err error) {
	err = s.write(ctx, func(t *tx) error {
		if user, err = t.manage(actor, target, chat.ServerRole.MayManage); err != nil {
			return err
		}
		user.DisabledAt = 0
		_, err = t.exec(`UPDATE users SET disabled_at = NULL WHERE id = ?`, int64(target))
		return err
	})
	if err != nil {
		return User{}, fmt.Errorf("enable user %d: %w", target, err)
	}
	return user, nil
}

// DeletedName is how somebody is called whose account is deleted.
const DeletedName = "deleted user"

// deletedKey stands where an address or a handle was that is free again. It
// contains what neither of them can.
func deletedKey(id chat.UserID) string { return fmt.Sprintf("deleted:%d", id) }

// DeleteUser deletes an account: what it was called is forgotten, its address
// and its handle are free, its sessions end. What the person said stays, and
// so does the id; that their rooms are to be left is written down
// ([Departure]). The last owner of the server, and who is the only owner of a
// room in which others are, is refused with [chat.Conflict]. It says which
// sessions ended.
func (s *Store) DeleteUser(ctx context.Context, id chat.UserID, at int64) (user User, ended []string, err error) {
	err = s.write(ctx, func(t *tx) error {
		if err := t.takePeople(); err != nil {
			return err
		}
		if user, err = t.livePerson(id); err != nil {
			return err
		}
		if err := t.keepAnOwner(user); err != nil {
			return err
		}
		if err := t.leavesNoRoomOwnerless(id); err != nil {
			return err
		}
		key := deletedKey(id)
		user = User{ID: id, Name: DeletedName, Handle: key, Role: chat.ServerMember, CreatedAt: user.CreatedAt, DeletedAt: at, Choice: chat.StatusChoice{Rev: user.Choice.Rev + 1}}
		if _, err := t.exec(`UPDATE users SET email = '', email_key = ?, name = ?, handle = ?, password_hash = '', server_role = ?, disabled_at = NULL, deleted_at = ?,
			status = '', status_rev = status_rev + 1, hides_seen = FALSE, seen_at = NULL, picture = '' WHERE id = ?`,
			key, user.Name, key, string(user.Role), at, int64(id)); err != nil {
			return err
		}
		if _, err := t.exec(`INSERT INTO departures (user, at) VALUES (?, ?)`, int64(id), at); err != nil {
			return err
		}
		ended, err = t.endEverything(id, "", at)
		if err != nil {
			return err
		}
		// Where somebody signed in from is nobody's business any more, nor what
		// they thought of their rooms.
		if _, err := t.exec(`UPDATE sessions SET user_agent = '' WHERE user = ?`, int64(id)); err != nil {
			return err
		}
		if _, err := t.exec(`DELETE FROM room_settings WHERE user = ?`, int64(id)); err != nil {
			return err
		}
		// What is written while this goes on goes when they have left their rooms.
		if _, err := t.exec(`DELETE FROM message_drafts WHERE user = ?`, int64(id)); err != nil {
			return err
		}
		if err := t.dropFindKeys(id); err != nil {
			return err
		}
		if _, err := t.exec(`DELETE FROM first_rooms WHERE owner = ?`, int64(id)); err != nil {
			return err
		}
		return t.dropPicture(id)
	})
	if err != nil {
		return User{}, nil, fmt.Errorf("delete user %d: %w", id, err)
	}
	return user, ended, nil
}

// shownRooms is how many rooms a refusal names.
const shownRooms = 5

// leavesNoRoomOwnerless refuses when there are rooms with other people in them
// whose only owner this is.
func (t *tx) leavesNoRoomOwnerless(id chat.UserID) error {
	var names []string
	err := t.each(func(rows *sql.Rows) (bool, error) {
		var name string
		err := rows.Scan(&name)
		names = append(names, name)
		return true, err
	}, qSoleOwnerOf, int64(id), string(chat.RoleOwner), string(chat.RoleOwner), shownRooms+1)
	if err != nil || len(names) == 0 {
		return err
	}
	more := ""
	if len(names) > shownRooms {
		names, more = names[:shownRooms], " and more"
	}
	return chat.Errorf(chat.Conflict, "You are the only owner of %s%s. Hand these rooms over to somebody else first.", strings.Join(names, ", "), more)
}

const qSoleOwnerOf = `SELECT rooms.name FROM members AS mine JOIN rooms ON rooms.id = mine.room
	WHERE mine.user = ? AND mine.left_seq IS NULL AND mine.role = ? AND rooms.members > 1
	AND NOT EXISTS (SELECT 1 FROM members AS others WHERE others.room = mine.room AND others.role = ? AND others.left_seq IS NULL AND others.user <> mine.user)
	ORDER BY rooms.id LIMIT ?`

// ListUsers lists accounts with ids after this one, in order, without deleted
// ones.
func (s *Store) ListUsers(ctx context.Context, after chat.UserID, limit int) (users []User, err error) {
	err = s.read(ctx, func(t *tx) error {
		return t.each(func(rows *sql.Rows) (bool, error) {
			user, err := scanUser(rows)
			users = append(users, user)
			return true, err
		}, `SELECT `+userColumns+` FROM users WHERE id > ? AND deleted_at IS NULL ORDER BY id LIMIT ?`, int64(after), limit)
	})
	if err != nil {
		return nil, fmt.Errorf("list users: %w", err)
	}
	return users, nil
}
