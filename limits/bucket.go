package limits

import (
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"github.com/parleychat/parley/chat"
)

// Bucket is a token bucket: so many at once, and so many a second in the long
// run.
type Bucket struct {
	limiter rate.Limiter
	refused *atomic.Int64 // counts for everybody's buckets of this kind
}

// Take takes one token. Without one it refuses as [chat.RateLimited] and says
// how long to wait for the next.
func (b *Bucket) Take(now time.Time) error {
	if b.limiter.AllowN(now, 1) {
		return nil
	}
	b.refused.Add(1)
	perSecond := float64(b.limiter.Limit())
	refusal := chat.Errorf(chat.RateLimited, "Slow down: more than %g a second.", perSecond)
	if perSecond < 1 {
		refusal = chat.Errorf(chat.RateLimited, "Slow down: more than %g a minute.", 60*perSecond)
	}
	refusal.RetryAfter = time.Duration(float64(time.Second) / perSecond)
	return refusal
}
