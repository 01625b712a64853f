package auth

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/parleychat/parley/chat"
)

// Attempts that are let through. A bucket is full after a minute of quiet;
// there is no lasting lock, so nobody can shut somebody else out for good.
const (
	loginsPerAccount   = 10  // a minute
	loginsPerPrefix    = 60  // a minute
	registersPerPrefix = 30  // a minute
	refreshesPerPrefix = 600 // a minute
	// Pages keep pictures for ever, so an office behind one address asks for all
	// of them on its first morning only.
	picturesPerPrefix = 6000 // a minute

	// maxBuckets bounds each map. Whoever wants a bucket forgotten would have
	// to try this many others.
	maxBuckets = 100_000
)

// attempts are the buckets of everybody who tries to get in, or asks for what
// needs no account.
type attempts struct {
	loginAccount   *buckets[string]
	loginPrefix    *buckets[netip.Prefix]
	registerPrefix *buckets[netip.Prefix]
	refreshPrefix  *buckets[netip.Prefix]
	picturePrefix  *buckets[netip.Prefix]
}

func newAttempts() attempts {
	return attempts{
		loginAccount:   newBuckets[string]("attempts", loginsPerAccount),
		loginPrefix:    newBuckets[netip.Prefix]("attempts", loginsPerPrefix),
		registerPrefix: newBuckets[netip.Prefix]("attempts", registersPerPrefix),
		refreshPrefix:  newBuckets[netip.Prefix]("attempts", refreshesPerPrefix),
		picturePrefix:  newBuckets[netip.Prefix]("pictures", picturesPerPrefix),
	}
}

// login counts an attempt to sign in, whether the account exists or not.
func (a *attempts) login(account string, from netip.Addr, now time.Time) error {
	if err := byPrefix(a.loginPrefix, from, now); err != nil {
		return err
	}
	return a.loginAccount.take(account, now)
}

func (a *attempts) register(from netip.Addr, now time.Time) error {
	return byPrefix(a.registerPrefix, from, now)
}

func (a *attempts) refresh(from netip.Addr, now time.Time) error {
	return byPrefix(a.refreshPrefix, from, now)
}

func (a *attempts) picture(from netip.Addr, now time.Time) error {
	return byPrefix(a.picturePrefix, from, now)
}

// byPrefix counts for the network that one customer of a provider has: /32 of
// IPv4, /64 of IPv6. Loopback peers are exempt: they are people of this
// machine, or everybody behind a proxy that was not declared. An address that
// is not known shares one bucket with all such.
func byPrefix(b *buckets[netip.Prefix], from netip.Addr, now time.Time) error {
	from = from.Unmap().WithZone("")
	if from.IsLoopback() {
		return nil
	}
	bits := 32
	if from.Is6() {
		bits = 64
	}
	var prefix netip.Prefix
	if from.IsValid() {
		prefix = netip.PrefixFrom(from, bits).Masked()
	}
	return b.take(prefix, now)
}

// buckets holds one token bucket for each key.
type buckets[K comparable] struct {
	of        string // what there are too many of when one is empty
	perMinute int

	mu    sync.Mutex
	byKey bounded[K, *rate.Limiter]
}

func newBuckets[K comparable](of string, perMinute int) *buckets[K] {
	return &buckets[K]{of: of, perMinute: perMinute, byKey: newBounded[K, *rate.Limiter](maxBuckets)}
}

// take takes one token, or says when there will be one.
func (b *buckets[K]) take(key K, now time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	bucket, found := b.byKey.get(key)
	if !found {
		bucket = rate.NewLimiter(rate.Limit(b.perMinute)/60, b.perMinute)
		b.byKey.put(key, bucket)
	}
	reservation := bucket.ReserveN(now, 1)
	wait := reservation.DelayFrom(now)
	if wait == 0 {
		return nil
	}
	reservation.CancelAt(now)
	wait = wait.Truncate(time.Second) + time.Second
	refusal := chat.Errorf(chat.RateLimited, "Too many %s. Wait %d seconds, then try again.", b.of, int(wait.Seconds()))
	refusal.RetryAfter = wait
	return refusal
}
