package server

import (
	"context"
	"log/slog"
	"time"

	"github.com/parleychat/parley/history"
)

// A server that was killed says good-bye to nobody. Kafka's group would notice
// after the 6 s that brokers set as the least, and begin to count anew whenever
// somebody comes meanwhile; the servers notice it by its beats. See
// docs/decisions/0016-dead-servers.md.

// expeller is a log that shares out partitions by membership.
type expeller interface {
	// Expel gives the partitions of a process away that is believed dead.
	Expel(ctx context.Context, group, instance string) error
}

// buryDead gives the share of servers that do not beat any more to the others,
// until ctx ends. It returns nil.
func (s *Server) buryDead(ctx context.Context) error {
	log, shares := s.log.(expeller)
	if s.nodes == nil || !shares {
		return nil
	}
	tick := time.NewTicker(nodeBeat / 4)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			s.nodes.bury(ctx, log)
		case <-ctx.Done():
			return nil
		}
	}
}

// bury expels the dead, once each. What fails is tried again.
func (n *nodes) bury(ctx context.Context, log expeller) {
	for _, dead := range n.dead() {
		ctx, cancel := context.WithTimeout(ctx, nodeTime)
		err := log.Expel(ctx, history.RecorderGroup, dead.ID)
		cancel()
		if err != nil {
			n.logger.DebugContext(ctx, "a dead server was not expelled", slog.String("server", dead.ID), slog.Any("error", err))
			continue
		}
		n.logger.WarnContext(ctx, "a server does not beat; what it recorded is given to others",
			slog.String("server", dead.ID), slog.String("address", dead.Address), slog.Duration("silent", dead.silent))
		n.markBuried(dead)
	}
}

// dead are the servers that were silent for long and not buried, if it is for
// this server to bury them.
func (n *nodes) dead() (dead []seenNode) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.isFirst() {
		return nil
	}
	living := make(map[string]bool) // ids; a server that started again has a new tag
	for _, node := range n.known {
		if node.silent <= nodeSilent {
			living[node.ID] = true
		}
	}
	for _, node := range n.known {
		if !living[node.ID] && !node.buried {
			dead = append(dead, node)
		}
	}
	return dead
}

// first reports whether this server is to do what one of those that live has to.
// For a moment two may believe so, or none.
func (n *nodes) first() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.isFirst()
}

// isFirst reports whether no server with a lesser tag lives; n.mu is held.
func (n *nodes) isFirst() bool {
	for tag, node := range n.known {
		if tag < n.self.Tag && node.silent <= nodeSilent {
			return false
		}
	}
	return true
}

// markBuried takes note of a burial, unless the server was seen since.
func (n *nodes) markBuried(dead seenNode) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if node, ok := n.known[dead.Tag]; ok && node.Beats == dead.Beats {
		node.buried = true
		n.known[dead.Tag] = node
	}
}
