package fanout

import (
	"bytes"
	"context"
	"slices"
	"time"

	"github.com/parleychat/parley/chat"
)

// maxUnresolved is how many appends of one room a node leaves unresolved; more
// wait.
const maxUnresolved = 128

// pendingSend is a record that was handed to the log and has not been applied.
type pendingSend struct {
	rec     *chat.Record
	value   []byte // as handed to the log
	lane    *Client
	waiters []waiter
	since   time.Time
	tries   int  // how often it was handed over anew
	gone    bool // the message that it is about was deleted meanwhile
}

// waiter is one call that wants the answer; several wait when a device sends a
// cid again while the first copy is in flight.
type waiter struct {
	from  *Client
	mac   string // of what it sent, which need not be what is in flight
	done  func(chat.Answer)
	since time.Time
}

// pendingSends are a room's sends between hand-over and Apply, guarded by the
// partition's mutex.
type pendingSends struct {
	byCID map[cidKey]*pendingSend
	queue []*pendingSend           // in the order of hand-over, which is the log's
	last  map[*Client]*pendingSend // the last send handed over, by socket
	slots []chan struct{}          // those who wait for one, first come first served
}

func newPendingSends() pendingSends {
	return pendingSends{byCID: make(map[cidKey]*pendingSend), last: make(map[*Client]*pendingSend)}
}

func (p *pendingSends) empty() bool { return len(p.byCID) == 0 && len(p.slots) == 0 }

func (p *pendingSends) find(user chat.UserID, cid string) *pendingSend {
	return p.byCID[cidKey{user, cid}]
}

func (p *pendingSends) add(send *pendingSend) {
	p.byCID[cidKey{send.rec.User, send.rec.CID}] = send
	p.queue = append(p.queue, send)
	if send.lane != nil {
		p.last[send.lane] = send
	}
}

// next is the first send of the queue if this log entry is it, judged where that
// was: a copy from before it was judged anew is another record to [chat.Apply].
func (p *pendingSends) next(value []byte, after chat.Seq) *pendingSend {
	if len(p.queue) > 0 && p.queue[0].rec.After == after && bytes.Equal(p.queue[0].value, value) {
		return p.queue[0]
	}
	return nil
}

// is finds the send that a decoded record is, wherever in the queue it stands.
func (p *pendingSends) is(rec *chat.Record, value []byte) *pendingSend {
	if send := p.find(rec.User, rec.CID); send != nil && send.rec.After == rec.After && bytes.Equal(send.value, value) {
		return send
	}
	return nil
}

// targetDeleted tells the sends about a message that it is deleted.
func (p *pendingSends) targetDeleted(message chat.Seq) {
	for _, send := range p.queue {
		if send.rec.TargetSeq == message {
			send.gone = true
		}
	}
}

func (p *pendingSends) remove(send *pendingSend) {
	delete(p.byCID, cidKey{send.rec.User, send.rec.CID})
	if send.lane != nil && p.last[send.lane] == send {
		delete(p.last, send.lane)
	}
	if i := slices.Index(p.queue, send); i >= 0 {
		p.queue = slices.Delete(p.queue, i, i+1)
	}
}

// isLast reports whether nothing later of the same socket was handed over. A
// REST call has no order to keep.
func (p *pendingSends) isLast(send *pendingSend) bool {
	return send.lane == nil || p.last[send.lane] == send
}

// takeSlot waits until the room has fewer than [maxUnresolved] unresolved
// appends. waited tells that the lock was released. The caller holds the
// partition's lock.
func (r *room) takeSlot(ctx context.Context) (waited bool, err error) {
	if len(r.pending.byCID) < maxUnresolved {
		return false, nil
	}
	turn := make(chan struct{})
	r.pending.slots = append(r.pending.slots, turn)
	r.part.mu.Unlock()
	select {
	case <-turn:
		r.part.mu.Lock()
		return true, nil
	case <-ctx.Done():
		r.part.mu.Lock()
		r.giveUpTurn(turn)
		return true, ctx.Err()
	}
}

// giveUpTurn leaves the queue for a slot, passing the turn on if it was given
// meanwhile.
func (r *room) giveUpTurn(turn chan struct{}) {
	for i, waiting := range r.pending.slots {
		if waiting == turn {
			r.pending.slots = append(r.pending.slots[:i], r.pending.slots[i+1:]...)
			return
		}
	}
	r.freeSlot()
}

// freeSlot gives the next in the queue its turn, if there is a slot.
func (r *room) freeSlot() {
	if len(r.pending.slots) > 0 && len(r.pending.byCID) < maxUnresolved {
		close(r.pending.slots[0])
		r.pending.slots[0] = nil
		r.pending.slots = r.pending.slots[1:]
	}
}

// answerAll gives the answer to everybody who still waits for this send.
func (r *room) answerAll(send *pendingSend, answer chat.Answer) {
	for i, w := range send.waiters {
		if i > 0 && answer.Err == nil {
			answer.Duplicate = true
		}
		if w.mac == send.rec.MAC {
			w.tell(answer)
		} else {
			w.tell(r.answerOther(send, w.mac, answer))
		}
	}
	send.waiters = nil
}

// answerOther is for those who sent something else under the cid of a send that
// got this answer. Only what the log has uses a cid up: what else the send was
// refused for says nothing about theirs, and they may try again.
func (r *room) answerOther(send *pendingSend, mac string, answer chat.Answer) chat.Answer {
	if first, found := r.table.find(send.rec.User, send.rec.CID); found {
		return knownAnswer(first, mac)
	}
	if answer.Err != nil && !answer.Err.Code.Final() {
		return answer
	}
	refusal := chat.Errorf(chat.Busy, "Something else was being sent with this cid. Send the same cid again.")
	refusal.RetryAfter = 100 * time.Millisecond
	return chat.Answer{Err: refusal}
}

// answerLate tells unknown to those who have waited for [chat.AckTimeout]. The
// send stays pending: the same cid sent again joins it.
func (r *room) answerLate(now time.Time) (oldest time.Duration) {
	for _, send := range r.pending.byCID {
		oldest = max(oldest, now.Sub(send.since))
		waiting := send.waiters[:0]
		for _, w := range send.waiters {
			if now.Sub(w.since) >= chat.AckTimeout {
				w.tell(unknownAnswer())
			} else {
				waiting = append(waiting, w)
			}
		}
		send.waiters = waiting
	}
	return oldest
}

// tell hands the answer over: of a socket on its shard, behind every frame
// that was posted before.
func (w waiter) tell(answer chat.Answer) {
	if w.from != nil {
		w.from.Post(func() { w.done(answer) })
		return
	}
	w.done(answer)
}
