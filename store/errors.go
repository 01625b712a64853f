package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"

	"github.com/parleychat/parley/chat"
)

var (
	// ErrFenced means that the watermark is not where the batch begins:
	// somebody else has recorded since, or this batch is stored already. The
	// recorder reads the watermark again.
	ErrFenced = errors.New("store: the watermark has moved")
	// ErrNoWatermark means that nothing was ever recorded of this partition in
	// this epoch; see [Store.InitWatermark].
	ErrNoWatermark = errors.New("store: no watermark")
	// ErrUnknownRoom means that a record names a room that the store does not
	// have. It is an error of the data: trying again cannot help.
	ErrUnknownRoom = errors.New("store: a record of an unknown room")
	// ErrNewerSchema means that a newer Parley has written the database.
	ErrNewerSchema = errors.New("store: the database has a newer schema")
	// ErrForeign means that the file, or the database, is not a store.
	ErrForeign = errors.New("store: not a database of Parley")
	// ErrUnfit means that somebody has to change the database server's
	// settings, accounts or rights, or the address, before it can be used.
	ErrUnfit = errors.New("store: the database server is not set up for Parley")
	// ErrRefreshReused means that a refresh token came a second time: somebody
	// has a copy of it. The session has been revoked.
	ErrRefreshReused = errors.New("store: a refresh token was used twice, its session is revoked")
)

// IsOutage reports whether err says that the database cannot be used now
// (connection lost or refused, locked, busy, full, read-only, out of time): the same call
// may succeed later. Otherwise the error is about the data, or a refusal.
func IsOutage(err error) bool {
	if err == nil {
		return false
	}
	for _, outage := range []error{
		driver.ErrBadConn, sql.ErrConnDone, io.EOF, io.ErrUnexpectedEOF,
		context.Canceled, context.DeadlineExceeded, errSilent, ErrUnfit,
	} {
		if errors.Is(err, outage) {
			return true
		}
	}
	if _, isNet := errors.AsType[net.Error](err); isNet {
		return true
	}
	return sqliteDialect{}.isOutage(err) || mysqlDialect{}.isOutage(err)
}

func noSuchRoom() *chat.Error {
	return chat.Errorf(chat.NotFound, "There is no such room, or you may not see it.")
}
