package main

import (
	"context"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/history"
)

// recorders knows which member of the recorders' group has which partition.
type recorders struct {
	client *kadm.Client
	of     map[int32]string // by partition: the member
}

func (r *recorders) open(options []kgo.Opt) error {
	client, err := kgo.NewClient(options...)
	if err != nil {
		return err
	}
	r.client, r.of = kadm.NewClient(client), make(map[int32]string)
	return nil
}

func (r *recorders) close() {
	if r.client != nil {
		r.client.Close()
	}
}

// handedOver counts the partitions that fell to another member since it was
// asked last. While the group is settling it does not say.
func (r *recorders) handedOver(ctx context.Context) (partitions int) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	groups, err := r.client.DescribeGroups(ctx, history.RecorderGroup)
	if err != nil {
		return 0
	}
	for _, member := range groups[history.RecorderGroup].Members {
		assigned, ok := member.Assigned.AsConsumer()
		if !ok {
			continue
		}
		name := member.MemberID
		if member.InstanceID != nil {
			name = *member.InstanceID
		}
		for _, topic := range assigned.Topics {
			if topic.Topic != eventlog.KafkaTopic {
				continue
			}
			for _, partition := range topic.Partitions {
				if before := r.of[partition]; before != "" && before != name {
					partitions++
				}
				r.of[partition] = name
			}
		}
	}
	return partitions
}
