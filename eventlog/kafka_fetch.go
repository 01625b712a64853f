package eventlog

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// fetchBytes is what is asked for of one partition at once. A broker sends one
// batch of records at least, however large.
const fetchBytes = 1 << 20

// fetchWait is how long a broker may wait for a record that should be there.
const fetchWait = 100 * time.Millisecond

var decompressor = kgo.DefaultDecompressor()

// fetch asks the partition's leader for the records from the offset from on,
// which are known to be there, until it gets some. It goes on while brokers are
// away or change places, until ctx ends.
func (l *Kafka) fetch(ctx context.Context, partition int32, from int64) ([]Entry, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(l.ctx, cancel)()
	for failures := 1; ; failures++ {
		entries, err := l.fetchOnce(ctx, partition, from)
		switch {
		case len(entries) > 0:
			return entries, nil
		case errors.Is(err, kerr.OffsetOutOfRange):
			return nil, fmt.Errorf("%w: offset %d of partition %d is no longer kept", ErrTruncated, from, partition)
		case errors.Is(err, ErrCorrupt):
			return nil, err
		}
		select {
		case <-time.After(retryAfter(failures)):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if err != nil {
			l.learnLeaders(ctx)
		}
	}
}

// fetchOnce asks once. It returns neither entries nor an error when the leader
// does not show the record yet.
func (l *Kafka) fetchOnce(ctx context.Context, partition int32, from int64) ([]Entry, error) {
	leader := (*l.leaders.Load())[partition]
	req := kmsg.NewPtrFetchRequest()
	req.MaxWaitMillis = int32(fetchWait.Milliseconds())
	req.MinBytes = 1
	req.MaxBytes = fetchBytes
	topic := kmsg.NewFetchRequestTopic()
	topic.Topic, topic.TopicID = l.opts.Topic, l.topic
	part := kmsg.NewFetchRequestTopicPartition()
	part.Partition, part.FetchOffset, part.PartitionMaxBytes = partition, from, fetchBytes
	part.CurrentLeaderEpoch = leader.leaderEpoch
	topic.Partitions = append(topic.Partitions, part)
	req.Topics = append(req.Topics, topic)

	resp, err := l.client.Broker(int(leader.leader)).Request(ctx, req)
	if err != nil {
		return nil, err
	}
	got := resp.(*kmsg.FetchResponse)
	if err := kerr.ErrorForCode(got.ErrorCode); err != nil {
		return nil, err
	}
	for i := range got.Topics {
		for j := range got.Topics[i].Partitions {
			if p := &got.Topics[i].Partitions[j]; p.Partition == partition {
				return l.fetched(p, from)
			}
		}
	}
	return nil, fmt.Errorf("the answer leaves partition %d out", partition)
}

// fetched decodes what a broker has sent.
func (l *Kafka) fetched(p *kmsg.FetchResponseTopicPartition, from int64) ([]Entry, error) {
	decoded, _ := kgo.ProcessFetchPartition(kgo.ProcessFetchPartitionOpts{
		KeepControlRecords: true,
		Offset:             from,
		Topic:              l.opts.Topic,
		Partition:          p.Partition,
	}, p, decompressor, nil)
	if len(decoded.Records) == 0 {
		if err := decoded.Err; err != nil && !isBrokerError(err) {
			return nil, fmt.Errorf("%w: partition %d at offset %d: %w", ErrCorrupt, p.Partition, from, err)
		}
		return nil, decoded.Err
	}
	return l.entries(p.Partition, from, decoded.Records)
}

// brokerError is what a broker has said itself, nil when it is something else.
func brokerError(err error) *kerr.Error {
	var said *kerr.Error
	errors.As(err, &said)
	return said
}

func isBrokerError(err error) bool { return brokerError(err) != nil }

// entries makes entries of records, which have to be the ones from the offset
// from on, without a hole.
//
// The records are parts of what came over the network, which may be megabytes of
// other partitions. The entries get memory of their own, the same for all of
// them: followers keep and forget them together.
func (l *Kafka) entries(partition int32, from int64, records []*kgo.Record) ([]Entry, error) {
	entries := make([]Entry, len(records))
	own := newCopier(records)
	for i, r := range records {
		if r.Offset != from+int64(i) {
			return nil, fmt.Errorf("%w: partition %d has offset %d where %d should be", ErrCorrupt, partition, r.Offset, from+int64(i))
		}
		entries[i] = Entry{
			Position: Position{l.epoch, partition, r.Offset},
			Time:     r.Timestamp.UTC(),
		}
		// The end of somebody's transaction takes an offset and says nothing.
		if !r.Attrs.IsControl() {
			entries[i].Record = own.record(r)
		}
	}
	return entries, nil
}

// copier copies records into memory that it has once for all of them.
type copier struct {
	bytes   []byte
	headers []Header
	last    []Header // of the record before
}

func newCopier(records []*kgo.Record) copier {
	bytes, headers := 0, 0
	for _, r := range records {
		bytes += len(r.Key) + len(r.Value)
		headers += len(r.Headers)
		for i := range r.Headers {
			bytes += len(r.Headers[i].Value)
		}
	}
	return copier{bytes: make([]byte, 0, bytes), headers: make([]Header, 0, headers)}
}

func (c *copier) record(r *kgo.Record) Record {
	rec := Record{Key: c.copy(r.Key), Value: c.copy(r.Value)}
	if len(r.Headers) == 0 {
		return rec
	}
	start := len(c.headers)
	for i := range r.Headers {
		c.headers = append(c.headers, Header{Key: c.name(i, r.Headers[i].Key), Value: c.copy(r.Headers[i].Value)})
	}
	rec.Headers = c.headers[start:len(c.headers):len(c.headers)]
	c.last = rec.Headers
	return rec
}

func (c *copier) copy(b []byte) []byte {
	start := len(c.bytes)
	c.bytes = append(c.bytes, b...)
	return c.bytes[start:len(c.bytes):len(c.bytes)]
}

// name is the name of a record's header i. The client makes a string of each;
// that of the record before, nearly always the same, takes its place.
func (c *copier) name(i int, name string) string {
	if i < len(c.last) && c.last[i].Key == name {
		return c.last[i].Key
	}
	return name
}
