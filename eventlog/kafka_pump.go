package eventlog

import (
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
			if reason := lostPlace(p.Partition, p.Err); reason != nil {
				l.fail(reason)
			} else if time.Since(complained) > complainEvery {
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
	_, end, stopped := t.bounds()
	if stopped != nil {
		return nil
	}
	entries, err := l.entries(partition, end, records)
	if err != nil {
		return err
	}
	l.raiseKnown(partition, end+int64(len(entries)))
	t.publish(entries)
	return nil
}

// lostPlace says why reading cannot go on where it stood, or nil when it goes
// on by itself.
func lostPlace(partition int32, err error) error {
	var lost *kgo.ErrDataLoss
	switch {
	case errors.As(err, &lost):
		return fmt.Errorf("%w: partition %d has lost records: %w", ErrTruncated, partition, err)
	case errors.Is(err, kerr.OffsetOutOfRange):
		return fmt.Errorf("%w: partition %d no longer holds the offset that comes next: %w", ErrTruncated, partition, err)
	}
	return nil
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
