package history

import "sync/atomic"

// hurry is that somebody waits until a partition is stored up to an offset.
type hurry struct {
	upTo atomic.Int64
	more chan struct{} // holds a token when upTo has grown
}

func newHurries(partitions int32) []hurry {
	hurries := make([]hurry, partitions)
	for i := range hurries {
		hurries[i].more = make(chan struct{}, 1)
	}
	return hurries
}

// Hurry says that somebody waits until the partition is stored up to, not
// including, an offset: what lies below it waits no longer than [HurriedWait] for
// company. It does not block, and does nothing where somebody else records the
// partition.
func (r *Recorder) Hurry(partition int32, upTo int64) {
	h := &r.hurries[partition]
	for {
		was := h.upTo.Load()
		if upTo <= was {
			return
		}
		if h.upTo.CompareAndSwap(was, upTo) {
			break
		}
	}
	select {
	case h.more <- struct{}{}:
	default:
	}
}
