package loadgen

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestBucketsAreNarrowAndInOrder(t *testing.T) {
	for i := 1; i < bucketCount; i++ {
		low, top := bucketTop(i-1)+1, bucketTop(i)
		if bucket(uint64(low)) != i || bucket(uint64(top)) != i {
			t.Fatalf("bucket of %d and %d: got %d and %d, want %d", low, top, bucket(uint64(low)), bucket(uint64(top)), i)
		}
		if width := top - low; width > low/subBuckets {
			t.Fatalf("bucket %d: got width %d at %d, want at most %d", i, width, low, low/subBuckets)
		}
	}
	if got, want := bucket(1<<62), bucketCount-1; got != want {
		t.Errorf("bucket of a century: got %d, want %d", got, want)
	}
}

func TestQuantiles(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var whole, half Histogram
	var all []time.Duration
	for i := range 20_000 {
		d := time.Duration(rnd.ExpFloat64() * float64(3*time.Millisecond))
		all = append(all, d)
		if i%2 == 0 {
			whole.Record(d)
		} else {
			half.Record(d)
		}
	}
	whole.Merge(&half)
	slices.Sort(all)
	if got, want := whole.Count(), int64(len(all)); got != want {
		t.Errorf("count: got %d, want %d", got, want)
	}
	if got, want := whole.Max(), all[len(all)-1]; got != want {
		t.Errorf("max: got %v, want %v", got, want)
	}
	for _, q := range []float64{0.001, 0.5, 0.9, 0.99, 0.999, 1} {
		want := all[max(int(q*float64(len(all)))-1, 0)]
		got := whole.Quantile(q)
		if got < want || got > want+want/subBuckets {
			t.Errorf("quantile %v: got %v, want %v to 1.6 %% more", q, got, want)
		}
	}
}

func TestQuantileOfFew(t *testing.T) {
	var h Histogram
	if got := h.Quantile(0.5); got != 0 {
		t.Errorf("of nothing: got %v, want 0", got)
	}
	h.Record(-time.Second)
	if got := h.Quantile(1); got != 0 {
		t.Errorf("of a negative duration: got %v, want 0", got)
	}
	for i := 1; i < 10; i++ {
		h.Record(time.Duration(i))
	}
	if got, want := h.Quantile(0.99), time.Duration(9); got != want {
		t.Errorf("0.99 of 10 values: got %v, want the last, %v", got, want)
	}
}
