package engineio

import (
	"net"
	"sync"
	"time"
)

// coalesceSize is the longest run of frames that is copied together for one
// write. Copying 64 KiB costs less than a second system call; above that it
// would not.
const coalesceSize = 64 << 10

var coalesceBuffers = sync.Pool{New: func() any { return new([coalesceSize]byte) }}

// batch is a list of frames on their way out.
type batch struct {
	frames [][]byte // what is not wholly sent
	offset int      // bytes of frames[0] that are
	freed  int      // cost of the frames sent since it was last asked
	sent   int      // bytes, likewise
	count  int      // frames, likewise
	writes int      // calls, likewise
}

// next returns what to write in one call: the rest of the first frame, or as
// many frames as fit copied into buf. It asks for buf only when it needs it.
func (b *batch) next(buf func() *[coalesceSize]byte) []byte {
	first := b.frames[0][b.offset:]
	if len(b.frames) == 1 || len(first)+len(b.frames[1]) > coalesceSize {
		return first
	}
	to := buf()
	n := copy(to[:], first)
	for _, frame := range b.frames[1:] {
		if n+len(frame) > coalesceSize {
			break
		}
		n += copy(to[n:], frame)
	}
	return to[:n]
}

// wrote takes n bytes off the front.
func (b *batch) wrote(n int) {
	b.sent += n
	b.writes++
	for n > 0 {
		rest := len(b.frames[0]) - b.offset
		if n < rest {
			b.offset += n
			return
		}
		n -= rest
		b.freed += len(b.frames[0]) + frameCost
		b.count++
		b.frames, b.offset = b.frames[1:], 0
	}
}

// accountLocked moves what was sent from the batch to the session.
func (s *Session) accountLocked(b *batch) {
	s.buffered = max(0, s.buffered-b.freed)
	s.sent.add(b.writes, b.count, b.sent)
	b.freed, b.sent, b.count, b.writes = 0, 0, 0, 0
}

// directSize is the longest frame, in bytes, that is written with the session
// locked: the kernel takes it in microseconds, so whoever wants the lock may as
// well wait.
const directSize = 16 << 10

// writeDirectLocked writes what is queued if it is one frame of ordinary size,
// which is what a socket has at rest. It reports whether that was all. A part
// that the kernel took is left to the caller, as is every error: writing goes
// on from there, or fails again.
//
// The session is not ended and its lock is held, so the descriptor is ours.
func (s *Session) writeDirectLocked() (done bool, part int) {
	if len(s.out) != 1 || len(s.out[0]) > directSize {
		return false, 0
	}
	frame := s.out[0]
	n, err := writeDirect(int(s.fd.Load()), frame)
	if err != nil || n < len(frame) {
		return false, n
	}
	s.out[0] = nil
	s.out = s.out[:0]
	s.buffered = max(0, s.buffered-len(frame)-frameCost)
	s.sent.add(1, 1, n)
	return true, 0
}

// maxRounds is how many lists of frames one call of Flush writes. Others may
// queue as fast as it writes, and its caller has more to do.
const maxRounds = 8

// writeNow writes without waiting. It is called with mu held and writing set,
// and returns with mu released and writing either clear or passed on to a
// goroutine that waits for the peer. part is how much of the first frame is
// written.
func (s *Session) writeNow(ws *wsConn, part int) {
	op := rawWrites.Get().(*rawWrite)
	op.wait = false
	for round := 0; len(s.out) > 0 && s.state != ended; round++ {
		list := s.takeLocked()
		op.frames = list
		if part > 0 {
			op.wrote(part)
			part = 0
		}
		if round == maxRounds {
			s.server.wg.Add(1)
			s.mu.Unlock()
			go s.drain(ws, op, list)
			return
		}
		s.mu.Unlock()

		err := op.run(ws)

		s.mu.Lock()
		s.accountLocked(&op.batch)
		if err != nil {
			s.writing = false
			s.mu.Unlock()
			op.recycle()
			s.abort(ReasonTransportError)
			return
		}
		if len(op.frames) > 0 {
			if s.state == ended {
				break
			}
			s.server.wg.Add(1)
			s.mu.Unlock()
			s.server.counters.stalled.Add(1)
			go s.drain(ws, op, list)
			return
		}
		s.giveBackLocked(list)
	}
	op.recycle()
	s.wroteAllLocked(ws)
}

// drain is writeNow for a peer that did not take everything: it waits until it
// does.
func (s *Session) drain(ws *wsConn, op *rawWrite, list [][]byte) {
	defer s.server.wg.Done()
	op.wait = true
	for {
		err := op.run(ws)
		s.mu.Lock()
		s.accountLocked(&op.batch)
		if err != nil {
			s.writing = false
			s.mu.Unlock()
			op.recycle()
			s.abort(ReasonTransportError)
			return
		}
		if len(op.frames) == 0 {
			s.giveBackLocked(list)
			if len(s.out) == 0 {
				break
			}
			list = s.takeLocked()
			op.frames = list
		}
		s.mu.Unlock()
	}
	op.recycle()
	s.wroteAllLocked(ws)
}

// writeWaiting writes to a connection that can only be written to by waiting,
// such as TLS. It runs on a goroutine of its own until nothing is queued.
func (s *Session) writeWaiting(ws *wsConn) {
	defer s.server.wg.Done()
	var buf *[coalesceSize]byte
	get := func() *[coalesceSize]byte {
		if buf == nil {
			buf = coalesceBuffers.Get().(*[coalesceSize]byte)
		}
		return buf
	}
	s.mu.Lock()
	for len(s.out) > 0 && s.state != ended {
		list := s.takeLocked()
		s.mu.Unlock()

		b := batch{frames: list}
		var err error
		for len(b.frames) > 0 && err == nil {
			ws.conn.SetWriteDeadline(time.Now().Add(s.server.config.TransferTimeout))
			var n int
			n, err = ws.conn.Write(b.next(get))
			b.wrote(n)
		}

		s.mu.Lock()
		s.accountLocked(&b)
		if err != nil {
			s.writing = false
			s.mu.Unlock()
			s.abort(ReasonTransportError)
			return
		}
		s.giveBackLocked(list)
	}
	if buf != nil {
		coalesceBuffers.Put(buf)
	}
	s.wroteAllLocked(ws)
}

// wroteAllLocked ends the ownership of the write side, with mu held, and
// releases mu. The last frame of a session that is closing is followed by the
// end of the stream; then it is the peer's turn to hang up.
func (s *Session) wroteAllLocked(ws *wsConn) {
	s.writing = false
	last, hungUp := s.state == closing, s.hungUp
	s.mu.Unlock()
	if !last {
		return
	}
	if hungUp {
		s.end()
		return
	}
	if half, ok := ws.conn.(interface{ CloseWrite() error }); ok && half.CloseWrite() == nil {
		return
	}
	s.end()
}

// setSendBuffer caps what the kernel keeps for a peer that does not read.
func setSendBuffer(conn net.Conn, bytes int) {
	if tcp, ok := conn.(*net.TCPConn); ok && bytes > 0 {
		// A refusal leaves the kernel's own bound, which is only larger.
		_ = tcp.SetWriteBuffer(bytes)
	}
}
