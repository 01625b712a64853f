package client

import (
	"math/rand/v2"
	"time"
)

// backoff is how long to wait before the next attempt: a random time between
// half and all of a span that doubles up to a bound, so that many clients that
// lost the same server do not come back at the same moment.
type backoff struct {
	first, most time.Duration
	failed      int
}

func (b *backoff) next() time.Duration {
	span := b.most
	if b.failed < 16 {
		span = min(b.most, b.first<<b.failed)
	}
	b.failed++
	return span/2 + rand.N(span/2+1)
}

func (b *backoff) reset() { b.failed = 0 }
