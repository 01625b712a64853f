package engineio

import "sync/atomic"

// Stats are counts since the server was made, except Open.
type Stats struct {
	Open     int64              // sessions there are now
	Opened   int64              // sessions there ever were
	Upgraded int64              // of these, from polling to WebSocket
	Refused  int64              // requests answered with an error
	Writes   int64              // system calls, TLS writes and polling answers
	Frames   int64              // frames sent by them
	Bytes    int64              // bytes sent by them
	Stalled  int64              // times a peer did not take everything at once
	Overflow int64              // sessions whose queue was full
	Closed   [reasonCount]int64 // sessions closed, by Reason
}

// counters are what Stats reads. What is counted with every write is counted in
// one of several places, so that sessions written to at the same time on
// different cores seldom meet in one cache line.
type counters struct {
	opened, upgraded, refused, stalled, overflow atomic.Int64
	closed                                       [reasonCount]atomic.Int64
	sent                                         [sentPlaces]sent
}

const sentPlaces = 16

type sent struct {
	writes, frames, bytes atomic.Int64
	_                     [40]byte // to a cache line
}

func (c *sent) add(writes, frames, bytes int) {
	if writes > 0 {
		c.writes.Add(int64(writes))
		c.frames.Add(int64(frames))
		c.bytes.Add(int64(bytes))
	}
}

// Stats reads the counters; each is exact, all together are not one moment.
func (s *Server) Stats() Stats {
	c := &s.counters
	stats := Stats{
		Open:     int64(s.NumSessions()),
		Opened:   c.opened.Load(),
		Upgraded: c.upgraded.Load(),
		Refused:  c.refused.Load(),
		Stalled:  c.stalled.Load(),
		Overflow: c.overflow.Load(),
	}
	for i := range c.sent {
		stats.Writes += c.sent[i].writes.Load()
		stats.Frames += c.sent[i].frames.Load()
		stats.Bytes += c.sent[i].bytes.Load()
	}
	for i := range stats.Closed {
		stats.Closed[i] = c.closed[i].Load()
	}
	return stats
}
