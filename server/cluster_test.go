package server_test

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"

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
	if list := there.do("GET", "/api/v1/rooms", nil); strings.Contains(list.body, "Early") {
		t.Errorf("the list has a room of which nothing is stored: %s", list.body)
	}
	close(letGo)
	<-created
	await(t, "the room in the list of the other server", func() bool {
		return strings.Contains(there.do("GET", "/api/v1/rooms", nil).body, "Early")
	})
}
