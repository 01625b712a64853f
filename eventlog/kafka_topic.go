package eventlog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const (
	// batchBytes is the largest batch of records that is sent at once.
	batchBytes = 1_000_012
	// defaultReplication is how many copies a record has where there are that
	// many brokers.
	defaultReplication = 3
	// adminTimeout is how long the cluster may take to make a topic.
	adminTimeout = 15 * time.Second
)

// topicFacts are what a cluster says of a topic.
type topicFacts struct {
	id         topicID
	brokers    int
	partitions []partitionFacts
}

type partitionFacts struct {
	leader      int32 // -1: none
	leaderEpoch int32
	replicas    int
}

// ready says whether every partition has a leader.
func (f *topicFacts) ready() bool {
	return !slices.ContainsFunc(f.partitions, func(p partitionFacts) bool { return p.leader < 0 })
}

// copies is how many copies a record has in the partition that has the fewest.
func (f *topicFacts) copies() int {
	if len(f.partitions) == 0 {
		return 0
	}
	return slices.MinFunc(f.partitions, func(a, b partitionFacts) int { return a.replicas - b.replicas }).replicas
}

// describe asks the cluster for the topic. It returns nil when the cluster
// knows none of that name.
func describe(ctx context.Context, client *kgo.Client, topic string) (*topicFacts, error) {
	req := kmsg.NewPtrMetadataRequest()
	wanted := kmsg.NewMetadataRequestTopic()
	wanted.Topic = kmsg.StringPtr(topic)
	req.Topics = append(req.Topics, wanted)
	resp, err := req.RequestWith(ctx, client)
	if err != nil {
		return nil, fmt.Errorf("ask for the topic: %w", err)
	}
	if len(resp.Topics) != 1 {
		return nil, fmt.Errorf("ask for the topic: got %d answers", len(resp.Topics))
	}
	got := resp.Topics[0]
	switch err := kerr.ErrorForCode(got.ErrorCode); {
	case errors.Is(err, kerr.UnknownTopicOrPartition):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("ask for the topic: %w", err)
	case got.TopicID == topicID{}:
		return nil, errors.New("the brokers give topics no ids: Kafka 3.1 or newer is needed")
	}
	facts := &topicFacts{id: got.TopicID, brokers: len(resp.Brokers), partitions: make([]partitionFacts, len(got.Partitions))}
	for i := range facts.partitions {
		facts.partitions[i].leader = -1
	}
	for _, p := range got.Partitions {
		if p.Partition < 0 || int(p.Partition) >= len(facts.partitions) {
			return nil, fmt.Errorf("ask for the topic: partition %d of %d", p.Partition, len(got.Partitions))
		}
		facts.partitions[p.Partition] = partitionFacts{p.Leader, p.LeaderEpoch, len(p.Replicas)}
	}
	return facts, nil
}

// readyTopic makes the topic if there is none, waits until all of it can be
// used, and refuses one that is unfit.
func readyTopic(ctx context.Context, client *kgo.Client, o *KafkaOptions) (topicID, error) {
	ctx, cancel := context.WithTimeout(ctx, adminTimeout)
	defer cancel()
	facts, err := describe(ctx, client, o.Topic)
	if err == nil && facts == nil {
		facts, err = makeTopic(ctx, client, o)
	}
	if err != nil {
		return topicID{}, err
	}
	if facts, err = untilReady(ctx, client, o.Topic, facts); err != nil {
		return topicID{}, err
	}
	settings, err := topicSettings(ctx, client, o.Topic)
	if err != nil {
		return topicID{}, err
	}
	if err := fit(facts, settings, o); err != nil {
		return topicID{}, err
	}
	if kept := settings["retention.ms"]; o.Retention == 0 && kept != "-1" {
		o.Logger.Warn("the brokers forget records by themselves, whether they are stored or not: set retention.ms=-1, Parley trims the topic itself",
			slog.String("topic", o.Topic), slog.String("retention.ms", kept))
	}
	return facts.id, nil
}

// untilReady asks until every partition has a leader: a topic that was just
// made takes a moment to be known to every broker.
func untilReady(ctx context.Context, client *kgo.Client, topic string, facts *topicFacts) (*topicFacts, error) {
	for facts == nil || !facts.ready() {
		select {
		case <-time.After(retryAtFirst):
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for a leader of every partition: %w", ctx.Err())
		}
		var err error
		if facts, err = describe(ctx, client, topic); err != nil {
			return nil, err
		}
	}
	return facts, nil
}

// makeTopic makes the topic with the settings it needs. It returns nil facts:
// what the cluster makes of it has to be asked for. Another process may make it
// at the same time.
func makeTopic(ctx context.Context, client *kgo.Client, o *KafkaOptions) (*topicFacts, error) {
	brokers, err := countBrokers(ctx, client)
	if err != nil {
		return nil, err
	}
	req := kmsg.NewPtrCreateTopicsRequest()
	req.TimeoutMillis = int32(adminTimeout.Milliseconds())
	topic := kmsg.NewCreateTopicsRequestTopic()
	topic.Topic = o.Topic
	topic.NumPartitions = o.Partitions
	topic.ReplicationFactor = o.replication(brokers)
	for name, value := range o.settings(topic.ReplicationFactor) {
		config := kmsg.NewCreateTopicsRequestTopicConfig()
		config.Name, config.Value = name, kmsg.StringPtr(value)
		topic.Configs = append(topic.Configs, config)
	}
	req.Topics = append(req.Topics, topic)
	resp, err := req.RequestWith(ctx, client)
	if err != nil {
		return nil, fmt.Errorf("make the topic: %w", err)
	}
	for _, made := range resp.Topics {
		if err := kerr.ErrorForCode(made.ErrorCode); err != nil && !errors.Is(err, kerr.TopicAlreadyExists) {
			message := ""
			if made.ErrorMessage != nil {
				message = ": " + *made.ErrorMessage
			}
			return nil, fmt.Errorf("make the topic with %d partitions and replication %d: %w%s", o.Partitions, topic.ReplicationFactor, err, message)
		}
	}
	return nil, nil
}

func countBrokers(ctx context.Context, client *kgo.Client) (int, error) {
	req := kmsg.NewPtrMetadataRequest()
	req.Topics = []kmsg.MetadataRequestTopic{}
	resp, err := req.RequestWith(ctx, client)
	if err != nil {
		return 0, fmt.Errorf("ask for the brokers: %w", err)
	}
	return len(resp.Brokers), nil
}

// replication is how many copies a record shall have.
func (o *KafkaOptions) replication(brokers int) int16 {
	if o.Replication > 0 {
		return o.Replication
	}
	return int16(min(max(brokers, 1), defaultReplication))
}

// minInSync is how many brokers must have a record before it is acknowledged:
// all copies but one, so that one broker may be away.
func minInSync(replication int16) int { return max(int(replication)-1, 1) }

// settings are those of a new topic.
func (o *KafkaOptions) settings(replication int16) map[string]string {
	settings := map[string]string{
		"cleanup.policy":                 "delete",
		"retention.ms":                   "-1",
		"retention.bytes":                "-1",
		"min.insync.replicas":            strconv.Itoa(minInSync(replication)),
		"unclean.leader.election.enable": "false",
		"message.timestamp.type":         "LogAppendTime",
		"max.message.bytes":              strconv.Itoa(1 << 20),
	}
	if o.Retention > 0 {
		settings["retention.ms"] = strconv.FormatInt(o.Retention.Milliseconds(), 10)
		// Only whole segments are forgotten.
		settings["segment.ms"] = strconv.FormatInt(max(o.Retention.Milliseconds()/6, 1), 10)
	}
	return settings
}

// topicSettings asks for the topic's settings.
func topicSettings(ctx context.Context, client *kgo.Client, topic string) (map[string]string, error) {
	req := kmsg.NewPtrDescribeConfigsRequest()
	resource := kmsg.NewDescribeConfigsRequestResource()
	resource.ResourceType, resource.ResourceName = kmsg.ConfigResourceTypeTopic, topic
	req.Resources = append(req.Resources, resource)
	resp, err := req.RequestWith(ctx, client)
	if err != nil {
		return nil, fmt.Errorf("ask for the topic's settings: %w", err)
	}
	settings := make(map[string]string)
	for _, got := range resp.Resources {
		if err := kerr.ErrorForCode(got.ErrorCode); err != nil {
			return nil, fmt.Errorf("ask for the topic's settings (this needs the right DescribeConfigs): %w", err)
		}
		for _, config := range got.Configs {
			if config.Value != nil {
				settings[config.Name] = *config.Value
			}
		}
	}
	return settings, nil
}

// fit says what has to be changed about a topic before it can be used, all at
// once, as an [ErrUnfit].
func fit(facts *topicFacts, settings map[string]string, o *KafkaOptions) error {
	var wrong []string
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }

	if got := int32(len(facts.partitions)); got != o.Partitions {
		say("it has %d partitions and %d are configured: say --kafka-partitions %d", got, o.Partitions, got)
	}
	copies := facts.copies()
	wanted := o.replication(facts.brokers)
	if copies < int(wanted) {
		say("a partition has %d copies of a record and %d are wanted: raise it with kafka-reassign-partitions", copies, wanted)
	}
	if policy := settings["cleanup.policy"]; policy != "delete" {
		say("cleanup.policy is %q, which throws away records that are needed: set cleanup.policy=delete; if it was compacted once, make a new topic", policy)
	}
	if got, want := number(settings["min.insync.replicas"]), minInSync(wanted); got < want {
		say("min.insync.replicas is %d, so a record is acknowledged that a single broker can lose: set min.insync.replicas=%d", got, want)
	} else if copies > 1 && got >= copies {
		say("min.insync.replicas is %d of %d copies, so nothing is taken while one broker is away: set min.insync.replicas=%d", got, copies, copies-1)
	}
	if settings["unclean.leader.election.enable"] == "true" {
		say("unclean.leader.election.enable is true, so acknowledged records can be lost: set it to false")
	}
	if got := settings["message.timestamp.type"]; got != "LogAppendTime" {
		say("message.timestamp.type is %q, so the clock of a node decides what is old: set message.timestamp.type=LogAppendTime", got)
	}
	if got := number(settings["max.message.bytes"]); got < batchBytes {
		say("max.message.bytes is %d: set max.message.bytes=%d", got, 1<<20)
	}
	if len(wrong) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %s", ErrUnfit, strings.Join(wrong, "; "))
}

// number is the number that a setting holds, or 0.
func number(setting string) int {
	n, err := strconv.Atoi(setting)
	if err != nil {
		return 0
	}
	return n
}
