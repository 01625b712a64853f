package eventlog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// How soon a group notices that a member is gone, or that there is something to
// share anew.
const (
	// groupSession is the least that brokers allow as they come. Who knows
	// earlier that a member is dead says so with [Kafka.Expel].
	groupSession   = 6 * time.Second
	groupHeartbeat = 500 * time.Millisecond
	// groupRebalance is how long a run may take to return.
	groupRebalance = 30 * time.Second
	// groupLeave bounds saying good-bye to a group.
	groupLeave = 2 * time.Second
)

// Own joins the consumer group of that name. The group only says who has which
// partition; it reads nothing and commits nothing. A partition that moves is
// given to its new owner after run has returned at the old one, unless that one
// is not heard of for 6 s, or was expelled.
//
// With [KafkaOptions.Instance] the partitions of a process that was killed are
// its own again as soon as it has joined anew. If another process joins under
// the same name, the group hears that one; this one goes on as a member without
// a name.
func (l *Kafka) Own(ctx context.Context, group string, run func(ctx context.Context, partition int32) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := l.appends.stopped(); err != nil {
		return err
	}
	balancer := &balancer{refused: make(map[int32]bool)}
	for instance := l.opts.Instance; ; instance = "" {
		err := l.member(ctx, group, instance, balancer, run)
		if !errors.Is(err, kerr.FencedInstanceID) {
			return err
		}
		l.opts.Logger.WarnContext(ctx, "another process shares partitions under the name of this one, which goes on without a name; two servers must not have one id",
			slog.String("group", group), slog.String("name", instance))
	}
}

// member is in the group until ctx or the log ends, a run fails, or another
// process has taken the name instance, if it is not empty.
func (l *Kafka) member(ctx context.Context, group, instance string, balancer *balancer, run func(context.Context, int32) error) error {
	owner := newOwner(ctx, l.opts.Partitions, run)
	opts := owning(l.opts.Topic, group, owner, balancer)
	if instance != "" {
		opts = append(opts, kgo.InstanceID(instance))
	}
	client, err := l.opts.connect(opts...)
	if err != nil {
		return err
	}
	client.PauseFetchTopics(l.opts.Topic)
	err = l.own(ctx, client, owner, balancer)
	owner.cancel()
	if !errors.Is(err, kerr.FencedInstanceID) { // the name is another's
		l.leave(client, group, instance)
	}
	client.Close()
	owner.running.Wait()
	if failed := owner.failed(); failed != nil {
		return failed
	}
	return err
}

// leave takes the partitions away, waits for their runs, and leaves the group.
// A member with a name would stay otherwise, because it may come back.
func (l *Kafka) leave(client *kgo.Client, group, instance string) {
	if instance == "" {
		return // closing the client does it
	}
	id, _ := client.GroupMetadata()
	client.LeaveGroup()
	if id == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), groupLeave)
	defer cancel()
	if err := removeMember(ctx, client, group, id, instance); err != nil {
		l.opts.Logger.InfoContext(ctx, "the group was not left and finds out by itself", slog.String("group", group), slog.Any("error", err))
	}
}

// Expel tells the group that the process which owned partitions under that name
// ([KafkaOptions.Instance]) is dead, so that others get its partitions at once.
// Nothing is lost if it lives after all: it joins again. A name that is not in
// the group is no error.
func (l *Kafka) Expel(ctx context.Context, group, instance string) error {
	if err := removeMember(ctx, l.client, group, "", instance); err != nil {
		return fmt.Errorf("eventlog: expel %s from group %s: %w", instance, group, err)
	}
	return nil
}

// removeMember takes a member out of a group: the one with this id, or whoever
// has the name.
func removeMember(ctx context.Context, client *kgo.Client, group, id, instance string) error {
	member := kmsg.NewLeaveGroupRequestMember()
	member.MemberID, member.InstanceID = id, &instance
	request := kmsg.NewPtrLeaveGroupRequest()
	request.Group, request.Members = group, append(request.Members, member)
	response, err := request.RequestWith(ctx, client)
	if err != nil {
		return err
	}
	err = kerr.ErrorForCode(response.ErrorCode)
	for _, m := range response.Members {
		err = errors.Join(err, kerr.ErrorForCode(m.ErrorCode))
	}
	if errors.Is(err, kerr.UnknownMemberID) || errors.Is(err, kerr.FencedInstanceID) {
		return nil // gone already, or another has the name now
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
	joined := owner.joined
	for {
		select {
		case <-joined:
			// A member that comes back under its name is given what the former
			// one had, and nobody is asked. This one may refuse less.
			client.ForceRebalance()
			joined = nil
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
				errors.Is(err, kerr.InvalidGroupID) || errors.Is(err, kerr.FencedInstanceID); final && ctx.Err() == nil {
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
			owner.once.Do(func() { close(owner.joined) })
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
	gaveUp     chan int32    // with room for every partition
	joined     chan struct{} // closed when the group has answered for the first time
	once       sync.Once     // closes joined
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
	o := &owner{partitions: partitions, run: run, gaveUp: make(chan int32, partitions), joined: make(chan struct{}), tenures: make(map[int32]*tenure)}
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
