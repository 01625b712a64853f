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
	waiting []send     // up to seq; guarded by mu
	writing bool       // some goroutine is in drain; guarded by mu
}

// send is one message on its way, with the answer for whoever wants one.
type send struct {
	frame []byte
	from  *peer
	ack   []byte // a frame; empty without
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
// to every socket of the room, and then an answer to from if there is an ackID.
func (r *room) publish(from *peer, ackID, body []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.waiting) >= maxWaiting {
		r.shrunk.Wait()
	}
	r.seq++
	r.waiting = append(r.waiting, send{eventFrame(r.seq, body), from, ackFrame(ackID, r.seq)})
	if !r.writing {
		r.writing = true
		r.drain()
		r.writing = false
	}
}

// drain writes what waits, up to batch frames a write. It is called with mu
// held and lets go of it while it writes.
func (r *room) drain() {
	var batch []send
	for len(r.waiting) > 0 {
		n := min(r.batch, len(r.waiting))
		batch = append(batch[:0], r.waiting[:n]...)
		r.waiting = append(r.waiting[:0], r.waiting[n:]...)
		upTo := r.seq - int64(len(r.waiting))
		r.mu.Unlock()
		r.writeAll(batch, upTo)
		r.mu.Lock()
		r.shrunk.Broadcast()
	}
}

func (r *room) writeAll(batch []send, upTo int64) {
	frames := batch[0].frame
	if len(batch) > 1 {
		frames = nil
		for _, s := range batch {
			frames = append(frames, s.frame...)
		}
	}
	r.members.Lock()
	defer r.members.Unlock()
	for _, p := range r.peers {
		p.write(frames)
	}
	for _, s := range batch {
		if len(s.ack) > 0 && r.has(s.from) {
			s.from.write(s.ack)
		}
	}
	r.written = upTo
}

// has reports whether p has not left since it sent; members is held.
func (r *room) has(p *peer) bool {
	return p.slot < len(r.peers) && r.peers[p.slot] == p
}
