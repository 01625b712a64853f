package eventlog

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Names and bounds of a log on Kafka, where [KafkaOptions] says nothing else.
const (
	// KafkaTopic holds the records.
	KafkaTopic = "chat-messages"
	// KafkaPartitions is how many partitions a new topic gets.
	KafkaPartitions = 32

	defaultKafkaQueueBytes = 32 << 20
	defaultKafkaTailBytes  = 64 << 20
	// minTailBytes is what a partition keeps in memory at least, however many
	// there are.
	minTailBytes = 1 << 20
	// defaultCloseWait leaves room in the 20 s in which a node has to be gone.
	defaultCloseWait = 15 * time.Second
)

// KafkaOptions tell where the log lies and what it may use. Only Brokers is
// required; other zero values take the defaults.
type KafkaOptions struct {
	// Brokers are addresses, host:port, through which the cluster is found.
	Brokers []string
	// ClientID is what the brokers' logs and quotas call this process. Default
	// "parley".
	ClientID string
	// Instance is a name that no other process has and that this one keeps when
	// it starts again, for [Kafka.Own]: up to 249 of A-Z a-z 0-9 . _ -. Empty:
	// a process that starts again is another one.
	Instance string
	// TLS encrypts the connections. nil: they are not.
	TLS *tls.Config
	// SASL says who we are. nil: nobody.
	SASL *KafkaSASL

	// Topic holds the records. It is made when there is none. Default
	// [KafkaTopic].
	Topic string
	// Partitions is what a new topic gets and an existing one must have.
	// Default [KafkaPartitions].
	Partitions int32
	// Replication is what a new topic gets and an existing one must have at
	// least. Default: 3, or as many as there are brokers.
	Replication int16
	// Retention is how long the brokers keep a record. Default: for ever, and
	// [Kafka.Trim] alone forgets, so that nothing goes that is still needed.
	Retention time.Duration

	// Ours says of a record whether it may have been appended here. When the
	// topic is not empty it is asked about the latest record, and a topic that
	// holds something else is refused with [ErrForeign]. nil: not asked.
	Ours func(Entry) bool

	// QueueBytes bounds what was handed over and is not answered; above it an
	// append is answered [ErrBusy]. Default 32 MiB.
	QueueBytes int
	// TailBytes bounds what is kept in memory for followers, all partitions
	// together; one that lags further behind asks the brokers. A partition
	// keeps 1 MiB at least. Default 64 MiB.
	TailBytes int
	// CloseWait is how long Close waits for answers before it calls the
	// outcome unknown. Default 15 s.
	CloseWait time.Duration

	Logger *slog.Logger // nil: slog.Default

	voice *clientVoice // of the clients
}

func (o *KafkaOptions) setDefaults() {
	if o.ClientID == "" {
		o.ClientID = "parley"
	}
	if o.Topic == "" {
		o.Topic = KafkaTopic
	}
	if o.Partitions <= 0 {
		o.Partitions = KafkaPartitions
	}
	if o.QueueBytes <= 0 {
		o.QueueBytes = defaultKafkaQueueBytes
	}
	if o.TailBytes <= 0 {
		o.TailBytes = defaultKafkaTailBytes
	}
	if o.CloseWait <= 0 {
		o.CloseWait = defaultCloseWait
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	o.voice = newClientVoice(o.Logger, o.Topic)
}

// Kafka is the log on Apache Kafka: one topic, for any number of processes.
// What it answered is durable as long as fewer brokers are lost than hold a
// copy of it at the time of the answer, see min.insync.replicas.
//
// A record that was handed over is never cancelled and never given up while the
// log is open: brokers that are away for an hour are an answer that takes an
// hour. [ErrNotAppended] is said only of records that were not handed to Kafka;
// what goes wrong later is [ErrUnknown], whatever the brokers said, because an
// earlier attempt may have been heard.
//
// One connection to each broker reads all partitions from the moment of
// opening, for all followers of the process; who needs something older asks for
// it. Offsets of consumer groups play no part, and nothing is ever reset: a log
// that is not what it was ends with [Kafka.Fatal].
type Kafka struct {
	opts  KafkaOptions
	topic topicID
	epoch string

	client *kgo.Client // writes, and asks
	reader *kgo.Client // reads the tails

	appends  *appends
	acked    []int64 // by partition: above the latest answer; belongs to the goroutine of promises
	refusals *refusals
	tails    []*tail                          // by partition; the pump moves them, followers read them
	skipped  []int64                          // by partition: where reading went on after a trim had overtaken it; belongs to the pump
	known    []atomic.Int64                   // by partition: End cannot be below
	bounds   boundsQuestions                  // Begin and End
	leaders  atomic.Pointer[[]partitionFacts] // by partition, as last heard

	ctx     context.Context // ends the goroutines
	cancel  context.CancelFunc
	running sync.WaitGroup // the goroutines

	failing sync.Once
	fatal   chan error // holds why the log cannot go on
	closing sync.Once
}

var _ Log = (*Kafka)(nil)

// topicID is how a cluster tells a topic from another of the same name.
type topicID [16]byte

// String is the id as Kafka's own tools print it.
func (id topicID) String() string { return base64.RawURLEncoding.EncodeToString(id[:]) }

// OpenKafka opens the log on a Kafka cluster, and makes the topic when there is
// none. It does not wait long for brokers that are away: that is [ErrAway], and
// may be tried again. A topic that could not keep what [Log] promises is refused with [ErrUnfit], one that
// holds something else with [ErrForeign]; both errors say what to do.
func OpenKafka(ctx context.Context, options KafkaOptions) (*Kafka, error) {
	options.setDefaults()
	l, err := openKafka(ctx, options)
	if err != nil && ctx.Err() == nil && isAway(err) {
		err = fmt.Errorf("%w: %w", ErrAway, err)
	}
	if err != nil {
		return nil, fmt.Errorf("eventlog: open Kafka topic %s: %w", options.Topic, err)
	}
	l.opts.voice.open()
	return l, nil
}

func openKafka(ctx context.Context, options KafkaOptions) (_ *Kafka, err error) {
	client, err := options.connect(producing(&options)...)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			client.Close()
		}
	}()
	id, err := readyTopic(ctx, client, &options)
	if err != nil {
		return nil, err
	}
	l := &Kafka{
		opts:     options,
		topic:    id,
		epoch:    id.String(),
		client:   client,
		appends:  newAppends(options.QueueBytes),
		acked:    make([]int64, options.Partitions),
		refusals: newRefusals(),
		tails:    newTails(&options),
		skipped:  make([]int64, options.Partitions),
		known:    make([]atomic.Int64, options.Partitions),
		fatal:    make(chan error, 1),
	}
	l.ctx, l.cancel = context.WithCancel(context.Background())
	if err := l.begin(ctx); err != nil {
		l.cancel()
		l.running.Wait()
		return nil, err
	}
	return l, nil
}

func newTails(o *KafkaOptions) []*tail {
	tails := make([]*tail, o.Partitions)
	for i := range tails {
		tails[i] = newTail(0, 0, max(o.TailBytes/len(tails), minTailBytes))
	}
	return tails
}

// begin finds where the partitions end and starts to read from there.
func (l *Kafka) begin(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, adminTimeout)
	defer cancel()
	// A topic that was just made takes a moment to be known to every broker.
	facts, err := l.learnLeaders(ctx)
	for err == nil && facts == nil {
		select {
		case <-time.After(retryAtFirst):
			facts, err = l.learnLeaders(ctx)
		case <-ctx.Done():
			err = fmt.Errorf("the topic is not known any more: %w", ctx.Err())
		}
	}
	if err != nil {
		return err
	}
	if facts.id != l.topic {
		return fmt.Errorf("%w: the topic was replaced while it was opened", ErrEpochChanged)
	}
	ends, err := l.ends(ctx)
	if err != nil {
		return err
	}
	if err := l.checkOurs(ctx, ends); err != nil {
		return err
	}
	starts := make(map[int32]kgo.Offset, len(ends))
	for part, end := range ends {
		l.skipped[part] = -1
		l.tails[part].begin, l.tails[part].end = end, end
		l.acked[part] = end
		l.raiseKnown(int32(part), end)
		starts[int32(part)] = kgo.NewOffset().At(end)
	}
	l.reader, err = l.opts.connect(reading(l.opts.Topic, starts)...)
	if err != nil {
		return err
	}
	l.running.Go(l.pump)
	l.running.Go(l.watch)
	return nil
}

// ends asks for the end of every partition.
func (l *Kafka) ends(ctx context.Context) ([]int64, error) {
	ends := make([]int64, l.opts.Partitions)
	errs := make([]error, len(ends))
	var asking sync.WaitGroup
	for part := range ends {
		asking.Go(func() { ends[part], errs[part] = l.bound(ctx, int32(part), theEnd) })
	}
	asking.Wait()
	return ends, errors.Join(errs...)
}

// checkOurs asks about the latest record of the first partition that has one.
func (l *Kafka) checkOurs(ctx context.Context, ends []int64) error {
	if l.opts.Ours == nil {
		return nil
	}
	for part, end := range ends {
		begin, err := l.bound(ctx, int32(part), theBegin)
		if err != nil {
			return err
		}
		if begin == end {
			continue
		}
		entries, err := l.fetch(ctx, int32(part), end-1)
		if err != nil {
			return err
		}
		if !l.opts.Ours(entries[0]) {
			return fmt.Errorf("%w: partition %d holds records that Parley has not written. Let it have a topic of its own, which it makes itself", ErrForeign, part)
		}
		return nil
	}
	return nil
}

// Epoch is the topic's id, as Kafka's own tools print it.
func (l *Kafka) Epoch() string { return l.epoch }

// Partitions is [KafkaOptions.Partitions], also after somebody has added
// partitions to the topic.
func (l *Kafka) Partitions() int32 { return l.opts.Partitions }

// part checks a partition's number.
func (l *Kafka) part(partition int32) error {
	if partition < 0 || partition >= l.opts.Partitions {
		return noPartition(partition)
	}
	return nil
}

// raiseKnown notes that a partition reaches up to end at least.
func (l *Kafka) raiseKnown(partition int32, end int64) {
	for known := &l.known[partition]; ; {
		was := known.Load()
		if end <= was || known.CompareAndSwap(was, end) {
			return
		}
	}
}

// Fatal delivers, once, an [ErrFailed] that says why the log cannot go on: the
// topic was made anew or deleted, or lost records. By then everything handed
// over is answered, later appends are refused, and followers end with the same
// error after what they can have. The log still has to be closed.
func (l *Kafka) Fatal() <-chan error { return l.fatal }

// fail ends the log for the reason given, unless it has ended before. It does
// not wait.
func (l *Kafka) fail(reason error) {
	l.failing.Do(func() {
		failure := fmt.Errorf("eventlog: Kafka topic %s: %w: %w", l.opts.Topic, ErrFailed, reason)
		if !l.appends.close(failure) {
			return // Close has begun
		}
		l.stopTails(failure)
		l.running.Go(func() {
			// What is under way could be answered by a log that is not ours.
			l.client.Close()
			l.appends.wait(context.Background())
			l.fatal <- failure
		})
	})
}

func (l *Kafka) stopTails(reason error) {
	for _, t := range l.tails {
		t.stop(reason)
	}
}

// Close waits [KafkaOptions.CloseWait] for the answers that are missing; what
// is not answered by then is answered [ErrUnknown]. It ends the followers and
// the calls of Own, and lets go of the brokers.
func (l *Kafka) Close() error {
	l.closing.Do(func() {
		l.failing.Do(func() {}) // from here on it cannot fail
		l.appends.close(ErrClosed)
		ctx, cancel := context.WithTimeout(context.Background(), l.opts.CloseWait)
		l.appends.wait(ctx)
		cancel()
		l.stopTails(ErrClosed)
		l.cancel()
		l.reader.Close()
		l.client.Close()
		l.appends.wait(context.Background())
		l.running.Wait()
		l.bounds.asked.Wait()
		l.refusals.wait()
		l.opts.voice.close()
	})
	return nil
}
