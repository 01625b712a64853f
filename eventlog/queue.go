package eventlog

import (
	"fmt"
	"sync"
)

// requestOverhead is charged for every waiting record besides its size, so that
// the queue's bound in bytes bounds empty records too.
const requestOverhead = 128

// request is a record that was handed over and not yet answered.
type request struct {
	rec  Record
	size int
	done func(Position, error)
}

// trim asks for the records below before to go, as many as one transaction may
// hold.
type trim struct {
	before int64
	answer chan<- trimAnswer // with room for the answer
}

type trimAnswer struct {
	finished bool // nothing below before is left
	err      error
}

// queue is what waits for the writer: records up to a number of bytes, and
// trims. Any goroutine adds, only the writer takes.
type queue struct {
	limit    int // bytes
	refusals *refusals

	mu      sync.Mutex
	filled  *sync.Cond // on mu: there is something to take, or closed
	waiting []request  // in order of arrival
	bytes   int        // of waiting and of what the writer has not released
	trims   []trim
	closed  error // why nothing is accepted any more, nil while open
}

func newQueue(limit int) *queue {
	q := &queue{limit: limit, refusals: newRefusals()}
	q.filled = sync.NewCond(&q.mu)
	return q
}

// add accepts the request or has it refused. It does not block.
func (q *queue) add(r request) {
	charge := r.size + requestOverhead
	q.mu.Lock()
	var refused error
	switch {
	case q.closed != nil:
		refused = q.closed
	// One record always fits, whatever the limit.
	case q.bytes > 0 && q.bytes+charge > q.limit:
		refused = ErrBusy
	default:
		q.waiting = append(q.waiting, r)
		q.bytes += charge
		q.filled.Signal()
	}
	q.mu.Unlock()
	if refused != nil {
		q.refusals.add(r.done, notAppended(refused))
	}
}

// addTrim accepts the trim, or says why not.
func (q *queue) addTrim(t trim) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed != nil {
		return q.closed
	}
	q.trims = append(q.trims, t)
	q.filled.Signal()
	return nil
}

// take waits until there is something, and returns all the requests and at most
// one trim. It returns neither when the queue is closed and empty. reuse is the
// slice of an earlier take, for its memory.
func (q *queue) take(reuse []request) ([]request, *trim) {
	clear(reuse)
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.waiting) == 0 && len(q.trims) == 0 && q.closed == nil {
		q.filled.Wait()
	}
	requests := q.waiting
	q.waiting = reuse[:0]
	if len(q.trims) == 0 {
		return requests, nil
	}
	next := q.trims[0]
	q.trims = q.trims[1:]
	return requests, &next
}

// release gives back the room of requests that are about to be answered.
func (q *queue) release(requests []request) {
	n := 0
	for i := range requests {
		n += requests[i].size + requestOverhead
	}
	q.mu.Lock()
	q.bytes -= n
	q.mu.Unlock()
}

// close accepts nothing more, for the reason given; what is already there stays
// to be taken. Only the first reason counts.
func (q *queue) close(reason error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed == nil {
		q.closed = reason
	}
	q.filled.Signal()
}

func notAppended(reason error) error {
	return fmt.Errorf("%w: %w", ErrNotAppended, reason)
}
