package server

import (
	"context"
	"net"
	"time"

	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/fanout"
	"github.com/parleychat/parley/history"
	"github.com/parleychat/parley/rooms"
)

// Seams are the places at which a simulation stands between the parts of a
// node: the network, the clock, and what the parts know of log and store. The
// zero value is a server as it runs for people. Each function gets what the
// server has opened and returns what its part is to use; the server opens and
// closes its own all the same.
type Seams struct {
	// Listener is used instead of one on Config.Listen. There is no socket for
	// the operator's commands then: this network is all there is.
	Listener      net.Listener
	Now           func() time.Time
	Log           func(eventlog.Log) eventlog.Log
	HubStore      func(fanout.Store) fanout.Store
	RecorderStore func(history.RecorderStore) history.RecorderStore
	ReaderStore   func(history.ReaderStore) history.ReaderStore
	RoomStore     func(rooms.Store) rooms.Store
}

// listen binds the address, if the network is a real one.
func (s *Seams) listen(ctx context.Context, address string) (net.Listener, error) {
	if s.Listener != nil {
		return s.Listener, nil
	}
	return new(net.ListenConfig).Listen(ctx, "tcp", address)
}

// through is what a part uses instead of the server's own.
func through[T any](seam func(T) T, part T) T {
	if seam == nil {
		return part
	}
	return seam(part)
}
