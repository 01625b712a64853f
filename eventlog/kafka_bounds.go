package eventlog

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// A bound of a partition, by the number under which Kafka is asked for it.
type bound int64

const (
	theEnd   bound = -1
	theBegin bound = -2
)

// boundTimeout is how long one question may take. Who asks has less patience;
// this only ends a question whose broker is gone.
const boundTimeout = 10 * time.Second

// Begin asks the brokers for the first offset that is kept.
func (l *Kafka) Begin(ctx context.Context, partition int32) (int64, error) {
	return l.askBound(ctx, partition, theBegin)
}

// End asks the partition's leader for the next offset. All who want to know at
// the same time share one question, which was asked after the last of them
// came.
//
// Right after another broker became the leader it does not answer before it
// knows all that its predecessor has acknowledged; the client asks again.
func (l *Kafka) End(ctx context.Context, partition int32) (int64, error) {
	return l.askBound(ctx, partition, theEnd)
}

func (l *Kafka) askBound(ctx context.Context, partition int32, which bound) (int64, error) {
	if err := l.part(partition); err != nil {
		return 0, err
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if err := l.appends.stopped(); err != nil {
		return 0, err
	}
	return l.bounds.ask(ctx, boundOf{partition, which}, func() (int64, error) {
		ctx, cancel := context.WithTimeout(l.ctx, boundTimeout)
		defer cancel()
		offset, err := l.bound(ctx, partition, which)
		if stopped := l.appends.stopped(); err != nil && stopped != nil {
			err = stopped
		}
		return offset, err
	})
}

// bound asks the partition's leader until ctx ends, while it cannot be reached,
// or its answer lies below what is known: it may have been replaced without
// having noticed yet. When the latter does not pass, records are lost.
func (l *Kafka) bound(ctx context.Context, partition int32, which bound) (int64, error) {
	for failures := 1; ; failures++ {
		known := l.known[partition].Load()
		offset, err := l.listOffset(ctx, partition, which)
		switch {
		case err == nil && which == theEnd && offset < known:
			err = fmt.Errorf("%w: it ends at offset %d and reached up to %d before", ErrTruncated, offset, known)
		case err == nil:
			if which == theEnd {
				l.raiseKnown(partition, offset)
			}
			return offset, nil
		case isBrokerError(err) && !kerr.IsRetriable(err):
			return 0, fmt.Errorf("ask for a bound of partition %d: %w", partition, err)
		}
		select {
		case <-time.After(retryAfter(failures)):
		case <-ctx.Done():
			if errors.Is(err, ErrTruncated) && l.ctx.Err() == nil {
				l.fail(err)
			}
			return 0, fmt.Errorf("ask for a bound of partition %d: %w: %w", partition, ctx.Err(), err)
		}
	}
}

// listOffset asks the partition's leader once.
func (l *Kafka) listOffset(ctx context.Context, partition int32, which bound) (int64, error) {
	req := kmsg.NewPtrListOffsetsRequest()
	topic := kmsg.NewListOffsetsRequestTopic()
	topic.Topic = l.opts.Topic
	part := kmsg.NewListOffsetsRequestTopicPartition()
	part.Partition, part.Timestamp = partition, int64(which)
	topic.Partitions = append(topic.Partitions, part)
	req.Topics = append(req.Topics, topic)
	resp, err := req.RequestWith(ctx, l.client)
	if err != nil {
		return 0, err
	}
	for _, topic := range resp.Topics {
		for _, part := range topic.Partitions {
			if part.Partition == partition {
				return part.Offset, kerr.ErrorForCode(part.ErrorCode)
			}
		}
	}
	return 0, fmt.Errorf("the answer leaves partition %d out", partition)
}

// boundOf is what is asked for.
type boundOf struct {
	partition int32
	which     bound
}

// boundsQuestions lets all who ask the same at the same time share a question.
// A question that is under way may have been answered before one came, so who
// comes meanwhile waits for the next. The zero value is ready.
type boundsQuestions struct {
	mu    sync.Mutex
	under map[boundOf]*boundsUnderWay
	asked sync.WaitGroup // the goroutines that ask
}

// boundsUnderWay is a question that was asked, and the one that comes after it.
type boundsUnderWay struct {
	next *boundsAnswer // nil: nobody waits for one
}

type boundsAnswer struct {
	known  chan struct{} // closed when offset and err are set
	offset int64
	err    error
}

// ask returns the answer of a question that was asked after the call, or the
// error of ctx.
func (q *boundsQuestions) ask(ctx context.Context, of boundOf, question func() (int64, error)) (int64, error) {
	answer := q.join(of, question)
	select {
	case <-answer.known:
		return answer.offset, answer.err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// join returns the answer to wait for, and asks if nobody does.
func (q *boundsQuestions) join(of boundOf, question func() (int64, error)) *boundsAnswer {
	q.mu.Lock()
	defer q.mu.Unlock()
	if under := q.under[of]; under != nil {
		if under.next == nil {
			under.next = &boundsAnswer{known: make(chan struct{})}
		}
		return under.next
	}
	if q.under == nil {
		q.under = make(map[boundOf]*boundsUnderWay)
	}
	answer := &boundsAnswer{known: make(chan struct{})}
	q.under[of] = new(boundsUnderWay)
	q.asked.Go(func() { q.run(of, answer, question) })
	return answer
}

// run asks until nobody waits any more.
func (q *boundsQuestions) run(of boundOf, answer *boundsAnswer, question func() (int64, error)) {
	for answer != nil {
		answer.offset, answer.err = question()
		close(answer.known)
		q.mu.Lock()
		under := q.under[of]
		answer, under.next = under.next, nil
		if answer == nil {
			delete(q.under, of)
		}
		q.mu.Unlock()
	}
}
