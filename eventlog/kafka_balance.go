package eventlog

import (
	"encoding/binary"
	"maps"
	"slices"
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// balancer shares partitions among the members of a group. None of Kafka's own
// can be used, because a member may give a partition up and stay: every member
// says which ones it refuses, and they go to somebody else.
//
// It is cooperative: a partition that is to move is taken from its owner first,
// which waits for its run, and given away in the next round. Everything else
// stays where it is.
//
// A member's metadata is that of Kafka's consumers, version 2. Its user data is
// one byte, the version 1, and the refused partitions in rising order, four
// bytes each, big-endian.
type balancer struct {
	mu      sync.Mutex
	refused map[int32]bool
}

const (
	balancerName    = "parley-1"
	balancerVersion = 1
)

func (b *balancer) refuse(partition int32) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refused[partition] = true
}

// ProtocolName implements [kgo.GroupBalancer], like the other methods.
func (b *balancer) ProtocolName() string { return balancerName }

func (b *balancer) IsCooperative() bool { return true }

func (b *balancer) JoinGroupMetadata(topics []string, current map[string][]int32, generation int32) []byte {
	b.mu.Lock()
	refused := slices.Sorted(maps.Keys(b.refused))
	b.mu.Unlock()
	meta := kmsg.NewConsumerMemberMetadata()
	meta.Version = 2
	meta.Generation = generation
	meta.Topics = topics
	for _, topic := range slices.Sorted(maps.Keys(current)) {
		owned := kmsg.NewConsumerMemberMetadataOwnedPartition()
		owned.Topic, owned.Partitions = topic, current[topic]
		meta.OwnedPartitions = append(meta.OwnedPartitions, owned)
	}
	meta.UserData = []byte{balancerVersion}
	for _, part := range refused {
		meta.UserData = binary.BigEndian.AppendUint32(meta.UserData, uint32(part))
	}
	return meta.AppendTo(nil)
}

func (b *balancer) ParseSyncAssignment(assignment []byte) (map[string][]int32, error) {
	return kgo.ParseConsumerSyncAssignment(assignment)
}

func (b *balancer) MemberBalancer(members []kmsg.JoinGroupResponseMember) (kgo.GroupMemberBalancer, map[string]struct{}, error) {
	parsed, err := kgo.NewConsumerBalancer(b, members)
	return parsed, parsed.MemberTopics(), err
}

// Balance implements [kgo.ConsumerBalancerBalance].
func (b *balancer) Balance(parsed *kgo.ConsumerBalancer, topics map[string]int32) kgo.IntoSyncAssignment {
	plan := parsed.NewPlan()
	for _, topic := range slices.Sorted(maps.Keys(topics)) {
		var members []*groupMember
		parsed.EachMember(func(m *kmsg.JoinGroupResponseMember, meta *kmsg.ConsumerMemberMetadata) {
			if slices.Contains(meta.Topics, topic) {
				members = append(members, newGroupMember(m, meta, topic))
			}
		})
		for part, member := range share(members, topics[topic]) {
			plan.AddPartition(member.joined, topic, part)
		}
	}
	plan.AdjustCooperative(parsed)
	return plan
}

// groupMember is what has to be known of a member to share one topic.
type groupMember struct {
	joined     *kmsg.JoinGroupResponseMember
	generation int32
	owns       []int32
	refuses    map[int32]bool
	load       int // partitions that fall to it, while sharing
}

func newGroupMember(m *kmsg.JoinGroupResponseMember, meta *kmsg.ConsumerMemberMetadata, topic string) *groupMember {
	member := &groupMember{joined: m, generation: meta.Generation, refuses: refusedOf(meta.UserData)}
	for _, owned := range meta.OwnedPartitions {
		if owned.Topic == topic {
			member.owns = append(member.owns, owned.Partitions...)
		}
	}
	return member
}

// refusedOf decodes user data. What it does not know refuses nothing.
func refusedOf(data []byte) map[int32]bool {
	refused := make(map[int32]bool)
	if len(data) == 0 || data[0] != balancerVersion {
		return refused
	}
	for data = data[1:]; len(data) >= 4; data = data[4:] {
		refused[int32(binary.BigEndian.Uint32(data))] = true
	}
	return refused
}

// share gives every partition to a member that does not refuse it, as evenly as
// that allows, and moves as few as it can. A partition that all refuse is left
// out.
func share(members []*groupMember, partitions int32) map[int32]*groupMember {
	shared := make(map[int32]*groupMember)
	for part := range partitions {
		if owner := ownerOf(members, part); owner != nil {
			shared[part] = owner
			owner.load++
		}
	}
	for part := range partitions {
		if shared[part] == nil {
			if taker := leastLoaded(members, part); taker != nil {
				shared[part] = taker
				taker.load++
			}
		}
	}
	for moved := true; moved; {
		moved = false
		for part := range partitions {
			from := shared[part]
			to := leastLoaded(members, part)
			if from != nil && to.load+1 < from.load {
				shared[part] = to
				from.load--
				to.load++
				moved = true
			}
		}
	}
	return shared
}

// ownerOf is the member that owns the partition and may keep it: of several
// that believe so the one that heard it last.
func ownerOf(members []*groupMember, part int32) *groupMember {
	var owner *groupMember
	for _, m := range members {
		if slices.Contains(m.owns, part) && !m.refuses[part] && (owner == nil || m.generation > owner.generation) {
			owner = m
		}
	}
	return owner
}

// leastLoaded is the member with the fewest partitions that does not refuse
// this one, nil when all do.
func leastLoaded(members []*groupMember, part int32) *groupMember {
	var least *groupMember
	for _, m := range members {
		if !m.refuses[part] && (least == nil || m.load < least.load) {
			least = m
		}
	}
	return least
}
