package e2e

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	parley "github.com/parleychat/parley/client"
	"github.com/parleychat/parley/e2e/rig"
	"github.com/parleychat/parley/internal/services"
)

// BenchmarkKafkaLatency compares how long a message takes from somebody at one
// server until somebody at another one has it ("Parley", with every rule,
// sockets and all) with how long a record takes from a bare client to another
// ("Bare"): one broker, six partitions and 200 a second in both. `make
// kafka-bench` runs it; only the ratio says something.
func BenchmarkKafkaLatency(b *testing.B) {
	const partitions, senders = 6, 30
	kafka := services.PrivateKafka(b)
	db := services.SharedMariaDB(b).NewDatabase(b)
	var servers []*rig.Server
	for i := range 2 {
		servers = append(servers, rig.Serve(b, rig.WithEnv(
			"PARLEY_DB="+db, "PARLEY_KAFKA="+strings.Join(kafka.Addrs(), ","), fmt.Sprint("PARLEY_KAFKA_PARTITIONS=", partitions), fmt.Sprint("PARLEY_NODE_ID=node-", i))))
	}
	b.Run("Bare", func(b *testing.B) {
		send, receive := bareClients(b, kafka.Addrs(), partitions)
		measureLatency(b, send, receive)
	})
	b.Run("Parley", func(b *testing.B) {
		// Several, because of what one person may send.
		var rooms []*parley.Room
		people := servers[0].Crowd(fmt.Sprintf("sender-%d-", time.Now().UnixNano()), senders)
		room := people[0].CreateRoom(fmt.Sprint("bench ", time.Now().UnixNano()))
		join := func(server *rig.Server, who *rig.Person) *parley.Room {
			c, err := parley.Dial(b.Context(), parley.Config{URL: server.URL, Token: parley.Token(who.Token)})
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { c.Close() })
			r, err := c.Join(b.Context(), room.ID, parley.FromNow())
			if err != nil {
				b.Fatal(err)
			}
			return r
		}
		for _, p := range people {
			rooms = append(rooms, join(servers[0], p))
		}
		listener := join(servers[1], people[0])
		send := func(i int, text string) error {
			_, err := rooms[i%senders].Post(parley.Say(text))
			return err
		}
		receive := func(ctx context.Context) (string, error) {
			for {
				event, err := listener.Next(ctx)
				if err != nil || event.Kind == "message" {
					return event.MessageText, err
				}
			}
		}
		measureLatency(b, send, receive)
	})
}

// bareClients produce to a topic of their own and consume all of it.
func bareClients(b *testing.B, brokers []string, partitions int32) (send func(int, string) error, receive func(context.Context) (string, error)) {
	topic := fmt.Sprint("bare-", time.Now().UnixNano())
	starts := make(map[int32]kgo.Offset)
	for part := range partitions {
		starts[part] = kgo.NewOffset().At(0)
	}
	open := func(opts ...kgo.Opt) *kgo.Client {
		c, err := kgo.NewClient(append(opts, kgo.SeedBrokers(brokers...))...)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(c.Close)
		return c
	}
	producer := open(kgo.DefaultProduceTopic(topic), kgo.ProducerLinger(0), kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.ProducerBatchCompression(kgo.NoCompression()), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if _, err := kadm.NewClient(producer).CreateTopic(b.Context(), partitions, 1, nil, topic); err != nil {
		b.Fatal(err)
	}
	consumer := open(kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: starts}))
	var came []*kgo.Record
	value := strings.Repeat("x", 300) // as long as a record of Parley
	send = func(_ int, text string) error {
		producer.Produce(context.Background(), &kgo.Record{Key: []byte(text), Value: []byte(value)}, nil)
		return nil
	}
	receive = func(ctx context.Context) (string, error) {
		for len(came) == 0 {
			fetches := consumer.PollFetches(ctx)
			if err := fetches.Err0(); err != nil {
				return "", err
			}
			came = fetches.Records()
		}
		first := came[0]
		came = came[1:]
		return string(first.Key), nil
	}
	return send, receive
}

// measureLatency sends 200 a second, at times fixed before, and reports how long
// after that time each arrived.
func measureLatency(b *testing.B, send func(i int, text string) error, receive func(context.Context) (string, error)) {
	const pace, warm = 5 * time.Millisecond, 50
	ctx, cancel := context.WithTimeout(b.Context(), time.Minute+time.Duration(b.N)*pace)
	defer cancel()
	total := warm + b.N
	begin := time.Now().Add(pace)
	planned := func(i int) time.Time { return begin.Add(time.Duration(i) * pace) }
	failed := make(chan error, 1)
	go func() {
		for i := range total {
			time.Sleep(time.Until(planned(i)))
			if err := send(i, strconv.Itoa(i)); err != nil {
				failed <- err
				cancel()
				return
			}
		}
	}()
	var took []time.Duration
	for range total {
		text, err := receive(ctx)
		if err != nil {
			select {
			case err = <-failed:
			default:
			}
			b.Fatal(err)
		}
		if i, err := strconv.Atoi(text); err != nil {
			b.Fatal(err)
		} else if i >= warm {
			took = append(took, time.Since(planned(i)))
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-us")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-us")
}
