package server

import (
	"context"
	"runtime/debug"
	"time"
)

// A connection costs several times as much while it is made as while it is idle:
// the request, its buffers, the stacks they were handled on. After a storm of
// connections nothing more is allocated, so nothing would collect what it left,
// for two minutes or longer, and a server of quiet people would stay twice as
// large as it has to be.
const (
	// tidyTick is how long nobody has to have connected for a storm to be over.
	tidyTick = 2 * time.Second
	// tidyLeast is how many connections make a storm.
	tidyLeast = 500
	// tidyShare: with more sockets than tidyLeast times this, one storm is as
	// many connections as this part of them. Collecting looks at everything
	// that is held, and so costs a bounded part of what the storm did.
	tidyShare = 10
)

// storm watches how many connections were made.
type storm struct {
	seen   int64 // of all that were ever made, a tick ago
	tidied int64 // when last everything was tidied up
}

// over takes the count of all connections ever made, and of those there are. It
// reports whether it is time to tidy up behind them.
func (s *storm) over(made, sockets int64) bool {
	quiet := made == s.seen
	s.seen = made
	if !quiet || made-s.tidied < max(tidyLeast, sockets/tidyShare) {
		return false
	}
	s.tidied = made
	return true
}

// tidy gives the system the memory back that a storm of connections has used.
func (s *Server) tidy(ctx context.Context) error {
	tick := time.NewTicker(tidyTick)
	defer tick.Stop()
	var storm storm
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if stats := s.sockets.Stats(); storm.over(stats.Opened, stats.Open) {
			debug.FreeOSMemory()
		}
	}
}
