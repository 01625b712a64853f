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

// counters are written on the hot path, so each write adds to them once.
type counters struct {
	opened, upgraded, refused, writes, frames, bytes, stalled, overflow atomic.Int64
	closed                                                              [reasonCount]atomic.Int64
}

// Stats reads the counters; each is exact, all together are not one moment.
func (s *Server) Stats() Stats {
	c := &s.counters
	stats := Stats{
		Open:     int64(s.NumSessions()),
		Opened:   c.opened.Load(),
		Upgraded: c.upgraded.Load(),
		Refused:  c.refused.Load(),
		Writes:   c.writes.Load(),
		Frames:   c.frames.Load(),
		Bytes:    c.bytes.Load(),
		Stalled:  c.stalled.Load(),
		Overflow: c.overflow.Load(),
	}
	for i := range stats.Closed {
		stats.Closed[i] = c.closed[i].Load()
	}
	return stats
}
