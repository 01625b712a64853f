package eventlog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// complainEvery is how often the same trouble with reading is logged.
const complainEvery = 10 * time.Second

// pump is the goroutine that moves the tails. No follower holds it up: what
// they have not read in time they ask for themselves.
func (l *Kafka) pump() {
	var complained time.Time
	for l.ctx.Err() == nil {
		l.reader.PollFetches(l.ctx).EachPartition(func(p kgo.FetchTopicPartition) {
			if err := l.publish(p.Partition, p.Records); err != nil {
				l.fail(err)
				return
			}
			if p.Err == nil || l.ctx.Err() != nil {
				return
			}
			switch {
			case errors.Is(p.Err, kerr.OffsetOutOfRange):
				l.overtaken(p.Partition, p.Err)
			case lostRecords(p.Err):
				l.fail(lost(p.Partition, p.Err))
			case time.Since(complained) > complainEvery:
				complained = time.Now()
				l.complain(p.Partition, p.Err)
			}
		})
	}
}

// publish shows what was read to the followers.
func (l *Kafka) publish(partition int32, records []*kgo.Record) error {
	if len(records) == 0 || partition < 0 || partition >= l.opts.Partitions {
		return nil
	}
	t := l.tails[partition]
	_, end, _ := t.bounds()
	entries, err := l.entries(partition, end, records)
	if err != nil {
		return err
	}
	l.raiseKnown(partition, end+int64(len(entries)))
	t.publish(entries)
	return nil
}

// overtaken goes on with a partition whose next record is outside of the log.
// Somebody has trimmed what was not read yet: then it goes on behind that, and
// followers that are not there yet are told. Anything else means that records
// are lost.
//
// Others wait meanwhile, but it is rare and the leader has just answered. When
// it does not, nothing is done: the client gets the same error again.
func (l *Kafka) overtaken(partition int32, reason error) {
	ctx, cancel := context.WithTimeout(l.ctx, boundTimeout)
	defer cancel()
	begin, err := l.bound(ctx, partition, theBegin)
	if err != nil {
		return
	}
	t := l.tails[partition]
	_, end, _ := t.bounds()
	switch {
	case begin > end:
		end = begin
		l.raiseKnown(partition, end)
		t.skip(end)
		l.skipped[partition] = end
	case end != l.skipped[partition]:
		l.fail(lost(partition, reason))
		return
	default:
		// The error may be one from before we went on here. If it is not, the
		// log does not reach up to here any more, and bound says so.
		if _, err := l.bound(ctx, partition, theEnd); err != nil {
			return
		}
	}
	l.reader.SetOffsets(map[string]map[int32]kgo.EpochOffset{l.opts.Topic: {partition: {Epoch: -1, Offset: end}}})
}

// lost says that records were lost which had been there.
func lost(partition int32, reason error) error {
	return fmt.Errorf("%w: partition %d has lost records: %w", ErrTruncated, partition, reason)
}

// lostRecords says whether an error means that the cluster no longer has, or
// knows, what it has acknowledged.
func lostRecords(err error) bool {
	var loss *kgo.ErrDataLoss
	return errors.As(err, &loss) || errors.Is(err, kerr.OutOfOrderSequenceNumber) || errors.Is(err, kerr.UnknownProducerID)
}

// complain tells of trouble with reading, and ends the log when the record that
// comes next cannot be decoded: the client's error does not say which kind it
// is.
func (l *Kafka) complain(partition int32, err error) {
	l.opts.Logger.Warn("cannot read the log", slog.String("topic", l.opts.Topic), slog.Int("partition", int(partition)), slog.Any("error", err))
	if isBrokerError(err) {
		return
	}
	_, end, _ := l.tails[partition].bounds()
	if _, err := l.fetchOnce(l.ctx, partition, end); errors.Is(err, ErrCorrupt) {
		l.fail(err)
	}
}
