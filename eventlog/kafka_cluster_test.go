//go:build unix

package eventlog_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/internal/services"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// faultsVariable asks for the long tests with three brokers.
const faultsVariable = "PARLEY_KAFKA_FAULTS"

func openReal(t *testing.T, options eventlog.KafkaOptions) *eventlog.Kafka {
	t.Helper()
	if options.Logger == nil {
		options.Logger = quiet
	}
	log, err := eventlog.OpenKafka(within(t), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { log.Close() })
	return log
}

// TestKafkaRetentionPasses lets the brokers forget what a follower has not had:
// it is told, and the log goes on.
func TestKafkaRetentionPasses(t *testing.T) {
	cluster := services.SharedKafka(t)
	log := openReal(t, eventlog.KafkaOptions{Brokers: cluster.Addrs(), Topic: newTopic(), Partitions: 1, Retention: 100 * time.Millisecond})
	appendAll(t, log, 20)
	ctx := within(t)
	for begin := int64(0); begin < 20; {
		var err error
		if begin, err = log.Begin(ctx, 0); err != nil {
			t.Fatalf("waiting until the brokers have forgotten everything: %v, begin %d", err, begin)
		}
	}
	err := log.Follow(ctx, 0, 0, func([]eventlog.Entry) error { return nil })
	if !errors.Is(err, eventlog.ErrTruncated) {
		t.Errorf("Follow of what is forgotten: got %v, want %v", err, eventlog.ErrTruncated)
	}
	pos, err := eventlog.AppendWait(ctx, log, 0, eventlog.Record{Value: []byte("20")})
	if err != nil || pos.Offset != 20 {
		t.Errorf("append: got offset %d and %v, want 20", pos.Offset, err)
	}
}

// TestKafkaRealTopicMadeAnew is TestKafkaTopicMadeAnew with a real broker.
func TestKafkaRealTopicMadeAnew(t *testing.T) {
	cluster := services.SharedKafka(t)
	options := eventlog.KafkaOptions{Brokers: cluster.Addrs(), Topic: newTopic(), Partitions: 1}
	log := openReal(t, options)
	appendAll(t, log, 10)
	follower := followUntilEnd(t, log, 10)
	client, err := kgo.NewClient(kgo.SeedBrokers(cluster.Addrs()...))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if _, err := kadm.NewClient(client).DeleteTopic(t.Context(), options.Topic); err != nil {
		t.Fatal(err)
	}
	second := openReal(t, options)
	appendAll(t, second, 20)
	if pos, err := eventlog.AppendWait(within(t), log, 0, eventlog.Record{Value: []byte("late")}); err == nil {
		t.Errorf("append after the topic was replaced: got position %v, want an error", pos)
	}
	wantFatal(t, log, follower, eventlog.ErrEpochChanged)
	if end, err := second.End(within(t), 0); err != nil || end != 20 {
		t.Errorf("End of the new topic: got %d and %v, want 20", end, err)
	}
}

// TestKafkaSecure needs a password and an authority's certificate, and then
// puts an older copy of the broker's directory back under the running log.
func TestKafkaSecure(t *testing.T) {
	account := services.Account{User: "parley", Password: "sesame-3"}
	cluster := services.PrivateKafka(t, services.SecureKafka(account))
	certificate, err := os.ReadFile(cluster.Authority())
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(certificate)
	options := eventlog.KafkaOptions{
		Brokers: cluster.Addrs(), Topic: newTopic(), Partitions: 1, Logger: quiet,
		TLS:  &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12},
		SASL: &eventlog.KafkaSASL{Mechanism: "SCRAM-SHA-512", User: account.User, Password: account.Password},
	}
	t.Run("Refused", func(t *testing.T) {
		for name, change := range map[string]func(*eventlog.KafkaOptions){
			"WrongPassword": func(o *eventlog.KafkaOptions) {
				o.SASL = &eventlog.KafkaSASL{Mechanism: "SCRAM-SHA-512", User: account.User, Password: "wrong-5"}
			},
			"NoPassword":       func(o *eventlog.KafkaOptions) { o.SASL = nil },
			"UnknownAuthority": func(o *eventlog.KafkaOptions) { o.TLS = &tls.Config{RootCAs: x509.NewCertPool()} },
			"NoTLS":            func(o *eventlog.KafkaOptions) { o.TLS = nil },
			"UnknownMechanism": func(o *eventlog.KafkaOptions) { o.SASL = &eventlog.KafkaSASL{Mechanism: "CRAM"} },
		} {
			t.Run(name, func(t *testing.T) {
				wrong := options
				change(&wrong)
				log, err := eventlog.OpenKafka(within(t), wrong)
				if err == nil {
					log.Close()
					t.Fatal("open: got no error, want one")
				}
				t.Log(err)
				if strings.Contains(err.Error(), "wrong-5") || strings.Contains(err.Error(), account.Password) {
					t.Errorf("the error tells the password: %v", err)
				}
			})
		}
	})
	log := openReal(t, options)
	wantInOrder(t, log, appendAll(t, log, 100))

	broker := cluster.Broker(1)
	swap := func(from, to string) {
		t.Helper()
		if err := broker.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(to); err != nil {
			t.Fatal(err)
		}
		if output, err := exec.Command("cp", "-a", from, to).CombinedOutput(); err != nil {
			t.Fatalf("copy: %v %s", err, output)
		}
		if err := broker.Start(); err != nil {
			t.Fatal(err)
		}
	}
	backup := t.TempDir() + "/backup"
	swap(broker.Data(), backup)
	if pos, err := eventlog.AppendWait(within(t), log, 0, eventlog.Record{Value: []byte("lost")}); err != nil || pos.Offset != 100 {
		t.Fatalf("append after the broker came back: got offset %d and %v, want 100", pos.Offset, err)
	}
	valuesOf(t, log, 101)
	follower := followUntilEnd(t, log, 101)
	swap(backup, broker.Data())
	wantFatal(t, log, follower, eventlog.ErrTruncated)
}

// TestKafkaBrokersFail appends and follows while brokers fail. Nothing that was
// acknowledged may be lost, doubled or out of order.
func TestKafkaBrokersFail(t *testing.T) {
	type fault struct {
		name string
		long bool // only with faultsVariable
		do   func(t *testing.T, cluster *services.Kafka, leader *services.Broker, progress func(n int))
	}
	must := func(t *testing.T, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	faults := []fault{
		{"LeaderKilled", false, func(t *testing.T, _ *services.Kafka, leader *services.Broker, progress func(int)) {
			must(t, leader.Kill())
			progress(100)
			must(t, leader.Start())
			progress(100)
		}},
		{"LeaderPaused", true, func(t *testing.T, _ *services.Kafka, leader *services.Broker, progress func(int)) {
			must(t, leader.Pause())
			time.Sleep(10 * time.Second) // the fault itself
			must(t, leader.Resume())
			progress(100)
		}},
		{"LeaderPausedUntilReplaced", true, func(t *testing.T, _ *services.Kafka, leader *services.Broker, progress func(int)) {
			must(t, leader.Pause())
			progress(100)
			must(t, leader.Resume())
			progress(100)
		}},
		{"AllKilled", true, func(t *testing.T, cluster *services.Kafka, _ *services.Broker, progress func(int)) {
			for id := int32(1); id <= 3; id++ {
				must(t, cluster.Broker(id).Kill())
			}
			// None listens before most of them are there.
			var starting sync.WaitGroup
			errs := make([]error, 3)
			for i := range errs {
				starting.Go(func() { errs[i] = cluster.Broker(int32(i + 1)).Start() })
			}
			starting.Wait()
			must(t, errors.Join(errs...))
			progress(100)
		}},
		{"OneAfterTheOther", true, func(t *testing.T, cluster *services.Kafka, _ *services.Broker, progress func(int)) {
			for id := int32(1); id <= 3; id++ {
				must(t, cluster.Broker(id).Kill())
				progress(50)
				must(t, cluster.Broker(id).Start())
				progress(50)
			}
		}},
	}
	cluster := services.PrivateKafka(t, services.Brokers(3))
	for _, fault := range faults {
		t.Run(fault.name, func(t *testing.T) {
			if fault.long && os.Getenv(faultsVariable) == "" {
				t.Skip("SKIPPED: a long fault (make kafka-faults)")
			}
			options := eventlog.KafkaOptions{Brokers: cluster.Addrs(), Topic: newTopic(), Partitions: 3, Logger: quiet}
			log := openReal(t, options)
			crowd := newCrowd(log)
			crowd.progress(t, 20)
			fault.do(t, cluster, leaderOf(t, cluster, options.Topic), func(n int) { crowd.progress(t, n) })
			crowd.stop(t)
			crowd.check(t, log)
			// A node that has seen nothing of it sees the same.
			again := openReal(t, options)
			crowd.check(t, again)
		})
	}
}

// leaderOf finds the broker that leads partition 0.
func leaderOf(t *testing.T, cluster *services.Kafka, topic string) *services.Broker {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(cluster.Addrs()...))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	meta, err := kadm.NewClient(client).Metadata(within(t), topic)
	if err != nil {
		t.Fatal(err)
	}
	return cluster.Broker(meta.Topics[topic].Partitions[0].Leader)
}

// crowd appends to every partition, several at once, and follows each.
type crowd struct {
	cancel  context.CancelFunc
	stopped atomic.Bool
	working sync.WaitGroup

	acked    []atomic.Int64 // by partition
	mu       sync.Mutex
	told     [][]outcome // by partition, in the order in which they were told
	handed   []int       // by partition
	followed [][]string  // by partition
	failures []error     // of followers
}

const (
	perPartition = 3 // that append, each with one record under way
	pauseOfEach  = 2 * time.Millisecond
)

func newCrowd(log eventlog.Log) *crowd {
	n := int(log.Partitions())
	c := &crowd{acked: make([]atomic.Int64, n), told: make([][]outcome, n), handed: make([]int, n), followed: make([][]string, n)}
	ctx, cancel := context.WithCancel(context.Background())
	c.cancel = cancel
	for part := range int32(n) {
		for who := range perPartition {
			c.working.Go(func() { c.append(log, part, who) })
		}
		c.working.Go(func() {
			err := log.Follow(ctx, part, 0, func(entries []eventlog.Entry) error {
				c.mu.Lock()
				defer c.mu.Unlock()
				for _, e := range entries {
					c.followed[part] = append(c.followed[part], string(e.Value))
				}
				return nil
			})
			if !errors.Is(err, context.Canceled) {
				c.mu.Lock()
				defer c.mu.Unlock()
				c.failures = append(c.failures, err)
			}
		})
	}
	return c
}

func (c *crowd) append(log eventlog.Log, part int32, who int) {
	for i := 0; !c.stopped.Load(); i++ {
		value := fmt.Sprintf("%d/%d", who, i)
		c.mu.Lock()
		c.handed[part]++
		c.mu.Unlock()
		answered := make(chan struct{})
		log.Append(part, eventlog.Record{Value: []byte(value)}, func(pos eventlog.Position, err error) {
			c.mu.Lock()
			c.told[part] = append(c.told[part], outcome{value, pos, err})
			c.mu.Unlock()
			if err == nil {
				c.acked[part].Add(1)
			}
			close(answered)
		})
		<-answered
		time.Sleep(pauseOfEach)
	}
}

// progress waits until every partition has taken n more records.
func (c *crowd) progress(t *testing.T, n int) {
	t.Helper()
	wanted := make([]int64, len(c.acked))
	for part := range c.acked {
		wanted[part] = c.acked[part].Load() + int64(n)
	}
	// Until a leader is replaced on a busy machine takes its time.
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	for part := range c.acked {
		for c.acked[part].Load() < wanted[part] {
			select {
			case <-time.After(10 * time.Millisecond):
			case <-ctx.Done():
				t.Fatalf("partition %d: %d records are acknowledged, want %d", part, c.acked[part].Load(), wanted[part])
			}
		}
	}
}

// stop lets those who append end, and followers when they have all.
func (c *crowd) stop(t *testing.T) {
	t.Helper()
	c.stopped.Store(true)
	ctx := within(t)
	for part := range c.acked {
		for {
			c.mu.Lock()
			told, handed, followed := len(c.told[part]), c.handed[part], int64(len(c.followed[part]))
			c.mu.Unlock()
			if told == handed && followed >= c.acked[part].Load() {
				break
			}
			select {
			case <-time.After(10 * time.Millisecond):
			case <-ctx.Done():
				t.Fatalf("partition %d: %d records of %d are answered, %d followed", part, told, handed, followed)
			}
		}
	}
	c.cancel()
	c.working.Wait()
}

// check compares what was told and followed with what is in the log.
func (c *crowd) check(t *testing.T, log eventlog.Log) {
	t.Helper()
	if len(c.failures) > 0 {
		t.Errorf("followers ended: %v", c.failures)
	}
	for part := range int32(len(c.told)) {
		end, err := log.End(within(t), part)
		if err != nil {
			t.Fatal(err)
		}
		var lies []string
		err = log.Follow(within(t), part, 0, func(entries []eventlog.Entry) error {
			for _, e := range entries {
				lies = append(lies, string(e.Value))
			}
			if int64(len(lies)) >= end {
				return errSeen
			}
			return nil
		})
		if !errors.Is(err, errSeen) {
			t.Fatalf("Follow: %v", err)
		}
		if diff := cmp.Diff(lies, c.followed[part]); diff != "" {
			t.Errorf("partition %d: followed while brokers failed (-log +followed):\n%s", part, diff)
		}
		var last int64 = -1
		unknown := 0
		for _, o := range c.told[part] {
			switch {
			case o.err == nil:
				if lies[o.pos.Offset] != o.value || o.pos.Offset <= last {
					t.Errorf("partition %d: record %s was told to be at %d, after %d; there lies %s", part, o.value, o.pos.Offset, last, lies[o.pos.Offset])
				}
				last = o.pos.Offset
			case errors.Is(o.err, eventlog.ErrNotAppended) && slices.Contains(lies, o.value):
				t.Errorf("partition %d: record %s was told not to be there and is: %v", part, o.value, o.err)
			case errors.Is(o.err, eventlog.ErrUnknown):
				unknown++
			}
		}
		var next [perPartition]int
		for _, value := range lies {
			var who, i int
			if _, err := fmt.Sscanf(value, "%d/%d", &who, &i); err != nil || i != next[who] && unknown == 0 || i < next[who] {
				t.Fatalf("partition %d: %s lies where %d/%d should", part, value, who, next[who])
			}
			next[who] = i + 1
		}
		t.Logf("partition %d: %d records, %d unknown", part, len(lies), unknown)
	}
}
