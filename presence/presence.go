// Package presence knows who is online. It counts sockets, not events: nothing
// of it is in the log, and all of it may be lost with the process.
package presence

import (
	"time"

	"github.com/parleychat/parley/chat"
)

// Grace is how long somebody whose last socket closed still counts as online,
// so that a reload, or a phone that changes networks, is no coming and going.
const Grace = time.Second

// Presence counts the sockets of people. A person with at least one socket, or
// whose last one closed less than [Grace] ago, is online. An implementation
// shared by several nodes counts the sockets of all of them.
//
// All methods may be called from any goroutine; none waits for a network.
type Presence interface {
	// Enter counts one more socket of the person on this node.
	Enter(chat.UserID)
	// Leave counts one socket fewer. Each Enter is followed by at most one
	// Leave.
	Leave(chat.UserID)
	// Online reports whether the person is online, as far as this node knows.
	Online(chat.UserID) bool
	// Changes returns everybody who came or went since it was called last, and
	// where they stand now. Whoever came and went between two calls is not
	// named. It is called once a tick, from one goroutine.
	Changes() []Change
}

// Change is one person who came or went.
type Change struct {
	User   chat.UserID
	Online bool
}

// Counter is a [Presence] that can say what it has counted on this node: the
// sockets of everybody who has one. It is for checking.
type Counter interface {
	Counted() map[chat.UserID]int
}

// Teller is a [Presence] whose nodes can tell each other what may be lost: who
// is writing, and the like.
type Teller interface {
	// Tell sends a message to all other nodes that can be reached at the moment.
	// It waits for nothing. Messages of one node arrive in order, each once at
	// most.
	Tell(message []byte)
	// Hear sets who is called with the messages of other nodes, one after the
	// other. It is called before anything is told; told must not block.
	Hear(told func(message []byte))
}
