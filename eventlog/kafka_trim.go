package eventlog

import (
	"context"
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Trim moves the partition's first offset. The brokers give the space back with
// whole segments.
func (l *Kafka) Trim(ctx context.Context, partition int32, before int64) error {
	if err := l.part(partition); err != nil {
		return err
	}
	if err := l.appends.stopped(); err != nil {
		return err
	}
	if before <= 0 {
		return nil // to Kafka, -1 is the end
	}
	err := l.deleteRecords(ctx, partition, before)
	if errors.Is(err, kerr.OffsetOutOfRange) {
		begin, beginErr := l.Begin(ctx, partition)
		switch {
		case beginErr != nil:
			err = beginErr
		case before <= begin: // gone already, which not every broker likes
			return nil
		default:
			err = fmt.Errorf("%w: trim before %d, which is above the end", ErrTruncated, before)
		}
	}
	if err != nil {
		return fmt.Errorf("eventlog: trim Kafka topic %s, partition %d: %w", l.opts.Topic, partition, err)
	}
	return nil
}

func (l *Kafka) deleteRecords(ctx context.Context, partition int32, before int64) error {
	req := kmsg.NewPtrDeleteRecordsRequest()
	req.TimeoutMillis = int32(requestTimeout.Milliseconds())
	topic := kmsg.NewDeleteRecordsRequestTopic()
	topic.Topic = l.opts.Topic
	part := kmsg.NewDeleteRecordsRequestTopicPartition()
	part.Partition, part.Offset = partition, before
	topic.Partitions = append(topic.Partitions, part)
	req.Topics = append(req.Topics, topic)
	resp, err := req.RequestWith(ctx, l.client)
	if err != nil {
		return err
	}
	for _, topic := range resp.Topics {
		for _, part := range topic.Partitions {
			if err := kerr.ErrorForCode(part.ErrorCode); err != nil {
				return err
			}
		}
	}
	return nil
}
