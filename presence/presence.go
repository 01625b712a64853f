// Package presence knows who is online, and how they want to be shown. It counts
// sockets, not events: nothing of it is in the log, and all of it may be lost
// with the process.
package presence

import (
	"time"

	"github.com/parleychat/parley/chat"
)

// Grace is how long somebody whose last socket closed still counts as online,
// so that a reload, or a phone that changes networks, is no coming and going.
const Grace = time.Second

// Presence counts the sockets of people. A person with at least one socket, or
// whose last one closed less than [Grace] ago, is online, and shown with the
// status that they chose last, which is kept elsewhere and brought along. An
// implementation shared by several nodes counts the sockets of all of them.
//
// All methods may be called from any goroutine; none waits for a network.
type Presence interface {
	// Enter counts one more socket of the person on this node, with what the
	// person has chosen as far as is known.
	Enter(chat.UserID, chat.StatusChoice)
	// Leave counts one socket fewer. Each Enter is followed by at most one
	// Leave.
	Leave(chat.UserID)
	// Choose says what a person has chosen. It is passed over when a later
	// choice is known, or when the person has no socket on this node.
	Choose(chat.UserID, chat.StatusChoice)
	// Status is how the person is to be shown, as far as this node knows.
	Status(chat.UserID) chat.Status
	// Changes returns everybody who is shown otherwise than when it was called
	// last, and how. Whoever changed and changed back between two calls is named
	// only if Status has answered something else in between: so whoever asks
	// once and then follows the changes ends with what is true. It is called
	// once a tick, from one goroutine.
	Changes() []Change
}

// Change is one person who came, went, or is shown otherwise.
type Change struct {
	User   chat.UserID
	Status chat.Status
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
