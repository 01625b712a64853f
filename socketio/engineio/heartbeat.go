package engineio

import "time"

// dueLocked is when the wheel has to look at the session next.
func (s *Session) dueLocked() time.Duration {
	due := s.pingAt
	if s.pongBy != 0 {
		// A pong makes the next ping due without telling the wheel, so it looks
		// again when that would be.
		due = min(s.pongBy, s.pingAt+s.server.config.PingInterval)
	}
	if s.state == closing {
		due = s.limitAt
	} else if s.limitAt != 0 {
		due = min(due, s.limitAt)
	}
	return due
}

// expire is the wheel's look: it does what is due and says when to look again,
// or false when the session has ended.
func (s *Session) expire() (time.Duration, bool) {
	now := s.server.wheel.now()
	s.mu.Lock()
	switch {
	case s.state == closing && now >= s.limitAt:
		s.mu.Unlock()
		s.end()
	case s.state != open:
		s.mu.Unlock()
	case s.lateLocked(now):
		s.mu.Unlock()
		s.abort(ReasonPingTimeout)
	case s.limitAt != 0 && now >= s.limitAt:
		reason := s.limitReason
		s.mu.Unlock()
		s.close(reason, closeFrame, nil)
	case s.pongBy == 0 && now >= s.pingAt:
		s.pingLocked(now)
		s.mu.Unlock()
		s.Flush()
	default:
		s.mu.Unlock()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dueLocked(), s.state != ended
}

// pingLocked queues a ping, past the bound: a peer that does not read is to
// fail the heartbeat, not to be spared it.
func (s *Session) pingLocked(now time.Duration) {
	if s.ws == nil {
		// A polling peer counts from the time the ping was due, because it may
		// learn of it only by its next poll.
		now = s.pingAt
	}
	s.pongBy = now + s.server.config.PingTimeout
	s.appendLocked(pingFrame)
	s.trimLocked()
}

// lateLocked reports whether the peer owes a pong for too long. It is also
// asked when a poll arrives, and so does not depend on the wheel having been
// there first.
func (s *Session) lateLocked(now time.Duration) bool {
	if s.pongBy != 0 {
		return now >= s.pongBy
	}
	return now >= s.pingAt+s.server.config.PingTimeout && s.ws == nil
}

// pong notes that the peer lives, and reports whether a pong was awaited. Pings
// keep their pace: the time a pong took does not delay the next ping, unless
// the pong took longer than the interval.
func (s *Session) pong() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pongBy == 0 {
		return false
	}
	s.pongBy = 0
	interval, now := s.server.config.PingInterval, s.server.wheel.now()
	s.pingAt += interval
	if s.pingAt <= now {
		s.pingAt = now + interval
	}
	return true
}
