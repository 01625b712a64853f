//go:build unix

package relay

import (
	"strconv"
	"sync"
)

// maxWaiting bounds the frames that a room holds for its next writes; beyond
// it the senders' readers wait, which the senders feel as a full TCP window.
const maxWaiting = 256

// room numbers messages and writes them to its sockets. It has no goroutine:
// the reader that finds nobody writing becomes the writer and goes on until
// nothing waits; others only leave their frame behind.
type room struct {
	batch int

	// members is held while frames are written to the sockets, so that a
	// socket outside of it is no longer written to and may be closed.
	// It is taken before mu, never after.
	members sync.Mutex
	peers   []*peer // guarded by members
	written int64   // seq of the last frame handed to peers; guarded by members

	mu      sync.Mutex
	shrunk  *sync.Cond // on mu: waiting has fewer frames
	seq     int64      // guarded by mu
	waiting [][]byte   // encoded frames up to seq; guarded by mu
	writing bool       // some goroutine is in drain; guarded by mu
}

func newRoom(batch int) *room {
	r := &room{batch: batch}
	r.shrunk = sync.NewCond(&r.mu)
	return r
}

// join adds p and acknowledges it under the same lock, so that the answer's
// head is followed on the wire by exactly the frames above it.
func (r *room) join(p *peer, ackID []byte) {
	r.members.Lock()
	defer r.members.Unlock()
	p.slot = len(r.peers)
	r.peers = append(r.peers, p)
	ack := append([]byte("43"), ackID...)
	ack = append(ack, `[{"ok":true,"head":{"seq":`...)
	ack = strconv.AppendInt(ack, r.written, 10)
	ack = append(ack, "}}]"...)
	p.write(appendFrame(nil, opText, ack))
}

func (r *room) leave(p *peer) {
	r.members.Lock()
	defer r.members.Unlock()
	last := len(r.peers) - 1
	r.peers[p.slot] = r.peers[last]
	r.peers[p.slot].slot = p.slot
	r.peers[last] = nil
	r.peers = r.peers[:last]
}

// publish hands body, the fields of a JSON object without its opening brace,
// to every socket of the room and returns its seq.
func (r *room) publish(body []byte) int64 {
	r.mu.Lock()
	for len(r.waiting) >= maxWaiting {
		r.shrunk.Wait()
	}
	r.seq++
	seq := r.seq
	r.waiting = append(r.waiting, eventFrame(seq, body))
	if r.writing {
		r.mu.Unlock()
		return seq
	}
	r.writing = true
	r.drain()
	r.mu.Unlock()
	return seq
}

// drain writes what waits, up to batch frames a write. It is called with mu
// held and lets go of it while it writes.
func (r *room) drain() {
	for len(r.waiting) > 0 {
		n := min(r.batch, len(r.waiting))
		frames := r.waiting[0]
		if n > 1 {
			frames = nil
			for _, f := range r.waiting[:n] {
				frames = append(frames, f...)
			}
		}
		r.waiting = append(r.waiting[:0], r.waiting[n:]...)
		upTo := r.seq - int64(len(r.waiting))
		r.mu.Unlock()
		r.writeAll(frames, upTo)
		r.mu.Lock()
		r.shrunk.Broadcast()
	}
	r.writing = false
}

func (r *room) writeAll(frames []byte, upTo int64) {
	r.members.Lock()
	defer r.members.Unlock()
	for _, p := range r.peers {
		p.write(frames)
	}
	r.written = upTo
}
