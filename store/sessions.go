package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/internal/failpoint"
)

// Session is what follows from one sign-in: the access and refresh tokens that
// were given for it belong together and end together.
type Session struct {
	SID       string
	User      chat.UserID
	UserAgent string
	CreatedAt int64 // ms UTC
	UsedAt    int64 // ms UTC, of the last refresh
	ExpiresAt int64 // ms UTC, of the newest refresh token
	RevokedAt int64 // ms UTC, 0: not revoked
	Disabled  bool  // the account is disabled
}

// NewSession is a session to be made. Refresh tokens are known here by a hash
// alone.
type NewSession struct {
	SID  string
	User chat.UserID
	// PasswordHash is what the password was compared with: if it is another
	// one by now, or the account is disabled, there is no session.
	PasswordHash string
	UserAgent    string
	RefreshHash  []byte
	At           int64 // ms UTC
	ExpiresAt    int64 // ms UTC
}

// CreateSession stores a session. It refuses with [chat.Unauthorized] when the
// account is not what it was when the password was compared.
func (s *Store) CreateSession(ctx context.Context, n NewSession) error {
	err := s.write(ctx, func(t *tx) error {
		// It changes nothing but takes the row, which a change of the password
		// and a disabling take too: they end this session, or come before it.
		same, err := t.exec(`UPDATE users SET password_hash = password_hash WHERE id = ? AND password_hash = ? AND disabled_at IS NULL AND deleted_at IS NULL`,
			int64(n.User), n.PasswordHash)
		if err != nil {
			return err
		}
		if same == 0 {
			return chat.Errorf(chat.Unauthorized, "This account has changed while you signed in. Sign in again.")
		}
		if _, err := t.exec(`INSERT INTO sessions (sid, user, user_agent, created_at, used_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)`,
			n.SID, int64(n.User), n.UserAgent, n.At, n.At, n.ExpiresAt); err != nil {
			return err
		}
		return t.addRefreshToken(n.SID, n.RefreshHash)
	})
	if err != nil {
		return fmt.Errorf("create session of user %d: %w", n.User, err)
	}
	return nil
}

func (t *tx) addRefreshToken(sid string, hash []byte) error {
	_, err := t.exec(`INSERT INTO refresh_tokens (hash, sid) VALUES (?, ?)`, hash, sid)
	return err
}

// SessionByID finds a session, revoked and expired ones too until they are
// pruned, or refuses with [chat.NotFound].
func (s *Store) SessionByID(ctx context.Context, sid string) (session Session, err error) {
	err = s.read(ctx, func(t *tx) error {
		session, err = t.session(sid)
		return err
	})
	if err != nil {
		return Session{}, fmt.Errorf("session: %w", err)
	}
	return session, nil
}

func (t *tx) session(sid string) (Session, error) {
	var session Session
	var revoked, disabled sql.NullInt64
	err := t.row(qSession, sid).Scan(&session.SID, &session.User, &session.UserAgent, &session.CreatedAt, &session.UsedAt, &session.ExpiresAt, &revoked, &disabled)
	session.RevokedAt, session.Disabled = revoked.Int64, disabled.Valid
	if errors.Is(err, sql.ErrNoRows) {
		return Session{}, noSuchSession()
	}
	return session, err
}

const qSession = `SELECT sid, user, user_agent, sessions.created_at, used_at, expires_at, revoked_at, disabled_at
	FROM sessions JOIN users ON users.id = sessions.user WHERE sid = ?`

// Rotation exchanges a refresh token for a new one.
type Rotation struct {
	Old, New  []byte // hashes
	At        int64  // ms UTC, now
	ExpiresAt int64  // ms UTC, of the new token
	// Grace is how long after its first use a token may be used again: a
	// browser that lost the answer on a bad line, or has two tabs, is no thief.
	// 0 allows no second use.
	Grace time.Duration
}

// RotateRefresh exchanges a refresh token. One that was used before, and longer
// ago than the grace, ends its session and yields [ErrRefreshReused]; one that
// is unknown, expired or of a session that has ended is refused with
// [chat.Unauthorized]. With ErrRefreshReused it says which session that was.
func (s *Store) RotateRefresh(ctx context.Context, r Rotation) (Session, error) {
	var session Session
	reused := false
	err := s.write(ctx, func(t *tx) error {
		reused = false
		// First, so that of two who show the same token one waits here for the
		// other.
		fresh, err := t.exec(`UPDATE refresh_tokens SET used_at = ? WHERE hash = ? AND used_at IS NULL`, r.At, r.Old)
		if err != nil {
			return err
		}
		var sid string
		var used int64
		err = t.row(`SELECT sid, used_at FROM refresh_tokens WHERE hash = ?`, r.Old).Scan(&sid, &used)
		if errors.Is(err, sql.ErrNoRows) {
			return signInAgain()
		}
		if err != nil {
			return err
		}
		if session, err = t.session(sid); err != nil {
			return err
		}
		if session.RevokedAt != 0 || session.Disabled || session.ExpiresAt <= r.At {
			return signInAgain()
		}
		if fresh == 0 && r.At-used >= r.Grace.Milliseconds() {
			// The revocation must be committed, so this is no error here.
			reused = true
			return t.revoke(session, r.At)
		}
		session.UsedAt, session.ExpiresAt = r.At, r.ExpiresAt
		return t.rotate(sid, r)
	})
	switch {
	case err != nil:
		return Session{}, fmt.Errorf("rotate refresh token: %w", err)
	case reused:
		return session, fmt.Errorf("rotate refresh token of user %d: %w", session.User, ErrRefreshReused)
	}
	return session, nil
}

func (t *tx) rotate(sid string, r Rotation) error {
	if err := t.addRefreshToken(sid, r.New); err != nil {
		return err
	}
	failpoint.Pass(failpoint.RefreshInserted)
	_, err := t.exec(`UPDATE sessions SET used_at = ?, expires_at = ? WHERE sid = ?`, r.At, r.ExpiresAt, sid)
	return err
}

func signInAgain() *chat.Error {
	return chat.Errorf(chat.Unauthorized, "This session has ended. Sign in again.")
}

// RevokeSession ends a session and writes the revocation, in one transaction.
// A session that has ended already stays as it is; an unknown one is refused
// with [chat.NotFound].
func (s *Store) RevokeSession(ctx context.Context, sid string, at int64) error {
	err := s.write(ctx, func(t *tx) error {
		session, err := t.session(sid)
		if err != nil {
			return err
		}
		return t.revoke(session, at)
	})
	if err != nil {
		return fmt.Errorf("revoke session: %w", err)
	}
	return nil
}

// sessionsAtOnce bounds a list of sessions.
const sessionsAtOnce = 500

// SessionsOf lists a person's sessions that have not ended, the last used
// first, at most 500.
func (s *Store) SessionsOf(ctx context.Context, user chat.UserID, now int64) (sessions []Session, err error) {
	err = s.read(ctx, func(t *tx) error {
		return t.each(func(rows *sql.Rows) (bool, error) {
			session := Session{User: user}
			err := rows.Scan(&session.SID, &session.UserAgent, &session.CreatedAt, &session.UsedAt, &session.ExpiresAt)
			sessions = append(sessions, session)
			return true, err
		}, `SELECT sid, user_agent, created_at, used_at, expires_at FROM sessions
			WHERE user = ? AND revoked_at IS NULL AND expires_at > ? ORDER BY used_at DESC, sid LIMIT ?`, int64(user), now, sessionsAtOnce)
	})
	if err != nil {
		return nil, fmt.Errorf("sessions of user %d: %w", user, err)
	}
	return sessions, nil
}

// RevokeSessionOf ends a session of this person; one of somebody else, and one
// that has ended, is refused with [chat.NotFound] like one that never was.
func (s *Store) RevokeSessionOf(ctx context.Context, user chat.UserID, sid string, at int64) error {
	err := s.write(ctx, func(t *tx) error {
		session, err := t.session(sid)
		if err != nil {
			return err
		}
		if session.User != user || session.RevokedAt != 0 || session.ExpiresAt <= at {
			return noSuchSession()
		}
		return t.revoke(session, at)
	})
	if err != nil {
		return fmt.Errorf("revoke session of user %d: %w", user, err)
	}
	return nil
}

// RevokeSessionsOf ends all sessions of a person but one, or all with "", and
// says which.
func (s *Store) RevokeSessionsOf(ctx context.Context, user chat.UserID, except string, at int64) (ended []string, err error) {
	err = s.write(ctx, func(t *tx) error {
		ended, err = t.revokeAll(user, except, at)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("revoke sessions of user %d: %w", user, err)
	}
	return ended, nil
}

// revokeAll ends a person's sessions. The caller has the person's row, so none
// begins meanwhile (see CreateSession).
func (t *tx) revokeAll(user chat.UserID, except string, at int64) (ended []string, err error) {
	err = t.each(func(rows *sql.Rows) (bool, error) {
		var sid string
		err := rows.Scan(&sid)
		ended = append(ended, sid)
		return true, err
	}, `SELECT sid FROM sessions WHERE user = ? AND revoked_at IS NULL AND sid <> ?`, int64(user), except)
	if err != nil {
		return nil, err
	}
	for _, sid := range ended {
		if err := t.revoke(Session{SID: sid, User: user}, at); err != nil {
			return nil, err
		}
	}
	return ended, nil
}

func noSuchSession() *chat.Error {
	return chat.Errorf(chat.NotFound, "There is no such session, or it has ended.")
}

// PruneSessions forgets sessions that expired before this time (ms UTC), with
// their refresh tokens, and revocations older than it. Choose a time at which
// no access token was valid that could still be shown now.
func (s *Store) PruneSessions(ctx context.Context, before int64) error {
	err := s.write(ctx, func(t *tx) error {
		if _, err := t.exec(`DELETE FROM sessions WHERE expires_at < ?`, before); err != nil {
			return err
		}
		_, err := t.exec(`DELETE FROM revocations WHERE at < ?`, before)
		return err
	})
	if err != nil {
		return fmt.Errorf("prune sessions: %w", err)
	}
	return nil
}
