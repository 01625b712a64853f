package rig

import "slices"

// journal keeps what comes in, in order, for whoever waits for it.
type journal[T any] struct {
	watched
	entries []T // guarded by watched.mu
}

func (j *journal[T]) add(entry T) {
	j.change(func() { j.entries = append(j.entries, entry) })
}

func (j *journal[T]) end(why error) {
	j.change(func() { j.ended = why })
}

// all is everything so far.
func (j *journal[T]) all() []T {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.entries)
}

// await waits for n entries that fit, among those that came already and those
// to come, and returns the last of them.
func (j *journal[T]) await(what string, n int, fits func(T) bool) (found T, err error) {
	looked := 0
	err = j.wait(what, func() bool {
		for ; looked < len(j.entries) && n > 0; looked++ {
			if fits(j.entries[looked]) {
				found = j.entries[looked]
				n--
			}
		}
		return n == 0
	})
	return found, err
}
