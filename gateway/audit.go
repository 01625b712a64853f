package gateway

import (
	"fmt"
	"maps"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/presence"
)

// NumSockets is how many sockets are signed in on this node.
func (g *Gateway) NumSockets() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.conns)
}

// CountSockets counts the sockets of this node, and compares them with what
// presence has counted: disagreements say whom it has counted differently.
// Somebody who comes or goes at this moment may be among them; whoever is among
// them again and again is a ghost, or is not seen.
func (g *Gateway) CountSockets() (sockets int, disagreements []string) {
	counter, counts := g.cfg.Presence.(presence.Counter)
	var counted map[chat.UserID]int
	if counts {
		counted = counter.Counted()
	}
	own := make(map[chat.UserID]int)
	g.each(func(c *conn) { own[c.user()]++ })
	for user, n := range own {
		sockets += n
		if counts && counted[user] != n {
			disagreements = append(disagreements, fmt.Sprintf("user %d has %d sockets, presence has counted %d", user, n, counted[user]))
		}
	}
	maps.DeleteFunc(counted, func(user chat.UserID, _ int) bool { return own[user] > 0 })
	for user, n := range counted {
		disagreements = append(disagreements, fmt.Sprintf("user %d has no socket, presence has counted %d", user, n))
	}
	return sockets, disagreements
}
