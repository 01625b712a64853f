package eventlog

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// How soon a group notices that a member is gone, or that there is something to
// share anew.
const (
	groupSession   = 6 * time.Second // the least that brokers allow as they come
	groupHeartbeat = time.Second
	// groupRebalance is how long a run may take to return.
	groupRebalance = 30 * time.Second
)

// Own joins the consumer group of that name. The group only says who has which
// partition; it reads nothing and commits nothing. A partition that moves is
// given to its new owner after run has returned at the old one, unless that one
// is not heard of for 6 s.
func (l *Kafka) Own(ctx context.Context, group string, run func(ctx context.Context, partition int32) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := l.appends.stopped(); err != nil {
		return err
	}
	owner := newOwner(ctx, l.opts.Partitions, run)
	balancer := &balancer{refused: make(map[int32]bool)}
	client, err := l.opts.connect(owning(l.opts.Topic, group, owner, balancer)...)
	if err != nil {
		return err
	}
	client.PauseFetchTopics(l.opts.Topic)
	err = l.own(ctx, client, owner, balancer)
	// Leaving the group takes the partitions away, and waits for their runs.
	owner.cancel()
	client.Close()
	owner.running.Wait()
	if failed := owner.failed(); failed != nil {
		return failed
	}
	return err
}

// own stays until ctx or the log ends or a run fails.
func (l *Kafka) own(ctx context.Context, client *kgo.Client, owner *owner, balancer *balancer) error {
	troubles := make(chan error, 1)
	polling := sync.WaitGroup{}
	polling.Go(func() { pollTroubles(owner.ctx, client, troubles) })
	defer polling.Wait()
	defer owner.cancel()
	for {
		select {
		case part := <-owner.gaveUp:
			balancer.refuse(part)
			client.ForceRebalance()
		case err := <-troubles:
			return fmt.Errorf("eventlog: group of Kafka topic %s: %w", l.opts.Topic, err)
		case <-owner.ctx.Done(): // also when a run has failed
			return ctx.Err()
		case <-l.ctx.Done():
			return l.appends.stopped()
		}
	}
}

// pollTroubles takes what the client has to tell. It reads no records, so that
// are troubles only. Those that pass it has logged itself.
func pollTroubles(ctx context.Context, client *kgo.Client, troubles chan<- error) {
	for ctx.Err() == nil {
		client.PollFetches(ctx).EachError(func(_ string, _ int32, err error) {
			if final := errors.Is(err, kerr.GroupAuthorizationFailed) || errors.Is(err, kerr.TopicAuthorizationFailed) ||
				errors.Is(err, kerr.InvalidGroupID); final && ctx.Err() == nil {
				select {
				case troubles <- err:
				default:
				}
			}
		})
	}
}

// owning is what a client needs to be a member that reads nothing.
func owning(topic, group string, owner *owner, balancer *balancer) []kgo.Opt {
	return []kgo.Opt{
		kgo.ConsumerGroup(group),
		kgo.ConsumeTopics(topic),
		kgo.Balancers(balancer),
		kgo.SessionTimeout(groupSession),
		kgo.HeartbeatInterval(groupHeartbeat),
		kgo.RebalanceTimeout(groupRebalance),
		kgo.DisableAutoCommit(),
		// The offsets mean nothing, because nothing is fetched.
		kgo.AdjustFetchOffsetsFn(func(_ context.Context, offsets map[string]map[int32]kgo.Offset) (map[string]map[int32]kgo.Offset, error) {
			for _, parts := range offsets {
				for part := range parts {
					parts[part] = kgo.NewOffset().At(0)
				}
			}
			return offsets, nil
		}),
		kgo.OnPartitionsAssigned(func(_ context.Context, _ *kgo.Client, assigned map[string][]int32) {
			owner.take(assigned[topic])
		}),
		kgo.OnPartitionsRevoked(func(_ context.Context, _ *kgo.Client, revoked map[string][]int32) {
			owner.release(revoked[topic])
		}),
		kgo.OnPartitionsLost(func(_ context.Context, _ *kgo.Client, lost map[string][]int32) {
			owner.release(lost[topic])
		}),
	}
}

// owner runs what is to be run for the partitions that fall to one call of Own.
type owner struct {
	ctx        context.Context // of all runs
	cancel     context.CancelFunc
	partitions int32
	run        func(context.Context, int32) error
	gaveUp     chan int32 // with room for every partition
	running    sync.WaitGroup

	mu      sync.Mutex
	tenures map[int32]*tenure
	failure error // of the first run that failed
}

// tenure is one run.
type tenure struct {
	cancel context.CancelFunc
	ended  chan struct{}
}

func newOwner(ctx context.Context, partitions int32, run func(context.Context, int32) error) *owner {
	o := &owner{partitions: partitions, run: run, gaveUp: make(chan int32, partitions), tenures: make(map[int32]*tenure)}
	o.ctx, o.cancel = context.WithCancel(ctx)
	return o
}

// take starts a run for each of the partitions.
func (o *owner) take(partitions []int32) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, part := range partitions {
		// A topic may have grown since we counted.
		if o.tenures[part] != nil || part >= o.partitions || o.ctx.Err() != nil {
			continue
		}
		ctx, cancel := context.WithCancel(o.ctx)
		t := &tenure{cancel: cancel, ended: make(chan struct{})}
		o.tenures[part] = t
		o.running.Go(func() {
			defer close(t.ended)
			defer cancel()
			o.ended(ctx, part, o.run(ctx, part))
		})
	}
}

// ended notes how a run has ended.
func (o *owner) ended(ctx context.Context, part int32, err error) {
	switch {
	case err == nil && ctx.Err() == nil:
		o.gaveUp <- part
	case err != nil && !errors.Is(err, ctx.Err()):
		o.mu.Lock()
		if o.failure == nil {
			o.failure = err
		}
		o.mu.Unlock()
		o.cancel()
	}
}

// release ends the runs of the partitions and waits for them.
func (o *owner) release(partitions []int32) {
	var ending []*tenure
	o.mu.Lock()
	for _, part := range partitions {
		if t := o.tenures[part]; t != nil {
			delete(o.tenures, part)
			t.cancel()
			ending = append(ending, t)
		}
	}
	o.mu.Unlock()
	for _, t := range ending {
		<-t.ended
	}
}

// failed is the error of the first run that failed.
func (o *owner) failed() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.failure
}
