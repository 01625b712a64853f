//go:build unix

package eventlog_test

import (
	"context"
	"testing"

	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/internal/services"
	"github.com/twmb/franz-go/pkg/kgo"
)

// BenchmarkKafka compares the log with a bare client of the same settings, on
// the same broker: "Acknowledged" is how long a record takes when 1,000 are
// under way, "ThereAndBack" from the hand-over of one until a follower has it.
// Only the ratio of Log to Bare says something.
func BenchmarkKafka(b *testing.B) {
	cluster := services.SharedKafka(b)
	rec := eventlog.Record{
		Key:     []byte("7"),
		Headers: []eventlog.Header{{Key: "v", Value: []byte("1")}, {Key: "kind", Value: []byte("message")}, {Key: "room", Value: []byte("7")}, {Key: "user", Value: []byte("1")}, {Key: "after", Value: []byte("41")}},
		Value:   make([]byte, 300),
	}
	openLog := func(b *testing.B) *eventlog.Kafka {
		log, err := eventlog.OpenKafka(b.Context(), eventlog.KafkaOptions{Brokers: cluster.Addrs(), Topic: newTopic(), Partitions: 1, Logger: quiet})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { log.Close() })
		return log
	}
	// A bare client of a topic that a log has made.
	openBare := func(b *testing.B) *kgo.Client {
		topic := newTopic()
		log, err := eventlog.OpenKafka(b.Context(), eventlog.KafkaOptions{Brokers: cluster.Addrs(), Topic: topic, Partitions: 1, Logger: quiet})
		if err != nil {
			b.Fatal(err)
		}
		log.Close()
		client, err := kgo.NewClient(
			kgo.SeedBrokers(cluster.Addrs()...), kgo.DefaultProduceTopic(topic), kgo.ProducerLinger(0),
			kgo.ProducerBatchCompression(kgo.NoCompression()), kgo.RecordPartitioner(kgo.ManualPartitioner()),
			kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: {0: kgo.NewOffset().At(0)}}),
		)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(client.Close)
		return client
	}
	bareRecord := func() *kgo.Record {
		r := &kgo.Record{Key: rec.Key, Value: rec.Value}
		for _, h := range rec.Headers {
			r.Headers = append(r.Headers, kgo.RecordHeader{Key: h.Key, Value: h.Value})
		}
		return r
	}
	acknowledged := func(b *testing.B, hand func(done func(error))) {
		room := make(chan struct{}, 1000)
		for b.Loop() {
			room <- struct{}{}
			hand(func(err error) {
				if err != nil {
					b.Error(err)
				}
				<-room
			})
		}
		for range cap(room) {
			room <- struct{}{} // all are answered
		}
	}
	b.Run("Acknowledged/Log", func(b *testing.B) {
		log := openLog(b)
		acknowledged(b, func(done func(error)) {
			log.Append(0, rec, func(_ eventlog.Position, err error) { done(err) })
		})
	})
	b.Run("Acknowledged/Bare", func(b *testing.B) {
		client := openBare(b)
		acknowledged(b, func(done func(error)) {
			client.Produce(context.Background(), bareRecord(), func(_ *kgo.Record, err error) { done(err) })
		})
	})
	b.Run("ThereAndBack/Log", func(b *testing.B) {
		log := openLog(b)
		came := make(chan struct{}, 1)
		ctx, cancel := context.WithCancel(b.Context())
		defer cancel()
		go log.Follow(ctx, 0, 0, func(entries []eventlog.Entry) error {
			for range entries {
				came <- struct{}{}
			}
			return nil
		})
		for b.Loop() {
			log.Append(0, rec, func(eventlog.Position, error) {})
			<-came
		}
	})
	b.Run("ThereAndBack/Bare", func(b *testing.B) {
		client := openBare(b)
		came := make(chan struct{}, 1)
		ctx, cancel := context.WithCancel(b.Context())
		defer cancel()
		go func() {
			for ctx.Err() == nil {
				client.PollFetches(ctx).EachRecord(func(*kgo.Record) { came <- struct{}{} })
			}
		}()
		for b.Loop() {
			client.Produce(context.Background(), bareRecord(), nil)
			<-came
		}
	})
}
