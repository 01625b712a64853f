package gateway

import (
	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/limits"
)

// maxSocketsPerPerson is how many sockets one person may have open.
const maxSocketsPerPerson = 50

// enter counts a socket in. It is counted, to be left again, even if it is
// refused.
func (g *Gateway) enter(user chat.UserID) (*limits.Person, *chat.Error) {
	person, sockets := g.cfg.Limits.Enter(user)
	if sockets > maxSocketsPerPerson {
		return person, chat.Errorf(chat.RateLimited, "You have %d connections open. Close one first.", maxSocketsPerPerson)
	}
	return person, nil
}
