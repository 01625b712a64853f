package eventlog_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/eventlog/eventlogtest"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// fakeCluster starts a cluster of three brokers within the process. It knows
// the protocol and keeps records in memory; it has no copies to lose.
func fakeCluster(t *testing.T, opts ...kfake.Opt) *kfake.Cluster {
	t.Helper()
	cluster, err := kfake.NewCluster(append([]kfake.Opt{kfake.NumBrokers(3)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	return cluster
}

var topics atomic.Int64

// newTopic is a name that no other test has.
func newTopic() string { return fmt.Sprintf("topic-%d", topics.Add(1)) }

func TestKafkaFake(t *testing.T) {
	cluster := fakeCluster(t)
	for name, options := range map[string]eventlog.KafkaOptions{
		"OnePartition":    {Partitions: 1},
		"ThreePartitions": {Partitions: 3},
	} {
		t.Run(name, func(t *testing.T) {
			eventlogtest.Run(t, func(t *testing.T) eventlogtest.Reopen {
				options := options
				options.Brokers = cluster.ListenAddrs()
				options.Topic = newTopic()
				return func() (eventlog.Log, error) { return eventlog.OpenKafka(t.Context(), options) }
			})
		})
	}
}

// openFake opens a log on the cluster; change changes the options.
func openFake(t *testing.T, cluster *kfake.Cluster, topic string, change func(*eventlog.KafkaOptions)) *eventlog.Kafka {
	t.Helper()
	log, err := eventlog.OpenKafka(t.Context(), fakeOptions(cluster, topic, change))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { log.Close() })
	return log
}

func fakeOptions(cluster *kfake.Cluster, topic string, change func(*eventlog.KafkaOptions)) eventlog.KafkaOptions {
	options := eventlog.KafkaOptions{Brokers: cluster.ListenAddrs(), Topic: topic, Partitions: 1, Logger: quiet}
	if change != nil {
		change(&options)
	}
	return options
}

var quiet = slog.New(slog.DiscardHandler)

// within ends a test that has failed already; nothing is measured with it.
func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

var errSeen = errors.New("seen enough")

// valuesOf follows partition 0 and returns the first n values.
func valuesOf(t *testing.T, log eventlog.Log, n int) []string {
	t.Helper()
	var values []string
	err := log.Follow(within(t), 0, 0, func(entries []eventlog.Entry) error {
		for _, e := range entries {
			values = append(values, string(e.Value))
		}
		if len(values) >= n {
			return errSeen
		}
		return nil
	})
	if !errors.Is(err, errSeen) {
		t.Fatalf("Follow: got %v after %d entries, want %d", err, len(values), n)
	}
	return values
}

// outcome is what Append said of one record.
type outcome struct {
	value string
	pos   eventlog.Position
	err   error
}

// appendAll hands n records over at once and returns what was said of each.
func appendAll(t *testing.T, log eventlog.Log, n int) []outcome {
	t.Helper()
	outcomes := make(chan outcome, n)
	for i := range n {
		value := strconv.Itoa(i)
		log.Append(0, eventlog.Record{Value: []byte(value)}, func(pos eventlog.Position, err error) {
			outcomes <- outcome{value, pos, err}
		})
	}
	ctx := within(t)
	var all []outcome
	for range n {
		select {
		case o := <-outcomes:
			all = append(all, o)
		case <-ctx.Done():
			t.Fatalf("appends: got %d answers, want %d", len(all), n)
		}
	}
	return all
}

// wantInOrder checks that all records are acknowledged, in the order in which
// they were handed over, and lie in the log once.
func wantInOrder(t *testing.T, log eventlog.Log, outcomes []outcome) {
	t.Helper()
	var want []string
	for i, o := range outcomes {
		if o.err != nil || o.pos.Offset != int64(i) || o.value != strconv.Itoa(i) {
			t.Fatalf("answer %d: got record %s at %d and %v", i, o.value, o.pos.Offset, o.err)
		}
		want = append(want, o.value)
	}
	if diff := cmp.Diff(want, valuesOf(t, log, len(outcomes))); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	if end, err := log.End(within(t), 0); err != nil || end != int64(len(outcomes)) {
		t.Errorf("End: got %d and %v, want %d", end, err, len(outcomes))
	}
}

// TestKafkaAppliedAndNotTold lets brokers take records and say that they could
// not: the client asks again, and they are there once.
func TestKafkaAppliedAndNotTold(t *testing.T) {
	for _, refusal := range []*kerr.Error{kerr.NotEnoughReplicasAfterAppend, kerr.RequestTimedOut} {
		t.Run(refusal.Message, func(t *testing.T) {
			cluster := fakeCluster(t)
			topic := newTopic()
			log := openFake(t, cluster, topic, nil)
			fault := cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: topic, Err: refusal, Count: 3})
			wantInOrder(t, log, appendAll(t, log, 500))
			if fault.Hits() != 3 {
				t.Errorf("refusals: got %d, want 3", fault.Hits())
			}
		})
	}
}

// TestKafkaConnectionsCut cuts answers in their middle.
func TestKafkaConnectionsCut(t *testing.T) {
	var scissors scissors
	cluster := fakeCluster(t, kfake.ListenFn(scissors.listen))
	topic := newTopic()
	log := openFake(t, cluster, topic, nil)
	produced := cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: topic, Observe: true, Count: -1})
	cluster.ControlKey(int16(kmsg.Produce), func(kmsg.Request) (kmsg.Response, error, bool) {
		// The next answers of any kind, this request's among them.
		if produced.Hits()%2 == 0 && scissors.cuts.Load() < 60 {
			scissors.armed.Store(3)
		}
		return nil, nil, false
	})
	var all []outcome
	for round := range 20 {
		for _, o := range appendAll(t, log, 5) {
			n, _ := strconv.Atoi(o.value)
			o.value = strconv.Itoa(round*5 + n)
			all = append(all, o)
		}
	}
	scissors.armed.Store(0)
	for i, o := range all {
		if o.err != nil || o.pos.Offset != int64(i) || o.value != strconv.Itoa(i) {
			t.Fatalf("answer %d: got record %s at %d and %v", i, o.value, o.pos.Offset, o.err)
		}
	}
	if end, err := log.End(within(t), 0); err != nil || end != 100 {
		t.Errorf("End: got %d and %v, want 100", end, err)
	}
	if len(valuesOf(t, log, 100)) != 100 {
		t.Error("more records than were appended")
	}
	if scissors.cuts.Load() == 0 {
		t.Error("no connection was cut")
	}
}

// scissors cut what a server writes: half of it, and the connection.
type scissors struct {
	armed atomic.Int64 // how many writes to cut
	cuts  atomic.Int64
}

func (s *scissors) listen(network, address string) (net.Listener, error) {
	l, err := net.Listen(network, address)
	return cutListener{l, s}, err
}

type cutListener struct {
	net.Listener
	scissors *scissors
}

func (l cutListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	return cutConn{conn, l.scissors}, err
}

type cutConn struct {
	net.Conn
	scissors *scissors
}

func (c cutConn) Write(b []byte) (int, error) {
	if c.scissors.armed.Add(-1) < 0 {
		return c.Conn.Write(b)
	}
	c.scissors.cuts.Add(1)
	n, _ := c.Conn.Write(b[:len(b)/2])
	c.Conn.Close()
	return n, net.ErrClosed
}

// TestKafkaRefused lets a broker refuse for good: nobody may hear that the
// record is certainly not there, for an earlier attempt could have been heard.
func TestKafkaRefused(t *testing.T) {
	cluster := fakeCluster(t)
	topic := newTopic()
	log := openFake(t, cluster, topic, nil)
	if _, err := eventlog.AppendWait(within(t), log, 0, eventlog.Record{Value: []byte("0")}); err != nil {
		t.Fatal(err)
	}
	cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: topic, Err: kerr.TopicAuthorizationFailed})
	_, err := eventlog.AppendWait(within(t), log, 0, eventlog.Record{Value: []byte("refused")})
	if !errors.Is(err, eventlog.ErrUnknown) || errors.Is(err, eventlog.ErrNotAppended) || !errors.Is(err, kerr.TopicAuthorizationFailed) {
		t.Errorf("append that was refused: got %v, want %v with the reason", err, eventlog.ErrUnknown)
	}
	if _, err := eventlog.AppendWait(within(t), log, 0, eventlog.Record{Value: []byte("1")}); err != nil {
		t.Errorf("append after a refusal: got %v, want no error", err)
	}
	if diff := cmp.Diff([]string{"0", "1"}, valuesOf(t, log, 2)); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
}

// TestKafkaLeaderMoves moves the partition between brokers while records are
// appended and followed, and asks for its end.
func TestKafkaLeaderMoves(t *testing.T) {
	cluster := fakeCluster(t)
	topic := newTopic()
	log := openFake(t, cluster, topic, nil)
	const moves, each = 12, 50
	var followed []string
	ended := make(chan error, 1)
	go func() {
		ended <- log.Follow(within(t), 0, 0, func(entries []eventlog.Entry) error {
			for _, e := range entries {
				followed = append(followed, string(e.Value))
			}
			if len(followed) >= moves*each {
				return errSeen
			}
			return nil
		})
	}()
	var want []string
	answers := make(chan outcome, moves*each)
	for move := range moves {
		for i := range each {
			value := fmt.Sprintf("%d/%d", move, i)
			want = append(want, value)
			log.Append(0, eventlog.Record{Value: []byte(value)}, func(pos eventlog.Position, err error) {
				answers <- outcome{value, pos, err}
			})
		}
		if err := cluster.MoveTopicPartition(topic, 0, int32(move%3)); err != nil {
			t.Fatal(err)
		}
		o := <-answers
		if end, err := log.End(within(t), 0); err != nil || end <= o.pos.Offset {
			t.Fatalf("End after an append at %d: got %d and %v", o.pos.Offset, end, err)
		}
		answers <- o
	}
	for range moves * each {
		if o := <-answers; o.err != nil || want[o.pos.Offset] != o.value {
			t.Fatalf("record %s: got offset %d and %v", o.value, o.pos.Offset, o.err)
		}
	}
	if err := <-ended; !errors.Is(err, errSeen) {
		t.Fatalf("Follow: got %v after %d entries", err, len(followed))
	}
	if diff := cmp.Diff(want, followed); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
}

// stall lets the brokers take nothing of the topic until the fault is removed.
func stall(cluster *kfake.Cluster, topic string) *kfake.FaultHandle {
	return cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: topic, Err: kerr.NotLeaderForPartition, Count: -1})
}

// TestKafkaCloseUnanswered closes a log whose brokers do not take what was
// handed over.
func TestKafkaCloseUnanswered(t *testing.T) {
	cluster := fakeCluster(t)
	topic := newTopic()
	log := openFake(t, cluster, topic, func(o *eventlog.KafkaOptions) { o.CloseWait = 10 * time.Millisecond })
	stall(cluster, topic)
	const n = 10
	answers := make(chan error, 2*n)
	for range n {
		log.Append(0, eventlog.Record{Value: []byte("v")}, func(_ eventlog.Position, err error) { answers <- err })
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	if len(answers) != n {
		t.Fatalf("answers when Close has returned: got %d, want %d", len(answers), n)
	}
	for range n {
		if err := <-answers; !errors.Is(err, eventlog.ErrUnknown) || errors.Is(err, eventlog.ErrNotAppended) {
			t.Errorf("answer: got %v, want %v", err, eventlog.ErrUnknown)
		}
	}
}

// TestKafkaBusy fills the queue while the brokers take nothing, and goes on
// when they do.
func TestKafkaBusy(t *testing.T) {
	cluster := fakeCluster(t)
	topic := newTopic()
	log := openFake(t, cluster, topic, func(o *eventlog.KafkaOptions) { o.QueueBytes = 10_000 })
	stalled := stall(cluster, topic)
	answers := make(chan error, 1)
	taken := 0
	for {
		busy := make(chan error, 1)
		log.Append(0, eventlog.Record{Value: make([]byte, 900)}, func(_ eventlog.Position, err error) {
			if errors.Is(err, eventlog.ErrBusy) && errors.Is(err, eventlog.ErrNotAppended) {
				busy <- err
				return
			}
			answers <- err
		})
		if taken++; taken < 10 {
			continue // 10,000 bytes hold fewer than ten of these
		}
		select {
		case <-busy:
		case <-within(t).Done():
			t.Fatalf("append with a full queue: got no answer, want %v", eventlog.ErrBusy)
		}
		break
	}
	stalled.Remove()
	for range 9 {
		if err := <-answers; err != nil {
			t.Errorf("append that was accepted: got %v, want no error", err)
		}
	}
	if _, err := eventlog.AppendWait(within(t), log, 0, eventlog.Record{Value: make([]byte, 900)}); err != nil {
		t.Errorf("append when there is room again: got %v, want no error", err)
	}
}

// followUntilEnd follows from the end on and tells how that ends.
func followUntilEnd(t *testing.T, log eventlog.Log, from int64) <-chan error {
	ended := make(chan error, 1)
	go func() {
		ended <- log.Follow(within(t), 0, from, func([]eventlog.Entry) error { return nil })
	}()
	return ended
}

// wantFatal checks why the log has ended, and that it has ended for everybody.
func wantFatal(t *testing.T, log *eventlog.Kafka, follower <-chan error, reason error) {
	t.Helper()
	select {
	case err := <-log.Fatal():
		if !errors.Is(err, eventlog.ErrFailed) || !errors.Is(err, reason) {
			t.Errorf("Fatal: got %v, want %v", err, reason)
		}
	case <-within(t).Done():
		t.Fatalf("Fatal: got nothing, want %v", reason)
	}
	if err := <-follower; !errors.Is(err, reason) {
		t.Errorf("Follow: got %v, want %v", err, reason)
	}
	if _, err := eventlog.AppendWait(within(t), log, 0, eventlog.Record{}); !errors.Is(err, eventlog.ErrNotAppended) || !errors.Is(err, reason) {
		t.Errorf("append: got %v, want %v", err, reason)
	}
	if _, err := log.End(within(t), 0); !errors.Is(err, reason) {
		t.Errorf("End: got %v, want %v", err, reason)
	}
	if err := log.Close(); err != nil {
		t.Errorf("Close: got %v, want no error", err)
	}
}

// TestKafkaTopicMadeAnew replaces the topic under a running log, while somebody
// appends: nothing may be acknowledged at a position of the old one that lies
// in the new.
func TestKafkaTopicMadeAnew(t *testing.T) {
	cluster := fakeCluster(t)
	topic := newTopic()
	log := openFake(t, cluster, topic, nil)
	appendAll(t, log, 10)
	follower := followUntilEnd(t, log, 10)
	before := log.Epoch()

	if err := cluster.DeleteTopic(topic); err != nil {
		t.Fatal(err)
	}
	second := openFake(t, cluster, topic, nil) // makes it anew
	if second.Epoch() == before {
		t.Error("epoch of the new topic: got that of the old one")
	}
	appendAll(t, second, 20) // so that offsets alone would tell nothing
	for {
		pos, err := eventlog.AppendWait(within(t), log, 0, eventlog.Record{Value: []byte("late")})
		if err == nil {
			t.Fatalf("append after the topic was replaced: got position %v, want an error", pos)
		}
		if errors.Is(err, eventlog.ErrNotAppended) {
			break
		}
		if !errors.Is(err, eventlog.ErrUnknown) {
			t.Fatalf("append after the topic was replaced: got %v", err)
		}
	}
	wantFatal(t, log, follower, eventlog.ErrEpochChanged)
	if end, err := second.End(within(t), 0); err != nil || end != 20 {
		t.Errorf("End of the new topic: got %d and %v, want 20", end, err)
	}
}

func TestKafkaTopicDeleted(t *testing.T) {
	eventlog.SetMissingAtMost(t, 100*time.Millisecond)
	cluster := fakeCluster(t)
	topic := newTopic()
	log := openFake(t, cluster, topic, nil)
	appendAll(t, log, 3)
	follower := followUntilEnd(t, log, 3)
	if err := cluster.DeleteTopic(topic); err != nil {
		t.Fatal(err)
	}
	wantFatal(t, log, follower, eventlog.ErrFailed)
}

// TestKafkaUnfit offers topics that could not keep the promises.
func TestKafkaUnfit(t *testing.T) {
	cluster := fakeCluster(t)
	fit := map[string]string{
		"cleanup.policy": "delete", "retention.ms": "-1", "min.insync.replicas": "2",
		"unclean.leader.election.enable": "false", "message.timestamp.type": "LogAppendTime",
	}
	for name, test := range map[string]struct {
		setting, value string
		partitions     int32
		want           string // part of what is said; empty: it is taken
	}{
		"Fit":               {"", "", 2, ""},
		"Compacted":         {"cleanup.policy", "compact", 2, "set cleanup.policy=delete"},
		"CompactedToo":      {"cleanup.policy", "compact,delete", 2, "set cleanup.policy=delete"},
		"MinInSync":         {"min.insync.replicas", "1", 2, "set min.insync.replicas=2"},
		"MinInSyncAll":      {"min.insync.replicas", "3", 2, "set min.insync.replicas=2"},
		"Unclean":           {"unclean.leader.election.enable", "true", 2, "set it to false"},
		"CreateTime":        {"message.timestamp.type", "CreateTime", 2, "set message.timestamp.type=LogAppendTime"},
		"SmallMessages":     {"max.message.bytes", "100000", 2, "set max.message.bytes="},
		"PartitionsFewer":   {"", "", 1, "say --kafka-partitions 1"},
		"PartitionsMore":    {"", "", 3, "say --kafka-partitions 3"},
		"FiniteRetentionOK": {"retention.ms", "86400000", 2, ""},
	} {
		t.Run(name, func(t *testing.T) {
			topic := newTopic()
			settings := maps.Clone(fit)
			if test.setting != "" {
				settings[test.setting] = test.value
			}
			if err := cluster.CreateTopic(topic, test.partitions, settings); err != nil {
				t.Fatal(err)
			}
			log, err := eventlog.OpenKafka(t.Context(), fakeOptions(cluster, topic, func(o *eventlog.KafkaOptions) { o.Partitions = 2 }))
			if test.want == "" {
				if err != nil {
					t.Fatalf("open: got %v, want no error", err)
				}
				log.Close()
				return
			}
			if !errors.Is(err, eventlog.ErrUnfit) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("open: got %v, want %v that says %q", err, eventlog.ErrUnfit, test.want)
			}
		})
	}
}

// TestKafkaForeign offers a topic in which somebody else's records lie.
func TestKafkaForeign(t *testing.T) {
	cluster := fakeCluster(t)
	topic := newTopic()
	ours := func(o *eventlog.KafkaOptions) {
		o.Ours = func(e eventlog.Entry) bool { return strings.HasPrefix(string(e.Value), "ours") }
	}
	log := openFake(t, cluster, topic, ours) // empty: nothing to say
	for _, value := range []string{"theirs", "ours"} {
		if _, err := eventlog.AppendWait(within(t), log, 0, eventlog.Record{Value: []byte(value)}); err != nil {
			t.Fatal(err)
		}
		again, err := eventlog.OpenKafka(t.Context(), fakeOptions(cluster, topic, ours))
		if value == "theirs" {
			if !errors.Is(err, eventlog.ErrForeign) {
				t.Errorf("open: got %v, want %v", err, eventlog.ErrForeign)
			}
			continue
		}
		if err != nil {
			t.Fatalf("open: got %v, want no error", err)
		}
		again.Close()
	}
}

// TestKafkaGrows adds partitions under a running log, which goes on with those
// that it has; the next one has to be told.
func TestKafkaGrows(t *testing.T) {
	cluster := fakeCluster(t)
	topic := newTopic()
	log := openFake(t, cluster, topic, nil)
	outcomes := appendAll(t, log, 10)
	client, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if _, err := kadm.NewClient(client).UpdatePartitions(t.Context(), 4, topic); err != nil {
		t.Fatal(err)
	}
	if got := log.Partitions(); got != 1 {
		t.Errorf("Partitions: got %d, want 1", got)
	}
	wantInOrder(t, log, outcomes)
	if _, err := eventlog.AppendWait(within(t), log, 0, eventlog.Record{}); err != nil {
		t.Errorf("append: got %v, want no error", err)
	}
	if _, err := eventlog.OpenKafka(t.Context(), fakeOptions(cluster, topic, nil)); !errors.Is(err, eventlog.ErrUnfit) {
		t.Errorf("open: got %v, want %v", err, eventlog.ErrUnfit)
	}
}

// TestKafkaPassword prints options in every way that a log might.
func TestKafkaPassword(t *testing.T) {
	sasl := eventlog.KafkaSASL{Mechanism: "PLAIN", User: "u", Password: "sesame"}
	options := eventlog.KafkaOptions{SASL: &sasl}
	var logged strings.Builder
	slog.New(slog.NewTextHandler(&logged, nil)).Info("x", "sasl", sasl, "pointer", &sasl)
	for _, text := range []string{
		fmt.Sprint(sasl), fmt.Sprintf("%+v", sasl), fmt.Sprintf("%#v", sasl), fmt.Sprintf("%v", options), fmt.Sprintf("%+v", &sasl), logged.String(),
	} {
		if strings.Contains(text, "sesame") {
			t.Errorf("the password is printed: %s", text)
		}
	}
}

// TestKafkaOwnMoves lets a second owner come and the first one go: partitions
// are shared evenly, and nobody runs for one before the other has stopped.
func TestKafkaOwnMoves(t *testing.T) {
	const partitions = 4
	cluster := fakeCluster(t)
	topic := newTopic()
	var (
		mu      sync.Mutex
		runners [partitions]int // how many run for it
		owned   = make(map[string]int)
		changed = make(chan struct{}, 1000)
	)
	note := func(who string, part int32, by int) {
		mu.Lock()
		defer mu.Unlock()
		owned[who] += by
		if runners[part] += by; runners[part] > 1 {
			t.Errorf("partition %d: two run for it at the same time", part)
		}
		changed <- struct{}{}
	}
	own := func(ctx context.Context, who string) (ended chan error) {
		log := openFake(t, cluster, topic, func(o *eventlog.KafkaOptions) { o.Partitions = partitions })
		ended = make(chan error, 1)
		go func() {
			ended <- log.Own(ctx, "movers", func(ctx context.Context, part int32) error {
				note(who, part, 1)
				defer note(who, part, -1)
				<-ctx.Done()
				return ctx.Err()
			})
		}()
		return ended
	}
	until := func(first, second int) {
		t.Helper()
		for deadline := within(t); ; {
			mu.Lock()
			a, b := owned["first"], owned["second"]
			mu.Unlock()
			if a == first && b == second {
				return
			}
			select {
			case <-changed:
			case <-deadline.Done():
				t.Fatalf("partitions: got %d and %d, want %d and %d", a, b, first, second)
			}
		}
	}
	ctx, giveUp := context.WithCancel(t.Context())
	defer giveUp()
	first := own(ctx, "first")
	until(partitions, 0)
	second := own(t.Context(), "second")
	until(partitions/2, partitions/2)
	giveUp()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("Own whose ctx ended: got %v, want %v", err, context.Canceled)
	}
	until(0, partitions)
	_ = second // ends with its log
}

// What stands in front of a broker that is away may take connections and close
// them again: that is a broker that is away.
func TestKafkaBehindAClosedDoor(t *testing.T) {
	door, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var closing sync.WaitGroup
	closing.Go(func() {
		for {
			conn, err := door.Accept()
			if err != nil {
				return
			}
			conn.Close()
		}
	})
	defer closing.Wait()
	defer door.Close()
	log, err := eventlog.OpenKafka(t.Context(), eventlog.KafkaOptions{
		Brokers: []string{door.Addr().String()}, Partitions: 1, Logger: slog.New(slog.DiscardHandler),
	})
	if !errors.Is(err, eventlog.ErrAway) {
		t.Errorf("got %v, %v, want %v", log, err, eventlog.ErrAway)
	}
}

// TestKafkaTopicHardlyKnown: brokers hear of a new topic one after another. One
// of them has told that it is ready and others do not know it yet: the log
// waits for them, and is not taken for another one.
func TestKafkaTopicHardlyKnown(t *testing.T) {
	cluster := fakeCluster(t)
	topic := newTopic()
	epoch := openFake(t, cluster, topic, nil).Epoch()
	var ready atomic.Bool // its settings were looked at, which comes behind that
	var refused atomic.Int64
	cluster.ControlKey(int16(kmsg.DescribeConfigs), func(kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		ready.Store(true)
		return nil, nil, false
	})
	cluster.ControlKey(int16(kmsg.Metadata), func(request kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		metadata := request.(*kmsg.MetadataRequest)
		if !ready.Load() || len(metadata.Topics) != 1 || metadata.Topics[0].Topic == nil || *metadata.Topics[0].Topic != topic || refused.Add(1) > 5 {
			return nil, nil, false
		}
		answer := metadata.ResponseKind().(*kmsg.MetadataResponse)
		unknown := kmsg.NewMetadataResponseTopic()
		unknown.Topic, unknown.ErrorCode = &topic, kerr.UnknownTopicOrPartition.Code
		answer.Topics = append(answer.Topics, unknown)
		return answer, nil, true
	})
	if got := openFake(t, cluster, topic, nil).Epoch(); got != epoch {
		t.Errorf("epoch: got %s, want %s", got, epoch)
	}
	if refused.Load() == 0 {
		t.Error("nobody was told that the topic is unknown")
	}
}
