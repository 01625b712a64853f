package rig

import (
	"fmt"
	"sync"
	"time"
)

// watched is state that others wait for. The struct that embeds it says which
// of its fields mu guards; they are changed with change alone.
type watched struct {
	mu      sync.Mutex
	changed chan struct{} // closed, and made anew, at every change
	ended   error         // why nothing more comes
}

func (w *watched) change(fn func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	fn()
	if w.changed != nil {
		close(w.changed)
		w.changed = nil
	}
}

// wait waits until ready, which is called with the lock held, says so. It fails
// when nothing more comes.
func (w *watched) wait(what string, ready func() bool) error {
	timeout := time.NewTimer(Patience)
	defer timeout.Stop()
	for {
		w.mu.Lock()
		done, ended := ready(), w.ended
		if w.changed == nil {
			w.changed = make(chan struct{})
		}
		changed := w.changed
		w.mu.Unlock()
		switch {
		case done:
			return nil
		case ended != nil:
			return fmt.Errorf("while waiting for %s: %w", what, ended)
		}
		select {
		case <-changed:
		case <-timeout.C:
			return fmt.Errorf("%s did not come in %v", what, Patience)
		}
	}
}
