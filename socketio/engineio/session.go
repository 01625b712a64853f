package engineio

import (
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// Receiver is told what happens to one session.
//
// Message and Closed are called one at a time and never both at once: Message
// on the goroutine that reads the connection, or that serves the polling
// request, in order of arrival. While Message blocks nothing more is read from
// this peer, which is how to slow it down; its pongs are not read either, so it
// must return well within the ping timeout.
type Receiver interface {
	// Message gets one message. data is good only during the call. An error
	// closes the session with ReasonParseError.
	Message(data []byte, binary bool) error
	// Closing is called exactly once, at the moment the session stops taking
	// frames, on whatever goroutine made it so. It must not block.
	Closing(Reason)
	// Closed is called exactly once, after Closing and after the last Message
	// has returned.
	Closed(Reason)
}

// state of a session; it only ever grows.
type state uint8

const (
	open    state = iota
	closing       // takes no frame and no message; its last frames are going out
	ended         // the connection is gone
)

// Session is one Engine.IO session. All methods may be called from anywhere at
// any time, unless they say otherwise.
//
// What sending a frame to an idle peer looks at stands first, in one cache
// line: of a thousand sessions that get the same frame, each is cold.
type Session struct {
	// mu guards what follows down to closedTold. It is held over no callback,
	// and over no system call but the write of one frame without waiting.
	mu sync.Mutex

	state      state
	writing    bool         // a Flush or a drain owns the write side
	overflowed bool         // takes no more frames
	fd         atomic.Int32 // of ws, noFD if it can only be written to by waiting, or while polling
	sent       *sent        // where the server counts what this session is sent
	out        [][]byte     // frames nobody has begun to write

	spare    [][]byte // an empty list to swap with out
	buffered int      // bytes of frames in out and in a writer's hands
	ws       *wsConn  // what frames are written to; nil while polling
	poll     *polling // nil if the session began as a WebSocket

	pingAt  time.Duration // when the next ping is due, or the last one was
	pongBy  time.Duration // when the peer is given up; 0 when no pong is awaited
	limitAt time.Duration // when the session ends, unless told otherwise; 0: never

	reason      Reason // of closing
	limitReason Reason
	admitted    bool // the receiver is known, and the wheel may look
	hungUp      bool // the peer will send nothing more
	released    bool // no longer counted by the server
	closedTold  bool // like told, but guarded by mu

	told bool // Closed was called; guarded by in

	// slot and place are where the wheel keeps the session; guarded by wheel.mu.
	slot  int16
	place int32

	server   *Server
	receiver Receiver // written once, before the first reader
	addr     netip.Addr

	// in serialises what the receiver is told. It is held while Message runs,
	// and taken before mu.
	in turn
}

// noFD says that there is no descriptor to write to without waiting.
const noFD = -1

// attachLocked makes a WebSocket what frames are written to.
func (s *Session) attachLocked(c *wsConn) {
	s.ws = c
	s.fd.Store(c.fd)
}

// SetTimeout closes the session with reason after d, unless ClearTimeout or
// another SetTimeout comes first.
func (s *Session) SetTimeout(d time.Duration, reason Reason) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != open {
		return
	}
	s.limitAt, s.limitReason = s.server.wheel.now()+d, reason
	if s.admitted {
		s.server.wheel.schedule(s, s.dueLocked())
	}
}

// ClearTimeout takes back SetTimeout.
func (s *Session) ClearTimeout() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state == open {
		s.limitAt = 0 // the wheel finds out when it looks
	}
}

// Transport returns "polling" or "websocket", whichever is in use now.
func (s *Session) Transport() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ws == nil {
		return "polling"
	}
	return "websocket"
}

// Address is what Config.Address said of the request that opened the session.
func (s *Session) Address() netip.Addr { return s.addr }

// CloseAfter closes the session from this side. The farewell frames, if any,
// are queued behind what is queued already, past the bound, and then a
// WebSocket is closed with the code that belongs to the reason (or without one,
// see the source of Reason), a polling session with a close packet. From here on Queue refuses everything and the
// receiver gets no more messages. The connection itself ends when all is
// written and the peer has hung up, after Config.FarewellTimeout at the latest.
// Only the first call does anything.
func (s *Session) CloseAfter(reason Reason, farewell ...[]byte) {
	s.close(reason, closeFrame, farewell)
}

// close is CloseAfter with the packet that ends a poll given.
func (s *Session) close(reason Reason, pollEnd []byte, farewell [][]byte) {
	s.mu.Lock()
	if s.state != open {
		s.mu.Unlock()
		return
	}
	s.state, s.reason = closing, reason
	for _, frame := range farewell {
		s.appendLocked(frame)
	}
	if s.ws == nil {
		s.appendLocked(pollEnd)
	} else if frame := reason.frame(); frame != nil {
		s.appendLocked(frame)
	}
	s.limitAt = s.server.wheel.now() + s.server.config.FarewellTimeout
	s.server.wheel.schedule(s, s.limitAt)
	s.mu.Unlock()

	s.receiver.Closing(reason)
	s.Flush()
	s.tellClosed()
}

// closeByFault closes a polling session whose peer broke a rule: a poll that is
// waiting is answered with a close packet, but without one the session ends at
// once, since the next poll is owed no answer.
func (s *Session) closeByFault(reason Reason) {
	s.mu.Lock()
	waiting := s.ws != nil || s.poll.getting
	s.mu.Unlock()
	if waiting {
		s.close(reason, closeFrame, nil)
	} else {
		s.abort(reason)
	}
}

// abort ends the session at once: nothing more is written.
func (s *Session) abort(reason Reason) {
	s.mu.Lock()
	first := s.state == open
	if first {
		s.state, s.reason = closing, reason
	}
	s.mu.Unlock()
	if first {
		s.receiver.Closing(reason)
		s.tellClosed()
	}
	s.end()
}

// tellClosed makes sure that the receiver is told the end, on a goroutine of
// its own, because the caller may be inside the receiver right now.
func (s *Session) tellClosed() { go s.deliverClosed() }

// deliverClosed tells the receiver the end if nobody has. The caller does not
// hold in.
func (s *Session) deliverClosed() {
	s.in.Lock()
	first := !s.told
	s.told = true
	if first {
		s.receiverClosed()
	}
	s.in.Unlock()
	if first {
		s.mu.Lock()
		s.closedTold = true
		s.mu.Unlock()
		s.release()
	}
}

func (s *Session) receiverClosed() {
	defer s.recoverLocked()
	s.mu.Lock()
	reason := s.reason
	s.mu.Unlock()
	s.receiver.Closed(reason)
}

// Soon calls f on a goroutine of its own, but not while the receiver is told
// anything.
func (s *Session) Soon(f func()) {
	go func() {
		s.in.Lock()
		defer s.in.Unlock()
		defer s.recoverLocked()
		f()
	}()
}

// Receiver is who Config.Open returned for the session.
func (s *Session) Receiver() Receiver { return s.receiver }

// end closes the connection and forgets the session. The state is closing.
func (s *Session) end() {
	s.mu.Lock()
	if s.state == ended {
		s.mu.Unlock()
		return
	}
	s.state = ended
	s.out, s.spare, s.buffered = nil, nil, 0
	ws, poll := s.ws, s.poll
	var probe *wsConn
	if poll != nil {
		probe = poll.probe
		poll.wakeLocked()
	}
	s.mu.Unlock()

	if ws != nil {
		ws.conn.Close()
	}
	if probe != nil {
		probe.conn.Close()
	}
	s.server.forget(s, poll)
	s.release()
}

// release gives back the server's count of this session, when both the
// connection has ended and the receiver knows.
func (s *Session) release() {
	s.mu.Lock()
	last := s.state == ended && s.closedTold && !s.released
	s.released = s.released || last
	reason := s.reason
	s.mu.Unlock()
	if last {
		s.server.counters.closed[reason].Add(1)
		s.server.done(s)
	}
}
