package server_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/history"
	"github.com/parleychat/parley/internal/services"
	"github.com/parleychat/parley/server"
	"github.com/parleychat/parley/store"
)

// heldRecorder is a recorder's store that commits nothing before it is let go.
type heldRecorder struct {
	history.RecorderStore
	letGo <-chan struct{}
}

func (h heldRecorder) Commit(ctx context.Context, b store.Batch) error {
	select {
	case <-h.letGo:
		return h.RecorderStore.Commit(ctx, b)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// TestWrittenBeforeStored: a room that was made on one server, of which nothing
// is stored yet, is read and written on another one.
func TestWrittenBeforeStored(t *testing.T) {
	kafka := services.PrivateKafka(t)
	db := services.SharedMariaDB(t).NewDatabase(t)
	letGo := make(chan struct{})
	var servers []*node
	for range 2 {
		n := &node{t: t, cfg: config(t), log: new(logText)}
		n.cfg.DB = server.DatabaseURL(db)
		n.cfg.Kafka.Brokers, n.cfg.Kafka.Partitions = kafka.Addrs(), 2
		n.cfg.Logger = slog.New(slog.NewJSONHandler(n.log, nil))
		var err error
		n.Server, err = server.NewWithSeams(t.Context(), n.cfg, server.Seams{
			RecorderStore: func(s history.RecorderStore) history.RecorderStore { return heldRecorder{s, letGo} },
		})
		if err != nil {
			t.Fatal(err)
		}
		n.run()
		if err := n.AwaitReady(t.Context()); err != nil {
			t.Fatal(err)
		}
		servers = append(servers, n)
	}
	ann := servers[0].join("ann@example.org")
	there := *ann
	there.url = servers[1].URL()

	created := make(chan struct{})
	go func() {
		defer close(created)
		// It is answered when it is stored, or after some time as unknown.
		ann.do("POST", "/api/v1/rooms", map[string]string{"name": "Early"})
	}()
	const path = "/api/v1/rooms/1"
	await(t, "the room on the other server", func() bool {
		return there.do("GET", path+"/messages", nil).status == http.StatusOK
	})
	there.say(path, "first")
	ann.say(path, "second")
	for _, c := range []*client{ann, &there} {
		if got := strings.Join(c.texts(path), ", "); got != "first, second" {
			t.Errorf("messages at %s: got %q, want both", c.url, got)
		}
	}
	// Its maker was told of it, so a list of theirs has it, stored or not.
	if list := there.do("GET", "/api/v1/rooms", nil); !strings.Contains(list.body, "Early") {
		t.Errorf("the list lacks a room of which nothing is stored: %s", list.body)
	}
	close(letGo)
	<-created
	await(t, "the room in the list of the other server", func() bool {
		return strings.Contains(there.do("GET", "/api/v1/rooms", nil).body, "Early")
	})
}

// TestLeftRoomIsFinished: a room that a server has reserved, which is dead since,
// is finished by one that runs.
func TestLeftRoomIsFinished(t *testing.T) {
	cfg := config(t)
	cfg.DB = server.DatabaseURL(services.SharedMariaDB(t).NewDatabase(t))
	var ahead atomic.Int64
	n := &node{t: t, cfg: cfg, log: new(logText)}
	n.cfg.Logger = slog.New(slog.NewJSONHandler(n.log, nil))
	var err error
	n.Server, err = server.NewWithSeams(t.Context(), n.cfg, server.Seams{
		Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) },
	})
	if err != nil {
		t.Fatal(err)
	}
	n.run()
	if err := n.AwaitReady(t.Context()); err != nil {
		t.Fatal(err)
	}
	ann := n.join("ann@example.org")
	dead := openStore(t, cfg)
	_, err = dead.ReserveRoom(t.Context(), store.NewRoom{Kind: chat.PublicRoom, Name: "Wreck", NameKey: chat.RoomNameKey("Wreck"), CreatedBy: 1, CID: "c1", At: 1})
	if err := errors.Join(err, dead.Close()); err != nil {
		t.Fatal(err)
	}
	await(t, "the room in the list", func() bool {
		ahead.Add(int64(time.Second)) // each look of the server is at least one later
		return strings.Contains(ann.do("GET", "/api/v1/rooms", nil).body, "Wreck")
	})
}

// newerLog is the log as a newer version reads it, which knows polls. To the one
// that is tested they are messages.
type newerLog struct{ eventlog.Log }

func (l newerLog) Follow(ctx context.Context, partition int32, from int64, fn func([]eventlog.Entry) error) error {
	return l.Log.Follow(ctx, partition, from, func(entries []eventlog.Entry) error {
		entries = slices.Clone(entries)
		for i := range entries {
			entries[i].Headers = withKind(entries[i].Headers, "poll", "message")
		}
		return fn(entries)
	})
}

func withKind(headers []eventlog.Header, from, to string) []eventlog.Header {
	headers = slices.Clone(headers)
	for i, h := range headers {
		if h.Key == "kind" && string(h.Value) == from {
			headers[i].Value = []byte(to)
		}
	}
	return headers
}

// TestOlderRecorderHandsOver: a server meets a record of a kind that it does not
// know. It goes on delivering, says that it records no more, and a newer one
// that comes records everything.
func TestOlderRecorderHandsOver(t *testing.T) {
	kafka := services.PrivateKafka(t)
	db := services.SharedMariaDB(t).NewDatabase(t)
	begin := func(seams server.Seams) *node {
		n := &node{t: t, cfg: config(t), log: new(logText)}
		n.cfg.DB, n.cfg.AdminListen = server.DatabaseURL(db), freeAddr(t)
		n.cfg.Kafka.Brokers, n.cfg.Kafka.Partitions = kafka.Addrs(), 2
		n.cfg.Logger = slog.New(slog.NewJSONHandler(n.log, nil))
		var err error
		if n.Server, err = server.NewWithSeams(t.Context(), n.cfg, seams); err != nil {
			t.Fatal(err)
		}
		n.run()
		if err := n.AwaitReady(t.Context()); err != nil {
			t.Fatal(err)
		}
		return n
	}
	older := begin(server.Seams{})
	ann := older.join("ann@example.org")
	path := ann.room("Ship")
	ann.say(path, "first")

	log, err := eventlog.OpenKafka(t.Context(), eventlog.KafkaOptions{
		Brokers: kafka.Addrs(), Partitions: 2, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	said := lastRecord(t, log)
	poll := eventlog.Record{Key: said.Key, Headers: withKind(said.Headers, "message", "poll"), Value: said.Value}
	if _, err := eventlog.AppendWait(t.Context(), log, said.Partition, poll); err != nil {
		t.Fatal(err)
	}
	metric := func(n *node) string {
		answer, err := http.Get("http://" + n.cfg.AdminListen + "/metrics")
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		_, value, _ := strings.Cut(string(body), "\nparley_recorder_partitions_given_up ")
		return value[:min(1, len(value))]
	}
	await(t, "a server that says that it cannot record", func() bool {
		return ann.do("GET", "/readyz", nil).status == http.StatusServiceUnavailable && metric(older) == "1"
	})
	if text := older.log.String(); !strings.Contains(text, "given a partition up") || !strings.Contains(text, "newer version") {
		t.Errorf("the log does not say why: %s", text)
	}
	ann.say(path, "behind") // taken and told all the same

	newer := begin(server.Seams{Log: func(l eventlog.Log) eventlog.Log { return newerLog{l} }})
	stored := openStore(t, newer.cfg)
	defer stored.Close()
	await(t, "everything in the store", func() bool {
		end, err := log.End(t.Context(), said.Partition)
		if err != nil {
			t.Fatal(err)
		}
		next, err := stored.SettledWatermark(t.Context(), log.Epoch(), said.Partition)
		if err != nil {
			t.Fatal(err)
		}
		return next == end
	})
	there := *ann
	there.url = newer.URL()
	if got := strings.Join(there.texts(path), ", "); got != "first, behind" {
		t.Errorf("messages at the newer server: got %q, want both", got)
	}
	await(t, "a server that records everything to be ready", func() bool { return there.do("GET", "/readyz", nil).status == http.StatusOK })
	if got := metric(newer); got != "0" {
		t.Errorf("partitions that the newer one gave up: got %q, want none", got)
	}
}

// lastRecord is the latest record of the only partition that has some.
func lastRecord(t *testing.T, log eventlog.Log) (last eventlog.Entry) {
	t.Helper()
	done := errors.New("all read")
	for part := range log.Partitions() {
		end, err := log.End(t.Context(), part)
		if err != nil {
			t.Fatal(err)
		}
		if end == 0 {
			continue
		}
		err = log.Follow(t.Context(), part, 0, func(entries []eventlog.Entry) error {
			last = entries[len(entries)-1]
			if last.Offset == end-1 {
				return done
			}
			return nil
		})
		if !errors.Is(err, done) {
			t.Fatal(err)
		}
	}
	return last
}
