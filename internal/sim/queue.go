package sim

import "sync"

// queue does things one after another, each of which may take its time. The
// zero value is ready.
type queue struct {
	mu      sync.Mutex
	waiting []task
	filled  chan struct{} // closed when something is added; nil while nobody waits
	over    bool
}

// task is done, or dropped when the queue is over.
type task struct{ do, drop func() }

func (q *queue) add(do, drop func()) {
	q.mu.Lock()
	over := q.over
	if !over {
		q.waiting = append(q.waiting, task{do, drop})
		if q.filled != nil {
			close(q.filled)
			q.filled = nil
		}
	}
	q.mu.Unlock()
	if over {
		drop()
	}
}

// work does what is added until end is closed; the rest is dropped.
func (q *queue) work(end <-chan struct{}) {
	for {
		t, filled := q.take()
		if t.do != nil {
			t.do()
			continue
		}
		select {
		case <-filled:
		case <-end:
			q.mu.Lock()
			rest := q.waiting
			q.waiting, q.over = nil, true
			q.mu.Unlock()
			for _, t := range rest {
				t.drop()
			}
			return
		}
	}
}

func (q *queue) take() (task, <-chan struct{}) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) > 0 {
		t := q.waiting[0]
		q.waiting = q.waiting[1:]
		return t, nil
	}
	if q.filled == nil {
		q.filled = make(chan struct{})
	}
	return task{}, q.filled
}
