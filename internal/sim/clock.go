package sim

import (
	"sync/atomic"
	"time"
)

// clock is the node's wall clock: virtual time, and wrong by an offset that
// steps forward and back.
type clock struct{ offset atomic.Int64 }

func (c *clock) now() time.Time { return time.Now().Add(time.Duration(c.offset.Load())) }

func (c *clock) step(offset time.Duration) { c.offset.Store(int64(offset)) }
