//go:build unix

package fanout_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/fanout"
	"github.com/parleychat/parley/internal/services"
	"github.com/parleychat/parley/store"
)

// BenchmarkFollowNobody compares the processor time that a record costs a node
// at which nobody is ("Hub") with what it costs a bare consumer ("Bare"). kcat
// writes the records meanwhile, in a process of its own. `make kafka-bench` runs
// it.
func BenchmarkFollowNobody(b *testing.B) {
	kcat, err := exec.LookPath("kcat")
	if err != nil {
		b.Skip("SKIPPED: there is no kcat here (install kcat)")
	}
	kafka := services.SharedKafka(b)
	brokers := strings.Join(kafka.Addrs(), ",")
	// prepare makes what write gives to kcat, outside of what is measured.
	prepare := func(b *testing.B) (file string) {
		b.Helper()
		file = filepath.Join(b.TempDir(), "records")
		line := `{"kind":"message","roomId":7,"userId":1,"cid":"019b7642-0000-7000-8000-000000000000","messageText":"` + strings.Repeat("x", 180) + "\"}\n"
		if err := os.WriteFile(file, bytes.Repeat([]byte(line), b.N), 0o600); err != nil {
			b.Fatal(err)
		}
		return file
	}
	write := func(b *testing.B, topic, file string) {
		cmd := exec.Command(kcat, "-P", "-b", brokers, "-t", topic, "-p", "0", "-k", "7",
			"-H", "v=1", "-H", "kind=message", "-H", "room=7", "-H", "user=1", "-H", "after=41", "-l", file)
		if output, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("kcat: %v\n%s", err, output)
		}
	}
	newTopic := func() string { return fmt.Sprint("followed-", time.Now().UnixNano()) }
	openLog := func(b *testing.B, topic string) *eventlog.Kafka {
		log, err := eventlog.OpenKafka(b.Context(), eventlog.KafkaOptions{Brokers: kafka.Addrs(), Topic: topic, Partitions: 1, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			b.Fatal(err)
		}
		return log
	}
	report := func(b *testing.B, before time.Duration) {
		b.ReportMetric((processorTime(b)-before).Seconds()/float64(b.N)*1e6, "us/record")
	}
	b.Run("Bare", func(b *testing.B) {
		topic := newTopic()
		openLog(b, topic).Close() // makes it
		client, err := kgo.NewClient(kgo.SeedBrokers(kafka.Addrs()...),
			kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: {0: kgo.NewOffset().At(0)}}))
		if err != nil {
			b.Fatal(err)
		}
		defer client.Close()
		file := prepare(b)
		before := processorTime(b)
		write(b, topic, file)
		for came := 0; came < b.N; {
			came += client.PollFetches(b.Context()).NumRecords()
		}
		report(b, before)
	})
	b.Run("Hub", func(b *testing.B) {
		topic := newTopic()
		log := openLog(b, topic)
		defer log.Close()
		db, err := store.Open(b.Context(), store.Config{Path: filepath.Join(b.TempDir(), "parley.db"), Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			b.Fatal(err)
		}
		defer db.Close()
		if err := db.InitWatermark(b.Context(), log.Epoch(), 0, 0); err != nil {
			b.Fatal(err)
		}
		hub := fanout.New(fanout.Config{
			Log: log, Store: db, MACKey: []byte("key"), Logger: slog.New(slog.DiscardHandler),
			Encode: func(fanout.Shape, *chat.Event, string, chat.Person) []byte { return nil },
			Reset:  func(chat.RoomID, chat.ResetReason, chat.Head) []byte { return nil },
		})
		ctx, stop := context.WithCancel(b.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_ = hub.Run(ctx) // ends with ctx
		}()
		file := prepare(b)
		before := processorTime(b)
		write(b, topic, file)
		for hub.Stats().Partitions[0].Applied < int64(b.N) {
			// A recorder elsewhere would have stored them.
			hub.Stored(0, hub.Stats().Partitions[0].Applied)
			time.Sleep(10 * time.Millisecond)
		}
		report(b, before)
		stop()
		<-ended
	})
}

// processorTime is what this process has used, without its children.
func processorTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
