package eventlog

import "sync"

// refusals answers what was never accepted. Append may not call done itself,
// its caller can hold a lock that done takes, and the writer may be waiting for
// a slow disk just when there is much to refuse. So a goroutine does it, which
// exists only while there is something to answer.
type refusals struct {
	mu      sync.Mutex
	idle    *sync.Cond // on mu: running became false
	waiting []refusal
	running bool
}

type refusal struct {
	done func(Position, error)
	err  error
}

func newRefusals() *refusals {
	r := &refusals{}
	r.idle = sync.NewCond(&r.mu)
	return r
}

func (r *refusals) add(done func(Position, error), err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waiting = append(r.waiting, refusal{done, err})
	if !r.running {
		r.running = true
		go r.answer()
	}
}

func (r *refusals) answer() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.waiting) > 0 {
		batch := r.waiting
		r.waiting = nil
		r.mu.Unlock()
		for _, refused := range batch {
			refused.done(Position{}, refused.err)
		}
		r.mu.Lock()
	}
	r.running = false
	r.idle.Broadcast()
}

// wait returns when everything added so far is answered.
func (r *refusals) wait() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.running {
		r.idle.Wait()
	}
}
