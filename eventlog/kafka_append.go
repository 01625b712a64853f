package eventlog

import (
	"context"
	"fmt"
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Append hands the record to the client, which sends it at once: while a
// request is under way, what comes becomes the next one. It never waits: when
// [KafkaOptions.QueueBytes] are not answered already the answer is [ErrBusy].
func (l *Kafka) Append(partition int32, rec Record, done func(Position, error)) {
	size := rec.Size()
	err := l.part(partition)
	switch {
	case err != nil:
	case size > MaxRecord:
		err = fmt.Errorf("%w: it has %d bytes", ErrTooLarge, size)
	default:
		err = l.appends.add(size)
	}
	if err != nil {
		l.refusals.add(done, notAppended(err))
		return
	}
	// The context of a record could cancel it. This one never ends.
	l.client.TryProduce(context.Background(), kafkaRecord(partition, &rec), func(r *kgo.Record, err error) {
		l.answer(partition, r.Offset, err, done)
		l.appends.release(size)
	})
}

func kafkaRecord(partition int32, rec *Record) *kgo.Record {
	r := &kgo.Record{Partition: partition, Key: rec.Key, Value: rec.Value}
	if len(rec.Headers) > 0 {
		r.Headers = make([]kgo.RecordHeader, len(rec.Headers))
		for i, h := range rec.Headers {
			r.Headers[i] = kgo.RecordHeader{Key: h.Key, Value: h.Value}
		}
	}
	return r
}

// answer tells what came of a record. The client calls it for one record after
// another.
func (l *Kafka) answer(partition int32, offset int64, err error, done func(Position, error)) {
	if err == nil && offset < l.acked[partition] {
		// Also -1: it is there, but nobody knows where.
		err = fmt.Errorf("%w: a record was taken at offset %d of partition %d, after one at %d",
			ErrTruncated, offset, partition, l.acked[partition]-1)
		l.fail(err)
	}
	if err != nil {
		if lostRecords(err) {
			l.fail(lost(partition, err))
		}
		done(Position{}, fmt.Errorf("eventlog: append to Kafka topic %s: %w: %w", l.opts.Topic, ErrUnknown, err))
		return
	}
	l.acked[partition] = offset + 1
	l.raiseKnown(partition, offset+1)
	done(Position{l.epoch, partition, offset}, nil)
}

// appends counts what was handed over and not answered, and bounds it.
type appends struct {
	limit int // bytes

	mu     sync.Mutex
	count  int
	bytes  int
	closed error         // why nothing is accepted any more
	none   chan struct{} // closed when count becomes 0; nil when nobody waits
}

func newAppends(limit int) *appends { return &appends{limit: limit} }

// add accepts a record or says why not.
func (a *appends) add(size int) error {
	charge := size + requestOverhead
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case a.closed != nil:
		return a.closed
	// One record always fits, whatever the limit.
	case a.bytes > 0 && a.bytes+charge > a.limit:
		return ErrBusy
	}
	a.count++
	a.bytes += charge
	return nil
}

// release gives back the room of a record that was answered.
func (a *appends) release(size int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.count--
	a.bytes -= size + requestOverhead
	if a.count == 0 && a.none != nil {
		close(a.none)
		a.none = nil
	}
}

// close accepts nothing more, for the reason given, and says whether it was the
// first to do so.
func (a *appends) close(reason error) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed != nil {
		return false
	}
	a.closed = reason
	return true
}

// stopped is why nothing is accepted any more, nil while the log runs.
func (a *appends) stopped() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.closed
}

// wait returns when everything accepted is answered, or ctx ends. Only of use
// after close.
func (a *appends) wait(ctx context.Context) {
	a.mu.Lock()
	if a.count == 0 {
		a.mu.Unlock()
		return
	}
	if a.none == nil {
		a.none = make(chan struct{})
	}
	none := a.none
	a.mu.Unlock()
	select {
	case <-none:
	case <-ctx.Done():
	}
}
