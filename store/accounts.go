package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/internal/failpoint"
)

// User is an account.
type User struct {
	ID           chat.UserID
	Email        string // as given
	Name         string // display name
	Handle       string // unique, without the @
	PasswordHash string
	Role         chat.ServerRole
	CreatedAt    int64 // ms UTC
	DisabledAt   int64 // ms UTC, 0: not disabled
	DeletedAt    int64 // ms UTC, 0: not deleted
	Choice       chat.StatusChoice
	HidesSeen    bool   // others may not see when they were last online
	Picture      string // id of their picture; empty: none
}

// Person is what is shown of the account.
func (u User) Person() chat.Person {
	return chat.Person{ID: u.ID, Name: u.Name, Handle: u.Handle, Email: u.Email, Picture: u.Picture}
}

// NewUser is an account to be made. Its fields are valid and normalised.
type NewUser struct {
	Email        string
	Name         string
	Handle       string // wished for; a number is added when it is taken
	PasswordHash string
	At           int64 // ms UTC
	// Invite is the hash of the invite that lets this person in, one use of
	// which is taken with the account; nil: none is needed.
	Invite []byte
}

// CreateUser makes an account. An e-mail address that has one already,
// whatever its letters' case, is refused as [chat.Conflict]; an invite that is
// not good, or not good any more, as [chat.Forbidden].
func (s *Store) CreateUser(ctx context.Context, n NewUser) (user User, err error) {
	err = s.write(ctx, func(t *tx) error {
		if n.Invite != nil {
			if err := t.takeInvite(n.Invite, n.At); err != nil {
				return err
			}
		}
		user, err = t.createUser(n, chat.ServerMember)
		return err
	})
	if err != nil {
		return User{}, fmt.Errorf("create user: %w", err)
	}
	return user, nil
}

func (t *tx) createUser(n NewUser, role chat.ServerRole) (User, error) {
	user := User{Email: n.Email, Name: n.Name, PasswordHash: n.PasswordHash, Role: role, CreatedAt: n.At}
	key := emailKey(n.Email)
	taken, err := t.exists(`SELECT 1 FROM users WHERE email_key = ?`, key)
	if err != nil {
		return User{}, err
	}
	if taken {
		return User{}, chat.Errorf(chat.Conflict, "There is an account with this e-mail address already. Sign in, or use another address.")
	}
	if user.Handle, err = t.freeHandle(n.Handle); err != nil {
		return User{}, err
	}
	id, err := t.insert(`INSERT INTO users (email, email_key, name, handle, password_hash, server_role, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		n.Email, key, n.Name, user.Handle, n.PasswordHash, string(role), n.At)
	if err != nil {
		return User{}, err
	}
	user.ID = chat.UserID(id)
	failpoint.Pass(failpoint.AccountInserted)
	return user, t.writeFindKeys(user.ID, user.Name, user.Handle)
}

// emailKey is the form in which addresses are compared.
func emailKey(email string) string {
	return norm.NFC.String(strings.ToLower(email))
}

// numberedHandles is how many handles are tried in order (anna, anna2, anna3 …)
// before random numbers, which find a free one soon however popular the name.
const numberedHandles = 9

// freeHandle finds a handle that nobody has, as near to the wish as it can be.
func (t *tx) freeHandle(wish string) (string, error) {
	handle := wish
	for number, span := 2, 1000; ; number++ {
		taken, err := t.exists(`SELECT 1 FROM users WHERE handle = ?`, handle)
		if err != nil || !taken {
			return handle, err
		}
		suffix := strconv.Itoa(number)
		if number > numberedHandles {
			suffix = strconv.Itoa(span + rand.IntN(9*span))
			span = min(10*span, 1_000_000_000)
		}
		handle = wish[:min(len(wish), chat.MaxHandleChars-len(suffix))] + suffix
	}
}

const userColumns = `id, email, name, handle, password_hash, server_role, created_at, disabled_at, deleted_at, status, status_rev, hides_seen, picture`

func scanUser(row interface{ Scan(...any) error }) (User, error) {
	var u User
	var disabled, deleted sql.NullInt64
	err := row.Scan(&u.ID, &u.Email, &u.Name, &u.Handle, &u.PasswordHash, &u.Role, &u.CreatedAt, &disabled, &deleted, &u.Choice.Status, &u.Choice.Rev, &u.HidesSeen, &u.Picture)
	u.DisabledAt, u.DeletedAt = disabled.Int64, deleted.Int64
	if errors.Is(err, sql.ErrNoRows) {
		return User{}, chat.Errorf(chat.NotFound, "There is no such account.")
	}
	return u, err
}

// UserByEmail finds the account with this address, whatever its letters' case,
// or refuses with [chat.NotFound].
func (s *Store) UserByEmail(ctx context.Context, email string) (user User, err error) {
	err = s.read(ctx, func(t *tx) error {
		user, err = scanUser(t.row(`SELECT `+userColumns+` FROM users WHERE email_key = ?`, emailKey(email)))
		return err
	})
	if err != nil {
		return User{}, fmt.Errorf("user by e-mail: %w", err)
	}
	return user, nil
}

// UserByID finds an account, deleted ones too, or refuses with
// [chat.NotFound].
func (s *Store) UserByID(ctx context.Context, id chat.UserID) (user User, err error) {
	err = s.read(ctx, func(t *tx) error {
		user, err = t.user(id)
		return err
	})
	if err != nil {
		return User{}, fmt.Errorf("user %d: %w", id, err)
	}
	return user, nil
}

func (t *tx) user(id chat.UserID) (User, error) {
	return scanUser(t.row(`SELECT `+userColumns+` FROM users WHERE id = ?`, int64(id)))
}

// UserByHandle finds the account with this handle, or refuses with
// [chat.NotFound].
func (s *Store) UserByHandle(ctx context.Context, handle string) (user User, err error) {
	err = s.read(ctx, func(t *tx) error {
		user, err = scanUser(t.row(`SELECT `+userColumns+` FROM users WHERE handle = ?`, handle))
		return err
	})
	if err != nil {
		return User{}, fmt.Errorf("user by handle: %w", err)
	}
	return user, nil
}

// People returns what is shown of these accounts, in no particular order. Ids
// without an account are left out.
func (s *Store) People(ctx context.Context, ids []chat.UserID) (people []chat.Person, err error) {
	err = s.read(ctx, func(t *tx) error {
		people, err = t.people(ids)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("people: %w", err)
	}
	return people, nil
}

// peopleAtOnce bounds the length of one query.
const peopleAtOnce = 500

func (t *tx) people(ids []chat.UserID) ([]chat.Person, error) {
	people := make([]chat.Person, 0, len(ids))
	for len(ids) > 0 {
		part := ids[:min(len(ids), peopleAtOnce)]
		ids = ids[len(part):]
		args := make([]any, len(part))
		for i, id := range part {
			args[i] = int64(id)
		}
		err := t.each(func(rows *sql.Rows) (bool, error) {
			var p chat.Person
			err := rows.Scan(&p.ID, &p.Name, &p.Handle, &p.Email, &p.Picture)
			people = append(people, p)
			return true, err
		}, `SELECT id, name, handle, email, picture FROM users WHERE id IN (?`+strings.Repeat(", ?", len(part)-1)+`)`, args...)
		if err != nil {
			return nil, err
		}
	}
	return people, nil
}

// RenewPasswordHash replaces the hash of the same password, unless the
// password has been changed since old was read. Sessions stay as they are.
func (s *Store) RenewPasswordHash(ctx context.Context, id chat.UserID, old, renewed string) error {
	err := s.write(ctx, func(t *tx) error {
		changed, err := t.exec(`UPDATE users SET password_hash = ? WHERE id = ? AND password_hash = ?`, renewed, int64(id), old)
		if err == nil && changed == 0 {
			return chat.Errorf(chat.Conflict, "The password has been changed meanwhile.")
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("renew password hash of user %d: %w", id, err)
	}
	return nil
}

// CountUsers counts the accounts, disabled ones too.
func (s *Store) CountUsers(ctx context.Context) (n int, err error) {
	err = s.read(ctx, func(t *tx) error {
		return t.row(`SELECT COUNT(*) FROM users`).Scan(&n)
	})
	if err != nil {
		return 0, fmt.Errorf("count users: %w", err)
	}
	return n, nil
}

// exists reports whether the query has a row.
func (t *tx) exists(text string, args ...any) (bool, error) {
	var one int
	err := t.row(text, args...).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}
