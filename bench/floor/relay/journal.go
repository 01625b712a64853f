//go:build unix

package relay

import (
	"bytes"
	"fmt"
	"os"
	"sync"
)

// maxUnforced bounds the messages that wait for the disk; beyond it the senders'
// readers wait.
const maxUnforced = 4096

// journal forces messages to the disk before they are published: while one write
// and fsync runs, all others wait, and go together into the next.
type journal struct {
	file *os.File

	mu      sync.Mutex
	changed *sync.Cond // on mu: waiting has more or fewer messages, or closed
	waiting []unforced // in order of arrival; guarded by mu
	closed  bool       // guarded by mu
}

// unforced is a message on its way to the disk; its bytes are its own.
type unforced struct {
	room        *room
	from        *peer
	ackID, body []byte
}

func newJournal(file *os.File) *journal {
	j := &journal{file: file}
	j.changed = sync.NewCond(&j.mu)
	return j
}

// add hands a message over, waiting while there are too many. What comes after
// close is dropped, as are the connections that it came from.
func (j *journal) add(r *room, from *peer, ackID, body []byte) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for len(j.waiting) >= maxUnforced && !j.closed {
		j.changed.Wait()
	}
	if !j.closed {
		j.waiting = append(j.waiting, unforced{r, from, bytes.Clone(ackID), bytes.Clone(body)})
		j.changed.Broadcast()
	}
}

// run forces and publishes, until the journal is closed or the disk fails.
func (j *journal) run() error {
	var group []unforced
	var lines []byte
	for {
		group = j.take(group)
		if len(group) == 0 {
			return nil
		}
		lines = lines[:0]
		for _, m := range group {
			lines = append(append(lines, m.body...), '\n')
		}
		if _, err := j.file.Write(lines); err != nil {
			return fmt.Errorf("journal: %w", err)
		}
		if err := j.file.Sync(); err != nil {
			return fmt.Errorf("journal: %w", err)
		}
		for _, m := range group {
			m.room.publish(m.from, m.ackID, m.body)
		}
	}
}

// take waits for messages and returns all of them, none once the journal is
// closed. reuse is the slice of an earlier take.
func (j *journal) take(reuse []unforced) []unforced {
	clear(reuse)
	j.mu.Lock()
	defer j.mu.Unlock()
	for len(j.waiting) == 0 && !j.closed {
		j.changed.Wait()
	}
	if j.closed {
		return nil
	}
	group := j.waiting
	j.waiting = reuse[:0]
	j.changed.Broadcast()
	return group
}

func (j *journal) close() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.closed = true
	j.changed.Broadcast()
}
