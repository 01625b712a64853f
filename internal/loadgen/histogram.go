package loadgen

import (
	"math/bits"
	"time"
)

// A bucket is 1/64 of its power of two wide, so a quantile is at most 1.6 %
// above the true value.
const (
	subBits     = 6
	subBuckets  = 1 << subBits
	maxExponent = 40 - subBits // the last bucket ends at 2^41 ns, about 36 minutes
	bucketCount = (maxExponent + 2) * subBuckets
)

// Histogram counts durations in buckets of constant relative width. The zero
// value is empty. It has no lock: one goroutine records, and another reads or
// merges only after that one has ended.
type Histogram struct {
	counts [bucketCount]int64
	n      int64
	max    time.Duration
}

// bucket numbers: 0…127 hold one value each, every following 64 one power of two.
func bucket(v uint64) int {
	exp := max(bits.Len64(v)-subBits-1, 0)
	if exp > maxExponent {
		return bucketCount - 1
	}
	return exp*subBuckets + int(v>>exp)
}

// bucketTop is the largest value that falls into bucket i.
func bucketTop(i int) time.Duration {
	if i < 2*subBuckets {
		return time.Duration(i)
	}
	exp := i/subBuckets - 1
	low := uint64(i-exp*subBuckets) << exp
	return time.Duration(low + 1<<exp - 1)
}

// Record counts d; a negative duration counts as zero.
func (h *Histogram) Record(d time.Duration) {
	d = max(d, 0)
	h.counts[bucket(uint64(d))]++
	h.n++
	h.max = max(h.max, d)
}

// Merge adds what other has counted.
func (h *Histogram) Merge(other *Histogram) {
	for i, c := range other.counts {
		h.counts[i] += c
	}
	h.n += other.n
	h.max = max(h.max, other.max)
}

// Count is the number of durations recorded.
func (h *Histogram) Count() int64 { return h.n }

// Max is the longest duration recorded, exactly.
func (h *Histogram) Max() time.Duration { return h.max }

// Quantile is a duration that at least the fraction q of all recorded ones do
// not exceed; 0 when nothing was recorded.
func (h *Histogram) Quantile(q float64) time.Duration {
	// The rank is rounded up: of 10 values the 0.99 quantile is the 10th.
	rank := int64(q * float64(h.n))
	if float64(rank) < q*float64(h.n) {
		rank++
	}
	rank = max(rank, 1)
	var seen int64
	for i, c := range h.counts {
		if seen += c; seen >= rank {
			return min(bucketTop(i), h.max)
		}
	}
	return h.max
}

// Latency summarises a histogram, in milliseconds.
type Latency struct {
	Count int64   `json:"count"`
	P50   float64 `json:"p50"`
	P90   float64 `json:"p90"`
	P99   float64 `json:"p99"`
	P999  float64 `json:"p999"`
	Max   float64 `json:"max"`
}

func (h *Histogram) summary() Latency {
	ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	return Latency{
		Count: h.n,
		P50:   ms(h.Quantile(0.50)),
		P90:   ms(h.Quantile(0.90)),
		P99:   ms(h.Quantile(0.99)),
		P999:  ms(h.Quantile(0.999)),
		Max:   ms(h.max),
	}
}
