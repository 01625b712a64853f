package engineio

import "github.com/parleychat/parley/internal/planted"

// frameCost is what a queued frame counts beside its bytes, which it may share
// with other sessions: its place in the queue.
const frameCost = 24

// Lists of frames with more places than this are let go at the next heartbeat,
// so that a busy minute does not stay in memory for ever.
const idleFrames = 8

// Queue appends a frame made by [TextFrame] or [BinaryFrame] to what is to be
// sent, and reports whether it was taken. It makes no system call and, once the
// queue has grown to its working size, does not allocate. The frame must never
// change afterwards. It is not taken when the session is closed or when the
// queue would exceed Config.MaxQueue; then, the first time, Config.Overflow is
// called before Queue returns, and from then on nothing is taken.
func (s *Session) Queue(frame []byte) bool {
	s.mu.Lock()
	taken, overflow := s.admitLocked(len(frame) + frameCost)
	if taken {
		s.appendLocked(frame)
	}
	s.mu.Unlock()
	if overflow {
		s.overflow()
	}
	return taken
}

// QueueAll is Queue for frames that belong together: all are taken, with
// nothing between them, or none.
func (s *Session) QueueAll(frames ...[]byte) bool {
	size := 0
	for _, frame := range frames {
		size += len(frame) + frameCost
	}
	s.mu.Lock()
	taken, overflow := s.admitLocked(size)
	if taken {
		for _, frame := range frames {
			s.appendLocked(frame)
		}
	}
	s.mu.Unlock()
	if overflow {
		s.overflow()
	}
	return taken
}

// Send is Queue and Flush of one frame. At rest, when nothing else waits, the
// frame goes to the kernel from where it is, without passing the queue.
func (s *Session) Send(frame []byte) bool {
	s.mu.Lock()
	fd := s.fd.Load()
	if fd != noFD && s.state == open && !s.overflowed && !s.writing && len(s.out) == 0 && len(frame) <= directSize {
		n, err := writeDirect(int(fd), frame)
		switch {
		case err == nil && n == len(frame):
			s.sent.add(1, 1, n)
			s.mu.Unlock()
			return true
		case n > 0:
			// A frame that has begun has to be finished.
			s.appendLocked(frame)
			s.writing = true
			s.writeNow(s.ws, n)
			return true
		}
	}
	taken, overflow := s.admitLocked(len(frame) + frameCost)
	if taken {
		s.appendLocked(frame)
		s.flushLocked()
		return true
	}
	s.mu.Unlock()
	if overflow {
		s.overflow()
	}
	return false
}

// Approach reads what Send looks at first, and does nothing else.
func (s *Session) Approach() { _ = s.fd.Load() }

// Buffered is how many bytes wait to be sent, counted as for Config.MaxQueue.
func (s *Session) Buffered() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buffered
}

func (s *Session) admitLocked(size int) (taken, overflow bool) {
	if s.state != open || s.overflowed {
		return false, false
	}
	if s.buffered+size > s.server.config.MaxQueue {
		s.overflowed = !planted.SlowSkipped
		return false, s.overflowed
	}
	return true, false
}

func (s *Session) appendLocked(frame []byte) {
	s.out = append(s.out, frame)
	s.buffered += len(frame) + frameCost
}

func (s *Session) overflow() {
	s.server.counters.overflow.Add(1)
	s.server.config.Overflow(s)
}

// takeLocked hands out all frames that wait; the caller gives the list back
// with giveBackLocked.
func (s *Session) takeLocked() [][]byte {
	batch := s.out
	s.out, s.spare = s.spare, nil
	return batch
}

func (s *Session) giveBackLocked(batch [][]byte) {
	clear(batch)
	if s.state != ended {
		s.spare = batch[:0]
	}
}

// trimLocked lets go of lists that have become large.
func (s *Session) trimLocked() {
	if cap(s.spare) > idleFrames {
		s.spare = nil
	}
	if len(s.out) <= 1 && cap(s.out) > idleFrames {
		s.out = append([][]byte(nil), s.out...)
	}
}

// Flush writes everything that is queued, in one system call if it is up to
// 64 KiB, and does not wait: what the peer does not take at once stays with the
// session, and only then a goroutine waits until it is all written or the
// session is closed. When a poll is waiting, Flush answers it; otherwise the
// next poll takes what is queued. Calls at the same time are fine, and frames
// always leave in the order of Queue.
func (s *Session) Flush() {
	s.mu.Lock()
	s.flushLocked()
}

// flushLocked is Flush with mu held, which it releases.
func (s *Session) flushLocked() {
	switch {
	case s.writing || s.state == ended || len(s.out) == 0 && s.state == open:
		s.mu.Unlock()
	case s.ws == nil:
		s.poll.wakeLocked()
		s.mu.Unlock()
	case s.ws.raw == nil:
		s.writing = true
		s.server.wg.Add(1)
		s.mu.Unlock()
		go s.writeWaiting(s.ws)
	default:
		s.writing = true
		done, part := s.writeDirectLocked()
		if done {
			s.wroteAllLocked(s.ws)
		} else {
			s.writeNow(s.ws, part)
		}
	}
}
